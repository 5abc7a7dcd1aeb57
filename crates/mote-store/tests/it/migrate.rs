//! Files of older layouts: they become files of this one, whole or not at all.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mote_log::conformance::{append, commit, kept, scope};
use mote_log::{Commit, Position, StoredCommit};
use mote_store::{Database, OpenError, Reader};
use rusqlite::Connection;

use crate::order;

/// A file of every layout in SQL, as the Mote of its time left it; the last is of this build's layout.
/// With `UPDATE_EXPECT=1` that of a new layout is made by [`fill`].
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/layouts");

/// Names the folder to the child that the kill test starts of itself.
const CHILD: &str = "MOTE_STORE_TEST_MIGRATIONS";

/// The bytes of a closed file of `layout`.
fn old(layout: u32) -> Vec<u8> {
    let path = format!("{FOLDER}/{layout}.sql");
    let sql = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{path}, which UPDATE_EXPECT=1 makes: {error}"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.db");
    let shell = Connection::open(&file).unwrap();
    shell.execute_batch(&sql).unwrap();
    // The last connection empties the write-ahead log into the file.
    shell.close().unwrap();
    fs::read(&file).unwrap()
}

/// A closed file as SQL that makes another like it.
fn in_sql(path: &Path) -> String {
    let shell = Connection::open(path).unwrap();
    let rows = |query: &str| -> Vec<String> {
        let mut statement = shell.prepare(query).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut sql = "PRAGMA journal_mode = WAL;\nBEGIN;\n".to_owned();
    for made in rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid") {
        sql.push_str(&format!("{made};\n"));
    }
    for table in rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
        let columns = rows(&format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"));
        let values = columns.join(" || ', ' || ");
        for row in rows(&format!("SELECT {values} FROM {table}")) {
            sql.push_str(&format!("INSERT INTO {table} VALUES ({row});\n"));
        }
    }
    for pragma in ["application_id", "user_version"] {
        let number: i64 = shell.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
        sql.push_str(&format!("PRAGMA {pragma} = {number};\n"));
    }
    sql + "COMMIT;\n"
}

/// What every kept file holds: four commits to the streams `order/1` to `order/4`, each of two events, with
/// one to `stock/eu`; every second with an answer.
fn fill(path: &Path) {
    let mut database = Database::open(path).unwrap();
    for number in 1..=4 {
        let scope = scope("place-order", "user:ada", &format!("k{number}"));
        let answer = (number % 2 == 0).then(|| kept(scope, r#"{"orderId":"o-1"}"#));
        let placed = append(&format!("order/{number}"), 0, &["OrderPlaced", "OrderPaid"]);
        let appends = vec![placed, append("stock/eu", number - 1, &["Reserved"])];
        database.commit_batch(&[Commit { answer, ..commit(appends) }]).remove(0).unwrap();
    }
}

/// Everything that every such file holds, in the layout that it has now.
#[track_caller]
fn check_whole(database: &Database) -> Vec<StoredCommit> {
    database.check().unwrap();
    let commits = database.commits(Position::START, 100).unwrap();
    let events: Vec<Vec<String>> = commits
        .iter()
        .map(|commit| {
            commit.events.iter().map(|event| format!("{}@{}", event.stream, event.version)).collect()
        })
        .collect();
    let expected =
        (1..=4).map(|n| vec![format!("order/{n}@1"), format!("order/{n}@2"), format!("stock/eu@{n}")]);
    assert_eq!(events, expected.collect::<Vec<_>>());
    for number in 1..=4 {
        let kept = database.kept_answer(&scope("place-order", "user:ada", &format!("k{number}"))).unwrap();
        let expected = (number % 2 == 0).then_some(number);
        assert_eq!(kept.map(|(at, _)| at.ordinal()), expected, "the answer of k{number}");
    }
    commits
}

fn place(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("log.db");
    fs::write(&path, bytes).unwrap();
    path
}

/// The layout of a file and its tables and indexes, as SQLite sees them.
fn layout(path: &Path) -> (u32, String) {
    let shell = Connection::open(path).unwrap();
    let version = shell.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let tables = "SELECT group_concat(sql, ';' ORDER BY name) FROM sqlite_schema";
    (version, shell.query_row(tables, [], |row| row.get(0)).unwrap())
}

/// The layout that a closed file shows in its first bytes.
fn shown(path: &Path) -> u32 {
    u32::from_be_bytes(fs::read(path).unwrap()[60..64].try_into().unwrap())
}

/// The layout that this build makes.
fn newest() -> (u32, String) {
    let folder = tempfile::tempdir().unwrap();
    drop(Database::open(folder.path()).unwrap());
    layout(&folder.path().join("log.db"))
}

#[test]
fn a_file_of_every_layout_is_kept() {
    let (newest, tables) = newest();
    let file = PathBuf::from(format!("{FOLDER}/{newest}.sql"));
    if std::env::var_os("UPDATE_EXPECT").is_some() && !file.exists() {
        let folder = tempfile::tempdir().unwrap();
        let filled = folder.path().join("log.db");
        fill(&filled);
        fs::write(&file, in_sql(&filled)).unwrap();
    }
    for layout in 1..=newest {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(shown(&place(folder.path(), &old(layout))), layout);
    }
    let folder = tempfile::tempdir().unwrap();
    let kept = layout(&place(folder.path(), &old(newest)));
    assert_eq!(kept, (newest, tables), "a step that was released is never edited: add another");
}

#[test]
fn every_older_layout_becomes_this_one() {
    let (newest, tables) = newest();
    for older in 1..newest {
        let folder = tempfile::tempdir().unwrap();
        let path = place(folder.path(), &old(older));
        let before = Reader::open(&path).unwrap().unwrap().commits(Position::START, 100).unwrap();
        assert_eq!(shown(&path), older, "whoever only looks changes nothing");

        let mut database = Database::open(&path).unwrap();
        assert_eq!(check_whole(&database), before, "not one stored event changed");
        assert_eq!(shown(&path), newest, "an older Mote is told from the first bytes");
        assert_eq!(database.commit_batch(&[order(5)]).remove(0).unwrap().ordinal(), 5, "it goes on");
        drop(database);
        assert_eq!(layout(&path), (newest, tables.clone()), "as if it had been made today");
    }
}

#[test]
fn a_reader_in_the_way_only_puts_off_what_the_first_bytes_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(folder.path(), &old(1));
    let shell = Connection::open(&path).unwrap();
    shell.execute_batch("BEGIN; SELECT * FROM commits").unwrap();
    let database = Database::open(&path).unwrap();
    check_whole(&database);
    assert_eq!(shown(&path), 1);
    shell.execute_batch("COMMIT").unwrap();
    database.abandon();
    // A killed process left the new layout in the write-ahead log alone.
    check_whole(&Database::open(&path).unwrap());
    assert_eq!((shown(&path), layout(&path)), (newest().0, newest()));
}

#[test]
fn a_layout_that_only_the_write_ahead_log_shows_is_newer_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    drop(Database::open(folder.path()).unwrap());
    let path = folder.path().join("log.db");
    let shell = Connection::open(&path).unwrap();
    shell.execute_batch("PRAGMA user_version = 77").unwrap();
    assert_eq!(shown(&path), newest().0);
    let refused = [Database::open(&path).map(drop), Reader::open(&path).map(drop)].map(Result::unwrap_err);
    for refused in refused {
        assert!(matches!(refused, OpenError::Newer { version: 77, .. }), "{refused}");
    }
    assert_eq!(layout(&path).0, 77);
}

