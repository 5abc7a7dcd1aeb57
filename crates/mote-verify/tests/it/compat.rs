//! What breaks from one contract to the next, and what does not: each case is an edit of the same contract.

use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Value;
use mote_verify::{Comparison, Seed, Subject, compare};

use super::system::{Native, law_of, ok};

const CELLAR: &str = r#"
aggregate: cellar
state: {type: object, required: [bottles], properties: {bottles: {type: integer, minimum: 0, maximum: 50}}}
initial: {bottles: 0}
events:
  Stored:
    data: {type: object, required: [bottles, label], properties: {bottles: {type: integer, minimum: 1, maximum: 9}, label: {type: string, maxLength: 8}}}
    evolve: {bottles: "${state.bottles + event.data.bottles}"}
  Sealed: {data: {type: object}}
"#;

const STORE: &str = r#"
contract: store
version: 1.2.0
kind: command
aggregate: cellar
key: ${input.cellar}
triggers: [{http: "POST /cellars/{cellar}", status: 201}]
input:
  type: object
  required: [cellar, bottles]
  properties:
    cellar: {type: string, minLength: 1, maxLength: 4}
    bottles: {type: integer, minimum: 1, maximum: 9}
    label: {type: string, maxLength: 8, default: red}
    kind: {enum: [still, sparkling]}
output:
  type: object
  required: [bottles, place]
  properties:
    bottles: {type: integer, minimum: 0, maximum: 50}
    place: {type: integer, minimum: 1, maximum: 3}
    note: {type: string, maxLength: 9}
emits: [Stored]
requires: {named: "input.cellar != 'none'"}
errors:
  - {code: full, if: state.bottles + input.bottles > 50, status: 409}
  - {code: corked, status: 422}
ensures:
  counted: output.bottles == state.bottles + input.bottles
  recorded: "events == [{'type': 'Stored', 'data': {'bottles': input.bottles, 'label': input.label}}]"
budget: {fuel: 2000}
"#;

fn law(cellar: &str, store: &str) -> Arc<Law> {
    let files = [("aggregates/cellar.yaml", cellar.to_owned()), ("contracts/store.yaml", store.to_owned())];
    law_of(&files, "store")
}

fn field<'v>(call: &'v Value, part: &str, name: &str) -> &'v Value {
    call.field(part).and_then(|part| part.field(name)).unwrap()
}

/// Stores as version 1.2.0 promises.
fn store(call: &Value) -> Value {
    let bottles =
        field(call, "state", "bottles").as_int().unwrap() + field(call, "input", "bottles").as_int().unwrap();
    let data = [
        ("bottles", field(call, "input", "bottles").clone()),
        ("label", field(call, "input", "label").clone()),
    ];
    let event = Value::object([("type", Value::text("Stored")), ("data", Value::object(data))]);
    ok(Value::object([("bottles", Value::Int(bottles)), ("place", Value::Int(2))]), vec![event])
}

fn edited(text: &str, edit: (&str, &str)) -> String {
    assert!(text.contains(edit.0), "there is no {:?}", edit.0);
    text.replacen(edit.0, edit.1, 1)
}

fn compared(cellar: (&str, &str), contract: (&str, &str), subject: Option<&dyn Subject>) -> Comparison {
    let before = law(CELLAR, STORE);
    let now = law(&edited(CELLAR, cellar), &edited(STORE, contract));
    compare(&before, &now, subject, &Seed::from(1))
}

fn lines(comparison: &Comparison) -> String {
    let line = |change: &mote_verify::Change| {
        let mark = if change.breaking { "breaks" } else { "keeps" };
        format!("{mark} {}\n", change.to_string().replace("\n  such as ", "; such as"))
    };
    comparison.changes.iter().map(line).collect()
}

