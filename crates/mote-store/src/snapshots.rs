//! Snapshots in the log's file: what is asked of them, and the statements.
//!
//! Owns one transaction for each request. Never in the transaction of a commit: what fails here must fail
//! nothing else. Never trusts a row: what cannot be read is no snapshot.

use futures_channel::oneshot;
use jiff::Timestamp;
use mote_expr::{Digest, Value, parse};
use mote_log::{JournalError, Snapshot, SnapshotError, StreamName, Version};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use crate::read::bound;

/// How many snapshots one transaction forgets: commits wait for no more than that.
const FORGOTTEN_AT_ONCE: u32 = 200;

/// Something to be done when no commit waits for an answer, and who may wait for it.
#[derive(Debug)]
pub(crate) enum Request {
    Keep(Snapshot, oneshot::Sender<Result<(), SnapshotError>>),
    /// All folds but these.
    Forget(Vec<Digest>, oneshot::Sender<Result<(), SnapshotError>>),
    /// Some runs that ended before a time.
    ForgetRuns(Timestamp, usize, oneshot::Sender<Result<usize, JournalError>>),
}

impl Request {
    /// Say what came of it. Whoever stopped waiting needs no answer.
    pub(crate) fn answer(self, result: Result<(), SnapshotError>) {
        match self {
            Request::Keep(_, sender) | Request::Forget(_, sender) => drop(sender.send(result)),
            Request::ForgetRuns(_, _, sender) => {
                let refusal = result.map(|()| 0).map_err(|error| JournalError::Unavailable(error.0));
                drop(sender.send(refusal));
            }
        }
    }

    /// Say how many runs were forgotten.
    pub(crate) fn answer_runs(self, result: Result<usize, JournalError>) {
        if let Request::ForgetRuns(_, _, sender) = self {
            drop(sender.send(result));
        }
    }
}

/// See [`mote_log::Snapshots::snapshot`].
pub(crate) fn read(
    connection: &Connection,
    stream: &StreamName,
    fold: Digest,
) -> rusqlite::Result<Option<Snapshot>> {
    let sql = "SELECT version, state FROM snapshots WHERE stream = ?1 AND fold = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![stream.as_str(), fold.to_string()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let version = row.get_ref(0)?.as_i64().ok().and_then(|version| u64::try_from(version).ok());
    let state: Option<Value> = match row.get_ref(1)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => parse(bytes).ok(),
        _ => None,
    };
    let found = version.zip(state);
    Ok(found.map(|(version, state)| Snapshot {
        stream: stream.clone(),
        fold,
        version: Version(version),
        state,
    }))
}

/// Put `snapshot` in place of the one before it, inside an open transaction.
pub(crate) fn keep(connection: &Connection, snapshot: &Snapshot) -> rusqlite::Result<()> {
    let sql = "INSERT INTO snapshots (stream, fold, version, state) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (stream, fold) DO UPDATE SET version = excluded.version, state = excluded.state";
    let state = String::from_utf8_lossy(&snapshot.state.canonical()).into_owned();
    let (stream, fold) = (snapshot.stream.as_str(), snapshot.fold.to_string());
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(params![stream, fold, bound(snapshot.version.0), state]).map(drop)
}

/// Forget some snapshots of other folds than `folds`, inside an open transaction. Whether there may be more.
pub(crate) fn forget(connection: &Connection, folds: &[Digest]) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM snapshots WHERE rowid IN
         (SELECT rowid FROM snapshots WHERE fold NOT IN (SELECT value FROM json_each(?1)) LIMIT ?2)";
    let folds = Value::list(folds.iter().map(|fold| Value::text(fold.to_string()))).to_string();
    let gone = connection.prepare_cached(sql)?.execute(params![folds, FORGOTTEN_AT_ONCE])?;
    Ok(gone >= FORGOTTEN_AT_ONCE as usize)
}
