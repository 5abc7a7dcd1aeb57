//! What definitions mean in every kind of file, and what a release covers of them.

use mote_contract::{Event, Files, System, check};
use mote_expr::{Digest, Value, parse};

const FILES: [(&str, &str); 6] = [
    ("mote.yaml", "system: tested\n"),
    (
        "definitions/money/rates.yaml",
        "
definitions: rates
functions:
  tenth:
    takes: {n: {type: integer}}
    is: n / 10
  unused:
    takes: {n: {type: integer}}
    is: n / 3
",
    ),
    (
        "definitions/pricing.yaml",
        "
definitions: pricing
use: [rates]
functions:
  rebate:
    takes: {order: {$ref: ../aggregates/order.yaml#/state}, percent: {type: integer, minimum: 0, maximum: 100}}
    is: order.total / percent * tenth(10)
  doubled:
    takes: {n: {type: integer}}
    is: n * 2
",
    ),
    (
        "aggregates/order.yaml",
        "
aggregate: order
use: [pricing]
state: {type: object, required: [total], properties: {total: {type: integer, minimum: 0, maximum: 1000}}}
initial: {total: 0}
events:
  Placed: {data: {type: object, required: [n], properties: {n: {type: integer, minimum: 0, maximum: 500}}}, evolve: {total: \"${doubled(event.data.n)}\"}}
invariants: {even: doubled(state.total) % 4 == 0}
",
    ),
    (
        "views/orders.yaml",
        "
view: orders
use: [rates]
row: {type: object, required: [n], properties: {n: {type: integer}}}
index: [n]
from: {Placed: {key: \"${tenth(event.data.n)}\", put: {n: \"${tenth(event.data.n)}\"}}}
",
    ),
    (
        "contracts/place.yaml",
        "
contract: place
kind: command
aggregate: order
key: a
use: [pricing]
input: {type: object, required: [n, percent], properties: {n: {type: integer, minimum: 0, maximum: 500}, percent: {type: integer, minimum: 0, maximum: 100}}}
output: {$ref: ../aggregates/order.yaml#/state}
emits: [Placed]
let: {off: \"rebate(state, input.percent)\"}
errors: [{code: too-cheap, if: off > 400}]
ensures: {total: output.total == after.total}
",
    ),
];

/// The system of `FILES`, with `from` replaced by `to` in the file at `path`.
fn system(path: &str, from: &str, to: &str) -> System {
    let mut files = Files::new();
    for (at, text) in FILES {
        let text = if at == path { text.replacen(from, to, 1) } else { text.to_owned() };
        assert!(at != path || text.contains(to), "{path} has no {from}");
        files.add(at, text);
    }
    let report = check(&files);
    let problems: Vec<_> = report.diagnostics.iter().map(|found| found.message.clone()).collect();
    report.system.unwrap_or_else(|| panic!("{problems:?}"))
}

fn plain() -> System {
    system("mote.yaml", "tested", "tested")
}

#[test]
fn every_kind_of_file_calls_definitions() {
    let system = plain();
    let placed = Event { kind: "Placed".to_owned(), data: parse(br#"{"n": 30}"#).unwrap() };
    assert_eq!(system.aggregates["order"].replay([&placed]).unwrap().to_string(), r#"{"total":60}"#);
    assert_eq!(system.views["orders"].key(&placed).unwrap(), "3");
}

#[test]
fn an_error_in_a_definition_names_it_and_its_line() {
    let law = plain().laws["place"].clone();
    let before = law.nothing_before();
    let context = mote_contract::context("2026-01-01T00:00:00Z", "id", "ada", &[], Value::Null);
    let input = parse(br#"{"n": 1, "percent": 0}"#).unwrap();
    let situation = law.situation(&before, input, context).unwrap();
    let mote_contract::Decision::Refuse(refusal) = law.decide(&situation) else { panic!("it is called") };
    assert_eq!(
        refusal.detail,
        "the contract's own `errors/too-cheap` could not be evaluated: \
         `off`: `rebate` (definitions/pricing.yaml:5): division by zero"
    );
}

/// Which of the order, the view and the contract are other releases after the change.
#[track_caller]
fn changed(path: &str, from: &str, to: &str) -> [bool; 3] {
    let digests = |system: System| -> [Digest; 3] {
        [system.aggregates["order"].digest, system.views["orders"].digest, system.laws["place"].digest]
    };
    let (before, after) = (digests(plain()), digests(system(path, from, to)));
    [0, 1, 2].map(|at| before[at] != after[at])
}

#[test]
fn a_release_covers_what_it_calls_and_nothing_else() {
    let rates = "definitions/money/rates.yaml";
    let pricing = "definitions/pricing.yaml";
    let cases = [
        // Called by the view, and by a function that the contract calls.
        (rates, "is: n / 10", "is: n / 11", [false, true, true]),
        (
            rates,
            "takes: {n: {type: integer}}",
            "takes: {n: {type: integer, minimum: -5}}",
            [false, true, true],
        ),
        // Called by nobody.
        (rates, "is: n / 3", "is: n / 4", [false, false, false]),
        (rates, "unused:", "left:", [false, false, false]),
        // What it says of itself changes nothing.
        (rates, "tenth:", "tenth:\n    summary: A tenth.", [false, false, false]),
        // Called by the aggregate, whose release the contract is about.
        (pricing, "is: n * 2", "is: n + n", [true, false, true]),
        (pricing, "order.total / percent", "order.total / (percent * 1)", [false, false, true]),
        // A parameter's schema, and the output's.
        ("aggregates/order.yaml", "maximum: 1000", "maximum: 1001", [true, false, true]),
    ];
    for (path, from, to, expected) in cases {
        assert_eq!(changed(path, from, to), expected, "{path}: {from} becomes {to}");
    }
}
