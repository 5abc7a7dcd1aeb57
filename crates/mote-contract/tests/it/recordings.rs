//! A recorded call: what is kept of it, what is masked, and under which contracts it can be decided again.

use std::sync::Arc;

use mote_contract::{Ended, Files, Kind, Law, Outcome, Recording, Rows, check};
use mote_expr::schema::Mask;
use mote_expr::{Digest, Value, parse};

const PURSE: &str = r#"
aggregate: purse
state: {type: object, required: [cents], properties: {cents: {type: integer}, pin: {type: string, maxLength: 9, sensitive: true}}}
initial: {cents: 0}
events:
  PaidIn:
    data: {type: object, required: [cents, pin], properties: {cents: {type: integer}, pin: {type: string, maxLength: 9, sensitive: true}}}
    evolve: {cents: "${state.cents + event.data.cents}"}
invariants: {never-seven: state.cents != 7}
"#;

const PURSES: &str = r#"
view: purses
index: [key, cents]
row: {type: object, required: [key, cents], properties: {key: {type: string}, cents: {type: integer}}}
from:
  PaidIn: {key: "${event.data.pin}", put: {key: "${event.data.pin}", cents: "${event.data.cents}"}}
"#;

const PAY_IN: &str = r#"
contract: pay-in
kind: command
aggregate: purse
key: ${input.purse}
reads: {view: purses, match: {key: "${input.purse}"}, order: [cents], limit: 2}
input:
  type: object
  required: [purse, cents]
  properties:
    purse: {type: string, maxLength: 9}
    cents: {type: integer, minimum: 1}
    note: {type: string, default: none, maxLength: 9}
    pin: {type: string, maxLength: 9, sensitive: true}
output: {type: object, required: [cents], properties: {cents: {type: integer}, pin: {type: string, maxLength: 9, sensitive: true}}}
emits: [PaidIn]
errors: [{code: closed, status: 409}]
ensures: {counted: output.cents == state.cents + input.cents && size(rows) >= 0}
"#;

fn law(edit: (&str, &str)) -> Arc<Law> {
    let mut files = Files::new();
    files.add("mote.yaml", "system: test\nowner: us\n");
    for (path, text) in
        [("aggregates/purse.yaml", PURSE), ("views/purses.yaml", PURSES), ("contracts/pay-in.yaml", PAY_IN)]
    {
        files.add(path, text.replace(edit.0, edit.1));
    }
    let report = check(&files);
    report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics)).laws["pay-in"].clone()
}

fn value(text: &str) -> Value {
    parse(text.as_bytes()).unwrap()
}