/// What is said of an edit of the contract, while the service stays as it is.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let comparison = compared(("", ""), (from, to), Some(&Native(store)));
    assert_eq!(lines(&comparison).trim(), expected.trim(), "\n{}", lines(&comparison));
    assert_eq!(comparison.versioned().is_err(), comparison.breaks());
}

/// What is said of an edit of the aggregate.
#[track_caller]
fn check_cellar(from: &str, to: &str, expected: &str) {
    let comparison = compared((from, to), ("", ""), Some(&Native(store)));
    assert_eq!(lines(&comparison).trim(), expected.trim(), "\n{}", lines(&comparison));
}

#[test]
fn an_input_may_take_more_and_not_less() {
    check(
        "maximum: 9}\n    label",
        "maximum: 20}\n    label",
        r#"keeps input: /bottles was 1 to 9, is 1 to 20"#,
    );
    check(
        "enum: [still, sparkling]",
        "enum: [still, sparkling, sweet]",
        r#"keeps input: /kind was never "sweet", is "sweet" too"#,
    );
    check(
        "    label:",
        "    shelf: {type: integer}\n    label:",
        r#"keeps input: /shelf was no field, is a field"#,
    );
    check("required: [cellar, bottles]", "required: [bottles, cellar, label]", "");
    check(
        "required: [cellar, bottles]",
        "required: [cellar, bottles, kind]",
        r#"breaks input: /kind was optional, is required; such as {"bottles":2,"cellar":"t"}"#,
    );
    check(
        "maximum: 9}\n    label",
        "maximum: 5}\n    label",
        r#"breaks input: /bottles was 1 to 9, is 1 to 5; such as {"bottles":7,"cellar":"&"}"#,
    );
    check(
        "enum: [still, sparkling]",
        "enum: [still]",
        r#"breaks input: /kind was "sparkling" too, is never "sparkling"; such as {"bottles":9,"cellar":"k","kind":"sparkling"}"#,
    );
    check(
        "minLength: 1, maxLength: 4",
        "pattern: \"^[a-z]+$\", maxLength: 4",
        r#"breaks input: /cellar was any text, is `^[a-z]+$`; such as {"bottles":4,"cellar":"2"}"#,
    );
    check(
        "kind: {enum: [still, sparkling]}",
        "kind: {type: boolean}",
        r#"
breaks input: /kind was "still" too, is never "still"; such as {"bottles":1,"cellar":"m","kind":"still"}
breaks input: /kind was "sparkling" too, is never "sparkling"
"#,
    );
    check(
        "    kind: {enum: [still, sparkling]}\n",
        "",
        r#"breaks input: /kind was a field, is no field; such as {"bottles":1,"cellar":"m","kind":"still"}"#,
    );
}

