//! A journal of runs.

use jiff::Timestamp;
use mote_expr::Digest;

use super::build::scope;
use crate::{Journal, JournalError, Page, RunBegun, RunEnded, RunQuery, RunState};

/// A page that begins the run `id` of `workflow`, with these entries, at so many seconds.
pub fn begins(id: &str, workflow: &str, entries: &[&str], seconds: i64) -> Page {
    let begun = RunBegun {
        workflow: workflow.to_owned(),
        definition: Digest::of(workflow.as_bytes()),
        at: at(seconds),
        input: Digest::of(id.as_bytes()),
        key: None,
        body: format!("{{\"id\":\"{id}\"}}").into_bytes(),
    };
    Page { begun: Some(begun), ..goes_on(id, 0, entries) }
}

/// A page that goes on after so many entries.
pub fn goes_on(id: &str, after: u64, entries: &[&str]) -> Page {
    let entries = entries.iter().map(|entry| entry.as_bytes().to_vec()).collect();
    Page { run: id.to_owned(), begun: None, after, entries, ended: None }
}

/// The page, as the last one of its run.
pub fn ends(page: Page, done: bool, seconds: i64) -> Page {
    Page { ended: Some(RunEnded { at: at(seconds), done, body: b"\"over\"".to_vec() }), ..page }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("the case's times are small")
}

async fn texts<J: Journal>(journal: &J, run: &str) -> Vec<String> {
    let entries = journal.entries(run, 0, 100).await.expect("entries can be read");
    entries.into_iter().map(|entry| String::from_utf8(entry).expect("the case's entries are text")).collect()
}

async fn ids<J: Journal>(journal: &J, query: RunQuery, limit: usize) -> Vec<String> {
    let runs = journal.runs(&query, limit).await.expect("runs can be listed");
    runs.into_iter().map(|run| run.id).collect()
}

/// What was written comes back, in order, with its beginning and its end.
pub async fn entries_come_back_in_order(journal: impl Journal) {
    assert_eq!(journal.run("a").await.expect("runs can be read"), None);
    journal.write(begins("a", "flow", &["one"], 1)).await.expect("a run begins");
    journal.write(begins("b", "flow", &[], 2)).await.expect("another begins");
    journal.write(goes_on("a", 1, &["two", "three"])).await.expect("it goes on");
    let run = journal.run("a").await.expect("runs can be read").expect("it is there");
    let begun = begins("a", "flow", &[], 1).begun;
    assert_eq!((Some(run.begun), run.entries, run.ended), (begun, 3, None));
    assert_eq!(texts(&journal, "a").await, ["one", "two", "three"]);
    assert_eq!(journal.entries("a", 1, 1).await.expect("entries can be read"), [b"two".to_vec()]);
    assert_eq!(texts(&journal, "b").await, [""; 0]);
    let last = ends(goes_on("a", 3, &["four"]), true, 9);
    journal.write(last.clone()).await.expect("it ends");
    let run = journal.run("a").await.expect("runs can be read").expect("it is there");
    assert_eq!((run.entries, run.ended), (4, last.ended));
}

/// A page that does not fit is refused, whole.
pub async fn pages_that_do_not_fit_are_refused(journal: impl Journal) {
    let conflict = |expected, actual| Err(JournalError::Conflict { expected, actual });
    assert_eq!(journal.write(goes_on("a", 0, &["one"])).await, conflict(0, 0), "nobody began it");
    journal.write(begins("a", "flow", &["one"], 1)).await.expect("a run begins");
    assert_eq!(journal.write(begins("a", "flow", &[], 1)).await, conflict(0, 1), "it is begun once");
    assert_eq!(journal.write(goes_on("a", 0, &["two"])).await, conflict(0, 1));
    assert_eq!(journal.write(goes_on("a", 2, &["two"])).await, conflict(2, 1));
    let malformed =
        [goes_on("", 0, &["one"]), goes_on("a", 1, &[]), Page { after: 1, ..begins("b", "flow", &[], 1) }];
    for page in malformed {
        assert!(matches!(journal.write(page).await, Err(JournalError::Malformed(_))));
    }
    journal.write(ends(goes_on("a", 1, &[]), false, 2)).await.expect("it ends");
    assert_eq!(journal.write(goes_on("a", 1, &["two"])).await, Err(JournalError::Ended));
    assert_eq!(texts(&journal, "a").await, ["one"]);
}

