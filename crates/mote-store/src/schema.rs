//! The file's layout, and how an older layout becomes this one.
//! Owns table and column names, which operators read with `sqlite3`. Never changes a stored event.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Marks a SQLite file as a log of Mote: the letters `Mote`.
pub(crate) const APPLICATION_ID: i32 = 0x4d6f_7465;

/// The layout that this build writes; the number of migrations.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Step n, from 0, makes layout n + 1 out of layout n. A step that was released is never edited, and
/// `tests/layouts` holds a file of every layout that was ever released, in SQL.
const MIGRATIONS: [&str; 4] = [FIRST, SNAPSHOTS, CHECKPOINTS, JOURNALS];

/// Digests and times are text, so that what `mote.lock` or a trace names can be searched for.
/// Events refer to their commit by position; there is no foreign key, since only one writer
/// exists and a check per row would cost it. Events are stored by an id of their own, in the order
/// of commits: stored by position, without a row id, events beyond 1,000 bytes took twice the space.
/// They repeat the time of their commit, since looking it up doubled the time to read a stream.
const FIRST: &str = "
CREATE TABLE commits (
    position    INTEGER PRIMARY KEY,   -- the order of everything, from 1 without gaps
    at          TEXT NOT NULL,         -- when the call was admitted
    operation   TEXT NOT NULL,         -- which operation decided
    caller      TEXT NOT NULL,
    invocation  TEXT NOT NULL,
    release     TEXT NOT NULL,         -- SHA-256 of the release whose law judged
    artifact    TEXT,                  -- SHA-256 of the code that answered, if any did
    input       TEXT NOT NULL,         -- SHA-256 of the admitted input
    traceparent TEXT
) STRICT;

CREATE TABLE events (
    id       INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,         -- of its commit
    ordinal  INTEGER NOT NULL,         -- its place in the commit, from 0
    stream   TEXT NOT NULL,            -- aggregate/key
    version  INTEGER NOT NULL,         -- its place in the stream, from 1 without gaps
    at       TEXT NOT NULL,            -- of its commit
    type     TEXT NOT NULL,
    shape    INTEGER NOT NULL,         -- the version of the type's shape
    codec    INTEGER NOT NULL,         -- how data is written; 1 is canonical JSON
    data     ANY NOT NULL
) STRICT;

CREATE UNIQUE INDEX events_by_position ON events (position, ordinal);
CREATE UNIQUE INDEX events_by_stream ON events (stream, version);

CREATE TABLE answers (                 -- what a call repeated with its idempotency key gets
    position  INTEGER PRIMARY KEY,     -- of its commit
    operation TEXT NOT NULL,
    caller    TEXT NOT NULL,
    key       TEXT NOT NULL,
    input     TEXT NOT NULL,           -- SHA-256 of the admitted input
    body      ANY NOT NULL
) STRICT;

CREATE UNIQUE INDEX answers_by_key ON answers (key, caller, operation);
";

/// Large states make rows that are better kept by a row id of their own than in the index.
const SNAPSHOTS: &str = "
CREATE TABLE snapshots (               -- what folding a stream came to; may be deleted at any time
    stream  TEXT NOT NULL,
    fold    TEXT NOT NULL,             -- SHA-256 of everything that folding depends on
    version INTEGER NOT NULL,          -- of the last event that was folded
    state   ANY NOT NULL
) STRICT;

CREATE UNIQUE INDEX snapshots_by_stream ON snapshots (stream, fold);
";

/// A row is replaced in the transaction of the commit that its successor comes with.
const CHECKPOINTS: &str = "
CREATE TABLE checkpoints (             -- where followers of the log go on
    follower TEXT PRIMARY KEY,
    position INTEGER NOT NULL,         -- up to here all is done, as far as rest does not say otherwise
    rest     ANY NOT NULL              -- what only the follower reads
) STRICT, WITHOUT ROWID;
";

/// A run is found by its id, by its key, and by its end. Times have nine digits after the point, so that they sort.
const JOURNALS: &str = "
CREATE TABLE runs (                    -- executions of workflows; those that ended are forgotten some day
    number     INTEGER PRIMARY KEY,    -- in the order in which they were begun
    id         TEXT NOT NULL,
    workflow   TEXT NOT NULL,
    definition TEXT NOT NULL,          -- SHA-256 of the workflow with everything it refers to
    at         TEXT NOT NULL,          -- when it was begun
    input      TEXT NOT NULL,          -- SHA-256 of the admitted input
    operation  TEXT,                   -- who begins it again under this key gets this run
    caller     TEXT,
    key        TEXT,
    body       ANY NOT NULL,           -- what it began with
    entries    INTEGER NOT NULL,       -- how many its journal has
    ended_at   TEXT,                   -- nothing: it is under way
    done       INTEGER,                -- 1: with an output; 0: with an error
    answer     ANY
) STRICT;

CREATE UNIQUE INDEX runs_by_id ON runs (id);
CREATE UNIQUE INDEX runs_by_key ON runs (key, caller, operation) WHERE key IS NOT NULL;
CREATE INDEX runs_by_end ON runs (ended_at);
CREATE INDEX runs_by_outcome ON runs (done, number) WHERE done IS NOT NULL;

CREATE TABLE journal (                 -- what happened to a run, in order
    run   INTEGER NOT NULL,            -- its number
    entry INTEGER NOT NULL,            -- its place, from 0 without gaps
    body  ANY NOT NULL,
    PRIMARY KEY (run, entry)
) STRICT, WITHOUT ROWID;
";

/// The layout of the file, as its write-ahead log has it.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Bring the layout from version `from` to [`VERSION`] and ask `check` what it makes of the result, all in
/// one transaction: a crash, or an answer of `check`, leaves the file in its old layout, whole. A new
/// file is at version 0. The application's mark is part of the transaction.
pub(crate) fn migrate<D>(
    connection: &Connection,
    from: u32,
    check: impl FnOnce(&Connection) -> rusqlite::Result<Option<D>>,
) -> rusqlite::Result<Option<D>> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Exclusive)?;
    for step in MIGRATIONS.iter().skip(from as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    match check(&transaction)? {
        // Dropped, the transaction is rolled back.
        Some(damage) => Ok(Some(damage)),
        None => transaction.commit().map(|()| None),
    }
}
