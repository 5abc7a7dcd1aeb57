//! What a view makes of events, and what a contract sees of its rows. Rows are told as text.

use std::sync::Arc;

use mote_contract::{
    Before, Decision, Event, Files, FoldError, Law, Refusal, RowOp, RowTable, Rows, System, View, check,
    context,
};
use mote_expr::{Object, Value, parse};

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
        customer: {type: string, maxLength: 20}
        total: {type: integer, minimum: 0, maximum: 1000}
  Raised: {data: {type: object, required: [id, by], properties: {id: {type: string, maxLength: 5}, by: {type: integer}}}}
  Divided: {data: {type: object, required: [id, by], properties: {id: {type: string, maxLength: 5}, by: {type: integer}}}}
  Dropped: {data: {type: object, required: [id], properties: {id: {type: string, maxLength: 5}}}}
  Lost: {data: {type: object, required: [ids], properties: {ids: {type: array, maxItems: 3, items: {type: string, maxLength: 5}}}}}
"#;

const ORDERS: &str = r#"
view: orders
row:
  type: object
  required: [customer, total, puts]
  properties:
    customer: {type: string, maxLength: 20}
    total: {type: integer, minimum: 0, maximum: 1000}
    puts: {type: integer, minimum: 1, maximum: 100}
    note: {type: string, default: new}
index: [customer]
from:
  Placed:
    key: ${event.data.id}
    put:
      customer: ${event.data.customer}
      total: ${event.data.total}
      puts: "${row == null ? 1 : row.puts + 1}"
  Raised: {key: "${event.data.id}", set: {total: "${row.total + event.data.by}", note: raised}}
  Divided: {key: "${event.data.id}", set: {total: "${row.total / event.data.by}", note: "${event.type}"}}
  Dropped: {key: "${event.data.id}", delete: true}
  Lost: {key: "${event.data.ids[1]}", set: {note: lost}}
"#;

const LIST: &str = r#"
contract: list
kind: query
input: {type: object, required: [customer], properties: {customer: {type: string, maxLength: 20}}}
reads: {view: orders, match: {customer: "${input.customer}"}, order: [total desc], limit: 2}
output: {type: integer}
errors: [{code: none-yet, if: size(rows) == 0, status: 404}]
ensures: {sum: "output == sum(rows.map(r, r.total))"}
"#;

const PAGES: &str = r#"
contract: pages
kind: query
input: {type: object, properties: {after: {type: string, maxLength: 500, default: ""}}}
reads: {view: orders, page: {size: 2, after: "${input.after}"}}
output: {type: [string, "null"]}
ensures: {next: output == next}
"#;

const SOME: &str = r#"
contract: some
kind: function
input:
  type: object
  required: [customers]
  properties: {customers: {type: array, maxItems: 3, items: {type: string, maxLength: 20}}}
reads: {view: orders, match: {customer: "${input.customers}"}, order: [total]}
output: {type: integer}
"#;

fn system() -> System {
    let mut files = Files::new();
    files.add("mote.yaml", "system: tested\n");
    files.add("aggregates/order.yaml", ORDER);
    files.add("views/orders.yaml", ORDERS);
    files.add("contracts/list.yaml", LIST);
    files.add("contracts/pages.yaml", PAGES);
    files.add("contracts/some.yaml", SOME);
    let report = check(&files);
    let problems: Vec<_> = report.diagnostics.iter().map(|found| found.message.clone()).collect();
    report.system.unwrap_or_else(|| panic!("{problems:?}"))
}

fn law(name: &str) -> Arc<Law> {
    system().laws[name].clone()
}

/// `Placed {"id":"a",…}`
fn event(text: &str) -> Event {
    let (kind, data) = text.split_once(' ').unwrap();
    Event { kind: kind.to_owned(), data: parse(data.as_bytes()).unwrap() }
}

fn apply(view: &View, table: &mut RowTable, text: &str) {
    let event = event(text);
    let key = view.key(&event).unwrap();
    match view.apply(&event, table.0.get(&key)) {
        RowOp::Keep => {}
        RowOp::Delete => drop(table.0.remove(&key)),
        RowOp::Put(row) => drop(table.0.insert(key, row)),
    }
}

