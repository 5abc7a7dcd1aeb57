//! A contract is measured by the wrong answers it would have accepted: each rule that is left out
//! opens the hole that it closed, and the hole is told with a rule that closes it.

use mote_expr::Value;
use mote_verify::{Fault, Plan, Seed, Stage, Strength, Verification, verify};

use super::ordering::{Placing, RULES, place_order};
use super::rejections::same;
use super::system::{Native, greet, law_of, ok};

/// What a contract asks for that says nothing of it.
const STRONG: &str = "";

/// The verification of the contract with these rules.
fn placing(rules: &[(&str, &str)], more: &str) -> Verification {
    let plan = Plan { cases: 100, seed: Seed::from(1), threads: 2 };
    verify(&place_order(rules, more), &Placing, &plan, &|_| ())
}

fn strength(verification: &Verification) -> &Strength {
    verification.figures().strength.as_ref().unwrap_or_else(|| panic!("{:#?}", verification.rejection()))
}

fn without(rule: &str) -> Vec<(&'static str, &'static str)> {
    RULES.iter().filter(|(name, _)| *name != rule).copied().collect()
}

#[test]
fn all_rules_refuse_all_wrong_answers() {
    let verification = placing(RULES, STRONG);
    assert_eq!(verification.rejection(), None);
    let strength = strength(&verification);
    assert_eq!((strength.holes.len(), strength.share()), (0, 1.0));
    assert_eq!(strength.loose().collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(strength.idle_rules(&place_order(RULES, STRONG)), Vec::<&str>::new());
    assert_eq!(
        strength.summary(),
        "strength 87/87 outside examples (regions 778/778, 102 unreached) · holes 0 · waived 0 · pinned 25/25"
    );
}

#[test]
fn each_rule_that_is_left_out_opens_the_hole_that_it_closed() {
    let mut table = String::new();
    for (rule, _) in RULES {
        let verification = placing(&without(rule), "verify: {strength: 0}\n");
        assert!(verification.passed(), "{:#?}", verification.rejection());
        for hole in &strength(&verification).holes {
            let wheres =
                if hole.region.is_empty() { String::new() } else { format!(" where {}", hole.region) };
            let count = hole.mutants.len();
            let rule = hole.suggestion.as_deref().unwrap_or("-");
            table += &format!("  {}{wheres} ({count})  try {rule}\n", hole.element);
        }
        table = table.replace("\n\n", "\n") + &format!("^ without {rule}\n");
    }
    same(
        table.trim_end(),
        r#"
  output.total (2)  try output.total == output.shipping - output.discount + output.subtotal
^ without adds-up
  events (2)  try events.map(l, l.type) == ['OrderPlaced']
^ without one-event
  output.subtotal (3)  try output.subtotal == sum(input.lines.map(l, l.quantity * l.unitPrice))
^ without subtotal
  events.OrderPlaced.total (5)  try events.all(e, e.data.total == output.total)
^ without recorded-total
  output.status (1)  try output.status == 'placed'
^ without placed
  output.pieces (5)  try output.pieces == sum(input.lines.map(l, l.quantity))
^ without pieces
^ without as-many-lines
  output.discount (3)  try -
^ without discount
  output.shipping (3)  try -
  input.shipping (1)  try -
^ without shipping
  output.lines[].sku (3)  try output.lines.map(l, l.sku) == input.lines.map(l, l.sku)
^ without skus
  output.lines[].amount (5)  try output.lines.map(l, l.amount) == input.lines.map(l, l.quantity * l.unitPrice)
^ without amounts
  events.OrderPlaced.lines (5)  try events.all(e, e.data.lines == input.lines)
  events.OrderPlaced.lines[].quantity (4)  try events.all(e, e.data.lines == input.lines)
  events.OrderPlaced.lines[].sku (2)  try events.all(e, e.data.lines == input.lines)
  events.OrderPlaced.lines[].unitPrice (4)  try events.all(e, e.data.lines == input.lines)
^ without recorded-lines
  events.OrderPlaced.customer (2)  try events.all(e, e.data.customer == input.customer)
  input.customer (1)  try events.all(e, e.data.customer == input.customer)
^ without recorded-who
  events.OrderPlaced.coupon (2)  try events.all(e, e.data.coupon == input.coupon)
^ without recorded-coupon
"#,
    );
    // That there are as many lines follows from what they are: the measurement says that it may go.
    let verification = placing(RULES, STRONG);
    let removable = strength(&verification).rules.iter().filter(|rule| rule.alone == 0);
    assert_eq!(removable.map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["as-many-lines"]);
}

#[test]
fn a_weak_contract_is_the_contracts_fault_and_says_why() {
    let verification = placing(&without("one-event"), STRONG);
    let rejection = verification.rejection().unwrap();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Strength, Fault::Contract));
    assert_eq!(
        rejection.unreached,
        ["an outcome, an event or the state is not pinned: `none@events`, `twice@events`"]
    );
    let holes: Vec<String> = strength(&verification).holes.iter().map(ToString::to_string).collect();
    same(
        &holes.join("\n"),
        r#"
HOLE events: none at all, or the last one twice would have been accepted
  state    {"status":"none","total":0}
  input    {"coupon":"none","customer":"c","lines":[{"quantity":12,"sku":"k","unitPrice":71035}],"orderId":"9627ap2","shipping":"pickup"}
  right    events are [{"data":{"coupon":"none","customer":"c","lines":[{"quantity":12,"sku":"k","unitPrice":71035}],"total":852420},"type":"OrderPlaced"}]
  wrong    events are []
  rules    recorded-total, recorded-lines, recorded-who, recorded-coupon
  try      events.map(l, l.type) == ['OrderPlaced']
  accept   - {mutant: "none@events", for: txgwktmj, by: …, reason: …}
             "twice@events"
"#,
    );
}

