//! Sequences of commands: breaks that only several calls lead to, each shown by the fewest calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Value;
use mote_verify::{Actor, Exploration, Explored, Fault, Seed, Stage, States, Subject, explore, verify_among};

use super::system::{Native, laws_of, ok, plan};

const ACCOUNT: &str = r#"
aggregate: account
state:
  type: object
  required: [open, balance]
  properties: {open: {type: boolean}, balance: {type: integer, minimum: 0, maximum: 100000}}
initial: {open: false, balance: 0}
events:
  Opened: {data: {type: object}, evolve: {open: true}}
  Paid:
    data: {type: object, required: [amount], properties: {amount: {type: integer, minimum: -400, maximum: 400}}}
    evolve: {balance: "${state.balance + event.data.amount}"}
invariants: {nothing-before: "state.open || state.balance == 0"}
"#;

const OPEN: &str = r#"
contract: open
kind: command
aggregate: account
key: ${input.account}
input: {type: object, required: [account], properties: {account: {type: string, pattern: "^[a-z]{6}$", maxLength: 6}}}
output: {type: boolean}
emits: [Opened]
errors: [{code: already-open, if: state.open, status: 409}]
"#;

const PAY: &str = r#"
contract: pay
kind: command
aggregate: account
key: ${input.account}
input:
  type: object
  required: [account, amount]
  properties:
    account: {type: string, pattern: "^[a-z]{6}$", maxLength: 6}
    amount: {type: integer, minimum: -400, maximum: 400}
output: {type: integer, minimum: 0, maximum: 100000}
emits: [Paid]
errors:
  - {code: not-open, if: "!state.open", status: 409}
  - {code: too-poor, if: state.balance + input.amount < 0, status: 409}
  - {code: too-rich, if: state.balance + input.amount > 100000, status: 409}
ensures: {told: output == after.balance}
"#;

fn laws() -> BTreeMap<String, Arc<Law>> {
    let files =
        [("aggregates/account.yaml", ACCOUNT), ("contracts/open.yaml", OPEN), ("contracts/pay.yaml", PAY)];
    laws_of(&files.map(|(path, text)| (path, text.to_owned())))
}

fn event(kind: &str, data: Value) -> Value {
    Value::object([("type", Value::text(kind)), ("data", data)])
}

fn open(_: &Value) -> Value {
    ok(Value::Bool(true), vec![event("Opened", Value::object([("", Value::Null); 0]))])
}

fn int(call: &Value, part: &str, name: &str) -> i64 {
    call.field(part).and_then(|part| part.field(name)?.as_int()).unwrap()
}

fn pay(call: &Value) -> Value {
    let amount = int(call, "input", "amount");
    let paid = event("Paid", Value::object([("amount", Value::Int(amount))]));
    ok(Value::Int(int(call, "state", "balance") + amount), vec![paid])
}

fn explored(pay: &dyn Subject, threads: usize) -> Explored {
    let laws = laws();
    let open = Native(open);
    let actors = [Actor { law: &laws["open"], subject: &open }, Actor { law: &laws["pay"], subject: pay }];
    explore(&actors, &Exploration { sequences: 150, seed: Seed::from(1), threads }, &|_| ())
}

#[test]
fn services_that_keep_their_contracts_pass_and_get_far() {
    let explored = explored(&Native(pay), 2);
    assert_eq!(explored.broken, None);
    // They find the accounts that calls before opened.
    assert!(explored.succeeded["pay"] > 300, "{}", explored.summary());
    assert!(explored.histories.iter().any(|history| history.len() > 10));
    for history in &explored.histories {
        assert_eq!(history[0].kind, "Opened", "a command led to it");
        laws()["pay"].aggregate.as_ref().unwrap().replay(history).unwrap();
    }
}

#[test]
fn what_several_calls_lead_to_is_shown_by_the_fewest() {
    // Wrong from 1000 up, which takes three payments.
    let wrong = Native(|call: &Value| match int(call, "state", "balance") + int(call, "input", "amount") {
        rich if rich >= 1_000 => ok(Value::Int(rich), Vec::new()),
        _ => pay(call),
    });
    let found = explored(&wrong, 2);
    let broken = found.broken.clone().unwrap();
    assert_eq!((broken.counterexample.clause.as_str(), broken.fault), ("ensures/told", Fault::Service));
    let operations: Vec<&str> = broken.steps.iter().map(|step| step.operation.as_str()).collect();
    assert_eq!(operations, ["open", "pay", "pay", "pay"]);
    let shown = broken.to_string();
    let expected = r#"
1. open {"account":"aaaaaa"}
2. pay {"account":"aaaaaa","amount":350}
3. pay {"account":"aaaaaa","amount":275}
4. pay {"account":"aaaaaa","amount":375}
ensures/told: `told` is not true
  rule     output == after.balance
  where    output is 1000
  where    after.balance is 625
  given    Opened {}
  given    Paid {"amount":350}
  given    Paid {"amount":275}
  input    {"account":"aaaaaa","amount":375}
  got      {"ok":{"events":[],"output":1000}}
"#;
    super::rejections::same(&shown, expected);
    assert_eq!(explored(&wrong, 1), found, "the number of threads shows");
}

