//! `mote views`: views and rows as people and programs read them, beside their owner and without one.

use std::process::{Command, Output, Stdio};

use mote_expr::rows::Row;
use mote_expr::{Digest, parse};
use mote_log::conformance::block_on;
use mote_log::{
    Append, Batch, Cause, Codec, Commit, KeptView, NewEvent, Position, Version, ViewId, Views as _,
};
use mote_store::{Database, SqliteViews};

use crate::running::said;

/// A system without contracts, with a log of three commits and the rows of one view, which reaches the second.
struct System {
    folder: tempfile::TempDir,
    _rows: SqliteViews,
}

fn system() -> System {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("mote.yaml"), "system: shop\n").expect("it can be written");
    let state = |name: &str| {
        let path = folder.path().join(".mote").join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        path
    };
    let mut log = Database::open(state("log")).expect("a log");
    for expected in 0..3 {
        let answers = log.commit_batch(&[commit(expected)]);
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
    let rows = SqliteViews::open(state("views")).expect("rows");
    let id = ViewId { name: "orders".to_owned(), digest: Digest([7; 32]) };
    let kept = KeptView { id: id.clone(), index: vec!["status".to_owned()] };
    block_on(rows.keep(&[kept])).expect("it is kept");
    let row = |json: &str, mark: Option<&str>| {
        Some(Row { value: parse(json.as_bytes()).expect("a row"), mark: mark.map(str::to_owned) })
    };
    let changes = vec![
        ("o-1".to_owned(), row(r#"{"status":"placed","total":5}"#, None)),
        (
            "o-2".to_owned(),
            row(r#"{"status":"placed","total":null}"#, Some("after `Placed` it does not fit")),
        ),
        ("o-3".to_owned(), row(r#"{"status":"5","total":7}"#, None)),
    ];
    let batch = Batch { view: id, from: Position::START, through: Position::from_ordinal(2), changes };
    block_on(rows.write(&[batch])).expect("it is written");
    System { folder, _rows: rows }
}

fn commit(expected: u64) -> Commit {
    let event = NewEvent { kind: "Placed".to_owned(), shape: 1, codec: Codec::Json, data: b"{}".to_vec() };
    let append = Append {
        stream: "order/1".parse().expect("a stream's name"),
        expected: Version(expected),
        events: vec![event],
    };
    let cause = Cause {
        invocation: "i".to_owned(),
        operation: "place-order".to_owned(),
        release: Digest([1; 32]),
        artifact: None,
        caller: "ada".to_owned(),
        input: Digest([2; 32]),
        at: "2026-01-01T00:00:00Z".parse().expect("a time"),
        traceparent: None,
    };
    Commit { appends: vec![append], cause, answer: None, checkpoint: None }
}

impl System {
    fn views(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mote"));
        command.arg("views").args(arguments).current_dir(self.folder.path());
        command.env("NO_COLOR", "1").stdin(Stdio::null()).output().expect("mote runs")
    }

    /// What is printed, and what is said beside it.
    #[track_caller]
    fn check(&self, arguments: &[&str], expected: &str, beside: &str) {
        let output = self.views(arguments);
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        assert_eq!(said(&output), beside);
    }
}

const FIRST: &str = "o-1                            {\"status\":\"placed\",\"total\":5}\n";
const MARKED: &str = "o-2                            {\"status\":\"placed\",\"total\":null}\n  marked: after `Placed` it does not fit\n";
const LAST: &str = "o-3                            {\"status\":\"5\",\"total\":7}\n";

#[test]
fn views_are_listed_with_how_far_they_reach() {
    let system = system();
    system.check(
        &[],
        "orders                         07070707        3 rows, 1 marked, 1 commit behind at p0000000000000002\n",
        "",
    );
    let digest = "07".repeat(32);
    system.check(
        &["--json"],
        &format!(
            "{{\"behind\":1,\"digest\":\"{digest}\",\"marked\":1,\"position\":\"p0000000000000002\",\"rows\":3,\"view\":\"orders\"}}\n"
        ),
        "",
    );
}

#[test]
fn rows_are_shown_by_key_and_by_what_they_hold() {
    let system = system();
    let all = format!("{FIRST}{MARKED}{LAST}");
    system.check(&["orders"], &all, "");
    system.check(&["orders", "--key", "o-3"], LAST, "");
    system.check(&["orders", "--where", "status=placed"], &format!("{FIRST}{MARKED}"), "");
    // A number, and a text that looks like one.
    system.check(&["orders", "--where", "total=7"], LAST, "");
    system.check(&["orders", "--where", "status=5"], LAST, "");
    system.check(&["orders", "--where", "total=null"], MARKED, "");
    system.check(&["orders", "--where", "total=8"], "", "no row fits\n");
    system.check(&["orders", "--limit", "1"], FIRST, "there are more: add `--after o-1`\n");
    system.check(&["orders", "--after", "o-1"], &format!("{MARKED}{LAST}"), "");
    system.check(
        &["orders", "--where", "status=placed", "--json"],
        "{\"key\":\"o-1\",\"row\":{\"status\":\"placed\",\"total\":5}}\n\
         {\"key\":\"o-2\",\"mark\":\"after `Placed` it does not fit\",\"row\":{\"status\":\"placed\",\"total\":null}}\n",
        "",
    );
}

#[test]
fn a_view_that_is_not_there_gets_a_suggestion() {
    let output = system().views(&["order"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said(&output), "error: no rows of a view `order` are kept\nhint: did you mean `orders`?\n");
}

#[test]
fn a_system_that_never_was_up_has_no_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("mote.yaml"), "system: shop\n").expect("it can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mote"));
    let output = command.arg("views").current_dir(folder.path()).output().expect("mote runs");
    assert!(output.status.success());
    assert_eq!(said(&output), "there are no rows yet: `mote up` folds them from the log\n");
    assert!(!folder.path().join(".mote/views/views.db").exists(), "looking made a file");
}
