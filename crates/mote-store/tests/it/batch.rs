//! Group commit: many commits, few transactions, each answered for itself.

use futures_util::future::{FutureExt, join_all};
use mote_log::conformance::{append, begins, block_on, commit, ends, goes_on};
use mote_log::{AppendError, Journal, Log};
use mote_store::{Database, Options, SqliteLog};

use crate::{order, told};

#[test]
fn a_batch_is_one_transaction_and_refusals_are_single() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    let answers = database.commit_batch(&[
        order(1),
        commit(vec![append("order/2", 0, &["OrderPlaced"]), append("order/1", 0, &["OrderPlaced"])]),
        commit(vec![append("order/1", 1, &["OrderPaid"])]),
        commit(vec![append("order/3", 0, &[])]),
        order(2),
    ]);
    insta::assert_snapshot!(told(answers).join("\n"), @"
    1
    stream order/1 is at version 1, the commit expects 0
    2
    the commit is malformed: an append holds no events
    3
    ");
    assert_eq!(database.transactions(), 1);
    database.commit_batch(&[order(1)]);
    assert_eq!(database.transactions(), 1, "a batch of refusals stores nothing");
    database.check().unwrap();
}

#[test]
fn commits_in_flight_share_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let operator = rusqlite::Connection::open(folder.path().join("log.db")).unwrap();
    // While somebody else holds the file, the writer waits with what it took, and the rest gathers.
    operator.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut appends = Box::pin(join_all((0..1_000).map(|number| log.append(order(number)))));
    assert!(appends.as_mut().now_or_never().is_none());
    operator.execute_batch("COMMIT").unwrap();
    assert!(block_on(appends).iter().all(Result::is_ok));
    assert!(log.transactions() <= 2, "{} transactions for 1,000 commits", log.transactions());
}

#[test]
fn pages_of_journals_share_transactions_with_commits() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let operator = rusqlite::Connection::open(folder.path().join("log.db")).unwrap();
    operator.execute_batch("BEGIN IMMEDIATE").unwrap();
    let runs: Vec<String> = (0..200).map(|number| format!("run-{number}")).collect();
    let mut all = Box::pin(join_all(runs.iter().enumerate().map(|(number, run)| {
        let log = &log;
        async move {
            log.write(begins(run, "flow", &["one"], 1)).await.unwrap();
            log.append(order(number)).await.unwrap();
            log.write(ends(goes_on(run, 1, &["two"]), true, 2)).await.unwrap();
        }
    })));
    assert!(all.as_mut().now_or_never().is_none());
    operator.execute_batch("COMMIT").unwrap();
    block_on(all);
    // What each waits for comes in three turns at least; a few more, where a turn begins before all is brought.
    assert!(log.transactions() <= 20, "{} transactions for 600 writes", log.transactions());
    log.close();
    Database::open(folder.path()).unwrap().check().unwrap();
}

#[test]
fn a_refused_page_is_refused_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    let answers = database.page_batch(&[
        begins("a", "flow", &["one"], 1),
        goes_on("b", 0, &["one"]),
        goes_on("a", 1, &["two"]),
        begins("a", "flow", &["one"], 1),
        ends(goes_on("a", 2, &[]), true, 3),
        goes_on("a", 2, &["three"]),
    ]);
    let told =
        answers.into_iter().map(|answer| answer.map_or_else(|error| error.to_string(), |()| "ok".to_owned()));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
    ok
    the run's journal has 0 entries, the page expects 0
    ok
    the run's journal has 2 entries, the page expects 0
    ok
    the run has ended
    ");
    assert_eq!(database.transactions(), 1);
    database.check().unwrap();
}

#[test]
fn a_lone_commit_does_not_wait_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    for number in 0..5 {
        block_on(log.append(order(number))).unwrap();
    }
    assert_eq!(log.transactions(), 5);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options { queue_commits_max: 0, ..Options::default() }).unwrap();
    let refused = block_on(log.append(order(1)));
    assert!(matches!(refused, Err(AppendError::Unavailable(_))));
    insta::assert_snapshot!(refused.unwrap_err(), @"the log cannot take commits now: 0 commits wait already");
}

#[test]
fn the_write_ahead_log_flows_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    let mut largest = 0;
    // Enough batches to fill the write-ahead log more than twice.
    for batch in 0..120 {
        let commits: Vec<_> = (batch * 300..(batch + 1) * 300).map(order).collect();
        assert!(database.commit_batch(&commits).iter().all(Result::is_ok));
        database.checkpoint_if_due();
        largest = largest.max(database.wal_bytes().unwrap());
    }
    assert!(database.wal_bytes().unwrap() < largest, "it starts anew after a checkpoint");
    assert!(largest < 24 << 20, "it grew to {largest} bytes");
    database.check().unwrap();
}