fn recording() -> Recording {
    let row = |cents| Value::object([("key", Value::text("p-1")), ("cents", Value::Int(cents))]);
    Recording {
        id: "call-1".to_owned(),
        operation: "pay-in".to_owned(),
        kind: Kind::Command,
        version: "1.0.0".to_owned(),
        contract: Digest([1; 32]),
        release: Digest([2; 32]),
        artifact: Digest([3; 32]),
        context: value(
            r#"{"now":"2026-01-01T00:00:00.000Z","id":"call-1","caller":{"id":"ada","roles":[],"claims":{}}}"#,
        ),
        input: Some(value(r#"{"purse":"p-1","cents":5}"#)),
        state: Some(value(r#"{"cents":3}"#)),
        rows: Some(Rows { rows: Value::list([row(1), row(2)]), next: None }),
        answer: Some(r#"{"ok": {"output":{"cents":8}}}"#.to_owned()),
        refusal: None,
        position: Some("p0000000000000001".to_owned()),
        masked: false,
    }
}

fn ended(outcome: Outcome, clause: &str, message: &str) -> Option<Ended> {
    let (code, clause) = ("breached".to_owned(), Some(clause.to_owned()));
    Some(Ended { outcome, code, clause, message: message.to_owned(), data: Some(Value::text("hunter2")) })
}

#[test]
fn what_is_written_is_read_back() {
    let refused = ended(Outcome::Breach, "ensures/counted", "is 4");
    for recording in [
        recording(),
        Recording { refusal: refused, masked: true, ..recording() },
        Recording { input: None, state: None, rows: None, answer: None, position: None, ..recording() },
        Recording { rows: Some(Rows { rows: Value::list([]), next: Some(Value::Null) }), ..recording() },
    ] {
        assert_eq!(Recording::read(&recording.to_value().canonical()), Ok(recording));
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let check = |from: &str, to: &str, expected: &str| {
        let text = recording().to_value().to_string();
        assert!(text.contains(from), "{text}");
        let error = Recording::read(text.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("the recording cannot be read: {expected}"));
    };
    check("{", "[", "unexpected ':' at byte 9");
    check(r#""id":"call-1","input""#, r#""input""#, "it has no `id`");
    check(r#""outcome":"ok""#, r#""outcome":"fine""#, "there is no outcome `fine`");
    check(r#""kind":"command""#, r#""kind":"order""#, "its `kind` is unknown");
    check(r#""release":"0"#, r#""release":"x"#, "its `release` is malformed");
}

/// Why a recording cannot be decided under the contract with one edit; empty if it can.
#[track_caller]
fn fits(edit: (&str, &str), recording: &Recording, expected: &str) {
    let unfit = law(edit).situation_recorded(recording).err().map(|unfit| unfit.to_string());
    assert_eq!(unfit.unwrap_or_default(), expected);
}

#[test]
fn a_call_is_decided_again_where_all_of_it_fits() {
    let same = ("", "");
    let call = recording();
    fits(same, &call, "");
    let situation = law(same).situation_recorded(&call).unwrap();
    assert_eq!(
        situation.input.to_string(),
        r#"{"cents":5,"note":"none","purse":"p-1"}"#,
        "defaults are filled in"
    );

    fits(
        ("cents: {type: integer, minimum: 1}", "cents: {type: integer, minimum: 6}"),
        &call,
        "its input does not fit the contract: /cents is 5, the least is 6",
    );
    fits(same, &Recording { state: None, ..call.clone() }, "it ended before its state was read");
    fits(
        ("state.cents != 7", "state.cents != 3"),
        &call,
        "its state does not fit the contract: it breaks `invariants/never-seven`",
    );
    fits(
        ("limit: 2", "limit: 1"),
        &call,
        "its list of rows does not fit the contract: they are not the rows that it reads",
    );
    fits(
        ("order: [cents]", "order: [cents desc]"),
        &call,
        "its list of rows does not fit the contract: they are not the rows that it reads",
    );
    fits(
        (r#"match: {key: "${input.purse}"}"#, r#"match: {key: "other"}"#),
        &call,
        "its list of rows does not fit the contract: they are not the rows that it reads",
    );
    fits(
        ("limit: 2", "page: {size: 2, after: ''}"),
        &call,
        "its list of rows does not fit the contract: only one of it and then reads pages",
    );
    fits(same, &Recording { rows: None, ..call.clone() }, "it ended before its list of rows was read");
    fits(same, &Recording { input: None, ..call.clone() }, "its input was not JSON");
    fits(same, &Recording { masked: true, ..call }, "it is masked: what it hides may decide");
}

/// Everything of a recording that is masked, as it goes to disk. The secret is nowhere in it.
fn masked(recording: &Recording) -> Recording {
    let masked = law(("", "")).masked(recording, &Mask::new([7; 32]));
    let bytes = masked.to_value().to_string();
    assert!(!bytes.contains("hunter2") && !masked.label().contains("hunter2"), "{bytes}");
    masked
}

#[test]
fn what_is_sensitive_is_masked_wherever_it_stands() {
    let secret = |answer: &str| Recording { answer: Some(answer.to_owned()), ..recording() };
    let hidden = [
        Recording { input: Some(value(r#"{"purse":"p-1","cents":5,"pin":"hunter2"}"#)), ..recording() },
        Recording { input: Some(value(r#"{"Pin":"hunter2"}"#)), ..recording() },
        Recording { input: Some(value(r#""hunter2""#)), ..recording() },
        Recording { state: Some(value(r#"{"cents":1,"pin":"hunter2"}"#)), ..recording() },
        secret(r#"{"ok":{"output":{"cents":8,"pin":"hunter2"}}}"#),
        secret(
            r#"{"ok":{"output":{"cents":8},"events":[{"type":"PaidIn","data":{"cents":5,"pin":"hunter2"}}]}}"#,
        ),
        secret(r#"{"ok":{"output":{"cents":8},"events":[{"type":"hunter2","data":{}}]}}"#),
        secret(r#"{"ok":{"output":{"cents":8},"hunter":"hunter2"}}"#),
        secret(r#"{"error":{"code":"hunter2"}}"#),
        secret(r#"{"error":{"code":"closed","data":"hunter2"}}"#),
        secret(r#"{"fault":{"kind":"exception","message":"no hunter2"}}"#),
        secret("I say hunter2"),
    ];
    for recording in hidden {
        assert!(masked(&recording).masked, "{recording:?}");
    }
    for (outcome, clause) in [
        (Outcome::Breach, "ensures/counted"),
        (Outcome::Breach, "errors/hunter2"),
        (Outcome::Breach, "events/hunter2"),
        (Outcome::ContractFault, "ensures/counted"),
        (Outcome::Invalid, "key"),
        (Outcome::Unavailable, "budget/timeout"),
    ] {
        let ended = ended(outcome, clause, "hunter2 was seen");
        let masked = masked(&Recording { refusal: ended, ..recording() });
        assert!(!masked.masked, "how it ended is no part of the call: it can be asked again");
    }
}

#[test]
fn a_call_in_which_nothing_is_sensitive_stays_as_it_was() {
    assert_eq!(masked(&recording()), recording());
    let declared =
        ended(Outcome::Declared, "errors/closed", "`closed`").map(|ended| Ended { data: None, ..ended });
    let declared = Recording {
        refusal: declared,
        answer: Some(r#"{"error":{"code":"closed"}}"#.to_owned()),
        ..recording()
    };
    assert_eq!(masked(&declared), declared);
}