#[test]
fn a_contract_without_rules_is_told_so() {
    let verification = placing(&[], STRONG);
    let strength = strength(&verification);
    let loud =
        "`place-order` has no rule under `ensures`: it promises a shape, and refuses 5 of 87 wrong answers";
    assert_eq!(
        verification.rejection().unwrap().unreached,
        [
            loud,
            "an outcome, an event or the state is not pinned: `to-none@events.OrderPlaced.coupon`, \
             `to-TEN@events.OrderPlaced.coupon`, `append@events.OrderPlaced.customer`, \
             `other@events.OrderPlaced.customer`, …",
            "the contract tells 5 of 87 wrong answers from right ones: 5 %, and 95 % is asked for",
            "with wrong answers in one region of the inputs alone, 7 %: 85 % is the least",
        ]
    );
    assert_eq!(strength.warnings(&place_order(&[], STRONG)), [loud]);
}

#[test]
fn every_suggested_rule_compiles_and_closes_its_hole() {
    let law = place_order(&[], "verify: {strength: 0}\n");
    let verification = placing(&[], "verify: {strength: 0}\n");
    let mut suggested: Vec<String> =
        strength(&verification).holes.iter().filter_map(|hole| hole.suggestion.clone()).collect();
    suggested.dedup();
    assert!(suggested.len() >= 10, "{suggested:#?}");
    for rule in &suggested {
        law.rule("suggested", rule).unwrap_or_else(|error| panic!("{rule}: {error:?}"));
    }
    // Typed in together, they leave only what no equality can say: what depends on a condition.
    let names: Vec<String> = (0..suggested.len()).map(|at| format!("rule-{at}")).collect();
    let rules: Vec<(&str, &str)> =
        names.iter().zip(&suggested).map(|(name, rule)| (name.as_str(), rule.as_str())).collect();
    let verification = placing(&rules, "verify: {strength: 0}\n");
    let left: Vec<&str> = strength(&verification).holes.iter().map(|hole| hole.element.as_str()).collect();
    assert_eq!(left, ["output.discount", "output.total", "input.shipping"]);
}

#[test]
fn what_builders_were_shown_does_not_count() {
    // Every recording is one that an example decides.
    let contract = r#"
contract: flag
kind: function
input: {type: object, required: [on], properties: {on: {type: boolean}}}
output: {type: object, required: [off], properties: {off: {type: boolean}}}
examples:
  it-is-on: {input: {on: true}, then: {output: {off: false}}}
  it-is-off: {input: {on: false}, then: {output: {off: true}}}
"#;
    let law = law_of(&[("contracts/flag.yaml", contract.to_owned())], "flag");
    let flip = |call: &Value| {
        let on = call.field("input").and_then(|input| input.field("on")?.as_bool()).unwrap();
        ok(Value::object([("off", Value::Bool(!on))]), vec![])
    };
    let plan = Plan { cases: 50, seed: Seed::from(1), threads: 1 };
    let verification = verify(&law, &Native(flip), &plan, &|_| ());
    assert_eq!(verification.rejection(), None);
    assert_eq!((strength(&verification).recordings, strength(&verification).killed), (0, 0));
}

#[test]
fn the_figures_do_not_depend_on_the_number_of_threads() {
    let figures = |threads| {
        let plan = Plan { cases: 60, seed: Seed::from(3), threads };
        let law = place_order(&without("pieces"), "");
        verify(&law, &Placing, &plan, &|_| ()).figures().clone()
    };
    assert_eq!(figures(1), figures(4));
}

mod waivers {
    use super::*;

    /// The contract without the rule about pieces, with what is accepted of it.
    fn accepting(accept: &str) -> Verification {
        placing(&without("pieces"), &format!("verify: {{strength: 1, accept: [{accept}]}}\n"))
    }

