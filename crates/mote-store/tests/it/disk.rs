//! A disk that refuses: full, busy, or failing to sync.
//!
//! The faults are the kernel's own. The descriptor of the write-ahead log is replaced by a device:
//! `/dev/full` refuses every write for want of space, `/dev/null` takes every write and cannot sync.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use mote_log::conformance::{block_on, commit, stream};
use mote_log::{AppendError, Log, Version};
use mote_store::{Database, Options, SqliteLog};

use crate::{order, told};

/// This process's descriptor of the file at `path`.
fn descriptor(path: &Path) -> RawFd {
    let path = path.canonicalize().unwrap();
    let entries = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let entry = entries.into_iter().find(|entry| fs::read_link(entry.path()).is_ok_and(|file| file == path));
    entry.expect("the file is open").file_name().to_str().unwrap().parse().unwrap()
}

/// Until dropped, whatever goes to `file` goes to a device.
struct Replaced {
    target: RawFd,
    original: OwnedFd,
}

impl Replaced {
    fn new(file: &Path, device: &str) -> Replaced {
        let target = descriptor(file);
        let device = File::options().read(true).write(true).open(device).unwrap();
        // SAFETY: both descriptors are open, and the duplicate belongs to nobody else.
        let original = unsafe { OwnedFd::from_raw_fd(libc::dup(target)) };
        // SAFETY: as above; the descriptor stays open throughout, so SQLite never loses it.
        assert_eq!(unsafe { libc::dup2(device.as_raw_fd(), target) }, target);
        Replaced { target, original }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        // SAFETY: both descriptors are open.
        unsafe { libc::dup2(self.original.as_raw_fd(), self.target) };
    }
}

#[test]
fn a_full_disk_refuses_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    block_on(SqliteLog::open(folder.path(), Options::default()).unwrap().append(order(1))).unwrap();
    // Opened anew, so that the write-ahead log is empty: a device gives nothing back.
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let full = Replaced::new(&folder.path().join("log.db-wal"), "/dev/full");
    for number in 2..5 {
        let refused = block_on(log.append(order(number))).unwrap_err();
        assert!(matches!(refused, AppendError::Unavailable(_)));
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"the log cannot take commits now: database or disk is full");
        }
    }
    drop(full);
    assert_eq!(log.failure(), None);
    assert_eq!(block_on(log.append(order(2))).unwrap().ordinal(), 2, "the refused commits left nothing");
    assert_eq!(block_on(log.stream(&stream("order/2"), Version(0), 10)).unwrap().len(), 1);
    drop(log);
    let database = Database::open(folder.path()).unwrap();
    assert_eq!(database.end().ordinal(), 2);
    database.check().unwrap();
}

#[test]
fn a_full_file_refuses_the_whole_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    database.commit_batch(&[order(0)]);
    database.set_size_max(40 * 4096).unwrap();
    let many: Vec<_> = (1..2_000).map(order).collect();
    let told_all = told(database.commit_batch(&many));
    assert!(told_all.iter().all(|told| told == &told_all[0]), "one batch, one fate");
    insta::assert_snapshot!(told_all[0], @"the log cannot take commits now: database or disk is full");
    let blamed = told(database.commit_batch(&[vec![commit(Vec::new())], many.clone()].concat()));
    insta::assert_snapshot!(blamed[0], @"the commit is malformed: it holds neither events nor an answer");
    assert_eq!(
        database.commit_batch(&[order(1)]).remove(0).unwrap().ordinal(),
        2,
        "a smaller batch still fits"
    );
    database.set_size_max(u64::MAX).unwrap();
    assert!(database.commit_batch(&many[1..]).iter().all(Result::is_ok));
    database.check().unwrap();
}

#[test]
fn a_failed_sync_ends_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    block_on(log.append(order(1))).unwrap();
    {
        let _lost = Replaced::new(&folder.path().join("log.db-wal"), "/dev/null");
        let refused = block_on(log.append(order(2))).unwrap_err();
        assert!(matches!(refused, AppendError::Unknown(_)));
        insta::assert_snapshot!(refused, @"the log failed while writing, the commit's fate is unknown: disk I/O error");
    }
    // The disk is well again, but nobody knows what it forgot.
    insta::assert_snapshot!(log.failure().unwrap(), @"disk I/O error");
    let refused = block_on(log.append(order(3))).unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(_)));
    insta::assert_snapshot!(refused, @"the log cannot take commits now: it failed before: disk I/O error");
    let refused = block_on(log.stream(&stream("order/1"), Version(0), 10)).unwrap_err();
    insta::assert_snapshot!(refused, @"the log cannot be read: it failed before: disk I/O error");
    assert_eq!(log.end().ordinal(), 1);
    drop(log);

    let mut database = Database::open(folder.path()).unwrap();
    assert_eq!(database.end().ordinal(), 1, "this time the unknown commit was not stored");
    assert_eq!(database.commit_batch(&[order(2)]).remove(0).unwrap().ordinal(), 2);
    database.check().unwrap();
}

#[test]
fn a_file_that_somebody_else_holds_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    let shell = rusqlite::Connection::open(database.path()).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = told(database.commit_batch(&[order(1)]));
    insta::assert_snapshot!(refused[0], @"the log cannot take commits now: database is locked");
    shell.execute_batch("ROLLBACK").unwrap();
    assert!(database.commit_batch(&[order(1)])[0].is_ok());
}
