//! Services that are wrong on one side of a bound, each met by the search and not by chance.

use mote_expr::Value;
use mote_verify::{Fault, Stage, verify};

use super::rejections::same;
use super::shop::{at, int, laws, list, serve};
use super::system::{Native, law_of, ok, plan, text};

/// A contract, a service for it, and that service with one mistake in it.
struct Case {
    files: &'static [(&'static str, &'static str)],
    name: &'static str,
    /// How many generated cases do not meet the mistake.
    cases: u32,
    serve: fn(&Value, bool) -> Value,
    /// The boundaries that are reached, of all.
    reached: (u64, u64),
    expected: &'static str,
}

#[track_caller]
fn check(case: &Case) {
    let files: Vec<(&str, String)> =
        case.files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    let law = law_of(&files, case.name);
    let right = Native(|call: &Value| (case.serve)(call, false));
    let verification = verify(&law, &right, &plan(60, 2), &|_| ());
    assert_eq!(verification.rejection(), None);
    let found = verification.figures().boundaries.unwrap();
    assert_eq!((found.reached, found.total), case.reached, "{:#?}", verification.figures().unreached);

    let wrong = Native(|call: &Value| (case.serve)(call, true));
    let verification = verify(&law, &wrong, &plan(case.cases, 2), &|_| ());
    let rejection = verification.rejection().unwrap_or_else(|| panic!("it passed"));
    let shown: Vec<String> = rejection.counterexamples.iter().map(ToString::to_string).collect();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Boundaries, Fault::Service), "{shown:#?}");
    assert_eq!(verification.figures().generated, u64::from(case.cases), "all generated cases passed");
    same(&shown.join("\n"), case.expected);
}

const QUOTE: &str = r#"
contract: quote
kind: function
input:
  type: object
  required: [items]
  properties:
    coupon: {enum: [NONE, TEN]}
    items:
      type: array
      minItems: 1
      maxItems: 5
      items:
        type: object
        required: [quantity, unitPrice]
        properties:
          quantity: {type: integer, minimum: 1, maximum: 100}
          unitPrice: {type: integer, minimum: 1, maximum: 5000}
output: {type: object, required: [discount], properties: {discount: {type: integer, minimum: 0, maximum: 10000000}}}
let:
  subtotal: sum(input.items.map(i, i.quantity * i.unitPrice))
  ten: has(input.coupon) && input.coupon == 'TEN'
ensures:
  ten-percent: "output.discount == (ten && subtotal >= 10007 ? subtotal / 10 : 0)"
"#;

fn quote(call: &Value, wrong: bool) -> Value {
    let subtotal: i64 =
        list(call, "input/items").map(|item| int(item, "quantity") * int(item, "unitPrice")).sum();
    let enough = if wrong { subtotal > 10_007 } else { subtotal >= 10_007 };
    let ten = at(call, "input/coupon").as_text() == Some("TEN");
    ok(Value::object([("discount", Value::Int(if ten && enough { subtotal / 10 } else { 0 }))]), vec![])
}

/// Five thousand cases of chance do not meet it; the search does.
#[test]
fn a_threshold_on_a_sum_in_a_let() {
    check(&Case {
        files: &[("contracts/quote.yaml", QUOTE)],
        name: "quote",
        cases: 5_000,
        serve: quote,
        reached: (17, 17),
        expected: r#"
ensures/ten-percent: `ten-percent` is not true
  rule     output.discount == (ten && subtotal >= 10007 ? subtotal / 10 : 0)
  where    output.discount is 0
  where    ten && subtotal >= 10007 ? subtotal / 10 : 0 is 1000
  where    subtotal is 10007
  where    ten is true
  input    {"coupon":"TEN","items":[{"quantity":1,"unitPrice":5000},{"quantity":1,"unitPrice":4999},{"quantity":2,"unitPrice":4}]}
  got      {"ok":{"events":[],"output":{"discount":0}}}
  passes   with /input/items/0/unitPrice = 4999
"#,
    });
}

