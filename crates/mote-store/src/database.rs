//! The log's core: one file, one writer, no threads.
//!
//! Owns transactions: what a batch is, and what is known when one fails. Never queues, waits for
//! callers or runs by itself: [`crate::SqliteLog`] drives it from its writer's thread, a simulator
//! from wherever it likes. Start at [`Database::commit_batch`].

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mote_expr::Digest;
use mote_log::{
    AppendError, Checkpoint, Commit, JournalError, KeptAnswer, KeyScope, Page, Position, ReadError, Snapshot,
    SnapshotError, StoredCommit, StoredEvent, StreamName, Version,
};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, ffi};

use crate::lock::Lock;
use crate::open::{OpenError, Opened, beside};
use crate::read::read_error;
use crate::{check, checkpoint, journal, open, read, snapshots, write};

/// A log's file, open and owned.
#[derive(Debug)]
pub struct Database {
    // Before the lock: nobody may own the file before this connection let go of it.
    connection: Connection,
    path: PathBuf,
    end: Position,
    transactions: u64,
    failure: Option<String>,
    _lock: Lock,
}

/// Why a batch failed, and what is known about it.
enum Fault {
    /// It was rolled back, and the next one may fit.
    RolledBack(String),
    /// Whether it is stored is not known: the file must be opened anew to find out.
    Unknown(String),
}

impl Fault {
    fn of_commit(&self) -> AppendError {
        match self {
            Fault::RolledBack(detail) => AppendError::Unavailable(detail.clone()),
            Fault::Unknown(detail) => AppendError::Unknown(detail.clone()),
        }
    }

    fn of_page(&self) -> JournalError {
        match self {
            Fault::RolledBack(detail) => JournalError::Unavailable(detail.clone()),
            Fault::Unknown(detail) => JournalError::Unknown(detail.clone()),
        }
    }
}

/// Something that is written in one transaction with others.
pub(crate) enum Entry<'e> {
    Commit(&'e Commit),
    Page(&'e Page),
}

/// What came of an [`Entry`].
pub(crate) enum Written {
    Commit(Result<Position, AppendError>),
    Page(Result<(), JournalError>),
}

impl Entry<'_> {
    /// What it is told where the transaction failed: what is wrong with itself comes first.
    fn refused(&self, fault: &Fault) -> Written {
        match self {
            Entry::Commit(commit) => {
                Written::Commit(commit.check_form().and_then(|()| Err(fault.of_commit())))
            }
            Entry::Page(page) => Written::Page(page.check_form().and_then(|()| Err(fault.of_page()))),
        }
    }
}

impl Written {
    fn is_stored(&self) -> bool {
        matches!(self, Written::Commit(Ok(_)) | Written::Page(Ok(())))
    }
}

impl Database {
    /// Open the log at `path`, a file or an existing folder that holds `log.db`; create it if there is none.
    pub fn open(path: impl AsRef<Path>) -> Result<Database, OpenError> {
        let Opened { connection, path, lock } = open::open(path.as_ref())?;
        let end = read::end(&connection)
            .map_err(|error| OpenError::Corrupted { path: path.clone(), detail: read::sentence(&error) })?;
        Ok(Database { connection, path, end, transactions: 0, failure: None, _lock: lock })
    }

    /// Store `commits` in one transaction and answer each, in order, when all of them are durable.
    ///
    /// A conflict refuses its own commit, never the batch; each commit is judged after those before
    /// it. Where the transaction fails, every commit of it gets the same answer.
    pub fn commit_batch(&mut self, commits: &[Commit]) -> Vec<Result<Position, AppendError>> {
        let entries: Vec<_> = commits.iter().map(Entry::Commit).collect();
        let answers = self.write_batch(&entries).into_iter().map(|answer| match answer {
            Written::Commit(answer) => answer,
            Written::Page(_) => Err(AppendError::Malformed("it is no commit")),
        });
        answers.collect()
    }

    /// Store `pages` as [`Database::commit_batch`] stores commits.
    pub fn page_batch(&mut self, pages: &[Page]) -> Vec<Result<(), JournalError>> {
        let entries: Vec<_> = pages.iter().map(Entry::Page).collect();
        let answers = self.write_batch(&entries).into_iter().map(|answer| match answer {
            Written::Page(answer) => answer,
            Written::Commit(_) => Err(JournalError::Malformed("it is no page")),
        });
        answers.collect()
    }

