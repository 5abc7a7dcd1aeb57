//! Recorded calls: asked again, as cases of a verification, and in a comparison of contracts.

use mote_contract::{Ended, Law, Outcome, Recording};
use mote_expr::{Digest, Value, parse};
use mote_verify::{
    Fault, Rejection, Stage, Subject, compare_with_recordings, replay, verify_with_recordings,
};

use super::rejections::{input, same};
use super::system::{Native, blind, greet, greeting, law, law_of, plan, sign};

const CONTEXT: &str =
    r#"{"now":"2026-05-01T10:00:00.000Z","id":"call-1","caller":{"id":"ada","roles":[],"claims":{}}}"#;

fn value(text: &str) -> Value {
    parse(text.as_bytes()).unwrap()
}

/// A call of `law` as `subject` answered it, recorded.
fn recorded(law: &Law, subject: &dyn Subject, input: &str, state: Option<&str>) -> Recording {
    let mut recording = Recording {
        id: "call-1".to_owned(),
        operation: law.contract.name.clone(),
        kind: law.contract.kind,
        version: law.contract.version.clone(),
        contract: law.digest,
        release: Digest([2; 32]),
        artifact: Digest([3; 32]),
        context: value(CONTEXT),
        input: Some(value(input)),
        state: state.map(value),
        rows: None,
        answer: None,
        refusal: None,
        position: None,
        masked: false,
    };
    let situation = law.situation_recorded(&recording).unwrap();
    let answer = subject.answer(&law.call(&situation), mote_verify::Mode::Fresh).unwrap().answer;
    recording.refusal = law.judge(&situation, &answer).err().map(|refusal| Ended::of(&refusal));
    recording.answer = Some(String::from_utf8(answer).unwrap());
    recording
}

fn ended(outcome: Outcome, clause: &str) -> Option<Ended> {
    let (code, clause) = ("code".to_owned(), Some(clause.to_owned()));
    Some(Ended { outcome, code, clause, message: String::new(), data: None })
}

/// A greeting that is wrong for one name, which no generator makes.
fn wrong_for_zebedee(call: &Value) -> Value {
    if input(call, "name") == "Zebedee" { greeting("Hello, you!") } else { greet(call) }
}

fn verified(law: &Law, subject: &dyn Subject, recordings: &[Recording]) -> mote_verify::Verification {
    verify_with_recordings(law, subject, &plan(100, 2), recordings, &|_| ())
}

