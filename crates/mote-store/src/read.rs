//! Reading: a stream, commits, a kept answer, over any connection.
//! Owns the queries and how rows become values again. Never writes, and never holds a transaction
//! open between two calls: rows are only ever added, so two queries cannot contradict each other.

use std::str::FromStr;

use mote_log::{
    Cause, Checkpoint, Codec, KeptAnswer, KeyScope, Position, ReadError, StoredCommit, StoredEvent,
    StreamName, Version,
};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Row, params};

/// What an event's columns are, in the order that [`event`] reads them.
macro_rules! events_where {
    ($rest:literal) => {
        concat!("SELECT position, stream, version, at, type, shape, codec, data FROM events WHERE ", $rest)
    };
}

/// How many commits there are after `position`.
pub(crate) fn commits_after(connection: &Connection, position: Position) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM commits WHERE position > ?1")?;
    let count: i64 = statement.query_row([bound(position.ordinal())], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// See [`mote_log::Log::stream`].
pub(crate) fn stream(
    connection: &Connection,
    stream: &StreamName,
    after: Version,
    limit: usize,
) -> rusqlite::Result<Vec<StoredEvent>> {
    let sql = events_where!("stream = ?1 AND version > ?2 ORDER BY version LIMIT ?3");
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![stream.as_str(), bound(after.0), bound_limit(limit)], event)?;
    rows.collect::<rusqlite::Result<_>>()
}

/// See [`mote_log::Log::commits`].
pub(crate) fn commits(
    connection: &Connection,
    after: Position,
    limit: usize,
) -> rusqlite::Result<Vec<StoredCommit>> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at, operation, caller, invocation, release, artifact, input, traceparent
         FROM commits WHERE position > ?1 ORDER BY position LIMIT ?2",
    )?;
    let rows = statement.query_map(params![bound(after.ordinal()), bound_limit(limit)], commit)?;
    let mut commits = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let Some(last) = commits.last().map(|commit| commit.position) else { return Ok(commits) };

    let sql = events_where!("position > ?1 AND position <= ?2 ORDER BY position, ordinal");
    let mut statement = connection.prepare_cached(sql)?;
    let events = statement.query_map(params![bound(after.ordinal()), bound(last.ordinal())], event)?;
    let mut commit = commits.iter_mut();
    let mut current = commit.next();
    for event in events {
        let event = event?;
        // Both lists are in order of position, and a commit may hold no event.
        while current.as_ref().is_some_and(|commit| commit.position < event.position) {
            current = commit.next();
        }
        if let Some(commit) = &mut current {
            commit.events.push(event);
        }
    }
    Ok(commits)
}

/// See [`mote_log::Log::kept_answer`].
pub(crate) fn kept_answer(
    connection: &Connection,
    scope: &KeyScope,
) -> rusqlite::Result<Option<(Position, KeptAnswer)>> {
    let mut statement = connection.prepare_cached(
        "SELECT position, input, body FROM answers WHERE key = ?1 AND caller = ?2 AND operation = ?3",
    )?;
    let mut rows = statement.query([&scope.key, &scope.caller, &scope.operation])?;
    let answer = |row: &Row<'_>| {
        let kept = KeptAnswer { scope: scope.clone(), input: parsed(row, 1)?, body: bytes(row, 2)? };
        Ok((position(row, 0)?, kept))
    };
    rows.next()?.map(answer).transpose()
}

/// See [`mote_log::Log::checkpoint`].
pub(crate) fn checkpoint(connection: &Connection, follower: &str) -> rusqlite::Result<Option<Checkpoint>> {
    let mut statement =
        connection.prepare_cached("SELECT position, rest FROM checkpoints WHERE follower = ?1")?;
    let mut rows = statement.query([follower])?;
    let checkpoint = |row: &Row<'_>| {
        Ok(Checkpoint { follower: follower.to_owned(), position: position(row, 0)?, rest: bytes(row, 1)? })
    };
    rows.next()?.map(checkpoint).transpose()
}

/// The position of the newest commit.
pub(crate) fn end(connection: &Connection) -> rusqlite::Result<Position> {
    let sql = "SELECT ifnull(max(position), 0) FROM commits";
    connection.prepare_cached(sql)?.query_row([], |row| position(row, 0))
}

/// SQLite's error, as a reader of the log meets it.
pub(crate) fn read_error(error: rusqlite::Error) -> ReadError {
    ReadError(sentence(&error))
}

/// What `error` says to a person: a value that cannot be read says more than the library around it.
pub(crate) fn sentence(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, unreadable) => unreadable.to_string(),
        other => other.to_string(),
    }
}

/// SQLite counts to 2^63 - 1, and no log comes near: a larger bound means the same.
pub(crate) fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn bound_limit(limit: usize) -> i64 {
    bound(u64::try_from(limit).unwrap_or(u64::MAX))
}

fn event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    let codec: u8 = row.get(6)?;
    let newer = || unreadable(row, 6, &format!("a newer Mote wrote codec {codec}"));
    Ok(StoredEvent {
        position: position(row, 0)?,
        stream: parsed(row, 1)?,
        version: Version(number(row, 2)?),
        at: parsed(row, 3)?,
        kind: row.get(4)?,
        shape: row.get(5)?,
        codec: Codec::from_number(codec).ok_or_else(newer)?,
        data: bytes(row, 7)?,
    })
}

fn commit(row: &Row<'_>) -> rusqlite::Result<StoredCommit> {
    let artifact = match row.get_ref(6)? {
        ValueRef::Null => None,
        _ => Some(parsed(row, 6)?),
    };
    Ok(StoredCommit {
        position: position(row, 0)?,
        cause: Cause {
            at: parsed(row, 1)?,
            operation: row.get(2)?,
            caller: row.get(3)?,
            invocation: row.get(4)?,
            release: parsed(row, 5)?,
            artifact,
            input: parsed(row, 7)?,
            traceparent: row.get(8)?,
        },
        events: Vec::new(),
    })
}

fn position(row: &Row<'_>, column: usize) -> rusqlite::Result<Position> {
    number(row, column).map(Position::from_ordinal)
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| unreadable(row, column, &format!("{number} is below zero")))
}

/// A value that is stored as its text form.
pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(|error| unreadable(row, column, &error.to_string()))?;
    text.parse().map_err(|error: T::Err| unreadable(row, column, &error.to_string()))
}

/// Bytes that were stored as text where they were text.
pub(crate) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
        other => Err(unreadable(row, column, &format!("it is {}", other.data_type()))),
    }
}

fn unreadable(row: &Row<'_>, column: usize, detail: &str) -> rusqlite::Error {
    let name = row.as_ref().column_name(column).unwrap_or("?");
    let detail = format!("column `{name}` cannot be read: {detail}");
    rusqlite::Error::FromSqlConversionFailure(column, Type::Null, detail.into())
}
