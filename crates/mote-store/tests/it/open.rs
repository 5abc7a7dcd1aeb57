//! Files that are no log, no log of this layout, or no longer whole: each is named, none is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mote_store::{Database, OpenError};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::order;

/// Every file of `folder` with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let file =
        |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    fs::read_dir(folder).unwrap().map(|entry| file(entry.unwrap())).collect()
}

/// Opening what `prepare` made of the file is refused, and leaves every byte as it was.
#[track_caller]
fn check(prepare: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    prepare(&path);
    let mut before = files(folder.path());
    let refused = Database::open(&path).expect_err("this file is refused");
    let mut after = files(folder.path());
    // The lock's file and SQLite's shared memory and empty write-ahead log are no part of the log.
    for files in [&mut before, &mut after] {
        files.retain(|name, bytes| !name.ends_with(".lock") && !name.ends_with("-shm") && !bytes.is_empty());
    }
    assert!(before == after, "opening changed {:?} into {:?}", before.keys(), after.keys());
    let locked = folder.path().join("log.db.lock").exists();
    let ours = !matches!(refused, OpenError::Foreign { .. } | OpenError::Newer { .. });
    assert!(ours || !locked, "nothing appears beside somebody else's file");
    refused.to_string().replace(folder.path().canonicalize().unwrap().to_str().unwrap(), "")
}

/// A log of a few hundred commits, closed, or as a killed process leaves it.
fn log(path: &Path, killed: bool) {
    let mut database = Database::open(path).unwrap();
    for batch in 0..3 {
        database.commit_batch(&(batch * 100..(batch + 1) * 100).map(order).collect::<Vec<_>>());
    }
    if killed {
        database.abandon();
    }
    let _ = fs::remove_file(path.with_file_name("log.db.lock"));
}

fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_foreign_file() {
    let text = check(|path| fs::write(path, "2026-01-01 all is well\n".repeat(100)).unwrap());
    insta::assert_snapshot!(text, @"`/log.db` is not a log of Mote");
    let short = check(|path| fs::write(path, "SQLite").unwrap());
    insta::assert_snapshot!(short, @"`/log.db` is not a log of Mote");
    let database = check(|path| {
        let other = Connection::open(path).unwrap();
        other.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE notes (text)").unwrap();
    });
    insta::assert_snapshot!(database, @"`/log.db` is not a log of Mote");
}

#[test]
fn a_newer_layout() {
    let newer = check(|path| {
        log(path, false);
        let other = Connection::open(path).unwrap();
        other.execute_batch("PRAGMA user_version = 7; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    });
    insta::assert_snapshot!(newer, @"the log `/log.db` has layout 7, this Mote knows layouts up to 4: run a newer Mote");
}

#[test]
fn a_damaged_log() {
    let empty = check(|path| fs::write(path, "").unwrap());
    insta::assert_snapshot!(empty, @"the log `/log.db` is damaged: the file is empty");
    let gone = check(|path| {
        log(path, true);
        fs::remove_file(path).unwrap();
    });
    insta::assert_snapshot!(gone, @"the log `/log.db` is damaged: the file is gone, its `-wal` is not");
    let cut = check(|path| {
        log(path, false);
        damage(path, |bytes| bytes.truncate(bytes.len() / 2));
    });
    insta::assert_snapshot!(cut, @"the log `/log.db` is damaged: database disk image is malformed");
    let garbled = check(|path| {
        log(path, false);
        damage(path, |bytes| bytes[4096..].fill(0xa5));
    });
    insta::assert_snapshot!(garbled, @"the log `/log.db` is damaged: database disk image is malformed");
    let in_its_wal = check(|path| {
        log(path, true);
        let shell = Connection::open(path).unwrap();
        shell.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        shell.execute_batch("DROP TABLE events").unwrap();
    });
    insta::assert_snapshot!(in_its_wal, @"the log `/log.db` is damaged: no such table: events");
    let at_its_end = check(|path| {
        log(path, false);
        let shell = Connection::open(path).unwrap();
        shell.execute_batch("UPDATE events SET codec = 9 WHERE position = 300").unwrap();
    });
    insta::assert_snapshot!(
        at_its_end,
        @"the log `/log.db` is damaged: column `codec` cannot be read: a newer Mote wrote codec 9"
    );
}

#[test]
fn damage_in_between_is_found_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    log(&path, false);
    let shell = Connection::open(&path).unwrap();
    shell.execute_batch("DELETE FROM events WHERE position = 17").unwrap();
    drop(shell);
    let database = Database::open(&path).unwrap();
    insta::assert_snapshot!(
        database.check().unwrap_err(),
        @"the log cannot be read: a commit has neither events nor an answer"
    );
}

#[test]
fn a_path_that_cannot_be_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let refused = Database::open(folder.path().join("file/log.db")).unwrap_err();
    assert!(matches!(refused, OpenError::Access { .. }), "{refused}");
}

#[test]
fn a_creation_that_was_cut_short_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    fs::write(folder.path().join("log.db.new"), "half of a file").unwrap();
    Database::open(&path).unwrap();
    assert!(!folder.path().join("log.db.new").exists());
}
