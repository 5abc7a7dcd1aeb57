//! What every log promises, on real files.

use mote_log::conformance::{block_on, check_all, check_journals, check_snapshots};
use mote_store::{Options, SqliteLog};

#[test]
fn the_log_conforms() {
    let mut folders = Vec::new();
    block_on(check_all(|| {
        let folder = tempfile::tempdir().unwrap();
        let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
        folders.push(folder);
        log
    }));
}

#[test]
fn the_snapshots_conform() {
    let mut folders = Vec::new();
    block_on(check_snapshots(|| {
        let folder = tempfile::tempdir().unwrap();
        let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
        folders.push(folder);
        log
    }));
}

#[test]
fn the_journals_conform() {
    let mut folders = Vec::new();
    block_on(check_journals(|| {
        let folder = tempfile::tempdir().unwrap();
        let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
        folders.push(folder);
        log
    }));
}
