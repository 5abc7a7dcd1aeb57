//! The contract that strength is shown on, `place-order`, with as many of its rules as are asked for,
//! and a native service that keeps all of them.

use std::sync::Arc;

use mote_contract::{Files, Law, check};
use mote_expr::{Value, parse};
use mote_verify::{Mode, Observed, Stopped, Subject};

const AGGREGATE: &str = "
aggregate: order
state:
  type: object
  required: [status, total]
  properties:
    status: {enum: [none, placed]}
    total: {type: integer, minimum: 0, maximum: 100000000}
initial: {status: none, total: 0}
events:
  OrderPlaced:
    data:
      type: object
      required: [customer, total, lines, coupon]
      properties:
        customer: {type: string, minLength: 1, maxLength: 20}
        total: {type: integer, minimum: 0, maximum: 100000000}
        lines:
          type: array
          maxItems: 6
          items:
            type: object
            required: [sku, quantity, unitPrice]
            properties:
              sku: {type: string, pattern: '^[a-z]{1,6}$', maxLength: 6}
              quantity: {type: integer, minimum: 1, maximum: 50}
              unitPrice: {type: integer, minimum: 1, maximum: 100000}
        coupon: {enum: [none, TEN]}
    evolve: {status: placed, total: '${event.data.total}'}
";

const CONTRACT: &str = "
contract: place-order
kind: command
aggregate: order
key: ${input.orderId}
input:
  type: object
  required: [orderId, customer, lines, shipping]
  properties:
    orderId: {type: string, pattern: '^[a-z0-9]{1,8}$', maxLength: 8}
    customer: {type: string, minLength: 1, maxLength: 20}
    coupon: {enum: [none, TEN], default: none}
    shipping: {enum: [pickup, post, courier]}
    lines:
      type: array
      minItems: 1
      maxItems: 6
      items:
        type: object
        required: [sku, quantity, unitPrice]
        properties:
          sku: {type: string, pattern: '^[a-z]{1,6}$', maxLength: 6}
          quantity: {type: integer, minimum: 1, maximum: 50}
          unitPrice: {type: integer, minimum: 1, maximum: 100000}
output:
  type: object
  required: [status, pieces, subtotal, discount, shipping, total, lines]
  properties:
    status: {enum: [placed, held]}
    pieces: {type: integer, minimum: 0, maximum: 100000}
    subtotal: {type: integer, minimum: 0, maximum: 100000000}
    discount: {type: integer, minimum: 0, maximum: 100000000}
    shipping: {type: integer, minimum: 0, maximum: 100000}
    total: {type: integer, minimum: 0, maximum: 100000000}
    lines:
      type: array
      maxItems: 6
      items:
        type: object
        required: [sku, amount]
        properties:
          sku: {type: string, maxLength: 6}
          amount: {type: integer, minimum: 0, maximum: 100000000}
emits: [OrderPlaced]
errors:
  - {code: already-placed, if: state.status == 'placed'}
";

/// The rules, in the order in which an author would think of them.
pub(crate) const RULES: &[(&str, &str)] = &[
    ("adds-up", "output.total == output.subtotal - output.discount + output.shipping"),
    ("one-event", "events.map(e, e.type) == ['OrderPlaced']"),
    ("subtotal", "output.subtotal == sum(input.lines.map(l, l.quantity * l.unitPrice))"),
    ("recorded-total", "events.all(e, e.data.total == output.total)"),
    ("placed", "output.status == 'placed'"),
    ("pieces", "output.pieces == sum(input.lines.map(l, l.quantity))"),
    ("as-many-lines", "size(output.lines) == size(input.lines)"),
    (
        "discount",
        "output.discount == (input.coupon == 'TEN' && output.subtotal >= 10000 ? output.subtotal / 10 : 0)",
    ),
    (
        "shipping",
        "output.shipping == (input.shipping == 'pickup' ? 0 : input.shipping == 'post' ? 490 : 1290)",
    ),
    ("skus", "output.lines.map(l, l.sku) == input.lines.map(l, l.sku)"),
    ("amounts", "output.lines.map(l, l.amount) == input.lines.map(l, l.quantity * l.unitPrice)"),
    ("recorded-lines", "events.all(e, e.data.lines == input.lines)"),
    ("recorded-who", "events.all(e, e.data.customer == input.customer)"),
    ("recorded-coupon", "events.all(e, e.data.coupon == input.coupon)"),
];

/// The contract with `rules`, and what else stands in it.
pub(crate) fn place_order(rules: &[(&str, &str)], more: &str) -> Arc<Law> {
    let ensures: String = rules.iter().map(|(name, rule)| format!("  {name}: \"{rule}\"\n")).collect();
    let ensures = if rules.is_empty() { String::new() } else { format!("ensures:\n{ensures}") };
    let mut files = Files::new();
    files.add("mote.yaml", "system: test\nowner: somebody\n");
    files.add("aggregates/order.yaml", AGGREGATE);
    files.add("contracts/place-order.yaml", format!("{CONTRACT}{ensures}{more}"));
    let report = check(&files);
    let system = report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics));
    system.laws["place-order"].clone()
}

/// Places orders as all the rules ask.
pub(crate) struct Placing;

impl Subject for Placing {
    fn answer(&self, call: &[u8], _: Mode) -> Result<Observed, Stopped> {
        let call = parse(call).unwrap_or(Value::Null);
        Ok(Observed { answer: placed(&call).canonical(), fuel: 1_000, memory: 1 << 20 })
    }
}

fn placed(call: &Value) -> Value {
    let input = |field: &str| {
        call.field("input").and_then(|input| input.field(field)).cloned().unwrap_or(Value::Null)
    };
    let lines = input("lines");
    let lines = lines.as_list().unwrap_or(&[]);
    let int = |line: &Value, field: &str| line.field(field).and_then(Value::as_int).unwrap_or(0);
    let amount = |line: &Value| int(line, "quantity") * int(line, "unitPrice");
    let subtotal: i64 = lines.iter().map(amount).sum();
    let ten = input("coupon").as_text() == Some("TEN") && subtotal >= 10_000;
    let discount = if ten { subtotal / 10 } else { 0 };
    let shipping = match input("shipping").as_text() {
        Some("pickup") => 0,
        Some("post") => 490,
        _ => 1290,
    };
    let total = Value::Int(subtotal - discount + shipping);
    let shown = lines.iter().map(|line| {
        let sku = line.field("sku").cloned().unwrap_or(Value::Null);
        Value::object([("sku", sku), ("amount", Value::Int(amount(line)))])
    });
    let output = Value::object([
        ("status", Value::text("placed")),
        ("pieces", Value::Int(lines.iter().map(|line| int(line, "quantity")).sum())),
        ("subtotal", Value::Int(subtotal)),
        ("discount", Value::Int(discount)),
        ("shipping", Value::Int(shipping)),
        ("total", total.clone()),
        ("lines", Value::list(shown)),
    ]);
    let data = Value::object([
        ("customer", input("customer")),
        ("total", total),
        ("lines", input("lines")),
        ("coupon", input("coupon")),
    ]);
    let event = Value::object([("type", Value::text("OrderPlaced")), ("data", data)]);
    Value::object([("ok", Value::object([("output", output), ("events", Value::list([event]))]))])
}
