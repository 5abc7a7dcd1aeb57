//! Group commit: many commits, few transactions, each answered for itself.

use futures_util::future::{FutureExt, join_all};
use mote_log::conformance::{append, block_on, commit};
use mote_log::{AppendError, Log};
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