/// Under one key there is one run.
pub async fn a_key_has_one_run(journal: impl Journal) {
    let keyed = |id: &str, key: &str| {
        let mut page = begins(id, "flow", &["one"], 1);
        page.begun = page.begun.map(|begun| RunBegun { key: Some(scope("flow", "user:ada", key)), ..begun });
        page
    };
    journal.write(keyed("a", "k1")).await.expect("a run begins");
    journal.write(keyed("b", "k2")).await.expect("another begins");
    assert_eq!(journal.write(keyed("c", "k1")).await, Err(JournalError::KeyTaken));
    assert_eq!(journal.run("c").await.expect("runs can be read"), None);
    let found = |key: &str| {
        let scope = scope("flow", "user:ada", key);
        let journal = &journal;
        async move { journal.run_by_key(&scope).await.expect("runs can be read").map(|run| run.id) }
    };
    assert_eq!(found("k1").await.as_deref(), Some("a"));
    assert_eq!(found("k2").await.as_deref(), Some("b"));
    assert_eq!(found("k3").await, None);
}

/// Runs are listed by workflow and state, the newest first, in pages.
pub async fn runs_are_listed_newest_first(journal: impl Journal) {
    for (number, (id, workflow)) in [("a", "x"), ("b", "y"), ("c", "x"), ("d", "x")].into_iter().enumerate() {
        journal.write(begins(id, workflow, &[], number as i64)).await.expect("a run begins");
    }
    journal.write(ends(goes_on("a", 0, &[]), true, 10)).await.expect("it ends");
    journal.write(ends(goes_on("c", 0, &[]), false, 11)).await.expect("it ends");
    let all = RunQuery::default();
    assert_eq!(ids(&journal, all.clone(), 10).await, ["d", "c", "b", "a"]);
    assert_eq!(ids(&journal, all.clone(), 2).await, ["d", "c"]);
    let rest = RunQuery { before: Some("c".to_owned()), ..all.clone() };
    assert_eq!(ids(&journal, rest, 2).await, ["b", "a"]);
    let of = RunQuery { workflow: Some("x".to_owned()), ..all.clone() };
    assert_eq!(ids(&journal, of.clone(), 10).await, ["d", "c", "a"]);
    let cases =
        [(RunState::UnderWay, vec!["d", "b"]), (RunState::Done, vec!["a"]), (RunState::Failed, vec!["c"])];
    for (state, expected) in cases {
        assert_eq!(ids(&journal, RunQuery { state: Some(state), ..all.clone() }, 10).await, expected);
    }
    let both = RunQuery { state: Some(RunState::UnderWay), ..of };
    assert_eq!(ids(&journal, both, 10).await, ["d"]);
}

/// Runs that ended are forgotten with their entries and keys; those under way never are.
pub async fn old_runs_are_forgotten(journal: impl Journal) {
    for (number, id) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let mut page = begins(id, "flow", &["one"], number as i64);
        page.begun = page.begun.map(|begun| RunBegun { key: Some(scope("flow", "user:ada", id)), ..begun });
        journal.write(page).await.expect("a run begins");
    }
    for (id, seconds) in [("a", 10), ("b", 11), ("d", 30)] {
        journal.write(ends(goes_on(id, 1, &[]), true, seconds)).await.expect("it ends");
    }
    assert_eq!(journal.forget_runs(at(20), 1).await, Ok(1));
    assert_eq!(journal.forget_runs(at(20), 10).await, Ok(1));
    assert_eq!(journal.forget_runs(at(20), 10).await, Ok(0));
    assert_eq!(ids(&journal, RunQuery::default(), 10).await, ["d", "c"]);
    assert_eq!(texts(&journal, "a").await, [""; 0]);
    assert_eq!(journal.run_by_key(&scope("flow", "user:ada", "a")).await.expect("runs can be read"), None);
}