#[track_caller]
fn folds(events: &[&str], expected: &[&str]) {
    let view = system().views["orders"].clone();
    let mut table = RowTable::default();
    events.iter().for_each(|event| apply(&view, &mut table, event));
    let told = table.0.iter().map(|(key, row)| match &row.mark {
        None => format!("{key} {}", row.value),
        Some(mark) => format!("{key} {} marked: {mark}", row.value),
    });
    assert_eq!(told.collect::<Vec<_>>(), expected, "{events:?}");
}

const A: &str = r#"Placed {"id":"a","customer":"ada","total":6}"#;
const B: &str = r#"Placed {"id":"b","customer":"ada","total":9}"#;
const C: &str = r#"Placed {"id":"c","customer":"bob","total":1}"#;
const D: &str = r#"Placed {"id":"d","customer":"ada","total":9}"#;

#[test]
fn events_put_set_and_delete_rows() {
    folds(&[A], &[r#"a {"customer":"ada","note":"new","puts":1,"total":6}"#]);
    folds(&[A, A], &[r#"a {"customer":"ada","note":"new","puts":2,"total":6}"#]);
    folds(
        &[A, r#"Raised {"id":"a","by":2}"#],
        &[r#"a {"customer":"ada","note":"raised","puts":1,"total":8}"#],
    );
    folds(&[A, r#"Dropped {"id":"a"}"#], &[]);
    folds(&[r#"Raised {"id":"a","by":2}"#, r#"Dropped {"id":"a"}"#], &[]);
}

#[test]
fn what_cannot_be_folded_is_marked_until_it_is_mended() {
    let (divided, raised) = (r#"Divided {"id":"a","by":0}"#, r#"Raised {"id":"a","by":-9}"#);
    let zero = r#"a {"customer":"ada","note":"Divided","puts":1} marked: `from/Divided`: `total` could not be evaluated: division by zero"#;
    folds(&[A, divided], &[zero]);
    // A later change cannot mend what it builds on.
    folds(&[A, divided, r#"Divided {"id":"a","by":2}"#], &[zero]);
    folds(
        &[A, raised],
        &[
            r#"a {"customer":"ada","note":"raised","puts":1,"total":-3} marked: after `Raised` it does not fit: /total is -3, the least is 0"#,
        ],
    );
    folds(&[A, raised, A], &[r#"a {"customer":"ada","note":"new","puts":2,"total":6}"#]);
    folds(&[A, raised, r#"Dropped {"id":"a"}"#], &[]);
    folds(
        &[r#"Lost {"ids":["a"]}"#],
        &[" {} marked: `from/Lost/key` could not be evaluated: there is no item 1 in a list of 1"],
    );
}

fn table(events: &[&str]) -> RowTable {
    let view = system().views["orders"].clone();
    let mut table = RowTable::default();
    events.iter().for_each(|event| apply(&view, &mut table, event));
    table
}

fn read(law: &Law, table: &RowTable, input: &str) -> Result<Rows, Refusal> {
    let input = law.admit(input.as_bytes()).unwrap().input;
    let context = context("2026-01-01T00:00:00Z", "id", "ada", &[], Value::Object(Object::new().into()));
    let before = Before { state: None, rows: table.clone() };
    law.situation(&before, input, context).map(|situation| situation.rows.unwrap())
}

/// The totals of the rows that `law` sees, or the clause and the detail of the refusal.
#[track_caller]
fn sees(law: &Law, events: &[&str], input: &str, expected: &str) -> Option<Value> {
    let (told, next) = match read(law, &table(events), input) {
        Ok(Rows { rows, next }) => {
            let totals = rows.as_list().unwrap().iter().map(|row| row.field("total").unwrap().to_string());
            (totals.collect::<Vec<_>>().join(" "), next)
        }
        Err(refusal) => {
            (format!("{} {} {}", refusal.outcome, refusal.clause.unwrap_or_default(), refusal.detail), None)
        }
    };
    assert_eq!(told, expected, "{events:?} {input}");
    next
}

#[test]
fn rows_are_found_in_order_and_never_cut_silently() {
    let list = law("list");
    let ada = r#"{"customer":"ada"}"#;
    sees(&list, &[], ada, "");
    sees(&list, &[A, B, C], ada, "9 6");
    sees(&list, &[C, B, A], r#"{"customer":"bob"}"#, "1");
    let limit = "contract-fault reads/limit the contract's own `reads/limit` could not be evaluated: \
                 more than 2 rows match, and they are not read in pages";
    sees(&list, &[A, B, C, D], ada, limit);
    let marked = "contract-fault reads/view the contract's own `reads/view` could not be evaluated: \
                  the row \"a\" cannot be relied on: after `Raised` it does not fit: /total is -3, the least is 0";
    let raised = r#"Raised {"id":"a","by":-9}"#;
    sees(&list, &[A, raised, C], ada, marked);
    sees(&list, &[A, raised, C], r#"{"customer":"bob"}"#, "1");
}

#[test]
fn rows_are_found_by_any_of_a_list() {
    let some = law("some");
    sees(&some, &[A, B, C], r#"{"customers":["bob","ada","eve"]}"#, "1 6 9");
    sees(&some, &[A, B, C], r#"{"customers":["bob"]}"#, "1");
    sees(&some, &[A, B, C], r#"{"customers":[]}"#, "");
}

#[test]
fn pages_follow_each_other() {
    let pages = law("pages");
    let events = [D, C, B, A];
    let next = sees(&pages, &events, "{}", "6 9").unwrap();
    let second = format!(r#"{{"after":{next}}}"#);
    assert_eq!(sees(&pages, &events, &second, "1 9"), Some(Value::Null));
    // A row that is gone is still a place.
    assert_eq!(sees(&pages, &[D, C, A], &second, "1 9"), Some(Value::Null));
    for wrong in ["x", "5b", "5b5d", r#"5b312c2261225d"#] {
        let expected = format!(
            "invalid reads/page {wrong:?} is no place in the pages of `pages`: it comes from `next` of the page before"
        );
        sees(&pages, &events, &format!(r#"{{"after":"{wrong}"}}"#), &expected);
    }
}

#[test]
fn rules_and_services_see_the_rows() {
    let list = law("list");
    let input = list.admit(br#"{"customer":"ada"}"#).unwrap().input;
    let context = context("2026-01-01T00:00:00Z", "id", "ada", &[], Value::Object(Object::new().into()));
    let situation = |events: &[&str]| {
        let before = Before { state: None, rows: table(events) };
        list.situation(&before, input.clone(), context.clone()).unwrap()
    };
    let Decision::Refuse(refusal) = list.decide(&situation(&[C])) else { panic!("it decides nothing") };
    assert_eq!((refusal.code.as_str(), refusal.status), ("none-yet", 404));
    let asked = situation(&[A]);
    assert_eq!(list.decide(&asked), Decision::Call);
    let call = parse(&list.call(&asked)).unwrap();
    assert_eq!(call.field("rows").unwrap().as_list().unwrap().len(), 1);
    assert!(call.field("next").is_none());
    assert!(list.judge(&asked, br#"{"ok":{"output":6}}"#).is_ok());
    let refusal = list.judge(&asked, br#"{"ok":{"output":7}}"#).unwrap_err();
    assert_eq!(refusal.clause.as_deref(), Some("ensures/sum"));
}

#[test]
fn what_happens_before_an_example_may_not_mark_rows() {
    let list = law("list");
    let before = list.with_event(&list.nothing_before(), &event(A)).unwrap();
    let error = list.with_event(&before, &event(r#"Raised {"id":"a","by":-9}"#)).unwrap_err();
    assert!(matches!(error, FoldError::Row(view, _) if view == "orders"));
    assert_eq!(list.event_types(), ["Divided", "Dropped", "Lost", "Placed", "Raised"]);
}

#[test]
fn a_changed_view_has_another_digest_and_so_has_what_reads_it() {
    let mut files = Files::new();
    files.add("mote.yaml", "system: tested\n");
    files.add("aggregates/order.yaml", ORDER);
    files.add("views/orders.yaml", ORDERS.replace("note: raised", "note: more"));
    files.add("contracts/list.yaml", LIST);
    let changed = check(&files).system.unwrap();
    let before = system();
    assert_ne!(changed.views["orders"].digest, before.views["orders"].digest);
    assert_ne!(changed.laws["list"].digest, before.laws["list"].digest);
}