    /// Store commits and pages in one transaction and answer each, in order.
    pub(crate) fn write_batch(&mut self, entries: &[Entry<'_>]) -> Vec<Written> {
        if let Some(failure) = &self.failure {
            let fault = Fault::RolledBack(format!("it failed before: {failure}"));
            return entries.iter().map(|entry| entry.refused(&fault)).collect();
        }
        let mut end = self.end;
        let written = self.transact(|connection| {
            let mut answers = Vec::with_capacity(entries.len());
            for entry in entries {
                answers.push(match entry {
                    Entry::Commit(commit) => {
                        let position = Position::from_ordinal(end.ordinal() + 1);
                        let answer = write::write(connection, commit, position)?;
                        end = answer.as_ref().map_or(end, |position| *position);
                        Written::Commit(answer)
                    }
                    Entry::Page(page) => Written::Page(journal::write(connection, page)?),
                });
            }
            Ok(answers)
        });
        match written {
            Ok(answers) => {
                self.end = end;
                self.transactions += u64::from(answers.iter().any(Written::is_stored));
                answers
            }
            Err(fault) => {
                self.learn(&fault);
                entries.iter().map(|entry| entry.refused(&fault)).collect()
            }
        }
    }

    /// Keep `checkpoint` in a transaction of its own; see [`mote_log::Log::move_checkpoint`].
    pub fn move_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), AppendError> {
        checkpoint.check_form()?;
        if let Some(failure) = &self.failure {
            return Err(AppendError::Unavailable(format!("it failed before: {failure}")));
        }
        match self.transact(|connection| write::move_checkpoint(connection, checkpoint)) {
            Ok(()) => {
                self.transactions += 1;
                Ok(())
            }
            Err(fault) => {
                self.learn(&fault);
                Err(fault.of_commit())
            }
        }
    }