#[test]
fn a_damaged_file_stays_in_its_layout() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(folder.path(), &old(1));
    Connection::open(&path)
        .and_then(|shell| shell.execute_batch("UPDATE events SET codec = 9 WHERE position = 4"))
        .unwrap();
    let before = (fs::read(&path).unwrap(), layout(&path));
    let refused = Database::open(&path).unwrap_err();
    assert!(matches!(refused, OpenError::Corrupted { .. }), "{refused}");
    assert!((fs::read(&path).unwrap(), layout(&path)) == before);
}

/// A power cut at any byte of what a migration writes leaves the old layout or the new one.
#[test]
fn a_migration_is_whole_or_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(folder.path(), &old(1));
    let before = layout(&path);
    let database = Database::open(&path).unwrap();
    let written = fs::read(database.wal_path()).unwrap();
    database.abandon();
    let mut met = [0, 0];
    for cut in (0..=written.len()).step_by(97).chain([written.len()]) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        // Two copies, since looking at one replays the write-ahead log.
        let [looked, opened] = folders.each_ref().map(|folder| {
            fs::write(folder.path().join("log.db-wal"), &written[..cut]).unwrap();
            place(folder.path(), &old(1))
        });
        let found = layout(&looked);
        assert!(found == before || found == newest(), "cut at {cut}: {found:?}");
        met[usize::from(found == before)] += 1;
        check_whole(&Database::open(&opened).unwrap());
    }
    assert!(met.iter().all(|met| *met > 0), "both were met: {met:?}");
}

/// The child: migrate one old file after the other, and tell each.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let mut out = std::io::stdout();
    for number in 0.. {
        let folder = folder.join(number.to_string());
        fs::create_dir(&folder).unwrap();
        // Under its name at once, so that the kill meets no half of the old file.
        fs::write(folder.join("old"), old(1)).unwrap();
        fs::rename(folder.join("old"), folder.join("log.db")).unwrap();
        // The parent is gone: nobody reads what follows.
        if writeln!(out, "migrating {number}").and_then(|()| out.flush()).is_err() {
            return;
        }
        drop(Database::open(&folder).unwrap());
    }
}

#[test]
fn a_killed_migration_is_done_again() {
    // Lives of different length, so that kills fall into different moments.
    for life in [1, 2, 3, 5, 8, 13, 21, 34] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "migrate::child", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let begun = lines.filter(|line| line.starts_with("migrating")).take(life).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(begun, life, "the child stopped by itself");
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path().join("log.db");
            if path.exists() {
                check_whole(&Database::open(&path).unwrap());
            }
        }
    }
}
