//! Which rules determine an answer, what the answer is, and what others leave open: one table of
//! rules, one check.

use std::sync::Arc;

use mote_contract::{Files, Law, check, context};
use mote_expr::{Value, parse};

const BASE: [(&str, &str); 4] = [
    ("mote.yaml", "system: tested\n"),
    (
        "aggregates/account.yaml",
        "
aggregate: account
state: {type: object, required: [sum, open], properties: {sum: {type: integer, minimum: 0, maximum: 1000}, open: {type: boolean}}}
initial: {sum: 7, open: true}
events:
  Paid:
    data: {type: object, required: [n, by], properties: {n: {type: integer, minimum: 0, maximum: 100}, by: {type: string, maxLength: 200}, note: {type: string, maxLength: 10}}}
    evolve: {sum: \"${state.sum + event.data.n}\"}
  Closed:
    data: {type: object, properties: {}}
    evolve: {open: false}
",
    ),
    (
        "views/payments.yaml",
        "
view: payments
row: {type: object, required: [by, n], properties: {by: {type: string, maxLength: 200}, n: {type: integer}}}
index: [by]
from: {Paid: {key: \"${event.data.by}\", put: {by: \"${event.data.by}\", n: \"${event.data.n}\"}}}
",
    ),
    (
        "definitions/shapes.yaml",
        "
definitions: shapes
functions:
  doubled: {takes: {n: {type: integer}}, is: n * 2}
  is: {takes: {a: {type: integer}, b: {type: integer}}, is: a == b}
  both:
    takes: {o: {type: object, required: [a, b], properties: {a: {type: integer}, b: {type: integer}}}, n: {type: integer}}
    is: o.a == n && is(o.b, doubled(n))
",
    ),
];

const INPUT: &str = "{type: object, required: [n, list], properties: {n: {type: integer, minimum: 0, maximum: 100}, list: {type: array, maxItems: 5, items: {type: integer, minimum: 0, maximum: 9}}, opt: {type: string, maxLength: 10}}}";

/// The law of a command, or of a query of the view, with this `output` and these further lines.
fn law(kind: &str, output: &str, rules: &str) -> Result<Arc<Law>, Vec<String>> {
    let mut files = Files::new();
    for (path, text) in BASE {
        files.add(path, text);
    }
    let head = match kind {
        "command" => "kind: command\naggregate: account\nkey: a\nemits: [Paid, Closed]",
        "silent" => "kind: command\naggregate: account\nkey: a",
        "query" => "kind: query\nreads: {view: payments}",
        "page" => {
            "kind: query\nreads: {view: payments, order: [by], page: {size: 2, after: \"${input.opt}\"}}"
        }
        _ => "kind: function",
    };
    let input = if kind == "page" {
        INPUT.replace("maxLength: 10", "maxLength: 10, default: ''")
    } else {
        INPUT.to_owned()
    };
    let text = format!(
        "contract: derived\n{head}\nuse: [shapes]\nimplementation: contract\ninput: {input}\noutput: {output}\n{rules}\n"
    );
    files.add("contracts/derived.yaml", text);
    let report = check(&files);
    match report.system {
        Some(system) => Ok(system.laws["derived"].clone()),
        None => Err(report
            .diagnostics
            .iter()
            .filter(|found| found.severity == mote_contract::Severity::Error)
            .map(|found| {
                format!("{}: {} ({})", found.code, found.message, found.hint.as_deref().unwrap_or(""))
            })
            .collect()),
    }
}

/// What the rules answer to `{"n": 3, "list": [1, 2]}`, after ada has paid 5; or what they leave open.
fn answer(kind: &str, output: &str, rules: &str) -> String {
    let law = match law(kind, output, rules) {
        Ok(law) => law,
        Err(open) => return open.join("; "),
    };
    let paid =
        mote_contract::Event { kind: "Paid".to_owned(), data: parse(br#"{"n": 5, "by": "ada"}"#).unwrap() };
    let before = law.nothing_before();
    let before =
        if law.event_type("Paid").is_some() { law.with_event(&before, &paid).unwrap() } else { before };
    let input = law.admit(br#"{"n": 3, "list": [1, 2]}"#).unwrap().input;
    let context = context("2026-01-01T00:00:00Z", "id", "ada", &[], Value::Null);
    let situation = law.situation(&before, input, context).unwrap();
    let derived = law.derive(&situation).expect("its rules answer");
    assert_eq!(law.derive_call(&law.call(&situation)), Some(derived.clone()), "by the bytes of the call");
    match derived.and_then(|bytes| Ok((law.judge(&situation, &bytes)?, bytes))) {
        Ok((_, bytes)) => {
            let text = String::from_utf8(bytes).unwrap();
            text.strip_prefix("{\"ok\":").and_then(|text| text.strip_suffix('}')).unwrap().to_owned()
        }
        Err(refusal) => format!("{}: {}", refusal.outcome, refusal.detail),
    }
}

#[track_caller]
fn cases(table: &str) {
    let mut wrong = Vec::new();
    for case in table.split("\n---\n") {
        let (rules, expected) = case.split_once("\n=> ").unwrap();
        let (head, rules) = rules.trim_start().split_once('\n').unwrap_or((rules.trim(), ""));
        let (kind, output) = head.split_once(' ').unwrap();
        let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
        let found = answer(kind, output, rules);
        if found != expected.join(" ") {
            wrong.push(format!("{case}\nfound {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const AB: &str = "{type: object, required: [a, b], properties: {a: {type: integer}, b: {type: integer}}}";

#[test]
fn rules_that_leave_nothing_open_are_the_answer() {
    let table = include_str!("derive/determined.txt").replace("AB", AB);
    cases(&table);
}

#[test]
fn what_rules_leave_open_is_named() {
    let table = include_str!("derive/open.txt").replace("AB", AB);
    cases(&table);
}
