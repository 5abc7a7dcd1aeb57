//! What an engine is given: a flat table, ids that are places in it, expressions over the slots of one scope.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_contract::workflow::{Callee, Key, Pause, Retry, StepId, StepKind, Undo, Workflow};
use mote_contract::{Severity, check};
use mote_expr::{Slot, Value, parse};

use super::system::{said, system};

pub(super) const FULFIL: &str = r#"
deadline: 30d
output: {type: object, required: [price, labels], properties: {price: {type: integer}, labels: {type: array, items: {type: string}}}}
triggers:
  - {http: POST /orders, status: 202}
  - event: Released
    where: event.data.orderId != ''
    with: {orderId: "${event.data.orderId}", total: 1, lines: []}
steps:
  - id: reserve
    call: reserve-stock
    with: {orderId: "${input.orderId}", total: "${input.total}"}
    key: "${input.orderId}"
    retry: {for: [unavailable, timeout], max: 5, backoff: 200ms..10s, jitter: false}
    timeout: 1m
    undo: {call: release-stock, with: {orderId: "${input.orderId}"}, accept: [not-reserved]}
    catch: {out-of-stock: [{fail: rejected}], too-large: [{fail: rejected}]}
  - parallel:
      price: [{id: quoted, call: quote, with: {total: "${input.total}"}}]
      print: [{call: label, with: {text: "order ${input.orderId} of ${input.total}"}, catch: {invalid-input: []}}]
  - switch: quoted.kind
    cases:
      small: [{wait: 3s}]
      large:
        - id: shipped
          wait: {event: Delivered, where: "event.data.orderId == input.orderId && event.type != ''", timeout: 7d, else: []}
  - id: labels
    each: line in input.lines
    concurrency: 3
    do: [{id: one, call: label, with: {text: "${line.sku}"}}]
    returns: "${one.url}"
  - repeat: [{id: status, call: ready, with: {orderId: "${input.orderId}"}}]
    until: status.done
    max: 10
    else: [{fail: rejected}]
  - if: quoted.price > 100
    then: [{let: {fee: quoted.price / 10}}]
    else: [{let: {fee: "0"}}]
returns: {price: "${quoted.price + fee}", labels: "${labels}"}
"#;

pub(super) fn workflow(text: &str) -> Arc<Workflow> {
    let (report, said) = said(text);
    let system = report.system.unwrap_or_else(|| panic!("{}", said.join("\n")));
    system.workflows["flow"].clone()
}

