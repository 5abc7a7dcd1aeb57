//! Reading beside an owner, and without one.

use std::fs;

use mote_log::conformance::{append, block_on, commit, stream};
use mote_log::{Log, Position, Version};
use mote_store::{Database, OpenError, Options, Reader, SqliteLog};

use crate::order;

/// What a reader sees: the ordinals of all commits.
#[track_caller]
fn check(reader: &Reader, expected: &[u64]) {
    let commits = reader.commits(Position::START, 100).unwrap();
    let found: Vec<u64> = commits.iter().map(|commit| commit.position.ordinal()).collect();
    assert_eq!(found, expected);
    assert_eq!(reader.end().unwrap().ordinal(), expected.last().copied().unwrap_or_default());
}

#[test]
fn there_is_nothing_to_read_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Reader::open(folder.path()).unwrap().is_none());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_reader_sees_what_its_owner_acknowledged_and_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let reader = Reader::open(folder.path()).unwrap().unwrap();
    check(&reader, &[]);
    block_on(log.append(order(1))).unwrap();
    check(&reader, &[1]);
    block_on(log.append(commit(vec![append("order/1", 1, &["OrderPaid"])]))).unwrap();
    check(&reader, &[1, 2]);
    let paid = reader.stream(&stream("order/1"), Version(1), 10).unwrap();
    assert_eq!(paid.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["OrderPaid"]);
    log.close();
    check(&reader, &[1, 2]);

    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    block_on(log.append(order(2))).unwrap();
    check(&reader, &[1, 2, 3]);
}

#[test]
fn a_log_without_an_owner_is_read_however_its_owner_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    database.commit_batch(&[order(1), order(2)]);
    // As a killed process leaves it: everything is in the write-ahead log.
    database.abandon();
    check(&Reader::open(folder.path()).unwrap().unwrap(), &[1, 2]);

    let mut database = Database::open(folder.path()).unwrap();
    database.commit_batch(&[order(3)]);
    drop(database);
    check(&Reader::open(folder.path()).unwrap().unwrap(), &[1, 2, 3]);
    assert_eq!(Database::open(folder.path()).unwrap().end().ordinal(), 3);
}

#[test]
fn a_file_that_is_no_log_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("log.db"), "a shopping list").unwrap();
    assert!(matches!(Reader::open(folder.path()), Err(OpenError::Foreign { .. })));
}
