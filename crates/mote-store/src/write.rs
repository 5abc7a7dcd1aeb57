//! One commit, inside an open transaction.
//!
//! Owns which checks come first and which rows are written. Every check comes before the first row,
//! so a refused commit leaves nothing to undo and a batch needs no savepoints. Never begins or ends
//! a transaction: [`crate::Database`] does.

use mote_expr::Digest;
use mote_log::{
    Append, AppendError, Cause, Checkpoint, Commit, KeptAnswer, KeyScope, Position, StreamName, Version,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params};

use crate::read::bound;

/// Write `commit` at `position`, or say why it is refused. An outer error spoils the whole transaction.
pub(crate) fn write(
    connection: &Connection,
    commit: &Commit,
    position: Position,
) -> rusqlite::Result<Result<Position, AppendError>> {
    if let Err(malformed) = commit.check_form() {
        return Ok(Err(malformed));
    }
    for append in &commit.appends {
        let actual = version(connection, &append.stream)?;
        if actual != append.expected {
            let taken = match &commit.answer {
                Some(answer) => key_is_taken(connection, &answer.scope)?,
                None => false,
            };
            let (stream, expected) = (append.stream.clone(), append.expected);
            return Ok(Err(if taken {
                AppendError::KeyTaken
            } else {
                AppendError::Conflict { stream, expected, actual }
            }));
        }
    }
    if let Some(answer) = &commit.answer
        && !keep(connection, answer, position)?
    {
        return Ok(Err(AppendError::KeyTaken));
    }
    let at = commit.cause.at.to_string();
    write_cause(connection, &commit.cause, position, &at)?;
    write_events(connection, &commit.appends, position, &at)?;
    if let Some(checkpoint) = &commit.checkpoint {
        move_checkpoint(connection, checkpoint)?;
    }
    Ok(Ok(position))
}

/// Put `checkpoint` in place of the follower's last one.
pub(crate) fn move_checkpoint(connection: &Connection, checkpoint: &Checkpoint) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO checkpoints (follower, position, rest) VALUES (?1, ?2, ?3)",
    )?;
    let Checkpoint { follower, position, rest } = checkpoint;
    statement.execute(params![follower, bound(position.ordinal()), Readable(rest)])?;
    Ok(())
}

/// Where `stream` is, with what this transaction wrote.
fn version(connection: &Connection, stream: &StreamName) -> rusqlite::Result<Version> {
    let mut statement = connection
        .prepare_cached("SELECT version FROM events WHERE stream = ?1 ORDER BY version DESC LIMIT 1")?;
    let mut rows = statement.query([stream.as_str()])?;
    let version: i64 = rows.next()?.map_or(Ok(0), |row| row.get(0))?;
    // Versions count from 1, so a number below zero is damage; 0 makes it a conflict for every writer.
    Ok(Version(u64::try_from(version).unwrap_or(0)))
}

fn key_is_taken(connection: &Connection, scope: &KeyScope) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM answers WHERE key = ?1 AND caller = ?2 AND operation = ?3")?
        .exists([&scope.key, &scope.caller, &scope.operation])
}

/// Keep `answer` unless its key is taken; checking and writing are one statement.
fn keep(connection: &Connection, answer: &KeptAnswer, position: Position) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO answers (position, operation, caller, key, input, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (key, caller, operation) DO NOTHING",
    )?;
    let KeyScope { operation, caller, key } = &answer.scope;
    let written = statement.execute(params![
        bound(position.ordinal()),
        operation,
        caller,
        key,
        Hex::of(&answer.input),
        Readable(&answer.body)
    ])?;
    Ok(written == 1)
}

fn write_cause(connection: &Connection, cause: &Cause, position: Position, at: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO commits (position, at, operation, caller, invocation, release, artifact, input, traceparent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    statement.execute(params![
        bound(position.ordinal()),
        at,
        cause.operation,
        cause.caller,
        cause.invocation,
        Hex::of(&cause.release),
        cause.artifact.as_ref().map(Hex::of),
        Hex::of(&cause.input),
        cause.traceparent,
    ])?;
    Ok(())
}

fn write_events(
    connection: &Connection,
    appends: &[Append],
    position: Position,
    at: &str,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO events (position, ordinal, stream, version, at, type, shape, codec, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let numbered = appends
        .iter()
        .flat_map(|append| (append.expected.0 + 1..).zip(&append.events).map(move |e| (append, e)));
    for (ordinal, (append, (version, event))) in (0_i64..).zip(numbered) {
        statement.execute(params![
            bound(position.ordinal()),
            ordinal,
            append.stream.as_str(),
            bound(version),
            at,
            event.kind,
            event.shape,
            event.codec.number(),
            Readable(&event.data),
        ])?;
    }
    Ok(())
}

/// Bytes, stored as text where they are text, so that `sqlite3` shows JSON as JSON.
pub(crate) struct Readable<'a>(pub(crate) &'a [u8]);

impl ToSql for Readable<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value =
            if std::str::from_utf8(self.0).is_ok() { ValueRef::Text(self.0) } else { ValueRef::Blob(self.0) };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// A digest in its text form, written without the formatting machinery: there are three in every commit.
pub(crate) struct Hex([u8; 64]);

impl Hex {
    pub(crate) fn of(digest: &Digest) -> Hex {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(digest.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Hex(text)
    }
}

impl ToSql for Hex {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}