#[test]
fn steps_are_a_table_in_the_order_of_the_file() {
    let workflow = workflow(FULFIL);
    let names = |block: &[StepId]| {
        let paths: Vec<_> = block.iter().map(|id| workflow.step(*id).path.as_str()).collect();
        format!("[{}]", paths.join(", "))
    };
    let line = |id: StepId| {
        let step = workflow.step(id);
        let does = match &step.kind {
            StepKind::Call(call) => {
                let caught: Vec<_> =
                    call.catch.iter().map(|catch| format!("{} {}", catch.code, names(&catch.body))).collect();
                format!("call {}, catch {}", call.callee.name(), caught.join(" "))
            }
            StepKind::Parallel { branches, wait } => {
                let branches: Vec<_> = branches
                    .iter()
                    .map(|branch| format!("{} {}", branch.name, names(&branch.body)))
                    .collect();
                format!("parallel {} {wait:?}", branches.join(" "))
            }
            StepKind::Switch { on, cases, default } => {
                let cases: Vec<_> =
                    cases.iter().map(|(value, block)| format!("{value} {}", names(block))).collect();
                format!("switch {} {} {}", on.source(), cases.join(" "), names(default))
            }
            StepKind::If { condition, then, otherwise } => {
                format!("if {} {} else {}", condition.source(), names(then), names(otherwise))
            }
            StepKind::Each { list, concurrency, body, .. } => {
                format!("each {} by {concurrency} {}", list.source(), names(body))
            }
            StepKind::Repeat { body, until, max, otherwise } => {
                format!("repeat {} until {} max {max} else {}", names(body), until.source(), names(otherwise))
            }
            StepKind::Pause(Pause::For(ms)) => format!("wait {ms} ms"),
            StepKind::Pause(Pause::Until(_)) => "wait until".to_owned(),
            StepKind::Event(wait) => {
                format!(
                    "wait {} {} {:?} {}",
                    wait.event,
                    wait.path.join("."),
                    wait.timeout_ms,
                    names(&wait.otherwise)
                )
            }
            StepKind::Let(lets) => format!("let {}", lets.len()),
            StepKind::Fail(code) => format!("fail {code}"),
        };
        format!("{} {}: {}", id.index(), step.path, does)
    };
    let table: Vec<String> = workflow.numbered().map(|(id, _)| line(id)).collect();
    let expected = r#"0 reserve: call reserve-stock, catch out-of-stock [reserve/catch/out-of-stock/1] too-large [reserve/catch/too-large/1]
1 reserve/catch/out-of-stock/1: fail rejected
2 reserve/catch/too-large/1: fail rejected
3 2: parallel price [2/price/quoted] print [2/print/1] All
4 2/price/quoted: call quote, catch 
5 2/print/1: call label, catch invalid-input []
6 3: switch quoted.kind "small" [3/small/1] "large" [3/large/shipped] []
7 3/small/1: wait 3000 ms
8 3/large/shipped: wait Delivered data.orderId Some(604800000) []
9 labels: each input.lines by 3 [labels/do/one]
10 labels/do/one: call label, catch 
11 5: repeat [5/repeat/status] until status.done max 10 else [5/else/1]
12 5/repeat/status: call ready, catch 
13 5/else/1: fail rejected
14 6: if quoted.price > 100 [6/then/1] else [6/else/1]
15 6/then/1: let 1
16 6/else/1: let 1"#;
    assert_eq!(table.join("\n"), expected);
    assert_eq!(names(&workflow.body), "[reserve, 2, 3, labels, 5, 6]");
    assert!(workflow.durable);
    assert_eq!(workflow.triggers.len(), 2);
}

#[test]
fn a_call_says_how_it_is_tried_again_and_taken_back() {
    let workflow = workflow(FULFIL);
    let StepKind::Call(call) = &workflow.steps[0].kind else { panic!("the first step calls") };
    assert_eq!(call.callee, Callee::Contract("reserve-stock".to_owned()));
    assert!(matches!(call.key, Key::Value(_)));
    assert_eq!(call.timeout_ms, Some(60_000));
    let codes = ["unavailable", "timeout"].map(str::to_owned).to_vec();
    assert_eq!(call.retry, Retry { codes, max: Some(5), backoff_ms: (200, 10_000), jitter: false });
    assert_eq!(
        [1, 2, 3, 6, 7, 500].map(|tries| call.retry.pause_ms(tries)),
        [200, 400, 800, 6_400, 10_000, 10_000]
    );
    assert!(
        call.retry.again("timeout", 4) && !call.retry.again("timeout", 5) && !call.retry.again("conflict", 1)
    );
    let Undo::Call(undo) = &call.undo else { panic!("it is undone") };
    assert_eq!(
        (undo.callee.name(), undo.accept.as_slice()),
        ("release-stock", &["not-reserved".to_owned()][..])
    );
    // Nothing said: what passes by itself is tried until the deadline, and no more can be taken back than was done.
    let StepKind::Call(quote) = &workflow.steps[4].kind else { panic!("this step calls") };
    assert_eq!(quote.retry.codes, ["unavailable", "timeout", "breached", "quarantined"]);
    assert_eq!(quote.retry.max, None);
    assert!(matches!((&quote.undo, &quote.key), (Undo::Effectless, Key::Place)));
}