const PACK: &str = r#"
contract: pack
kind: function
input:
  type: object
  required: [boxes]
  properties:
    boxes:
      type: array
      maxItems: 3
      items:
        type: object
        required: [limit, weights]
        properties:
          limit: {type: integer, minimum: 3, maximum: 100000}
          weights: {type: array, maxItems: 4, items: {type: integer, minimum: 0, maximum: 1000000}}
output: {type: boolean}
ensures:
  holds: output == input.boxes.all(b, b.weights.all(w, w <= b.limit * 7))
"#;

fn pack(call: &Value, wrong: bool) -> Value {
    let holds = list(call, "input/boxes").all(|each| {
        let most = int(each, "limit") * 7;
        list(each, "weights").all(|weight| {
            let weight = weight.as_int().unwrap();
            if wrong { weight < most } else { weight <= most }
        })
    });
    ok(Value::Bool(holds), vec![])
}

#[test]
fn a_bound_in_a_nested_all() {
    check(&Case {
        files: &[("contracts/pack.yaml", PACK)],
        name: "pack",
        cases: 400,
        serve: pack,
        reached: (15, 15),
        expected: r#"
ensures/holds: `holds` is not true
  rule     output == input.boxes.all(b, b.weights.all(w, w <= b.limit * 7))
  where    output is false
  where    input.boxes.all(b, b.weights.all(w, w <= b.limit * 7)) is true
  input    {"boxes":[{"limit":3,"weights":[21]}]}
  got      {"ok":{"events":[],"output":false}}
  passes   with /input/boxes/0/weights/0 = 20
"#,
    });
}

const ACCOUNT: &str = r#"
aggregate: account
state: {type: object, required: [balance], properties: {balance: {type: integer, minimum: 0, maximum: 1000000}}}
initial: {balance: 0}
events:
  Paid:
    data: {type: object, required: [amount], properties: {amount: {type: integer, minimum: 1, maximum: 5000}}}
    evolve: {balance: "${state.balance + event.data.amount}"}
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
    account: {type: string, minLength: 1, maxLength: 5}
    amount: {type: integer, minimum: 1, maximum: 5000}
output: {type: object, required: [fee], properties: {fee: {type: integer, minimum: 0, maximum: 25}}}
emits: [Paid]
errors:
  - {code: too-rich, if: state.balance + input.amount > 100000, status: 409}
ensures:
  fee: "output.fee == (state.balance >= 7777 ? 0 : 25)"
  paid: "events == [{'type': 'Paid', 'data': {'amount': input.amount}}]"
"#;

fn pay(call: &Value, wrong: bool) -> Value {
    let balance = int(call, "state/balance");
    let free = if wrong { balance > 7_777 } else { balance >= 7_777 };
    let event = Value::object([
        ("type", Value::text("Paid")),
        ("data", Value::object([("amount", at(call, "input/amount"))])),
    ]);
    ok(Value::object([("fee", Value::Int(if free { 0 } else { 25 }))]), vec![event])
}

#[test]
fn a_bound_on_a_field_of_the_state() {
    check(&Case {
        files: &[("aggregates/account.yaml", ACCOUNT), ("contracts/pay.yaml", PAY)],
        name: "pay",
        cases: 60,
        serve: pay,
        reached: (10, 10),
        expected: r#"
ensures/fee: `fee` is not true
  rule     output.fee == (state.balance >= 7777 ? 0 : 25)
  where    output.fee is 25
  where    state.balance >= 7777 ? 0 : 25 is 0
  given    Paid {"amount":3893}
  given    Paid {"amount":3884}
  origin   made of events that the rules allow
  input    {"account":"a","amount":1}
  got      {"ok":{"events":[{"data":{"amount":1},"type":"Paid"}],"output":{"fee":25}}}
  passes   with /given/0/data/amount = 3892
"#,
    });
}

const LABEL: &str = r#"
contract: label
kind: function
input:
  type: object
  required: [text, country]
  properties:
    text: {type: string, maxLength: 200}
    country: {type: string, minLength: 2, maxLength: 2}