    fn waiver(mutant: &str, covers: &str) -> String {
        format!("{{mutant: \"{mutant}\", for: {covers}, by: ada, reason: nobody looks}}")
    }

    /// What a waiver of this hole is bound to.
    fn covers(verification: &Verification) -> String {
        strength(verification).holes[0].mutants[0].covers.clone()
    }

    #[test]
    fn a_waived_hole_does_not_count() {
        let open = accepting("");
        let mutants: Vec<String> = strength(&open).holes[0]
            .mutants
            .iter()
            .map(|mutant| waiver(&mutant.id, &mutant.covers))
            .collect();
        let waived = accepting(&mutants.join(", "));
        assert_eq!(waived.rejection(), None);
        assert_eq!((strength(&waived).waived, strength(&waived).holes.len()), (mutants.len() as u64, 0));
    }

    #[test]
    fn a_waiver_of_what_has_changed_has_expired() {
        let covered = covers(&accepting(""));
        let rejection = accepting(&waiver("+1@output.pieces", "changed")).rejection().unwrap().clone();
        let expired = format!(
            "the waiver of `+1@output.pieces` has expired: it was given for changed, and what it is about is \
             now {covered}; look at it again, then write `for: {covered}`, or leave it out"
        );
        assert!(rejection.unreached.contains(&expired), "{:#?}", rejection.unreached);
    }

    #[test]
    fn a_waiver_that_names_nothing_or_nothing_open_is_refused() {
        let rejection = accepting(&waiver("+1@output.peices", "changed")).rejection().unwrap().clone();
        let nothing = "`accept` names `+1@output.peices`, which is no way to be wrong; did you mean `+1@output.pieces`?";
        assert!(rejection.unreached.iter().any(|why| why == nothing), "{:#?}", rejection.unreached);
    }
}

#[test]
fn what_is_free_or_unordered_is_no_hole() {
    let rules = &without("amounts");
    let without_rule = placing(rules, "verify: {strength: 0}\n");
    let elements = |verification: &Verification| {
        let holes = &strength(verification).holes;
        holes.iter().map(|hole| hole.element.clone()).collect::<Vec<_>>()
    };
    assert_eq!(elements(&without_rule), ["output.lines[].amount"]);
    let free = placing(rules, "verify: {strength: 0}\nfree: ['output.lines[].amount']\n");
    assert_eq!(elements(&free), Vec::<String>::new());

    let rules: Vec<_> =
        RULES.iter().filter(|(name, _)| !["skus", "amounts"].contains(name)).copied().collect();
    let reversed = |verification: &Verification| {
        let mutants = strength(verification).holes.iter().flat_map(|hole| &hole.mutants);
        mutants.filter(|mutant| mutant.id == "reverse@output.lines").count()
    };
    assert_eq!(reversed(&placing(&rules, "verify: {strength: 0}\n")), 1);
    assert_eq!(reversed(&placing(&rules, "verify: {strength: 0}\nunordered: [output.lines]\n")), 0);
}

#[test]
fn what_is_free_or_unordered_may_differ_from_an_example() {
    let contract = |more: &str| {
        let text = format!(
            r#"
contract: split
kind: function
input: {{type: object}}
output:
  type: object
  required: [parts, note]
  properties:
    parts: {{type: array, maxItems: 3, items: {{type: integer, minimum: 0, maximum: 9}}}}
    note: {{type: string, maxLength: 9}}
examples:
  one: {{input: {{}}, then: {{output: {{parts: [1, 2], note: as wished}}}}}}
{more}
"#
        );
        law_of(&[("contracts/split.yaml", text)], "split")
    };
    let parts = || Value::list([Value::Int(2), Value::Int(1)]);
    let answer =
        Native(|_: &Value| ok(Value::object([("parts", parts()), ("note", Value::text("other"))]), vec![]));
    let plan = Plan { cases: 10, seed: Seed::from(1), threads: 1 };
    let stage = |more| {
        let verification = verify(&contract(more), &answer, &plan, &|_| ());
        verification.rejection().map(|rejection| rejection.stage)
    };
    assert_eq!(stage(""), Some(Stage::Examples));
    assert_eq!(stage("free: [output.note]"), Some(Stage::Examples));
    assert_eq!(stage("free: [output.note]\nunordered: [output.parts]"), None);
}

#[test]
fn a_rule_that_refuses_nothing_is_named() {
    let rules: Vec<_> =
        RULES.iter().copied().chain([("not-negative", "output.total + 1 > output.total")]).collect();
    let verification = placing(&rules, "");
    let law = place_order(&rules, "");
    assert_eq!(
        strength(&verification).warnings(&law),
        ["the rule `not-negative` refused no wrong answer: it may say nothing, or nothing new"]
    );
}

