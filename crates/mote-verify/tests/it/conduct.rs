//! Services that break their limits or keep state, each rejected in the right stage.

use std::sync::atomic::{AtomicU64, Ordering};

use mote_expr::Value;
use mote_verify::{Fault, Mode, Stage, Stopped, verify};

use super::rejections::{check, input, same};
use super::system::{Raw, blind, greet, greeting, law, law_of, observed, plan, run, sign, text};

#[test]
fn no_json() {
    let subject = Raw(|_: &Value, _| Ok(observed(b"thank you".to_vec())));
    check(
        "sign-guestbook",
        &subject,
        Stage::Generated,
        r#"
answer: the answer is not JSON as Mote reads it: unexpected 't' at byte 0
  input    {"book":"a","guest":"a","message":""}
  got      thank you
"#,
    );
}

#[test]
fn ten_megabytes() {
    let subject = Raw(|_: &Value, _| Ok(observed(vec![b' '; 10 << 20])));
    let rejection = run(&blind("greet"), &subject).rejection().unwrap().clone();
    let [found] = &rejection.counterexamples[..] else { panic!("{rejection:?}") };
    assert_eq!(found.clause, "budget/answer");
    assert_eq!(found.message, "the answer has 10485760 bytes, the most is 65536");
    assert!(found.to_string().len() < 2_000, "an answer is shown in part");
}

#[test]
fn stopped_by_the_sandbox() {
    let subject = Raw(|call: &Value, _| {
        let stop =
            || Stopped { clause: "budget/fuel".to_owned(), message: "it used all its fuel".to_owned() };
        if input(call, "name").contains(' ') { Err(stop()) } else { Ok(observed(greet(call).canonical())) }
    });
    check(
        "greet",
        &subject,
        Stage::Generated,
        r#"
budget/fuel: it used all its fuel
  input    {"language":"en","name":" "}
  passes   with /input/name = "a"
"#,
    );
}

#[test]
fn more_memory_than_the_budget() {
    let subject = Raw(|call: &Value, _| {
        let memory = if input(call, "name").chars().count() >= 12 { 17 << 20 } else { 1 << 20 };
        Ok(mote_verify::Observed { memory, ..observed(greet(call).canonical()) })
    });
    check(
        "greet",
        &subject,
        Stage::Budget,
        r#"
budget/memory: the call took 17825792 bytes of memory, the most is 16777216
  input    {"language":"en","name":"aaaaaaaaaaaa"}
  got      {"ok":{"output":{"greeting":"Hello, aaaaaaaaaaaa!","length":20}}}
  passes   with /input/name = "aaaaaaaaaaa"
"#,
    );
}

#[test]
fn another_answer_each_time() {
    let calls = AtomicU64::new(0);
    // Right both times, in other bytes: a space that nobody asked for.
    let subject = Raw(|call: &Value, _| {
        let spaces = calls.fetch_add(1, Ordering::Relaxed) as usize % 2;
        Ok(observed([greet(call).canonical(), vec![b' '; spaces]].concat()))
    });
    let rejection = verify(&blind("greet"), &subject, &plan(100, 1), &|_| ()).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Purity, Fault::Service));
    same(
        &rejection.counterexamples[0].to_string(),
        r#"
purity/again: the same call has two answers in two new instances
  where    a new instance is "{\"ok\":{\"output\":{\"greeting\":\"Hello, a!\",\"length\":9}}}"
  where    the other is "{\"ok\":{\"output\":{\"greeting\":\"Hello, a!\",\"length\":9}}} "
  input    {"language":"en","name":"a"}
  got      {"ok":{"output":{"greeting":"Hello, a!","length":9}}} 
"#,
    );
}

#[test]
fn a_function_of_the_time() {
    // Right at all times, in other bytes: a space for each year since the decade began.
    let subject = Raw(|call: &Value, _| {
        let year = text(call, &["context", "now"])[3..4].parse().unwrap();
        Ok(observed([greet(call).canonical(), vec![b' '; year]].concat()))
    });
    check(
        "greet",
        &subject,
        Stage::Purity,
        r#"
purity/context: the same input has another answer in another call, at another time or for somebody else
  where    here is "{\"ok\":{\"output\":{\"greeting\":\"Hello, a!\",\"length\":9}}}      "
  where    elsewhere is "{\"ok\":{\"output\":{\"greeting\":\"Hello, a!\",\"length\":9}}} "
  input    {"language":"en","name":"a"}
  got      {"ok":{"output":{"greeting":"Hello, a!","length":9}}} 
"#,
    );
}

