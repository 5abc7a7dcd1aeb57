//! When the write-ahead log flows back into the file.
//!
//! Owns that decision, which SQLite would otherwise take inside a commit: there the waiting callers
//! would pay for it, and a failed fsync would go unseen. Never runs while an answer is owed.

use rusqlite::Connection;

/// From this many pages on, a checkpoint copies what no reader needs any more.
const DUE_PAGES: u64 = 4_000;

/// From this many pages on, a checkpoint waits for readers, so that the write-ahead log starts anew.
/// Readers that always overlap would otherwise let it grow for ever.
const FORCED_PAGES: u64 = 16 * DUE_PAGES;

/// The bytes before a page in a write-ahead log, and before the first of them.
const FRAME_HEADER_BYTES: u64 = 24;
const FILE_HEADER_BYTES: u64 = 32;

/// How many pages of the write-ahead log are in use.
pub(crate) fn wal_pages(connection: &Connection) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?;
    // Before the first write of a connection the count is -1.
    statement.query_row([], |row| row.get(1).map(|pages: i64| u64::try_from(pages).unwrap_or(0)))
}

/// How far the write-ahead log's file is in use, in bytes. What follows are remains.
pub(crate) fn wal_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let pages = wal_pages(connection)?;
    let page_bytes: u64 =
        connection.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0)).map(u64::from)?;
    Ok(if pages == 0 { 0 } else { FILE_HEADER_BYTES + pages * (FRAME_HEADER_BYTES + page_bytes) })
}

/// Copy the write-ahead log into the file if it has grown enough.
pub(crate) fn run_if_due(connection: &Connection) -> rusqlite::Result<()> {
    match wal_pages(connection)? {
        0..DUE_PAGES => Ok(()),
        DUE_PAGES..FORCED_PAGES => run(connection, "PASSIVE"),
        FORCED_PAGES.. => run(connection, "RESTART"),
    }
}

fn run(connection: &Connection, mode: &str) -> rusqlite::Result<()> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}