#[test]
fn an_output_may_hold_less_and_not_more() {
    check("maximum: 3}\n    note", "maximum: 2}\n    note", r#"keeps output: /place was 1 to 3, is 1 to 2"#);
    check(
        "maximum: 50}\n    place",
        "maximum: 60}\n    place",
        r#"breaks output: /bottles was 0 to 50, is 0 to 60; such as {"bottles":60,"place":3}"#,
    );
    check(
        "required: [bottles, place]",
        "required: [bottles]",
        r#"breaks output: /place was required, is optional; such as {"bottles":0}"#,
    );
    check(
        "required: [bottles, place]",
        "required: [bottles, place, note]",
        r#"
breaks ensures/counted: nobody can say whether it is kept: there is no answer of now to judge by it
breaks ensures/recorded: nobody can say whether it is kept: there is no answer of now to judge by it
keeps output: /note was optional, is required
"#,
    );
    check(
        "note: {type: string, maxLength: 9}",
        "note: {type: [string, \"null\"], maxLength: 9}",
        r#"breaks output: /note was never null, is nullable; such as {"bottles":0,"note":null,"place":1}"#,
    );
}

#[test]
fn errors_may_go_and_not_come() {
    check(
        "  - {code: corked, status: 422}",
        "  - {code: corked, status: 422}\n  - {code: cold, status: 422}",
        r#"breaks errors/cold: is new: callers do not handle it"#,
    );
    check(
        "code: corked, status: 422",
        "code: corked, status: 409",
        r#"breaks errors/corked: its status was 422, is 409"#,
    );
    check("  - {code: corked, status: 422}\n", "", r#"keeps errors/corked: is gone"#);
}

#[test]
fn rules_are_judged_by_what_happens() {
    check(
        "input.cellar != 'none'",
        "input.cellar != 'none' && input.bottles < 9",
        r#"breaks requires/named: refuses a call that was answered; such as {"given":[],"input":{"bottles":9,"cellar":"a","label":"red"}}"#,
    );
    check(
        "state.bottles + input.bottles > 50",
        "state.bottles + input.bottles > 40",
        r#"breaks errors/full: refuses a call that was answered; such as {"given":[{"data":{"bottles":9,"label":""},"type":"Stored"},{"data":{"bottles":1,"label":""},"type":"Stored"},{"data":{"bottles":6,"label":""},"type":"Stored"},{"data":{"bottles":3,"label":""},"type":"Stored"},{"data":{"bottles":1,"label":""},"type":"Stored"},{"data":{"bottles":5,"label":""},"type":"Stored"},{"data":{"bottles":3,"label":""},"type":"Stored"},{"data":{"bottles":2,"label":""},"type":"Stored"},{"data":{"bottles":9,"label":""},"type":"Stored"}],"input":{"bottles":2,"cellar":"a","label":"red"}}"#,
    );
    check(
        "key: ${input.cellar}",
        "key: c-${input.cellar}",
        r#"breaks key: the same call means another instance now; such as {"given":[],"input":{"bottles":1,"cellar":"a","label":"red"}}"#,
    );
    check(
        "counted: output.bottles == state.bottles + input.bottles",
        "counted: output.bottles >= input.bottles",
        r#"keeps ensures/counted: is not what it was, and 300 answers of now keep it"#,
    );
    check("ensures:\n", "ensures:\n  some: output.bottles > 0\n", r#"keeps ensures/some: is new"#);
}

/// A newer shape keeps what was stored readable, as far as it says how.
#[test]
fn an_older_shape_is_read_as_it_says() {
    let declared = "label: {type: string, maxLength: 8}}}";
    let newer = |was: &str, upcast: &str| {
        format!(
            "label: {{type: string, maxLength: 8}}, shelf: {{type: integer}}}}}}\n    version: 2\n    was: {{1: {{data: {{type: object, required: [bottles, label], properties: {{bottles: {{type: integer, minimum: 1, maximum: {was}}}, label: {{type: string, maxLength: 8}}}}}}, upcast: {upcast}}}}}"
        )
    };
    let upcast = r#"{bottles: "${event.data.bottles}", label: "${event.data.label}"}"#;
    let told = r#"breaks events/Stored: /shelf was no field, is a field; such as {"bottles":4,"label":"","shelf":1}"#;
    // Only who follows the events is let down.
    check_cellar(declared, &newer("9", upcast), told);
    check_cellar(
        declared,
        &newer("6", upcast),
        r#"breaks events/Stored: stored data could not be read: /bottles was 1 to 9, is 1 to 6; such as {"bottles":9,"label":""}"#,
    );
}

#[test]
fn what_is_around_a_call() {
    check("fuel: 2000", "fuel: 1000", r#"keeps budget/fuel: was 2000 units, is 1000 units"#);
    check("fuel: 2000", "fuel: 3000", r#"breaks budget/fuel: was 2000 units, is 3000 units"#);
    check(
        "status: 201",
        "status: 200",
        r#"breaks triggers: `POST /cellars/{cellar}` answered 201, answers 200"#,
    );
    check(
        "POST /cellars/{cellar}",
        "PUT /cellars/{cellar}",
        r#"
breaks triggers: `POST /cellars/{cellar}` is gone
keeps triggers: `PUT /cellars/{cellar}` is new
"#,
    );
    check("emits: [Stored]", "emits: [Stored, Sealed]", r#"keeps emits: `Sealed` is new"#);
    check(
        "requires:",
        "allow: \"'keeper' in caller.roles\"\nrequires:",
        r#"breaks allow: everybody could ask, now who `'keeper' in caller.roles`"#,
    );
}

#[test]
fn stored_events_stay_readable() {
    check_cellar(
        "label: {type: string, maxLength: 8}",
        "label: {type: string, maxLength: 20}",
        r#"breaks events/Stored: /label was 0 to 8 characters, is 0 to 20 characters; such as {"bottles":1,"label":"xenzckkuo"}"#,
    );
    check_cellar(
        "label: {type: string, maxLength: 8}",
        "label: {type: string, maxLength: 8}, shelf: {type: integer}",
        r#"breaks events/Stored: /shelf was no field, is a field; such as {"bottles":4,"label":"","shelf":1}"#,
    );
    check_cellar(
        "required: [bottles, label]",
        "required: [bottles]",
        r#"breaks events/Stored: /label was required, is optional; such as {"bottles":6}"#,
    );
    check_cellar(
        "  Sealed: {data: {type: object}}\n",
        "",
        r#"breaks events/Sealed: is gone: what was stored could no longer be read"#,
    );
}

#[test]
fn without_a_service_nobody_can_say_that_rules_are_kept() {
    let summary = ("version: 1.2.0", "version: 1.2.1");
    assert_eq!(lines(&compared(("", ""), summary, Some(&Native(store)))), "");
    let undecided = "nobody can say whether it is kept: there is no answer of now to judge by it";
    let expected = format!("breaks ensures/counted: {undecided}\nbreaks ensures/recorded: {undecided}\n");
    assert_eq!(lines(&compared(("", ""), summary, None)), expected);
}

#[test]
fn a_weaker_rule_is_found_out_by_a_service_that_uses_it() {
    let weaker = (
        "counted: output.bottles == state.bottles + input.bottles",
        "counted: output.bottles >= input.bottles",
    );
    let subject = Native(|call: &Value| {
        let text = store(call).to_string();
        let bottles = field(call, "state", "bottles").as_int().unwrap();
        // It tells of no more than ten, which the rule of now allows.
        let told = bottles + field(call, "input", "bottles").as_int().unwrap();
        let text = text.replace(
            &format!(r#""output":{{"bottles":{told}"#),
            &format!(r#""output":{{"bottles":{}"#, told.min(10)),
        );
        mote_expr::parse(text.as_bytes()).unwrap()
    });
    let comparison = compared(("", ""), weaker, Some(&subject));
    let change = &comparison.changes[0];
    assert_eq!((change.part.as_str(), change.breaking), ("ensures/counted", true));
    assert_eq!(change.message, "was promised, and an answer of now breaks it");
    assert_eq!(comparison.versioned().unwrap_err().write, "2.0.0");
}

#[test]
fn what_did_not_change_needs_no_trial() {
    let law = law(CELLAR, STORE);
    assert_eq!(compare(&law, &law, None, &Seed::from(1)).changes, []);
}

/// What is said of an error that told `before` and tells `now`.
#[track_caller]
fn check_data(before: &str, now: &str, expected: &str) {
    let with = |data: &str| {
        let error = "{code: full, if: state.bottles + input.bottles > 50, status: 409";
        law(CELLAR, &edited(STORE, (error, &format!("{error}{data}"))))
    };
    let comparison = compare(&with(before), &with(now), Some(&Native(store)), &Seed::from(1));
    assert_eq!(lines(&comparison).trim(), expected.trim(), "\n{}", lines(&comparison));
}

#[test]
fn the_data_of_errors() {
    let left = r#", data: {left: "${50 - state.bottles}", of: 50}"#;
    check_data(left, "", "breaks errors/full: carried data, carries none");
    check_data("", left, "keeps errors/full: carries data, carried none");
    check_data(left, r#", data: {left: "${ 50 - state.bottles }", of: 50}"#, "");
    check_data(
        left,
        r#", data: {left: "${50 - state.bottles}", where: "${input.cellar}"}"#,
        "
breaks errors/full/data/of: is gone
keeps errors/full/data/where: is new
",
    );
    check_data(
        left,
        r#", data: {left: "${input.cellar}", of: 60}"#,
        "
breaks errors/full/data/left: was an integer, is a string
breaks errors/full/data/of: was `50`, is `60`
",
    );
    check_data(
        left,
        r#", data: {left: "${49 - state.bottles}", of: 50}"#,
        "breaks errors/full/data/left: was `${50 - state.bottles}`, is `${49 - state.bottles}`",
    );
}

const BOTTLES: &str = r#"
view: bottles
row: {type: object, required: [label, bottles], properties: {label: {type: string, maxLength: 8}, bottles: {type: integer, minimum: 1, maximum: 9}}}
index: [label]
from:
  Stored: {key: "${event.data.label}", put: {label: "${event.data.label}", bottles: "${event.data.bottles}"}}
"#;

const LIST: &str = r#"
contract: list-bottles
kind: query
input: {type: object, required: [label], properties: {label: {type: string, maxLength: 8}, other: {type: string, maxLength: 8}}}
reads: {view: bottles, match: {label: "${input.label}"}, limit: 20}
output: {type: integer, minimum: 0, maximum: 1000}
ensures: {all: "output == sum(rows.map(r, r.bottles))"}
"#;

#[track_caller]
fn check_reads(from: &str, to: &str, expected: &str) {
    let law = |list: String| {
        let other = BOTTLES.replace("view: bottles", "view: shelves");
        let shelves = LIST.replace("list-bottles", "list-shelves").replace("view: bottles", "view: shelves");
        let files = [
            ("aggregates/cellar.yaml", CELLAR.to_owned()),
            ("views/bottles.yaml", BOTTLES.to_owned()),
            ("views/shelves.yaml", other),
            ("contracts/list-shelves.yaml", shelves),
            ("contracts/list-bottles.yaml", list),
        ];
        law_of(&files, "list-bottles")
    };
    let count = |call: &Value| {
        let rows = call.field("rows").and_then(Value::as_list).unwrap();
        let sum = rows.iter().map(|row| row.field("bottles").and_then(Value::as_int).unwrap()).sum();
        ok(Value::Int(sum), Vec::new())
    };
    let (before, now) = (law(LIST.to_owned()), law(edited(LIST, (from, to))));
    let comparison = compare(&before, &now, Some(&Native(count)), &Seed::from(1));
    assert_eq!(lines(&comparison).trim(), expected.trim(), "\n{}", lines(&comparison));
}

#[test]
fn what_is_read() {
    check_reads("limit: 20", "limit: 30", "keeps reads/limit: was `20`, is `30`");
    check_reads("limit: 20", "limit: 10", "breaks reads/limit: was `20`, is `10`");
    check_reads("view: bottles", "view: shelves", "breaks reads/view: was `bottles`, is `shelves`");
    check_reads(
        "limit: 20",
        "order: [label], page: {size: 20, after: \"${input.label}\"}",
        r#"
breaks reads/limit: was `20`, is gone
breaks reads/order: is new: `["label"]`
breaks reads/page/after: is new: `${input.label}`
breaks reads/page/size: is new: `20`
"#,
    );
    check_reads(
        "label: \"${input.label}\"",
        "label: red",
        r#"
breaks reads/match/label: was `${input.label}`, is `red`
breaks ensures/all: was promised, and an answer of now breaks it; such as {"given":[{"data":{"bottles":1,"label":"\t \t"},"type":"Stored"}],"input":{"label":"\t \t"}}
"#,
    );
}
