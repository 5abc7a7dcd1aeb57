//! Contracts that read views are verified with rows folded from generated events.

use mote_expr::Value;
use mote_verify::{Fault, Stage};

use super::system::{Native, law_of, ok, run};

const ORDER: &str = r#"
aggregate: order
state: {type: object}
initial: {}
events:
  Placed:
    data:
      type: object
      required: [id, customer, total]
      properties:
        id: {type: string, maxLength: 5}
        customer: {type: string, maxLength: 5}
        total: {type: integer, minimum: 0, maximum: 1000}
  Dropped: {data: {type: object, required: [id], properties: {id: {type: string, maxLength: 5}}}}
"#;

const ORDERS: &str = r#"
view: orders
row:
  type: object
  required: [customer, total]
  properties:
    customer: {type: string, maxLength: 5}
    total: {type: integer, minimum: 0, maximum: 1000}
index: [customer]
from:
  Placed: {key: "id ${event.data.id}", put: {customer: "${event.data.customer}", total: "${event.data.total}"}}
  Dropped: {key: "id ${event.data.id}", delete: true}
"#;

const SPENT: &str = r#"
contract: spent
kind: query
input: {type: object, required: [customer], properties: {customer: {type: string, maxLength: 5}}}
reads: {view: orders, match: {customer: "${input.customer}"}}
output: {type: integer, minimum: 0, maximum: 1000000}
errors: [{code: never-ordered, if: "size(rows) == 0", status: 404}]
ensures: {sum: "output == sum(rows.map(r, r.total))"}
verify: {cases: 300}
"#;

fn totals(call: &Value) -> impl Iterator<Item = i64> + '_ {
    let rows = call.field("rows").and_then(Value::as_list).unwrap();
    rows.iter().map(|row| row.field("total").and_then(Value::as_int).unwrap())
}

#[track_caller]
fn spent(service: impl Fn(&Value) -> i64 + Sync, expected: Option<&str>) {
    let files = [
        ("aggregates/order.yaml", ORDER.to_owned()),
        ("views/orders.yaml", ORDERS.to_owned()),
        ("contracts/spent.yaml", SPENT.to_owned()),
    ];
    let law = law_of(&files, "spent");
    let verification = run(&law, &Native(|call: &Value| ok(Value::Int(service(call)), Vec::new())));
    let Some(expected) = expected else {
        assert!(verification.rejection().is_none(), "{:#?}", verification.rejection());
        return;
    };
    let rejection = verification.rejection().unwrap_or_else(|| panic!("it passed"));
    assert_eq!((rejection.stage, rejection.fault), (Stage::Generated, Fault::Service));
    assert_eq!(rejection.counterexamples[0].to_string(), expected.trim());
}

#[test]
fn a_right_query_passes() {
    spent(|call| totals(call).sum(), None);
}

#[test]
fn a_query_that_looks_at_one_row_is_shown_two() {
    let expected = r#"
ensures/sum: `sum` is not true
  rule     output == sum(rows.map(r, r.total))
  where    output is 0
  where    sum(rows.map(r, r.total)) is 1
  given    Placed {"customer":"crnyx","id":"","total":0}
  given    Placed {"customer":"crnyx","id":"a","total":1}
  origin   made of events that the rules allow
  rows     [{"customer":"crnyx","total":0},{"customer":"crnyx","total":1}]
  input    {"customer":"crnyx"}
  got      {"ok":{"events":[],"output":0}}
  passes   with /given/1/data/total = 0
"#;
    spent(|call| totals(call).next().unwrap_or(0), Some(expected));
}