output:
  type: object
  required: [lines, customs]
  properties: {lines: {type: integer, minimum: 1, maximum: 2}, customs: {type: boolean}}
ensures:
  lines: "output.lines == (size(input.text) > 37 ? 2 : 1)"
  customs: "output.customs == !(input.country in ['AT', 'BE', 'DE', 'FR', 'NL'])"
"#;

fn label(call: &Value, most: usize, inside: &[&str]) -> Value {
    let long = text(call, &["input", "text"]).chars().count() > most;
    let customs = !inside.contains(&text(call, &["input", "country"]));
    let output = [("lines", Value::Int(if long { 2 } else { 1 })), ("customs", Value::Bool(customs))];
    ok(Value::object(output), vec![])
}

#[test]
fn a_bound_on_the_length_of_a_string() {
    check(&Case {
        files: &[("contracts/label.yaml", LABEL)],
        name: "label",
        cases: 100,
        serve: |call, wrong| label(call, if wrong { 38 } else { 37 }, &["AT", "BE", "DE", "FR", "NL"]),
        reached: (12, 12),
        expected: r#"
ensures/lines: `lines` is not true
  rule     output.lines == (size(input.text) > 37 ? 2 : 1)
  where    output.lines is 1
  where    size(input.text) > 37 ? 2 : 1 is 2
  input    {"country":"aa","text":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
  got      {"ok":{"events":[],"output":{"customs":true,"lines":1}}}
  passes   with /input/text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
"#,
    });
}

#[test]
fn an_item_of_a_list_that_is_written_out() {
    check(&Case {
        files: &[("contracts/label.yaml", LABEL)],
        name: "label",
        cases: 4,
        serve: |call, wrong| {
            let inside: &[&str] =
                if wrong { &["AT", "BE", "DE", "FR"] } else { &["AT", "BE", "DE", "FR", "NL"] };
            label(call, 37, inside)
        },
        reached: (12, 12),
        expected: r#"
ensures/customs: `customs` is not true
  rule     output.customs == !(input.country in ['AT', 'BE', 'DE', 'FR', 'NL'])
  where    output.customs is true
  where    !(input.country in ['AT', 'BE', 'DE', 'FR', 'NL']) is false
  input    {"country":"NL","text":""}
  got      {"ok":{"events":[],"output":{"customs":true,"lines":1}}}
  passes   with /input/country = "aL"
"#,
    });
}

const SEND: &str = r#"
contract: send
kind: function
input:
  type: object
  required: [parcels]
  properties:
    express: {type: boolean, default: false}
    parcels:
      type: array
      minItems: 1
      maxItems: 6
      items: {type: object, required: [grams], properties: {grams: {type: integer, minimum: 1, maximum: 15000}}}
output: {type: object, required: [price], properties: {price: {type: integer, minimum: 0, maximum: 100000}}}
let:
  grams: sum(input.parcels.map(p, p.grams))
  band: "grams <= 2345 ? 1 : grams <= 23450 ? 2 : 3"
ensures:
  price: "output.price == 490 * band + (input.express && band < 3 ? 300 : 0)"
"#;

fn send(call: &Value, wrong: bool) -> Value {
    let grams: i64 = list(call, "input/parcels").map(|parcel| int(parcel, "grams")).sum();
    let second = if wrong { 23_451 } else { 23_450 };
    let band = if grams <= 2_345 {
        1
    } else if grams <= second {
        2
    } else {
        3
    };
    let express = at(call, "input/express") == Value::Bool(true) && band < 3;
    ok(Value::object([("price", Value::Int(490 * band + if express { 300 } else { 0 }))]), vec![])
}

#[test]
fn a_band_of_a_sum_over_lines() {
    check(&Case {
        files: &[("contracts/send.yaml", SEND)],
        name: "send",
        cases: 1_000,
        serve: send,
        reached: (16, 16),
        expected: r#"
ensures/price: `price` is not true
  rule     output.price == 490 * band + (input.express && band < 3 ? 300 : 0)
  where    output.price is 980
  where    490 * band + (input.express && band < 3 ? 300 : 0) is 1470
  where    grams is 23451
  where    band is 3
  input    {"express":false,"parcels":[{"grams":14902},{"grams":8549}]}
  got      {"ok":{"events":[],"output":{"price":980}}}
  passes   with /input/parcels/0/grams = 14901
"#,
    });
}

/// The contracts of the shop: most calls of chance never reach their services.
#[test]
fn generated_cases_are_led_to_the_service() {
    for law in laws() {
        // Those whose states take long to fold are measured by the example `boundaries`.
        if ["allocate-stock", "restock"].contains(&law.contract.name.as_str()) {
            continue;
        }
        let verification = verify(&law, &Native(serve), &plan(60, 2), &|_| ());
        let figures = verification.figures();
        assert_eq!(verification.rejection(), None, "{}", law.contract.name);
        assert_eq!(figures.generated, 60, "{}", law.contract.name);
        let found = figures.boundaries.unwrap();
        assert!(
            found.reached * 10 >= found.total * 8,
            "{} {found}: {:#?}",
            law.contract.name,
            figures.unreached
        );
    }
}

/// The day after a month, as a calendar says that `long` and `leap` know.
fn next_billing_day(call: &Value, long: fn(i64) -> bool, leap: fn(i64) -> bool) -> Value {
    let billed = int(call, "input/billed");
    let step = match at(call, "input/every").as_text() {
        Some("month") => 1,
        Some("quarter") => 3,
        _ => 12,
    };
    let months = billed / 10_000 * 12 + billed / 100 % 100 - 1 + step;
    let (year, month) = (months / 12, months % 12 + 1);
    let last = match month {
        2 if leap(year) => 29,
        2 => 28,
        month if long(month) => 31,
        _ => 30,
    };
    let next = year * 10_000 + month * 100 + int(call, "input/day").min(last);
    ok(Value::object([("next", Value::Int(next))]), vec![])
}

/// A month that is met shows nothing unless its last day is asked for: what a `let` decides is met where
/// a rule goes by it.
#[test]
fn each_item_of_a_list_and_each_condition_where_it_matters() {
    let path = "../../cases/wrong-implementations/next-billing-day/contracts/next-billing-day.yaml";
    let contract =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    // Without its examples: a builder knows those.
    let contract = contract.split("examples:").next().unwrap().to_owned() + "verify: {strength: 0}\n";
    let law = law_of(&[("contracts/next-billing-day.yaml", contract)], "next-billing-day");
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let long = |month: i64| ![4, 6, 9, 11].contains(&month);
    let judged = |long: fn(i64) -> bool, leap: fn(i64) -> bool| {
        let subject = Native(move |call: &Value| next_billing_day(call, long, leap));
        let verification = verify(&law, &subject, &plan(20, 2), &|_| ());
        verification.rejection().map(|rejection| (rejection.stage, rejection.fault))
    };
    assert_eq!(judged(long, leap), None);
    let longs: [fn(i64) -> bool; 4] = [
        |month| ![6, 9, 11].contains(&month),
        |month| ![4, 9, 11].contains(&month),
        |month| ![4, 6, 11].contains(&month),
        |month| ![4, 6, 9].contains(&month),
    ];
    for (at, wrong) in longs.into_iter().enumerate() {
        let found = judged(wrong, leap);
        assert!(matches!(found, Some((Stage::Boundaries | Stage::Generated, _))), "{at}: {found:?}");
    }
    let leaps: [fn(i64) -> bool; 2] =
        [|_| false, |year| year % 2 == 0 && (year % 100 != 0 || year % 400 == 0)];
    for (at, wrong) in leaps.into_iter().enumerate() {
        let found = judged(long, wrong);
        assert!(matches!(found, Some((Stage::Boundaries | Stage::Generated, _))), "{at}: {found:?}");
    }
}
