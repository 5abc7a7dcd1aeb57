//! Journals of runs in the log's file: the statements.
//!
//! Owns which checks come first and which rows are written: a refused page leaves nothing to undo. Never begins or ends a
//! transaction, and never looks into an entry.

use jiff::Timestamp;
use mote_log::{JournalError, KeyScope, Page, RunBegun, RunEnded, RunQuery, RunState, StoredRun};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::read::{bound, bound_limit, bytes, parsed};
use crate::write::{Hex, Readable};

/// Write `page`, or say why it is refused. An outer error spoils the whole transaction.
pub(crate) fn write(connection: &Connection, page: &Page) -> rusqlite::Result<Result<(), JournalError>> {
    if let Err(malformed) = page.check_form() {
        return Ok(Err(malformed));
    }
    let found = place(connection, &page.run)?;
    let conflict = |actual| Ok(Err(JournalError::Conflict { expected: page.after, actual }));
    let number = match (found, &page.begun) {
        (Some((_, entries, _)), Some(_)) => return conflict(entries),
        (None, None) => return conflict(0),
        (Some((_, _, true)), None) => return Ok(Err(JournalError::Ended)),
        (Some((_, entries, false)), None) if entries != page.after => return conflict(entries),
        (Some((number, ..)), None) => number,
        (None, Some(begun)) => {
            if let Some(scope) = &begun.key
                && key_is_taken(connection, scope)?
            {
                return Ok(Err(JournalError::KeyTaken));
            }
            begin(connection, &page.run, begun)?
        }
    };
    let mut add = connection.prepare_cached("INSERT INTO journal (run, entry, body) VALUES (?1, ?2, ?3)")?;
    for (entry, body) in (page.after..).zip(&page.entries) {
        add.execute(params![number, bound(entry), Readable(body)])?;
    }
    let entries = bound(page.after + page.entries.len() as u64);
    match &page.ended {
        None => connection
            .prepare_cached("UPDATE runs SET entries = ?2 WHERE number = ?1")?
            .execute(params![number, entries])?,
        Some(RunEnded { at, done, body }) => connection
            .prepare_cached(
                "UPDATE runs SET entries = ?2, ended_at = ?3, done = ?4, answer = ?5 WHERE number = ?1",
            )?
            .execute(params![number, entries, sortable(*at), done, Readable(body)])?,
    };
    Ok(Ok(()))
}

/// A run's number, how many entries its journal has, and whether it has ended.
fn place(connection: &Connection, id: &str) -> rusqlite::Result<Option<(i64, u64, bool)>> {
    let sql = "SELECT number, entries, ended_at IS NOT NULL FROM runs WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([id], |row| Ok((row.get(0)?, count(row, 1)?, row.get(2)?))).optional()
}

fn key_is_taken(connection: &Connection, scope: &KeyScope) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM runs WHERE key = ?1 AND caller = ?2 AND operation = ?3")?
        .exists([&scope.key, &scope.caller, &scope.operation])
}

fn begin(connection: &Connection, id: &str, begun: &RunBegun) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO runs (id, workflow, definition, at, input, operation, caller, key, body, entries)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
    )?;
    let key = begun.key.as_ref();
    statement.insert(params![
        id,
        begun.workflow,
        Hex::of(&begun.definition),
        sortable(begun.at),
        Hex::of(&begun.input),
        key.map(|scope| &scope.operation),
        key.map(|scope| &scope.caller),
        key.map(|scope| &scope.key),
        Readable(&begun.body),
    ])
}

/// What a run's columns are, in the order that [`run`] reads them.
macro_rules! runs_where {
    ($rest:literal) => {
        concat!(
            "SELECT id, workflow, definition, at, input, operation, caller, key, body, entries, ended_at, done, answer
             FROM runs WHERE ",
            $rest
        )
    };
}

/// See [`mote_log::Journal::run`].
pub(crate) fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<StoredRun>> {
    connection.prepare_cached(runs_where!("id = ?1"))?.query_row([id], run).optional()
}

/// See [`mote_log::Journal::run_by_key`].
pub(crate) fn by_key(connection: &Connection, scope: &KeyScope) -> rusqlite::Result<Option<StoredRun>> {
    let mut statement =
        connection.prepare_cached(runs_where!("key = ?1 AND caller = ?2 AND operation = ?3"))?;
    statement.query_row([&scope.key, &scope.caller, &scope.operation], run).optional()
}

/// See [`mote_log::Journal::runs`].
pub(crate) fn list(
    connection: &Connection,
    query: &RunQuery,
    limit: usize,
) -> rusqlite::Result<Vec<StoredRun>> {
    // One statement for each state, so that each finds its index.
    let sql = match query.state {
        None => runs_where!("(?1 IS NULL OR workflow = ?1) AND number < ?2 ORDER BY number DESC LIMIT ?3"),
        Some(RunState::UnderWay) => runs_where!(
            "ended_at IS NULL AND (?1 IS NULL OR workflow = ?1) AND number < ?2 ORDER BY number DESC LIMIT ?3"
        ),
        Some(RunState::Done) => {
            runs_where!(
                "done = 1 AND (?1 IS NULL OR workflow = ?1) AND number < ?2 ORDER BY number DESC LIMIT ?3"
            )
        }
        Some(RunState::Failed) => {
            runs_where!(
                "done = 0 AND (?1 IS NULL OR workflow = ?1) AND number < ?2 ORDER BY number DESC LIMIT ?3"
            )
        }
    };
    let before = match &query.before {
        Some(id) => place(connection, id)?.map_or(i64::MAX, |(number, ..)| number),
        None => i64::MAX,
    };
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![query.workflow, before, bound_limit(limit)], run)?;
    rows.collect()
}

/// See [`mote_log::Journal::entries`].
pub(crate) fn entries(
    connection: &Connection,
    run: &str,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM journal WHERE run = (SELECT number FROM runs WHERE id = ?1) AND entry >= ?2
         ORDER BY entry LIMIT ?3",
    )?;
    let rows = statement.query_map(params![run, bound(after), bound_limit(limit)], |row| bytes(row, 0))?;
    rows.collect()
}

/// Forget some runs that ended before a time, inside an open transaction. How many.
pub(crate) fn forget(connection: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    let old = "SELECT number FROM runs WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2";
    let values = params![sortable(before), bound_limit(limit)];
    connection.prepare_cached(&format!("DELETE FROM journal WHERE run IN ({old})"))?.execute(values)?;
    connection.prepare_cached(&format!("DELETE FROM runs WHERE number IN ({old})"))?.execute(values)
}

fn run(row: &Row<'_>) -> rusqlite::Result<StoredRun> {
    let key = match row.get::<_, Option<String>>(7)? {
        Some(key) => Some(KeyScope { operation: row.get(5)?, caller: row.get(6)?, key }),
        None => None,
    };
    let begun = RunBegun {
        workflow: row.get(1)?,
        definition: parsed(row, 2)?,
        at: parsed(row, 3)?,
        input: parsed(row, 4)?,
        key,
        body: bytes(row, 8)?,
    };
    let ended = match row.get::<_, Option<String>>(10)? {
        Some(_) => Some(RunEnded { at: parsed(row, 10)?, done: row.get(11)?, body: bytes(row, 12)? }),
        None => None,
    };
    Ok(StoredRun { id: row.get(0)?, begun, entries: count(row, 9)?, ended })
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    // A number below zero is damage; 0 makes it a conflict for every writer.
    row.get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or(0))
}

/// A time as a text that sorts as times do.
fn sortable(time: Timestamp) -> String {
    format!("{time:.9}")
}