#[test]
fn keeps_state_between_calls() {
    let calls = AtomicU64::new(0);
    let subject = Raw(|call: &Value, mode| {
        let before = if mode == Mode::Reused { calls.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let answer = if before > 0 { greeting("Hello, again!") } else { greet(call) };
        Ok(observed(answer.canonical()))
    });
    check(
        "greet",
        &subject,
        Stage::Purity,
        r#"
purity/reused: an instance that answered other calls before answers otherwise than a new one
  where    a new instance is "{\"ok\":{\"output\":{\"greeting\":\"Hello, a!\",\"length\":9}}}"
  where    the other is "{\"ok\":{\"output\":{\"greeting\":\"Hello, again!\",\"length\":13}}}"
  input    {"language":"en","name":"a"}
  got      {"ok":{"output":{"greeting":"Hello, again!","length":13}}}
"#,
    );
}

/// What it answered is kept under the input alone: right until the state is another.
#[test]
fn remembers_answers_by_input() {
    let kept = std::sync::Mutex::new(std::collections::BTreeMap::<String, Vec<u8>>::new());
    let subject = Raw(|call: &Value, mode| {
        let answer = sign(call).canonical();
        if mode == Mode::Fresh {
            return Ok(observed(answer));
        }
        let key = call.field("input").unwrap().to_string();
        let mut kept = kept.lock().unwrap();
        Ok(observed(kept.entry(key).or_insert(answer).clone()))
    });
    let law = blind("sign-guestbook");
    // So few cases that none repeats the input of another.
    let rejection = verify(&law, &subject, &plan(12, 2), &|_| ()).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Purity, Fault::Service));
    assert_eq!(rejection.counterexamples[0].clause, "purity/repeated");
}

#[test]
fn a_reused_instance_may_run_dry_where_none_is_reused() {
    let subject = Raw(|call: &Value, mode| match mode {
        Mode::Fresh => Ok(observed(greet(call).canonical())),
        Mode::Reused => Err(Stopped { clause: "budget/fuel".to_owned(), message: String::new() }),
    });
    let mut law = (*law("greet")).clone();
    assert_eq!(run(&law, &subject).rejection(), None);
    law.contract.isolation = mote_contract::Isolation::Reused;
    let rejection = run(&law, &subject).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Purity, Fault::Service));
}

/// Each requirement can be met, both together cannot: nobody could be asked, and the rule that
/// keeps everybody out is named.
#[test]
fn requirements_that_let_nobody_through_are_the_contracts_fault() {
    let contract = r#"
contract: between
kind: function
input: {type: object, required: [a, b], properties: {a: {type: integer, minimum: 0, maximum: 9}, b: {type: integer, minimum: 0, maximum: 9}}}
output: {type: integer}
requires:
  some: input.a > 0
  rising: input.a < input.b
  falling: "input.a > input.b"
"#;
    let law = law_of(&[("contracts/between.yaml", contract.to_owned())], "between");
    let never = Raw(|_: &Value, _| panic!("nobody is asked"));
    let verification = verify(&law, &never, &plan(50, 1), &|_| ());
    let rejection = verification.rejection().unwrap();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Contract, Fault::Contract));
    assert_eq!(
        rejection.unreached,
        [
            "no case reaches the service: `requires/rising` (`input.a < input.b`) refuses 34 of the 50 that were made for \
          it. Add an example of a success, or loosen that rule"
        ]
    );
    let told = verification.feedback(&law);
    assert_eq!(told.field("verdict").unwrap().as_text(), Some("contract-error"));
    let next = "the contract must be mended: no service can";
    assert_eq!(told.field("next").unwrap().as_text(), Some(next));
}

#[test]
fn a_service_that_always_crashes_is_told_once() {
    let crash = Raw(|_: &Value, _| {
        Err(Stopped { clause: "trap".to_owned(), message: "the code crashed".to_owned() })
    });
    for name in ["greet", "sign-guestbook"] {
        let verification = run(&blind(name), &crash);
        let rejection = verification.rejection().unwrap();
        assert_eq!((rejection.stage, rejection.fault), (Stage::Generated, Fault::Service));
        let [found] = &rejection.counterexamples[..] else { panic!("{:#?}", rejection.counterexamples) };
        assert_eq!((found.clause.as_str(), found.message.as_str()), ("trap", "the code crashed"));
        assert!(found.given.is_empty() && found.common, "{found}");
    }
}
