//! What a publisher is called with, and which answers it may give. Calls and verdicts are told as text.

use mote_contract::{Decision, Event, Files, Law, Situation, check};
use mote_expr::{Value, parse};

const SYSTEM: [(&str, &str); 4] = [
    ("mote.yaml", "system: shop\nsinks: {orders: {kind: log}}\n"),
    (
        "aggregates/order.yaml",
        "aggregate: order
state: {type: object}
initial: {}
events:
  Placed: {data: {type: object, required: [total], properties: {total: {type: integer}, note: {type: string, default: none}}}}
",
    ),
    (
        "aggregates/stock.yaml",
        "aggregate: stock
state: {type: object}
initial: {}
events:
  Counted: {data: {type: object, required: [pieces], properties: {pieces: {type: integer}}}}
",
    ),
    (
        "contracts/announce.yaml",
        r#"contract: announce
kind: publisher
subscribes: [Placed, Counted]
publishes:
  placed.v1: {type: object, required: [total], properties: {total: {type: integer}, currency: {type: string, default: EUR}}}
  counted.v1: {type: object, required: [of], properties: {of: {type: string, maxLength: 600}}}
to: orders
let:
  sums: "messages.map(m, has(m.data.total) ? m.data.total : -1).filter(sum, sum >= 0)"
ensures:
  total: "has(event.data.total) ? sums == [event.data.total] : size(sums) == 0"
  whose: "messages.all(m, has(m.data.of) ? m.data.of == meta.stream : true)"
  never-late: context.now == meta.time && caller.id == 'mote'
"#,
    ),
];

fn law() -> Law {
    let mut files = Files::new();
    for (path, text) in SYSTEM {
        files.add(path, text);
    }
    let report = check(&files);
    let system = report.system.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    (*system.laws["announce"]).clone()
}

fn situation(law: &Law, kind: &str, data: &str, stream: &str) -> Result<Situation, String> {
    let event = Event { kind: kind.to_owned(), data: parse(data.as_bytes()).unwrap() };
    let input = Law::delivery(&event, "2026-03-01T10:00:00.250Z", stream, 7);
    let admitted = law.admit_value(input).map_err(|refusal| refusal.detail)?;
    let nobody = || Value::Null;
    let context = law.context_of(&admitted.input, nobody);
    let situation = law.situation(&law.nothing_before(), admitted.input, Value::Null).unwrap();
    assert_eq!(situation.context, context, "the context of a case is that of production");
    assert_eq!(law.decide(&situation), Decision::Call, "a publisher is always asked");
    Ok(situation)
}

#[test]
fn it_is_called_with_the_event_and_what_follows_from_it() {
    let law = law();
    let placed = situation(&law, "Placed", r#"{"total":5}"#, "order/a/b").unwrap();
    let call = String::from_utf8(law.call(&placed)).unwrap();
    assert_eq!(
        call,
        r#"{"context":{"caller":{"claims":{},"id":"mote","roles":[]},"id":"28006c780a580bbef76cb1cc10409e9c","now":"2026-03-01T10:00:00.250Z"},"event":{"data":{"note":"none","total":5},"type":"Placed"},"meta":{"id":"order/a/b@7","stream":"order/a/b","time":"2026-03-01T10:00:00.250Z","version":7},"operation":"announce"}"#
    );
    let counted = situation(&law, "Counted", r#"{"pieces":5}"#, "stock/a").unwrap();
    assert_ne!(counted.context.field("id"), placed.context.field("id"), "each event has an id of its own");
}

#[test]
fn only_what_can_have_happened_is_admitted() {
    let law = law();
    let refused = |kind, data, stream| situation(&law, kind, data, stream).unwrap_err();
    assert_eq!(
        refused("Cancelled", "{}", "order/1"),
        r#"the input does not fit: /event/type is "Cancelled", not one of "Placed", "Counted""#
    );
    assert_eq!(refused("Placed", "{}", "order/1"), "the input does not fit: /event/data has no `total`");
    assert_eq!(
        refused("Placed", r#"{"total":5}"#, "stock/1"),
        r#"the input does not fit: /meta/stream is "stock/1", the event is one of the aggregate `order`"#
    );
    // The id follows from the rest, whatever is said.
    let said = r#"{"event":{"type":"Placed","data":{"total":5}},"meta":{"id":"x","time":"2026-03-01T10:00:00Z","stream":"order/1","version":2}}"#;
    let admitted = law.admit(said.as_bytes()).unwrap().input;
    let id = admitted.field("meta").and_then(|meta| meta.field("id"));
    assert_eq!(id, Some(&Value::text("order/1@2")));
}

/// What comes of an answer to the event `Placed` with a total of 5: the messages, or the clause that it broke.
#[track_caller]
fn check_answer(answer: &str, expected: &str) {
    let law = law();
    let situation = situation(&law, "Placed", r#"{"total":5}"#, "order/1").unwrap();
    let told = match law.judge(&situation, answer.as_bytes()) {
        Ok(accepted) => accepted.output.to_string(),
        Err(refusal) => {
            let message = refusal.breach.map_or(refusal.detail, |breach| breach.message);
            format!("{}: {message}", refusal.clause.unwrap_or_default())
        }
    };
    assert_eq!(told, expected);
}

#[test]
fn messages_are_judged() {
    let answer = |messages: &str| format!(r#"{{"ok":{{"messages":{messages}}}}}"#);
    check_answer(
        &answer(r#"[{"type":"placed.v1","data":{"total":5}}]"#),
        r#"[{"data":{"currency":"EUR","total":5},"type":"placed.v1"}]"#,
    );
    check_answer(
        &answer(r#"[{"type":"placed.v1","data":{"total":6}}]"#),
        "ensures/total: `total` is not true",
    );
    check_answer(&answer("[]"), "ensures/total: `total` is not true");
    let both = r#"[{"type":"placed.v1","data":{"total":5}},{"type":"counted.v1","data":{"of":"order/2"}}]"#;
    check_answer(&answer(both), "ensures/whose: `whose` is not true");
    check_answer(
        &answer(r#"[{"type":"placed.v2","data":{}}]"#),
        r#"publishes: the messages do not fit: /0/type is "placed.v2", not one of "placed.v1", "counted.v1""#,
    );
    check_answer(
        &answer(r#"[{"type":"placed.v1","data":{"total":5,"note":"none"}}]"#),
        "publishes: the messages do not fit: /0/data/note is not a known field",
    );
    check_answer(&answer("null"), "publishes: the messages do not fit: is null, expected an array");
    check_answer(r#"{"ok":{"output":[]}}"#, "answer: the answer has an unknown part `output`");
    check_answer(r#"{"ok":{"messages":[],"events":[]}}"#, "answer: the answer has an unknown part `events`");
    check_answer(r#"{"error":{"code":"no"}}"#, "errors/no: the contract declares no error `no`");
}
