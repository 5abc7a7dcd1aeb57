//! Rows on real files: they keep every store's promise, and a file that is lost begins anew.

use std::fs;
use std::path::Path;

use mote_expr::rows::{Row, Selection};
use mote_expr::{Value, parse};
use mote_log::conformance::{block_on, check_views, kept_view};
use mote_log::{Batch, Position, SelectError, Views, ViewsError};
use mote_store::{SqliteViews, ViewsOpenError};

#[test]
fn the_rows_conform() {
    let mut folders = Vec::new();
    block_on(check_views(|| {
        let folder = tempfile::tempdir().unwrap();
        let views = SqliteViews::open(folder.path()).unwrap();
        folders.push(folder);
        views
    }));
}

const ALL: Selection = Selection { matching: Vec::new(), order: Vec::new(), after: None, count: 1_000 };

/// Keep one view and write `count` rows.
fn fill(views: &SqliteViews, count: usize) {
    let view = kept_view("orders", "one");
    block_on(views.keep(std::slice::from_ref(&view))).unwrap();
    let row = |number: usize| {
        let json =
            format!(r#"{{"customer":"c{}","total":{number},"note":"{}"}}"#, number % 10, "n".repeat(200));
        (format!("{number:06}"), Some(Row::sound(parse(json.as_bytes()).unwrap())))
    };
    let batch = Batch {
        view: view.id,
        from: Position::START,
        through: Position::from_ordinal(count as u64),
        changes: (0..count).map(row).collect(),
    };
    block_on(views.write(&[batch])).unwrap();
}

/// How far the view reaches, and how many rows it has.
#[track_caller]
fn holds(views: &SqliteViews, reached: u64, rows: usize) {
    let view = kept_view("orders", "one");
    assert_eq!(block_on(views.reached(&view.id)), Ok(Position::from_ordinal(reached)));
    assert_eq!(block_on(views.select(&view.id, &ALL)).unwrap().rows.len(), rows);
}

#[test]
fn rows_are_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let views = SqliteViews::open(folder.path()).unwrap();
    fill(&views, 20);
    assert!(matches!(SqliteViews::open(folder.path()), Err(ViewsOpenError::Owned { .. })));
    drop(views);
    let views = SqliteViews::open(folder.path()).unwrap();
    block_on(views.keep(&[kept_view("orders", "one")])).unwrap();
    holds(&views, 20, 20);
}

/// What happens to the file between two runs.
type Mishap = fn(&Path);

#[test]
fn what_is_not_a_whole_file_begins_anew() {
    let mishaps: [(&str, Mishap); 6] = [
        ("deleted", |path| fs::remove_file(path).unwrap()),
        ("cut", |path| fs::write(path, &fs::read(path).unwrap()[..5_000]).unwrap()),
        ("empty", |path| fs::write(path, b"").unwrap()),
        ("of another kind", |path| fs::write(path, b"a letter to somebody").unwrap()),
        ("of another layout", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[63] = 9;
            fs::write(path, bytes).unwrap();
        }),
        ("scribbled over", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[100..4_096].fill(0xAA);
            fs::write(path, bytes).unwrap();
        }),
    ];
    for (what, mishap) in mishaps {
        let folder = tempfile::tempdir().unwrap();
        let views = SqliteViews::open(folder.path()).unwrap();
        fill(&views, 200);
        let path = views.path().to_owned();
        drop(views);
        mishap(&path);
        let views = SqliteViews::open(folder.path()).unwrap_or_else(|error| panic!("{what}: {error}"));
        block_on(views.keep(&[kept_view("orders", "one")])).unwrap_or_else(|error| panic!("{what}: {error}"));
        holds(&views, 0, 0);
        fill(&views, 3);
        holds(&views, 3, 3);
        let aside = folder.path().join("views.db.damaged");
        assert_eq!(aside.exists(), what != "deleted", "{what}: nothing is deleted that may be needed");
    }
}

#[test]
fn damage_that_is_met_while_serving_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let views = SqliteViews::open(folder.path()).unwrap();
    fill(&views, 2_000);
    let path = views.path().to_owned();
    drop(views);
    // The pages behind the first hold rows and indexes; that file opens.
    let mut bytes = fs::read(&path).unwrap();
    bytes[16_384..].fill(0xAA);
    fs::write(&path, bytes).unwrap();
    let views = SqliteViews::open(folder.path()).unwrap();
    let view = kept_view("orders", "one");
    let kept = block_on(views.keep(std::slice::from_ref(&view)));
    let met = kept.map_err(SelectError::from).and_then(|()| block_on(views.select(&view.id, &ALL)).map(drop));
    let Err(SelectError::Views(ViewsError::Unavailable(detail))) = met else { panic!("{met:?}") };
    assert!(detail.contains("folded anew"), "{detail}");
    block_on(views.keep(std::slice::from_ref(&view))).unwrap();
    holds(&views, 0, 0);
    fill(&views, 30);
    holds(&views, 30, 30);
}

#[test]
fn rows_are_found_by_their_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let views = SqliteViews::open(folder.path()).unwrap();
    fill(&views, 100);
    let connection = rusqlite::Connection::open(views.path()).unwrap();
    let plan = |sql: &str| -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map(["c1"], |row| row.get::<_, String>(3)).unwrap();
        steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    };
    let by_field = plan("SELECT key, row FROM rows_1 WHERE mark IS NULL AND i0 IS ?1 ORDER BY key LIMIT 5");
    assert_eq!(by_field, "SEARCH rows_1 USING INDEX rows_1_i0 (i0=?)");
    let marks = plan("SELECT key, row, mark FROM rows_1 WHERE mark IS NOT NULL AND ?1 = 'c1' ORDER BY key");
    assert_eq!(marks, "SCAN rows_1 USING INDEX rows_1_marked");
    let stored: Value = connection
        .query_row("SELECT row FROM rows_1 WHERE key = '000007'", [], |row| row.get::<_, String>(0))
        .map(|json| parse(json.as_bytes()).unwrap())
        .unwrap();
    assert_eq!(stored.field("total"), Some(&Value::Int(7)));
}