#[test]
fn a_service_that_is_wrong_on_a_recorded_call_is_rejected_with_it() {
    let law = blind("greet");
    let zebedee = recorded(&law, &Native(greet), r#"{"name":"Zebedee"}"#, None);
    let others = (0..3).map(|_| recorded(&law, &Native(greet), r#"{"name":"Ada"}"#, None));
    let all: Vec<Recording> = others.chain([zebedee]).collect();
    assert!(verified(&law, &Native(wrong_for_zebedee), &[]).passed(), "generated cases do not meet it");
    let verification = verified(&law, &Native(wrong_for_zebedee), &all);
    let Rejection { stage, fault, counterexamples, .. } = verification.rejection().unwrap();
    assert_eq!((*stage, *fault), (Stage::Recordings, Fault::Service));
    same(
        &counterexamples[0].to_string(),
        r#"
ensures/exactly: `exactly` is not true
  rule     output.greeting == word + ', ' + input.name + '!'
  where    output.greeting is "Hello, you!"
  where    word + ', ' + input.name + '!' is "Hello, Zebedee!"
  where    word is "Hello"
  where    the recorded call is "call-1"
  input    {"language":"en","name":"Zebedee"}
  context  {"caller":{"claims":{},"id":"ada","roles":[]},"id":"call-1","now":"2026-05-01T10:00:00.000Z"}
  got      {"ok":{"output":{"greeting":"Hello, you!","length":11}}}
"#,
    );
    assert_eq!(counterexamples.len(), 1);
    // The right service passes, and the figures say so.
    let verification = verified(&law, &Native(greet), &all);
    assert!(verification.passed());
    let figures = verification.figures();
    assert_eq!(
        figures.recorded.as_ref().unwrap().to_string(),
        "recorded 4 asked again · 0 refused by the host"
    );
    assert_eq!(
        figures.to_value().field("recorded").unwrap().to_string(),
        r#"{"asked":4,"refused":0,"unfit":0}"#
    );
    assert!(figures.summary(&law.contract.budget).to_string().contains("\nrecorded 4 asked again"));
}

#[test]
fn what_does_not_fit_is_counted_and_held_against_nobody() {
    let law = blind("sign-guestbook");
    let good = recorded(&law, &Native(sign), r#"{"book":"lobby","guest":"Ada"}"#, Some(r#"{"guests":[]}"#));
    let of = |input: &str, state: &str| Recording {
        input: Some(value(input)),
        state: Some(value(state)),
        id: format!("call-{}", input.len()),
        ..good.clone()
    };
    let all = [
        of(r#"{"book":"lobby","guests":1}"#, r#"{"guests":[]}"#),
        of(r#"{"book":"lobby","guest":"Eve"}"#, r#"{"visitors":[]}"#),
        Recording { masked: true, ..good.clone() },
        Recording { operation: "another".to_owned(), ..good.clone() },
        // The host answers now.
        of(r#"{"book":"lobby","guest":"Ada"}"#, r#"{"guests":["Ada"]}"#),
        good,
    ];
    let verification = verified(&law, &Native(sign), &all);
    assert!(verification.passed());
    let figures = verification.figures().recorded.as_ref().unwrap();
    assert_eq!(
        figures.to_string(),
        "recorded 1 asked again · 1 refused by the host · 3 could not be asked: its input does not fit the contract: has no `guest` (call-27)"
    );
}

/// What a replay of `recording` says, in a line.
fn told(law: &Law, subject: &dyn Subject, recording: &Recording) -> String {
    let replayed = match replay(law, subject, recording) {
        Err(unfit) => return unfit.to_string(),
        Ok(replayed) => replayed,
    };
    let place = |difference: &mote_verify::Difference| {
        let text =
            |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        format!("; {} {} -> {}", difference.at, text(&difference.was), text(&difference.is))
    };
    let places: String = replayed.differences.iter().map(place).collect();
    let broken = replayed.broken.map(|broken| format!("; breaks {}", broken.clause)).unwrap_or_default();
    let word = if replayed.equal { "equal" } else { "differs" };
    format!("{word}: {} -> {}{broken}{places}", replayed.was, replayed.is)
}

#[test]
fn a_recorded_call_is_equal_differs_or_breaks_a_clause() {
    let law = law("greet");
    let ada = |subject: &dyn Subject| recorded(&law, subject, r#"{"name":"Ada"}"#, None);
    let zebedee = |subject: &dyn Subject| recorded(&law, subject, r#"{"name":"Zebedee"}"#, None);
    let right = Native(greet);
    let wrong = Native(wrong_for_zebedee);
    assert_eq!(told(&law, &right, &ada(&right)), "equal: ok -> ok");
    assert_eq!(
        told(&law, &wrong, &zebedee(&right)),
        "differs: ok -> breach ensures/exactly; breaks ensures/exactly; /ok/output/greeting \"Hello, Zebedee!\" -> \"Hello, you!\"; /ok/output/length 15 -> 11"
    );
    assert_eq!(
        told(&law, &right, &zebedee(&wrong)),
        "differs: breach ensures/exactly -> ok; /ok/output/greeting \"Hello, you!\" -> \"Hello, Zebedee!\"; /ok/output/length 11 -> 15"
    );
    assert_eq!(
        told(&law, &wrong, &zebedee(&wrong)),
        "equal: breach ensures/exactly -> breach ensures/exactly; breaks ensures/exactly"
    );
    let spaced = Recording { answer: Some("{ }".to_owned()), ..ada(&right) };
    assert!(told(&law, &right, &spaced).starts_with("differs: ok -> ok; /ok nothing -> "));
    let no_json = Recording { answer: Some("thanks".to_owned()), ..ada(&right) };
    assert!(told(&law, &right, &no_json).starts_with("differs: ok -> ok;  \"thanks\" -> "));
    let stopped =
        Recording { answer: None, refusal: ended(Outcome::Unavailable, "budget/timeout"), ..ada(&right) };
    assert_eq!(told(&law, &right, &stopped), "differs: unavailable budget/timeout -> ok");
}

#[test]
fn what_the_host_refused_it_refuses_again() {
    let law = law("sign-guestbook");
    let signed =
        |state: &str| recorded(&law, &Native(sign), r#"{"book":"lobby","guest":"Ada"}"#, Some(state));
    let refused = |outcome, clause| Recording {
        answer: None,
        refusal: ended(outcome, clause),
        ..signed(r#"{"guests":[]}"#)
    };
    let again = |recording: &Recording| told(&law, &Native(sign), recording);
    let twice = refused(Outcome::Declared, "errors/already-signed");
    let twice = Recording { state: Some(value(r#"{"guests":["Ada"]}"#)), ..twice };
    assert_eq!(again(&twice), "equal: declared errors/already-signed -> declared errors/already-signed");
    let unfit = refused(Outcome::Invalid, "input");
    let unfit = Recording { input: Some(value("{}")), state: None, ..unfit };
    assert_eq!(again(&unfit), "equal: invalid input -> invalid input");
    let unread = Recording { state: None, ..refused(Outcome::Unavailable, "unavailable") };
    assert_eq!(again(&unread), "it ended before its state was read");
    let masked = Recording { masked: true, ..signed(r#"{"guests":[]}"#) };
    assert_eq!(again(&masked), "it is masked: what it hides may decide");
}

const PURSE: &str = "
aggregate: purse
state: {type: object, required: [cents], properties: {cents: {type: integer}}}
initial: {cents: 0}
events: {PaidIn: {data: {type: object}}}
";

const PAY_IN: &str = "
contract: pay-in
kind: command
aggregate: purse
key: ${input.purse}
input: {type: object, required: [purse, cents], properties: {purse: {type: string, maxLength: 20}, cents: {type: integer, minimum: 1, maximum: 100}}}
output: {type: object, required: [cents], properties: {cents: {type: integer}}}
emits: [PaidIn]
ensures: {more: output.cents > state.cents}
";

fn pay_in(call: &Value) -> Value {
    let of = |part: &str| call.field(part).and_then(|part| part.field("cents")?.as_int()).unwrap();
    super::system::ok(Value::object([("cents", Value::Int(of("state") + of("input")))]), Vec::new())
}

/// What four recorded calls, of a purse that holds 500 cents, say of an edit of the files.
#[track_caller]
fn compared(from: &str, to: &str, expected: &[&str]) {
    let law = |from: &str, to: &str| {
        let files = [("aggregates/purse.yaml", PURSE), ("contracts/pay-in.yaml", PAY_IN)];
        law_of(&files.map(|(path, text)| (path, text.replace(from, to))), "pay-in")
    };
    let (before, now) = (law("", ""), law(from, to));
    assert_ne!(before.digest, now.digest, "nothing was edited");
    let call = |cents: u32| {
        let input = format!(r#"{{"purse":"holidays","cents":{cents}}}"#);
        let id = format!("call-{cents}");
        Recording { id, ..recorded(&before, &Native(pay_in), &input, Some(r#"{"cents":500}"#)) }
    };
    let other = Recording { contract: Digest([9; 32]), ..call(9) };
    let hidden = Recording { masked: true, ..call(8) };
    let refused = Recording { refusal: ended(Outcome::Invalid, "input"), ..call(7) };
    let recordings = [call(97), call(55), call(1), call(2), other, hidden, refused];
    let comparison = compare_with_recordings(
        &before,
        &now,
        Some(&Native(pay_in)),
        &mote_verify::Seed::from(1),
        &recordings,
    );
    let said = comparison.changes.iter().filter(|change| change.message.contains("recorded calls"));
    let line = |change: &mote_verify::Change| {
        let mark = if change.breaking { "breaks" } else { "keeps" };
        let call =
            change.shown_by.as_ref().and_then(|shown| shown.field("call")?.as_text().map(str::to_owned));
        format!("{mark} {}: {}, {}", change.part, change.message, call.unwrap_or_default())
    };
    assert_eq!(said.map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn recorded_calls_must_still_be_admitted_and_answered() {
    compared(
        "maximum: 100",
        "maximum: 50",
        &[
            "breaks input: refuses an input that was accepted: /cents is 97, the most is 50 (2 of 4 recorded calls), call-97",
        ],
    );
    compared(
        "emits:",
        "requires: {round: 'input.cents % 5 == 0'}\nemits:",
        &["breaks requires/round: refuses a call that was answered (3 of 4 recorded calls), call-97"],
    );
    compared(
        "emits:",
        "allow: \"'clerk' in caller.roles\"\nemits:",
        &["breaks allow: refuses a call that was answered (4 of 4 recorded calls), call-97"],
    );
    compared(
        "emits:",
        "errors: [{code: full, if: 'state.cents > 400', status: 409}]\nemits:",
        &["breaks errors/full: refuses a call that was answered (4 of 4 recorded calls), call-97"],
    );
    compared(
        "key: ${input.purse}",
        "key: our-${input.purse}",
        &["breaks key: the same call means another instance now (4 of 4 recorded calls), call-97"],
    );
}

#[test]
fn recorded_answers_are_judged_by_the_new_rules_and_states_that_do_not_fit_are_told() {
    compared(
        "more: output.cents > state.cents}",
        "more: output.cents > state.cents, small: output.cents < 550}",
        &[
            "keeps ensures/small: refuses an answer that was given, and promises more (2 of 4 recorded calls), call-97",
        ],
    );
    compared(
        "properties: {cents: {type: integer}}}\ninitial",
        "properties: {cents: {type: integer, maximum: 400}}}\ninitial",
        &[
            "keeps given: its state does not fit the contract: /cents is 500, the most is 400 (4 of 4 recorded calls), call-97",
        ],
    );
}
