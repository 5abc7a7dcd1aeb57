//! Snapshots in a file: they outlive a restart, can be deleted, and no damage in them is believed.

use mote_expr::Digest;
use mote_log::conformance::{block_on, snapshot, stream};
use mote_log::{Log, Snapshots};
use mote_store::{Database, Options, SqliteLog};
use rusqlite::Connection;

use crate::order;

#[test]
fn what_is_damaged_is_no_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    let kept = snapshot("order/1", "fold", 1_000);
    let shell = Connection::open(database.path()).unwrap();
    for damage in [
        "state = '{\"seen\": 1'",
        "state = '{\"a\": 1, \"a\": 1}'",
        "state = x'ff00'",
        "state = 17",
        "version = -4",
    ] {
        database.keep_snapshot(&kept).unwrap();
        assert_eq!(database.snapshot(&kept.stream, kept.fold).unwrap().as_ref(), Some(&kept));
        shell.execute_batch(&format!("UPDATE snapshots SET {damage}")).unwrap();
        assert_eq!(database.snapshot(&kept.stream, kept.fold).unwrap(), None, "{damage}");
    }
    shell.execute_batch("DELETE FROM snapshots").unwrap();
    assert_eq!(database.snapshot(&kept.stream, kept.fold).unwrap(), None);
    database.check().unwrap();
}

#[test]
fn a_snapshot_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let kept = snapshot("order/1", "fold", 1_000);
    let mut database = Database::open(folder.path()).unwrap();
    database.keep_snapshot(&kept).unwrap();
    database.abandon();
    let database = Database::open(folder.path()).unwrap();
    assert_eq!(database.snapshot(&kept.stream, kept.fold).unwrap(), Some(kept));
}

#[test]
fn a_full_disk_fails_a_snapshot_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    database.set_size_max(1).unwrap();
    let mut large = snapshot("order/1", "fold", 1);
    large.state = mote_expr::Value::text("x".repeat(100_000));
    insta::assert_snapshot!(
        database.keep_snapshot(&large).unwrap_err(),
        @"the snapshot is not kept: database or disk is full"
    );
    database.set_size_max(u64::MAX).unwrap();
    assert!(database.commit_batch(&[order(1)]).remove(0).is_ok());
    assert_eq!(database.failure(), None);
}

#[test]
fn closing_keeps_what_was_asked_and_takes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let fold = Digest::of(b"fold");
    drop(log.keep_snapshot(snapshot("order/1", "fold", 1)));
    block_on(log.append(order(1))).unwrap();
    log.close();
    insta::assert_snapshot!(
        block_on(log.keep_snapshot(snapshot("order/2", "fold", 1))).unwrap_err(),
        @"the snapshot is not kept: it is closed"
    );
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    assert!(block_on(log.snapshot(&stream("order/1"), fold)).unwrap().is_some());
    assert!(block_on(log.snapshot(&stream("order/2"), fold)).unwrap().is_none());
}
