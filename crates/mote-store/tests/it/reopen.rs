//! What is there after closing, and who may open when.

use futures_util::future::{FutureExt, join_all};
use mote_log::conformance::{append, block_on, commit, kept, scope, stream};
use mote_log::{Commit, Log, Position, Version};
use mote_store::{Database, OpenError, Options, SqliteLog};

use crate::order;

#[test]
fn everything_is_there_after_the_last_handle_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let open = || SqliteLog::open(folder.path(), Options::default()).unwrap();
    let log = open();
    let other = log.clone();
    let answer = Some(kept(scope("place-order", "user:ada", "k1"), "{}"));
    let position = block_on(log.append(Commit { answer, ..order(1) })).unwrap();
    drop(log);
    block_on(other.append(order(2))).unwrap();
    let before = block_on(other.commits(Position::START, 10)).unwrap();
    drop(other);

    let log = open();
    assert_eq!(block_on(log.commits(Position::START, 10)).unwrap(), before);
    assert_eq!(log.end(), before[1].position);
    let answer = block_on(log.kept_answer(&scope("place-order", "user:ada", "k1"))).unwrap();
    assert_eq!(answer.map(|(at, _)| at), Some(position));
    let next = block_on(log.append(commit(vec![append("order/1", 1, &["OrderPaid"])]))).unwrap();
    assert_eq!(next.ordinal(), 3, "positions go on where they were");
}

#[test]
fn closing_waits_for_what_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let mut appends = Box::pin(join_all((0..200).map(|number| log.append(order(number)))));
    // Polled once, all of them wait for the writer.
    assert!(appends.as_mut().now_or_never().is_none());
    log.close();
    assert!(block_on(appends).iter().all(Result::is_ok), "what was taken is written");

    let refused = block_on(log.append(order(200)));
    insta::assert_snapshot!(refused.unwrap_err(), @"the log cannot take commits now: it is closed");
    let refused = block_on(log.stream(&stream("order/1"), Version(0), 1));
    insta::assert_snapshot!(refused.unwrap_err(), @"the log cannot be read: it is closed");

    let database = Database::open(folder.path()).unwrap();
    assert_eq!(database.end().ordinal(), 200);
    assert!(!database.wal_path().exists() || database.wal_bytes().unwrap() == 0, "closing leaves one file");
}

#[test]
fn a_log_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path(), Options::default()).unwrap();
    let again = SqliteLog::open(folder.path().join("log.db"), Options::default());
    let Err(OpenError::Owned { path, pid }) = again else { panic!("two owners: {again:?}") };
    assert_eq!((path.file_name().unwrap(), pid), ("log.db".as_ref(), Some(std::process::id())));
    insta::assert_snapshot!(
        OpenError::Owned { path: "log.db".into(), pid: Some(4711) },
        @"the log `log.db` belongs to process 4711"
    );
    insta::assert_snapshot!(
        OpenError::Owned { path: "log.db".into(), pid: None },
        @"the log `log.db` belongs to another process"
    );
    block_on(log.append(order(1))).unwrap();
    log.close();
    SqliteLog::open(folder.path(), Options::default()).expect("a closed log belongs to nobody");
}

#[test]
#[cfg(unix)]
fn a_link_to_a_log_is_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let _log = Database::open(folder.path().join("log.db")).unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("log.db"), &link).unwrap();
    assert!(matches!(Database::open(link), Err(OpenError::Owned { .. })));
}

#[test]
fn an_abandoned_database_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    database.commit_batch(&[order(1), order(2)]);
    let wal = database.wal_path();
    let kept = database.wal_bytes().unwrap();
    database.commit_batch(&[order(3)]);
    assert!(database.wal_bytes().unwrap() > kept + 1);
    database.abandon();
    // A crash inside the second batch: its last bytes never arrived.
    std::fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(kept + 1).unwrap();

    let mut database = Database::open(folder.path()).unwrap();
    assert_eq!(database.end().ordinal(), 2, "the first batch is whole, the second never was");
    assert_eq!(database.commit_batch(&[order(3)]).remove(0).unwrap().ordinal(), 3);
    database.check().unwrap();
}

#[test]
fn an_operator_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path()).unwrap();
    database.commit_batch(&[order(1)]);
    // Beside the running owner, as `sqlite3 log.db` would.
    let shell = rusqlite::Connection::open(database.path()).unwrap();
    let row = shell.query_row(
        "SELECT json_object('at', events.at, 'operation', operation, 'stream', stream, 'version', version,
                            'type', type, 'total', data ->> 'total')
         FROM events JOIN commits USING (position) WHERE stream LIKE 'order/%'",
        [],
        |row| row.get::<_, String>(0),
    );
    insta::assert_snapshot!(
        row.unwrap(),
        @r#"{"at":"2026-01-01T00:00:00.123456789Z","operation":"place-order","stream":"order/1","version":1,"type":"OrderPlaced","total":42}"#
    );
}
