//! Relations: a second call follows from a first, and the answers to both have to do with each other.

use mote_expr::Value;
use mote_verify::{Fault, Stage, Subject};

use super::rejections::same;
use super::system::{Native, guests, law_of, ok, place, run, signed, text};

/// The weights of parcels: their sum, and the heaviest.
const WEIGH: &str = r#"
contract: weigh
kind: function
input:
  type: object
  required: [parcels]
  properties: {parcels: {type: array, minItems: 1, maxItems: 5, items: {type: integer, minimum: 1, maximum: 99}}}
output:
  type: object
  required: [sum, sorted]
  properties:
    sum: {type: integer, minimum: 0, maximum: 999}
    sorted: {type: array, maxItems: 5, items: {type: integer, minimum: 1, maximum: 99}}
relations:
  order-free: {permute: input.parcels, same: [output.sum, output.sorted]}
verify: {cases: 100}
"#;

fn weigh(more: &str, service: impl Fn(&[i64]) -> (i64, Vec<i64>) + Sync) -> (Stage, Fault, String) {
    let law = law_of(&[("contracts/weigh.yaml", format!("{WEIGH}{more}"))], "weigh");
    let subject = Native(|call: &Value| {
        let parcels = call.field("input").and_then(|input| input.field("parcels")?.as_list()).unwrap();
        let parcels: Vec<i64> = parcels.iter().map(|parcel| parcel.as_int().unwrap()).collect();
        let (sum, sorted) = service(&parcels);
        let sorted = Value::list(sorted.into_iter().map(Value::Int));
        ok(Value::object([("sum", Value::Int(sum)), ("sorted", sorted)]), vec![])
    });
    let verification = run(&law, &subject);
    match verification.rejection() {
        None => {
            assert!(verification.figures().related > 10);
            (Stage::Sealed, Fault::Service, String::new())
        }
        Some(rejection) => {
            let shown: Vec<String> = rejection.counterexamples.iter().map(ToString::to_string).collect();
            (rejection.stage, rejection.fault, shown.join("\n"))
        }
    }
}

fn sorted(parcels: &[i64]) -> Vec<i64> {
    let mut sorted = parcels.to_vec();
    sorted.sort_unstable();
    sorted
}

#[test]
fn an_answer_that_depends_on_the_order_is_the_services_fault() {
    let right = weigh("", |parcels| (parcels.iter().sum(), sorted(parcels)));
    assert_eq!(right.2, "");
    let (stage, fault, shown) =
        weigh("", |parcels| (parcels.iter().sum::<i64>() + parcels[0], sorted(parcels)));
    assert_eq!((stage, fault), (Stage::Relations, Fault::Service));
    same(
        &shown,
        r#"
relations/order-free: in another order, `output.sum` is another
  where    output.sum is 5
  where    output.sum in another order is 4
  input    {"parcels":[2,1]}
  passes   with /input/parcels/0 = 1
"#,
    );
}

#[test]
fn what_is_unordered_may_come_in_another_order() {
    let service = |parcels: &[i64]| (parcels.iter().sum(), parcels.to_vec());
    assert_eq!(weigh("", service).0, Stage::Relations);
    assert_eq!(weigh("unordered: [output.sorted]", service).2, "");
}

#[test]
fn a_contract_that_refuses_another_order_contradicts_its_relation() {
    let requires = "requires: {light-first: \"input.parcels == input.parcels.sort()\"}";
    let (stage, fault, shown) = weigh(requires, |parcels| (parcels.iter().sum(), sorted(parcels)));
    assert_eq!((stage, fault), (Stage::Relations, Fault::Contract));
    same(
        &shown,
        r#"
relations/order-free: in another order, the contract refuses it by `requires/light-first`
  input    {"parcels":[1,2]}
  passes   with /input/parcels/1 = 1
"#,
    );
}

