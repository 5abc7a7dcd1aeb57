//! Frames: what goes in comes out, and what is no frame is refused with a sentence.

use mote_contract::{Breach, Outcome, Refusal};
use mote_engine::wire::{decode_answer, decode_envelope, encode_answer, encode_envelope};
use mote_engine::{Answer, Caller, Envelope, Origin, ReleaseName};
use mote_expr::schema::Violation;
use mote_expr::{Digest, Pointer, Step, Value};
use mote_log::Position;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-mote_expr::INT_MAX..=mote_expr::INT_MAX).prop_map(Value::Int),
        (-1e9..1e9).prop_map(|float| Value::number(float).unwrap()),
        any::<String>().prop_map(Value::text),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::list),
            vec((any::<String>(), inner), 0..4).prop_map(Value::object),
        ]
    })
}

fn times() -> impl Strategy<Value = jiff::Timestamp> {
    (-10_000_000_000..200_000_000_000_i64, 0..1_000_000_000)
        .prop_map(|(second, nanosecond)| jiff::Timestamp::new(second, nanosecond).unwrap())
}

fn digests() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn envelopes() -> impl Strategy<Value = Envelope> {
    let callers = (any::<String>(), vec(any::<String>(), 0..3), values())
        .prop_map(|(id, roles, claims)| Caller { id, roles, claims });
    let names =
        (any::<String>(), digests()).prop_map(|(operation, digest)| ReleaseName { operation, digest });
    let texts = (option::of(any::<String>()), option::of(any::<String>()), any::<String>());
    let origins = select(Origin::ALL.map(|(_, origin)| origin).to_vec());
    (names, vec(any::<u8>(), 0..40), texts, callers, times(), times(), origins).prop_map(
        |(release, input, (key, traceparent, id), caller, deadline, now, origin)| Envelope {
            release,
            input,
            key,
            caller,
            deadline,
            traceparent,
            origin,
            now,
            id,
        },
    )
}

fn answers() -> impl Strategy<Value = Answer> {
    let positions = option::of(any::<u64>().prop_map(Position::from_ordinal));
    let results = prop_oneof![values().prop_map(Ok), refusals().prop_map(|refusal| Err(Box::new(refusal)))];
    (results, positions, any::<bool>()).prop_map(|(result, position, replayed)| Answer {
        result,
        position,
        replayed,
    })
}

