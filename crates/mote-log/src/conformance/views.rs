//! The tests that every store of views must pass, written against [`Views`] alone.

use mote_expr::rows::{Order, Row, Selection};
use mote_expr::{Digest, Value, parse};

use crate::{Batch, Found, KeptView, Position, SelectError, ViewId, Views, ViewsError};

/// Run every case, each on an empty store of its own that `make` makes.
pub async fn check_views<V: Views>(mut make: impl FnMut() -> V) {
    a_view_begins_empty_and_is_forgotten(make()).await;
    rows_and_positions_are_written_together(make()).await;
    a_write_is_taken_whole_or_not_at_all(make()).await;
    selections_find_what_they_mean(make()).await;
    pages_lead_through_all_rows(make()).await;
    a_marked_row_is_told_to_whom_it_meets(make()).await;
    a_view_is_restarted(make()).await;
}

/// The view `name` as `declaration` makes it, found by `customer` and `total`.
pub fn kept_view(name: &str, declaration: &str) -> KeptView {
    let id = ViewId { name: name.to_owned(), digest: Digest::of(declaration.as_bytes()) };
    KeptView { id, index: vec!["customer".to_owned(), "total".to_owned()] }
}

fn position(ordinal: u64) -> Position {
    Position::from_ordinal(ordinal)
}

/// A batch for `view`; a change is a key and the JSON of a row, empty where it is deleted.
fn batch(view: &KeptView, from: u64, through: u64, changes: &[(&str, &str)]) -> Batch {
    let row = |json: &str| (!json.is_empty()).then(|| Row::sound(json_of(json)));
    Batch {
        view: view.id.clone(),
        from: position(from),
        through: position(through),
        changes: changes.iter().map(|(key, json)| ((*key).to_owned(), row(json))).collect(),
    }
}

fn json_of(json: &str) -> Value {
    parse(json.as_bytes()).expect("a test writes JSON")
}

fn all() -> Selection {
    Selection { matching: Vec::new(), order: Vec::new(), after: None, count: 1_000 }
}

fn matching(matching: &[(&str, Value)], order: &[&str]) -> Selection {
    let order = order.iter().map(|field| match field.strip_suffix(" desc") {
        Some(field) => Order { field: field.to_owned(), descending: true },
        None => Order { field: (*field).to_owned(), descending: false },
    });
    Selection {
        matching: matching.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        order: order.collect(),
        ..all()
    }
}

async fn found<V: Views>(views: &V, view: &KeptView, selection: &Selection) -> Found {
    views.select(&view.id, selection).await.expect("the view is kept and nothing is marked")
}

async fn keys<V: Views>(views: &V, view: &KeptView, selection: &Selection) -> String {
    let keys: Vec<String> =
        found(views, view, selection).await.rows.into_iter().map(|(key, _)| key).collect();
    keys.join(" ")
}

/// A view begins without rows before the first commit, and is gone when it is no longer kept.
pub async fn a_view_begins_empty_and_is_forgotten<V: Views>(views: V) {
    let (old, new) = (kept_view("orders", "old"), kept_view("orders", "new"));
    assert_eq!(views.reached(&old.id).await, Err(ViewsError::Unknown(old.id.clone())));
    views.keep(std::slice::from_ref(&old)).await.expect("a view is kept");
    assert_eq!(found(&views, &old, &all()).await, Found { rows: Vec::new(), position: Position::START });
    views.write(&[batch(&old, 0, 5, &[("a", "{}")])]).await.expect("it begins where the view is");
    views.keep(&[old.clone(), new.clone()]).await.expect("a second is kept beside it");
    assert_eq!(views.reached(&old.id).await, Ok(position(5)), "what is kept stays as it is");
    assert_eq!(views.reached(&new.id).await, Ok(Position::START), "a changed view is another");
    views.keep(std::slice::from_ref(&new)).await.expect("the first is forgotten");
    assert_eq!(views.reached(&old.id).await, Err(ViewsError::Unknown(old.id.clone())));
    views.keep(&[old.clone(), new]).await.expect("it is kept again");
    assert_eq!(keys(&views, &old, &all()).await, "", "and begins anew");
}