/// Signing the guestbook, twice.
fn sign_twice(relation: &str, condition: &str, service: &dyn Subject) -> Option<(Stage, Fault, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let contract = read("contracts/sign-guestbook.yaml").replace("input.guest in state.guests", condition);
    let contract = contract.split("examples:").next().unwrap().to_owned()
        + &format!("relations: {{again: {relation}}}\nverify: {{cases: 60, strength: 0}}\n");
    let files = [
        (
            "aggregates/guestbook.yaml",
            read("aggregates/guestbook.yaml").replace(
                "  nobody-twice: unique(state.guests)",
                "  few: size(state.guests) <= 99 || state.guests[0] == state.guests[0]",
            ),
        ),
        ("contracts/sign-guestbook.yaml", contract),
    ];
    let verification = run(&law_of(&files, "sign-guestbook"), service);
    let rejection = verification.rejection()?;
    let shown: Vec<String> = rejection.counterexamples.iter().map(ToString::to_string).collect();
    Some((rejection.stage, rejection.fault, shown.join("\n")))
}

#[test]
fn asking_again_ends_as_the_relation_says() {
    let right = Native(|call: &Value| {
        ok(place(call, guests(call) + 1), vec![signed(call, text(call, &["input", "guest"]))])
    });
    let twice = "input.guest in state.guests";
    assert_eq!(sign_twice("{repeat: already-signed}", twice, &right), None);
    let (stage, fault, shown) = sign_twice("{repeat: book-full}", twice, &right).unwrap();
    assert_eq!((stage, fault), (Stage::Relations, Fault::Contract));
    same(
        &shown,
        r#"
relations/again: asked again, the contract refuses it by `errors/already-signed`
  input    {"book":"a","guest":"a","message":""}
"#,
    );
}

/// A price that is set, and what it was before.
fn set_twice(relation: &str) -> Option<(Stage, Fault, String)> {
    let aggregate = r#"
aggregate: article
state: {type: object, required: [price], properties: {price: {type: integer, minimum: 0, maximum: 99}}}
initial: {price: 0}
events:
  PriceSet:
    data: {type: object, required: [price], properties: {price: {type: integer, minimum: 0, maximum: 99}}}
    evolve: {price: "${event.data.price}"}
"#;
    let contract = r#"
contract: set-price
kind: command
aggregate: article
key: ${input.sku}
input:
  type: object
  required: [sku, price]
  properties: {sku: {type: string, maxLength: 5}, price: {type: integer, minimum: 0, maximum: 99}}
output:
  type: object
  required: [price, before]
  properties:
    price: {type: integer, minimum: 0, maximum: 99}
    before: {type: integer, minimum: 0, maximum: 99}
emits: [PriceSet]
"#;
    let contract =
        format!("{contract}relations: {{again: {relation}}}\nverify: {{cases: 60, strength: 0}}\n");
    let files = [("aggregates/article.yaml", aggregate.to_owned()), ("contracts/set-price.yaml", contract)];
    let service = Native(|call: &Value| {
        let price = |part: &str| call.field(part).and_then(|part| part.field("price")).cloned().unwrap();
        let output = Value::object([("price", price("input")), ("before", price("state"))]);
        let data = Value::object([("price", price("input"))]);
        ok(output, vec![Value::object([("type", Value::text("PriceSet")), ("data", data)])])
    });
    let verification = run(&law_of(&files, "set-price"), &service);
    let rejection = verification.rejection()?;
    let shown: Vec<String> = rejection.counterexamples.iter().map(ToString::to_string).collect();
    Some((rejection.stage, rejection.fault, shown.join("\n")))
}

#[test]
fn asking_again_gives_the_same_where_the_relation_says_so() {
    assert_eq!(set_twice("{repeat: success, same: [output.price, events.PriceSet.price]}"), None);
    let (stage, fault, shown) = set_twice("{repeat: success, same: [output.before]}").unwrap();
    assert_eq!((stage, fault), (Stage::Relations, Fault::Service));
    same(
        &shown,
        r#"
relations/again: asked again, `output.before` is another
  where    output.before is 0
  where    output.before asked again is 1
  input    {"price":1,"sku":""}
  passes   with /input/price = 0
"#,
    );
}
