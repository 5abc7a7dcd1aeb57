//! Publishers are tried with events that may have happened, and their mistakes are shown small.

use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Value;
use mote_verify::{Fault, Stage};

use crate::rejections::same;
use crate::system::{Native, law_of, run};

fn announce() -> Arc<Law> {
    let files = [
        ("mote.yaml", "system: shop\nsinks: {orders: {kind: log}}\n"),
        (
            "aggregates/order.yaml",
            "aggregate: order
state: {type: object}
initial: {}
events:
  Placed:
    data:
      type: object
      required: [total, customer]
      properties: {total: {type: integer, minimum: 0, maximum: 100000}, customer: {type: string, maxLength: 40}}
  Cancelled: {data: {type: object, required: [reason], properties: {reason: {enum: [late, mistake]}}}}
",
        ),
        (
            "contracts/announce.yaml",
            "contract: announce
kind: publisher
subscribes: [Placed, Cancelled]
publishes:
  placed.v1: {type: object, required: [order, total], properties: {order: {type: string, maxLength: 600}, total: {type: integer}}}
to: orders
ensures:
  placed-alone: \"size(messages) == (event.type == 'Placed' ? 1 : 0)\"
  whose: messages.all(m, m.data.order == meta.stream)
  same-total: \"messages.all(m, has(event.data.total) ? m.data.total == event.data.total : false)\"
",
        ),
    ];
    law_of(&files.map(|(path, text)| (path, text.to_owned())), "announce")
}

/// What a right service answers, with `total` made of the right one.
fn told(call: &Value, total: impl Fn(i64) -> i64) -> Value {
    let event = call.field("event").unwrap();
    let stream = call.field("meta").and_then(|meta| meta.field("stream")).unwrap();
    assert!(call.field("input").is_none(), "a publisher is told of an event, and nothing else");
    let placed = event.field("data").and_then(|data| data.field("total")).and_then(Value::as_int);
    let message = placed.map(|placed| {
        let data = Value::object([("order", stream.clone()), ("total", Value::Int(total(placed)))]);
        Value::object([("type", Value::text("placed.v1")), ("data", data)])
    });
    Value::object([("ok", Value::object([("messages", Value::list(message))]))])
}

#[test]
fn a_right_publisher_passes() {
    let verification = run(&announce(), &Native(|call: &Value| told(call, |total| total)));
    assert!(verification.rejection().is_none(), "{verification:?}");
}

#[test]
fn a_wrong_message_is_shown_with_the_smallest_event() {
    let subject = Native(|call: &Value| told(call, |total| if total > 500 { total - 1 } else { total }));
    let verification = run(&announce(), &subject);
    let rejection = verification.rejection().unwrap();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Generated, Fault::Service));
    let shown: Vec<String> = rejection.counterexamples.iter().map(ToString::to_string).collect();
    same(
        &shown.join("\n"),
        r#"
ensures/same-total: `same-total` is not true
  rule     messages.all(m, has(event.data.total) ? m.data.total == event.data.total : false)
  input    {"event":{"data":{"customer":"","total":501},"type":"Placed"},"meta":{"id":"order/a@1","stream":"order/a","time":"2026-01-01T00:00:00Z","version":1}}
  context  {"caller":{"claims":{},"id":"mote","roles":[]},"id":"88c852b8a523ad9903917fc8288c4104","now":"2026-01-01T00:00:00Z"}
  got      {"ok":{"messages":[{"data":{"order":"order/a","total":500},"type":"placed.v1"}]}}
  passes   with /input/event/data/total = 500
"#,
    );
}

#[test]
fn the_context_follows_from_the_event() {
    let subject = Native(|call: &Value| {
        let time = call.field("meta").and_then(|meta| meta.field("time"));
        let now = call.field("context").and_then(|context| context.field("now"));
        assert!(time.is_some() && time == now, "the time of a delivery is that of the event");
        let part = |name| call.field("meta").and_then(|meta| meta.field(name));
        let id = format!("{}@{}", part("stream").and_then(Value::as_text).unwrap(), part("version").unwrap());
        assert_eq!(part("id").and_then(Value::as_text), Some(id.as_str()));
        told(call, |total| total)
    });
    assert!(run(&announce(), &subject).rejection().is_none());
}