/// Rows come back as they were written, with the position that they were written at.
pub async fn rows_and_positions_are_written_together<V: Views>(views: V) {
    let view = kept_view("orders", "one");
    views.keep(std::slice::from_ref(&view)).await.expect("a view is kept");
    let odd = r#"{"customer":"zoë \"0'\u0000\u20ac","f":0.1,"list":[1,{"b":2}],"n":null,"total":-9007199254740991}"#;
    views.write(&[batch(&view, 0, 3, &[("a", odd), ("b/ü", "{}"), ("c", "{}")])]).await.expect("written");
    views.write(&[batch(&view, 3, 4, &[("c", ""), ("d", "")])]).await.expect("written");
    let found = found(&views, &view, &all()).await;
    assert_eq!(found.position, position(4));
    assert_eq!(found.rows, [("a".to_owned(), json_of(odd)), ("b/ü".to_owned(), json_of("{}"))]);
    let keys = ["a", "c", "nowhere"].map(str::to_owned);
    let rows = views.rows(&view.id, &keys).await.expect("the view is kept");
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), [("a".to_owned(), Row::sound(json_of(odd)))]);
}

/// A batch that does not begin where its view is refuses all that is written with it.
pub async fn a_write_is_taken_whole_or_not_at_all<V: Views>(views: V) {
    let (one, two) = (kept_view("one", "1"), kept_view("two", "2"));
    views.keep(&[one.clone(), two.clone()]).await.expect("views are kept");
    let late = [batch(&one, 0, 2, &[("a", "{}")]), batch(&two, 1, 2, &[("a", "{}")])];
    let moved = ViewsError::Moved { view: two.id.clone(), expected: position(1), actual: Position::START };
    assert_eq!(views.write(&late).await, Err(moved));
    let unknown = kept_view("three", "3");
    let lost = [batch(&one, 0, 2, &[("a", "{}")]), batch(&unknown, 0, 2, &[])];
    assert_eq!(views.write(&lost).await, Err(ViewsError::Unknown(unknown.id)));
    assert_eq!(found(&views, &one, &all()).await, Found { rows: Vec::new(), position: Position::START });
}