/// How `pay` is rejected among `others`, and where the states of its cases came from.
#[track_caller]
fn judged(pay: &dyn Subject, others: &[Actor<'_>], expected: &str) -> States {
    let law = laws()["pay"].clone();
    let among = |threads| verify_among(others, &law, pay, &plan(400, threads), &[], &|_| ());
    let verification = among(2);
    let rejection = verification.rejection().unwrap_or_else(|| panic!("it passed"));
    assert_eq!((rejection.stage, rejection.fault), (Stage::Generated, Fault::Service));
    assert_eq!(among(1).rejection(), Some(rejection), "the number of threads shows");
    super::rejections::same(&rejection.counterexamples[0].to_string(), expected);
    verification.figures().states
}

#[test]
fn states_are_first_what_the_commands_of_the_aggregate_lead_to() {
    let laws = laws();
    let wrong = Native(|call: &Value| match int(call, "state", "balance") {
        rich @ 500.. => ok(Value::Int(rich + 1), Vec::new()),
        _ => pay(call),
    });
    let open = Native(open);
    let states = judged(
        &wrong,
        &[Actor { law: &laws["open"], subject: &open }],
        r#"
ensures/told: `told` is not true
  rule     output == after.balance
  where    output is 501
  where    after.balance is 500
  given    Opened {}
  given    Paid {"amount":200}
  given    Paid {"amount":300}
  origin   reachable by: open, pay, pay
  input    {"account":"aaaaaa","amount":0}
  got      {"ok":{"events":[],"output":501}}
  passes   without /given/2
"#,
    );
    assert!(states.commands > 100 && states.events > 50, "{states:?}");
    // Alone it opens no account: states are made up, and nobody says that they are reached.
    let alone = judged(
        &wrong,
        &[],
        r#"
ensures/told: `told` is not true
  rule     output == after.balance
  where    output is 501
  where    after.balance is 500
  given    Opened {}
  given    Paid {"amount":100}
  given    Paid {"amount":400}
  origin   made of events that the rules allow
  input    {"account":"aaaaaa","amount":0}
  got      {"ok":{"events":[],"output":501}}
  passes   with /given/1/data/amount = 99
"#,
    );
    assert_eq!(alone.commands, 0);
}

/// What an operation of the same aggregate answers is judged too: a wrong one leads nowhere.
#[test]
fn what_breaks_its_own_contract_leads_to_no_states() {
    let laws = laws();
    let wrong = Native(|_: &Value| ok(Value::Bool(true), vec![event("Paid", Value::Null)]));
    let others = [Actor { law: &laws["open"], subject: &wrong }];
    let verification = verify_among(&others, &laws["pay"], &Native(pay), &plan(100, 1), &[], &|_| ());
    assert_eq!(verification.figures().states.commands, 0);
}

#[test]
fn an_invariant_is_judged_after_each_call() {
    let laws = laws();
    // Forgets to say that it is open; paying then leaves a balance where nothing is open.
    let open = Native(|_: &Value| ok(Value::Bool(true), Vec::new()));
    let generous = Native(|_: &Value| {
        let amount = event("Paid", Value::object([("amount", Value::Int(1))]));
        ok(Value::Bool(true), vec![amount])
    });
    let mut law = (*laws["open"]).clone();
    law.contract.emits.push("Paid".to_owned());
    let plan = Exploration { sequences: 20, seed: Seed::from(1), threads: 1 };
    let nothing = explore(&[Actor { law: &laws["open"], subject: &open }], &plan, &|_| ());
    assert_eq!(nothing.broken, None);
    let broken = explore(&[Actor { law: &law, subject: &generous }], &plan, &|_| ()).broken.unwrap();
    assert_eq!(broken.counterexample.clause, "invariants/nothing-before");
    assert_eq!(broken.steps.len(), 1);
}