#[test]
fn an_error_that_the_code_may_raise_at_will_is_a_hole() {
    let contract = r#"
contract: greet
kind: function
input: {type: object, required: [name], properties: {name: {type: string, minLength: 1, maxLength: 20}, language: {enum: [en], default: en}}}
output:
  type: object
  required: [greeting, length]
  properties: {greeting: {type: string, maxLength: 60}, length: {type: integer, minimum: 1, maximum: 60}}
errors: [{code: not-today}]
ensures:
  exactly: "output.greeting == 'Hello, ' + input.name + '!'"
  counted: size(output.greeting) == output.length
"#;
    let law = law_of(&[("contracts/greet.yaml", contract.to_owned())], "greet");
    let plan = Plan { cases: 100, seed: Seed::from(1), threads: 1 };
    let verification = verify(&law, &Native(greet), &plan, &|_| ());
    assert_eq!(verification.rejection().map(|rejection| rejection.stage), Some(Stage::Strength));
    let holes: Vec<String> = strength(&verification).holes.iter().map(ToString::to_string).collect();
    same(
        &holes.join("\n"),
        r#"
HOLE errors.not-today: this error in place of a success would have been accepted
  input    {"language":"en","name":"etos"}
  right    output.greeting is "Hello, etos!"
  wrong    the error `not-today`
  rules    none mentions it
  try      errors: - {code: not-today, if: …}   # with `if` the host decides, and nobody else
  accept   - {mutant: "raised@errors.not-today", for: ktpgipid, by: …, reason: …}
"#,
    );
}

/// What `mote new` and `mote add` begin with is strong enough to serve.
mod templates {
    use super::*;

    #[track_caller]
    fn check<'f>(files: &[(&'f str, &str)], name: &str, service: impl Fn(&Value) -> Value + Sync) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates");
        let read = |(path, template): &(&'f str, &str)| {
            let text = std::fs::read_to_string(root.join(template)).unwrap();
            let words = [("{{ name }}", name), ("{{ aggregate }}", "notebook"), ("{{ event }}", "NoteTaken")];
            (*path, words.iter().fold(text, |text, (from, to)| text.replace(from, to)))
        };
        let files: Vec<(&str, String)> = files.iter().map(read).collect();
        let plan = Plan { cases: 100, seed: Seed::from(1), threads: 2 };
        let verification = verify(&law_of(&files, name), &Native(service), &plan, &|_| ());
        let holes = verification.figures().strength.as_ref().map(|strength| &strength.holes);
        assert_eq!((verification.rejection(), holes), (None, Some(&Vec::new())));
    }

    fn input(call: &Value, field: &str) -> Value {
        call.field("input").and_then(|input| input.field(field)).cloned().unwrap()
    }

    fn state(call: &Value, field: &str) -> Value {
        call.field("state").and_then(|state| state.field(field)).cloned().unwrap()
    }

    fn output(field: &str, value: Value, events: Vec<Value>) -> Value {
        ok(Value::object([(field, value)]), events)
    }

    #[test]
    fn of_a_system() {
        let files = [("contracts/split-bill.yaml", "system/contracts/split-bill.yaml")];
        check(&files, "split-bill", |call| {
            let (cents, people) =
                (input(call, "cents").as_int().unwrap(), input(call, "people").as_int().unwrap());
            let share = |person: i64| Value::Int(cents / people + i64::from(person < cents % people));
            output("shares", Value::list((0..people).map(share)), vec![])
        });
        let files = [
            ("contracts/pay-in.yaml", "system/contracts/pay-in.yaml"),
            ("aggregates/purse.yaml", "system/aggregates/purse.yaml"),
        ];
        check(&files, "pay-in", |call| {
            let data = Value::object([("who", input(call, "who")), ("cents", input(call, "cents"))]);
            let cents = input(call, "cents").as_int().unwrap() + state(call, "cents").as_int().unwrap();
            let paid = Value::object([("type", Value::text("PaidIn")), ("data", data)]);
            output("cents", Value::Int(cents), vec![paid])
        });
    }

    #[test]
    fn of_an_operation() {
        let function = [("contracts/repeat.yaml", "operation/function.yaml")];
        check(&function, "repeat", |call| output("text", input(call, "text"), vec![]));
        let aggregate = ("aggregates/notebook.yaml", "operation/aggregate.yaml");
        check(
            &[aggregate, ("contracts/take-note.yaml", "operation/command-of-new.yaml")],
            "take-note",
            |call| {
                let count = state(call, "notes").as_list().unwrap().len() as i64 + 1;
                let data = Value::object([("note", input(call, "note"))]);
                let taken = Value::object([("type", Value::text("NoteTaken")), ("data", data)]);
                output("count", Value::Int(count), vec![taken])
            },
        );
        check(&[aggregate, ("contracts/look-up.yaml", "operation/command.yaml")], "look-up", |call| {
            output("id", input(call, "id"), vec![])
        });
    }
}