fn refusals() -> impl Strategy<Value = Refusal> {
    let steps = prop_oneof![
        any::<String>().prop_map(Step::Key),
        any::<u16>().prop_map(|index| Step::Index(usize::from(index)))
    ];
    let violations = (vec(steps, 0..3), any::<String>())
        .prop_map(|(steps, message)| Violation { at: Pointer(steps), message });
    let breaches = (
        any::<String>(),
        any::<String>(),
        option::of(any::<String>()),
        vec((any::<String>(), values()), 0..3),
    )
        .prop_map(|(clause, message, expression, values)| Breach { clause, message, expression, values });
    let outcomes = select(Outcome::ALL.map(|(outcome, _)| outcome).to_vec());
    let texts = (any::<String>(), any::<u16>(), any::<String>(), option::of(any::<String>()));
    (outcomes, texts, vec(violations, 0..3), option::of(values()), option::of(breaches)).prop_map(
        |(outcome, (code, status, detail, clause), violations, data, breach)| Refusal {
            outcome,
            code,
            status,
            detail,
            clause,
            violations,
            data,
            breach: breach.map(Box::new),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn envelopes_come_out_as_they_went_in(envelope in envelopes()) {
        let bytes = encode_envelope(&envelope);
        prop_assert_eq!(decode_envelope(&bytes), Ok(envelope));
    }

    #[test]
    fn answers_come_out_as_they_went_in(answer in answers()) {
        let bytes = encode_answer(&answer);
        prop_assert_eq!(decode_answer(&bytes), Ok(answer));
    }

    #[test]
    fn a_frame_that_was_cut_is_refused_or_another_body(envelope in envelopes(), cut in 1_usize..100) {
        let bytes = encode_envelope(&envelope);
        let kept = bytes.len().saturating_sub(cut);
        let head = bytes.len() - envelope.input.len();
        prop_assert_eq!(decode_envelope(&bytes[..kept]).is_ok(), kept >= head);
        let _ = decode_answer(&bytes[..kept]);
    }

    #[test]
    fn damaged_bytes_never_panic(answer in answers(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encode_answer(&answer);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = decode_answer(&bytes);
        let _ = decode_envelope(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in vec(any::<u8>(), 0..60)) {
        let _ = decode_answer(&bytes);
        let _ = decode_envelope(&bytes);
    }
}

/// A frame of `head` and `body`.
fn frame(head: &str, body: &str) -> Vec<u8> {
    [&u32::try_from(head.len()).unwrap().to_be_bytes(), head.as_bytes(), body.as_bytes()].concat()
}

#[track_caller]
fn check_answer(bytes: &[u8], expected: &str) {
    assert_eq!(
        decode_answer(bytes).unwrap_err().to_string(),
        format!("the frame cannot be read: {expected}")
    );
}

#[test]
fn malformed_answers_are_refused_with_a_sentence() {
    check_answer(b"", "it ends too early");
    check_answer(&[0, 0, 0], "it ends too early");
    check_answer(&[0xff, 0xff, 0xff, 0xff, b'{', b'}'], "it ends too early");
    check_answer(&frame("[]", ""), "its head is not an object");
    check_answer(&frame("{", ""), "the text ends too early at byte 1");
    check_answer(&frame("{}", "1"), "it has no `replayed`");
    check_answer(&frame(r#"{"replayed":"no"}"#, "1"), "`replayed` is not a boolean");
    check_answer(&frame(r#"{"replayed":false,"positon":"p"}"#, "1"), "it has an unknown field `positon`");
    check_answer(&frame(r#"{"replayed":false,"position":"p1"}"#, "1"), "`position` is malformed");
    check_answer(&frame(r#"{"replayed":false,"position":1}"#, "1"), "`position` is not a string");
    check_answer(&frame(r#"{"replayed":false}"#, ""), "the text ends too early at byte 0");
    check_answer(&frame(r#"{"refusal":{},"replayed":false}"#, "1"), "a refusal has no body");
    check_answer(&frame(r#"{"refusal":1,"replayed":false}"#, ""), "expected an object, found integer");
}

/// A refusal's head in which `from` is written as `to`.
fn refusal_with(from: &str, to: &str) -> Vec<u8> {
    let head = r#"{"refusal":{"breach":{"clause":"c","message":"m","values":[["v","1"]]},"code":"c","data":"1","detail":"d","outcome":"breach","status":502,"violations":[{"at":[0,"k"],"message":"m"}]},"replayed":false}"#;
    assert!(decode_answer(&frame(head, "")).is_ok());
    assert!(head.contains(from));
    frame(&head.replace(from, to), "")
}

#[test]
fn malformed_refusals_are_refused_with_a_sentence() {
    check_answer(&refusal_with("502", "70000"), "`status` is malformed");
    check_answer(&refusal_with(r#""breach","#, r#""peach","#), "there is no `peach`");
    check_answer(&refusal_with("[0,", "[-1,"), "a malformed index");
    check_answer(&refusal_with("[0,", "[true,"), "a step is no boolean");
    check_answer(&refusal_with(r#"[["v","1"]]"#, r#"["v"]"#), "a value has a name");
    check_answer(&refusal_with(r#"[["v","1"]]"#, "7"), "`values` is a list, this is integer");
    check_answer(&refusal_with(r#""data":"1""#, r#""data":1"#), "a packed value is a string");
    check_answer(&refusal_with(r#""data":"1""#, r#""data":"{""#), "the text ends too early at byte 1");
    check_answer(
        &refusal_with(r#""detail":"d""#, r#""detail":"d","hint":"h""#),
        "it has an unknown field `hint`",
    );
}

#[track_caller]
fn check_envelope(from: &str, to: &str, expected: &str) {
    let head = r#"{"caller":{"claims":"{}","id":"ada","roles":["a"]},"deadline":"2026-01-01T00:00:00Z","id":"i","now":"2026-01-01T00:00:00Z","operation":"greet","origin":"http","release":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
    assert!(decode_envelope(&frame(head, "{}")).is_ok());
    assert!(head.contains(from));
    let refused = decode_envelope(&frame(&head.replace(from, to), "{}"));
    assert_eq!(refused.unwrap_err().to_string(), format!("the frame cannot be read: {expected}"));
}

#[test]
fn malformed_envelopes_are_refused_with_a_sentence() {
    check_envelope(r#""release":"00"#, r#""release":"0"#, "`release` is malformed");
    check_envelope(r#""deadline":"2026"#, r#""deadline":"soon"#, "`deadline` is malformed");
    check_envelope(r#""origin":"http""#, r#""origin":"smtp""#, "there is no `smtp`");
    check_envelope(r#"["a"]"#, r#""a""#, "`roles` is a list, this is string");
    check_envelope(r#"["a"]"#, "[1]", "a role is a string");
    check_envelope(r#""{}""#, r#""{""#, "the text ends too early at byte 1");
    check_envelope(r#","id":"i""#, "", "it has no `id`");
    check_envelope(r#""id":"i""#, r#""id":"i","key":7"#, "`key` is not a string");
    check_envelope(r#""id":"i""#, r#""id":"i","priority":7"#, "it has an unknown field `priority`");
}

#[test]
fn a_value_as_deep_as_any_travels() {
    let deep = mote_expr::parse(format!("{}{}", "[".repeat(64), "]".repeat(64)).as_bytes()).unwrap();
    let breach = Breach {
        clause: "ensures/flat".to_owned(),
        message: "it is deep".to_owned(),
        expression: None,
        values: vec![("input".to_owned(), deep.clone())],
    };
    for answer in [Answer::success(deep, None), Answer::refused(Refusal::breach(breach), None)] {
        assert_eq!(decode_answer(&encode_answer(&answer)), Ok(answer));
    }
}