    fn transact<T>(&self, write: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Fault> {
        let written = self.run("BEGIN IMMEDIATE").and_then(|()| write(&self.connection));
        let written = written.map_err(|error| self.roll_back(error, false))?;
        self.run("COMMIT").map_err(|error| self.roll_back(error, true))?;
        Ok(written)
    }

    /// Take nothing more after a write whose fate nobody knows.
    fn learn(&mut self, fault: &Fault) {
        if let Fault::Unknown(detail) = fault {
            self.fail(detail.clone());
        }
    }

    /// Undo the open transaction after `error`, and say what is known.
    fn roll_back(&self, error: rusqlite::Error, committing: bool) -> Fault {
        let detail = error.to_string();
        // Some errors end the transaction by themselves.
        if !self.connection.is_autocommit()
            && let Err(error) = self.run("ROLLBACK")
        {
            return Fault::Unknown(format!("{detail}; then {error}"));
        }
        // A full disk takes only a part of the last frame, whose checksum then fails, and a busy file takes
        // nothing. After any other error the commit may be whole on the medium without SQLite's knowing.
        let refused =
            matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy));
        if is_failed_sync(&error) || (committing && !refused) {
            Fault::Unknown(detail)
        } else {
            Fault::RolledBack(detail)
        }
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }

    /// Take nothing more, and leave the file as it is for whoever opens it next.
    fn fail(&mut self, detail: String) {
        // Only this connection's closing is meant; where even this is refused, recovery still decides.
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        self.failure.get_or_insert(detail);
    }

    /// See [`mote_log::Snapshots::keep_snapshot`].
    pub fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.aside(|connection| snapshots::keep(connection, snapshot))
    }

    /// Forget some snapshots of other folds than `folds`. Whether there may be more.
    pub fn forget_snapshots(&mut self, folds: &[Digest]) -> Result<bool, SnapshotError> {
        self.aside(|connection| snapshots::forget(connection, folds))
    }

    /// Forget some runs that ended before a time. How many.
    pub fn forget_runs(&mut self, before: Timestamp, limit: usize) -> Result<usize, JournalError> {
        let forgotten = self.aside(|connection| journal::forget(connection, before, limit));
        forgotten.map_err(|error| JournalError::Unavailable(error.0))
    }

    /// Change what is no part of the log, in a transaction of its own. It is synced like a commit, so
    /// that the next commit's sync has nothing to make up for.
    fn aside<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SnapshotError> {
        if let Some(failure) = &self.failure {
            return Err(SnapshotError(format!("the log failed before: {failure}")));
        }
        let changed = self.run("BEGIN IMMEDIATE").and_then(|()| change(&self.connection));
        let changed = changed.map_err(|error| self.roll_back(error, false));
        let stored = changed.and_then(|changed| {
            self.run("COMMIT").map(|()| changed).map_err(|error| self.roll_back(error, true))
        });
        stored.map_err(|fault| match fault {
            Fault::RolledBack(detail) => SnapshotError(detail),
            // Nothing is known of the file any more, so no commit may follow.
            Fault::Unknown(detail) => {
                self.fail(detail.clone());
                SnapshotError(detail)
            }
        })
    }

    /// Let the write-ahead log flow back into the file, if it has grown enough. Call it after a batch
    /// was answered. What it cannot do now it does later; only a failed fsync fails the log.
    pub fn checkpoint_if_due(&mut self) {
        if self.failure.is_none()
            && let Err(error) = checkpoint::run_if_due(&self.connection)
            && is_failed_sync(&error)
        {
            self.fail(error.to_string());
        }
    }

    /// Why the log takes nothing more: after this, opening it anew is the only way on.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The position of the newest durable commit.
    pub fn end(&self) -> Position {
        self.end
    }

    /// How many transactions stored something since the log was opened.
    pub fn transactions(&self) -> u64 {
        self.transactions
    }

    /// The log's file. Its write-ahead log has the same name with `-wal` at the end.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The write-ahead log's file, which may not exist.
    pub fn wal_path(&self) -> PathBuf {
        beside(&self.path, "-wal")
    }

    /// How far the write-ahead log is in use, in bytes; what follows in its file are remains of earlier
    /// rounds. Cutting the file between this number before and after a batch is a crash inside it; where
    /// a batch makes the number smaller, it began anew from 0, over pages that a checkpoint had copied.
    pub fn wal_bytes(&self) -> Result<u64, ReadError> {
        checkpoint::wal_bytes(&self.connection).map_err(read_error)
    }

    /// Refuse commits that would make the file larger than `bytes` (rounded to pages), as a full disk does.
    pub fn set_size_max(&self, bytes: u64) -> Result<(), ReadError> {
        let set = || -> rusqlite::Result<()> {
            let page: u32 = self.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = (bytes / u64::from(page)).clamp(1, u64::from(u32::MAX - 1));
            // The pragma answers with the bound it set.
            self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        };
        set().map_err(read_error)
    }

    /// Close without tidying up: the files stay as a killed process leaves them.
    pub fn abandon(mut self) {
        self.fail("it was abandoned".to_owned());
    }

    /// Read the whole file and say the first thing that is wrong with it. Takes long for a large log.
    pub fn check(&self) -> Result<(), ReadError> {
        check::check_all(&self.connection)
    }

    /// See [`mote_log::Log::stream`].
    pub fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        read::stream(&self.connection, stream, after, limit).map_err(read_error)
    }

    /// See [`mote_log::Snapshots::snapshot`].
    pub fn snapshot(&self, stream: &StreamName, fold: Digest) -> Result<Option<Snapshot>, ReadError> {
        snapshots::read(&self.connection, stream, fold).map_err(read_error)
    }

    /// See [`mote_log::Log::commits`].
    pub fn commits(&self, after: Position, limit: usize) -> Result<Vec<StoredCommit>, ReadError> {
        read::commits(&self.connection, after, limit).map_err(read_error)
    }

    /// See [`mote_log::Log::checkpoint`].
    pub fn checkpoint(&self, follower: &str) -> Result<Option<Checkpoint>, ReadError> {
        read::checkpoint(&self.connection, follower).map_err(read_error)
    }

    /// See [`mote_log::Log::kept_answer`].
    pub fn kept_answer(&self, scope: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        read::kept_answer(&self.connection, scope).map_err(read_error)
    }
}

/// After a failed fsync the kernel may have dropped what it could not write: nothing may be built on it.
fn is_failed_sync(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_extended_error_code(), Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC))
}