#[test]
fn expressions_are_evaluated_over_the_slots_of_one_scope() {
    let workflow = workflow(FULFIL);
    let json = |text: &str| parse(text.as_bytes()).unwrap();
    let input = json(r#"{"orderId": "a1", "total": 7, "lines": [{"sku": "x"}]}"#);
    let admitted = workflow.admit(input).unwrap();
    assert_eq!(
        admitted.input.field("at"),
        Some(&Value::text("2026-01-01T00:00:00Z")),
        "defaults are filled in"
    );
    let slot = |name: &str| workflow.scope.slot(name).unwrap();
    let values: BTreeMap<Slot, Value> = BTreeMap::from([
        (workflow.slots.input, admitted.input),
        (slot("quoted"), json(r#"{"price": 150, "kind": "large"}"#)),
        (slot("fee"), Value::Int(15)),
        (slot("labels"), json(r#"["u"]"#)),
        (slot("line"), json(r#"{"sku": "x"}"#)),
    ]);
    let bindings = workflow.bind(|slot| values.get(&slot));
    let with = |at: usize| match &workflow.steps[at].kind {
        StepKind::Call(call) => call.with.eval(&bindings).unwrap().to_string(),
        _ => panic!("step {at} does not call"),
    };
    assert_eq!(with(0), r#"{"orderId":"a1","total":7}"#);
    assert_eq!(with(10), r#"{"text":"x"}"#);
    let StepKind::Event(wait) = &workflow.steps[8].kind else { panic!("this step waits") };
    assert_eq!(wait.value.eval(&bindings).unwrap().as_ref(), &Value::text("a1"));
    assert_eq!(workflow.answer(&bindings).unwrap(), json(r#"{"price": 165, "labels": ["u"]}"#));
}

#[test]
fn what_does_not_fit_is_not_admitted_and_declared_errors_are_refusals() {
    let workflow = workflow(FULFIL);
    let refused = workflow.admit(Value::object([("orderId", Value::Int(1))])).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("invalid-input", 400));
    let rejected = workflow.failure("rejected").unwrap();
    assert_eq!((rejected.code.as_str(), rejected.status), ("rejected", 409));
    assert!(workflow.failure("other").is_none());
}

/// The digest changes with everything that a run depends on, and with nothing else.
#[test]
fn the_digest_covers_what_is_called() {
    let digest = |change: &dyn Fn(&str, String) -> String| {
        let files = system(&[("flow", FULFIL), ("other", "steps: []\n")]);
        let mut changed = mote_contract::Files::new();
        for path in files.paths().map(str::to_owned).collect::<Vec<_>>() {
            let text = files.text(files.find(&path).unwrap()).to_owned();
            changed.add(path.clone(), change(&path, text));
        }
        let report = check(&changed);
        let errors: Vec<_> =
            report.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
        report.system.unwrap_or_else(|| panic!("{errors:?}")).workflows["flow"].digest
    };
    let same = digest(&|_, text| text);
    let in_file = |name: &'static str, from: &'static str, to: &'static str| {
        digest(&move |path, text| if path.contains(name) { text.replace(from, to) } else { text })
    };
    assert_eq!(same, in_file("workflows/flow", "steps:\n", "# A remark.\nsteps:\n"));
    assert_eq!(same, in_file("workflows/other", "steps: []", "deadline: 2d\nsteps: []"));
    assert_ne!(same, in_file("workflows/flow", "deadline: 30d", "deadline: 31d"));
    assert_ne!(same, in_file("contracts/quote", "maximum: 2000", "maximum: 3000"));
    assert_ne!(same, in_file("contracts/release-stock", "maxLength: 40", "maxLength: 50"));
    assert_ne!(same, in_file("aggregates/stock", "left: 100", "left: 99"));
}

/// A run that only asks can be begun again; one that changes something or waits, itself or by whom it calls, is kept.
#[test]
fn what_must_outlive_the_process_is_durable() {
    #[track_caller]
    fn durable(inner: &str, expected: bool) {
        let outer =
            "steps:\n  - {call: inner, with: {orderId: a, total: 1, lines: []}, catch: {rejected: []}}\n";
        let inner = format!("steps:\n  - {inner}\n");
        let report = check(&system(&[("inner", &inner), ("outer", outer)]));
        let workflows = report.system.unwrap_or_else(|| panic!("{:?}", report.diagnostics)).workflows;
        assert_eq!((workflows["inner"].durable, workflows["outer"].durable), (expected, expected), "{inner}");
    }
    durable("call: guess", false);
    durable("{parallel: {a: [{call: guess}], b: [{call: guess}]}, wait: any}", false);
    durable("wait: 1s", true);
    durable("{if: input.total > 1, then: [{wait: 1s}]}", true);
    durable("{call: deliver, with: {orderId: a}, catch: {forbidden: [], requirement-failed: []}}", true);
}