/// Rows of every kind, for selections.
const ROWS: [(&str, &str); 8] = [
    ("a", r#"{"customer":"ada","total":3,"paid":true,"rate":1.5}"#),
    ("b", r#"{"customer":"bob","total":-1,"paid":false,"rate":2}"#),
    ("c", r#"{"customer":"ada","total":10,"paid":false}"#),
    ("d", r#"{"customer":"ada","total":3,"paid":true,"rate":null,"note":"x"}"#),
    ("e", r#"{"customer":null,"total":3}"#),
    ("f", r#"{"total":9007199254740991,"rate":0.1,"note":"X"}"#),
    ("g", r#"{"customer":"","total":0,"note":"é"}"#),
    ("h", r#"{"customer":"Ada","total":2,"rate":0.30000000000000004,"note":"\uffff"}"#),
];

/// Matching compares whole values, order compares scalars with null first, ties are told by key.
pub async fn selections_find_what_they_mean<V: Views>(views: V) {
    let view = kept_view("orders", "one");
    views.keep(std::slice::from_ref(&view)).await.expect("a view is kept");
    views.write(&[batch(&view, 0, 1, &ROWS)]).await.expect("written");
    fn any(values: impl IntoIterator<Item = Value>) -> Value {
        Value::list(values)
    }
    let (ada, float) = (Value::text("ada"), |number| Value::number(number).expect("it is finite"));
    let cases = [
        (matching(&[], &[]), "a b c d e f g h"),
        (matching(&[("customer", ada.clone())], &[]), "a c d"),
        (matching(&[("customer", ada.clone())], &["total"]), "a d c"),
        (matching(&[("customer", ada.clone())], &["total desc"]), "c a d"),
        (matching(&[("customer", ada.clone())], &["paid", "total desc"]), "c a d"),
        (matching(&[("customer", ada.clone()), ("paid", Value::Bool(true))], &[]), "a d"),
        (matching(&[("customer", ada), ("note", Value::text("x"))], &[]), "d"),
        (matching(&[("customer", Value::Null)], &[]), "e f"),
        (matching(&[("customer", Value::text(""))], &[]), "g"),
        (matching(&[("total", Value::Int(3)), ("rate", Value::Null)], &[]), "d e"),
        (matching(&[("total", Value::Int(2)), ("rate", float(0.300_000_000_000_000_04))], &[]), "h"),
        (matching(&[("total", Value::Int(2)), ("rate", float(0.3))], &[]), ""),
        (matching(&[("total", Value::text("3"))], &[]), ""),
        (
            matching(&[("customer", any([Value::text("bob"), Value::text("Ada"), Value::text("x")]))], &[]),
            "b h",
        ),
        (matching(&[("customer", any([Value::text("bob"), Value::Null]))], &["total"]), "b e f"),
        (matching(&[("customer", any([Value::Null]))], &[]), "e f"),
        (matching(&[("customer", any([]))], &[]), ""),
        (
            matching(&[("total", any([Value::Int(3), Value::Int(3)])), ("paid", Value::Bool(true))], &[]),
            "a d",
        ),
        (matching(&[("note", any([Value::text("x"), Value::text("X")]))], &["note desc"]), "d f"),
        (matching(&[], &["total"]), "b g h a d e c f"),
        (matching(&[], &["total desc", "customer"]), "f c e a d h g b"),
        (matching(&[], &["customer", "rate desc"]), "f e g h a c d b"),
        (matching(&[], &["note"]), "a b c e f d g h"),
        (Selection { count: 3, ..matching(&[], &["rate"]) }, "c d e"),
    ];
    for (selection, expected) in cases {
        assert_eq!(keys(&views, &view, &selection).await, expected, "{selection:?}");
    }
}

/// From page to page every row is met once, in order, wherever a page ends.
pub async fn pages_lead_through_all_rows<V: Views>(views: V) {
    let view = kept_view("orders", "one");
    views.keep(std::slice::from_ref(&view)).await.expect("a view is kept");
    views.write(&[batch(&view, 0, 1, &ROWS)]).await.expect("written");
    let orders: [&[&str]; 6] =
        [&[], &["customer"], &["customer desc", "total"], &["rate", "note desc"], &["paid"], &["paid desc"]];
    for order in orders {
        let whole = keys(&views, &view, &matching(&[], order)).await;
        for count in 1..4 {
            let mut page = Selection { count, ..matching(&[], order) };
            let mut met: Vec<String> = Vec::new();
            loop {
                let rows = found(&views, &view, &page).await.rows;
                let Some((key, row)) = rows.last() else { break };
                // As it goes through somebody's hands.
                let token = page.cursor(key, row).to_string();
                page.after = Some(token.parse().expect("a cursor is read as it is written"));
                met.extend(rows.into_iter().map(|(key, _)| key));
            }
            assert_eq!(met.join(" "), whole, "{order:?} in pages of {count}");
        }
    }
}

/// A marked row refuses the selections that it might belong to, and no others.
pub async fn a_marked_row_is_told_to_whom_it_meets<V: Views>(views: V) {
    let view = kept_view("orders", "one");
    views.keep(std::slice::from_ref(&view)).await.expect("a view is kept");
    let mut written = batch(&view, 0, 1, &ROWS);
    let marked = Row { value: json_of(r#"{"customer":"bob"}"#), mark: Some("division by zero".to_owned()) };
    written.changes.push(("m".to_owned(), Some(marked.clone())));
    views.write(&[written]).await.expect("written");
    let refused = async |selection: Selection| match views.select(&view.id, &selection).await {
        Ok(found) => format!("{} rows", found.rows.len()),
        Err(SelectError::Marked(marked)) => format!("{} {}", marked.key, marked.mark),
        Err(other) => panic!("{other}"),
    };
    let bob = || ("customer", Value::text("bob"));
    assert_eq!(refused(all()).await, "m division by zero");
    assert_eq!(refused(matching(&[bob()], &[])).await, "m division by zero");
    assert_eq!(refused(matching(&[("customer", Value::text("ada"))], &[])).await, "3 rows");
    // Its total is not known: it could be any.
    assert_eq!(refused(matching(&[("total", Value::Int(77))], &[])).await, "m division by zero");
    let any = Value::list([Value::Int(77), Value::Int(78)]);
    assert_eq!(refused(matching(&[("total", any)], &[])).await, "m division by zero");
    assert_eq!(refused(matching(&[("total", Value::list([]))], &[])).await, "0 rows");
    let rows = views.rows(&view.id, &["m".to_owned()]).await.expect("the view is kept");
    assert_eq!(rows.get("m"), Some(&marked), "who folds sees the mark");
    views.write(&[batch(&view, 1, 2, &[("m", "{}")])]).await.expect("written");
    assert_eq!(refused(all()).await, "9 rows", "a row in its place mends it");
}

/// A view that is restarted has no rows and begins before the first commit; others stay.
pub async fn a_view_is_restarted<V: Views>(views: V) {
    let (one, two) = (kept_view("one", "1"), kept_view("two", "2"));
    views.keep(&[one.clone(), two.clone()]).await.expect("views are kept");
    let both = [batch(&one, 0, 2, &[("a", "{}")]), batch(&two, 0, 2, &[("a", "{}")])];
    views.write(&both).await.expect("written");
    views.restart(&one.id).await.expect("it is kept");
    assert_eq!(found(&views, &one, &all()).await, Found { rows: Vec::new(), position: Position::START });
    assert_eq!(views.reached(&two.id).await, Ok(position(2)));
    assert_eq!(keys(&views, &two, &all()).await, "a");
}
