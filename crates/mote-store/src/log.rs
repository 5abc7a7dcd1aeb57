//! The log as the rest of Mote holds it.
//!
//! Owns the handle: what a call passes to the writer or to a reader, and how everything ends. Never
//! touches SQLite itself. Reads run on the caller's thread: they are short, and handing them to
//! another thread would cost more than they do.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_channel::oneshot;
use jiff::Timestamp;
use mote_expr::Digest;
use mote_log::{
    AppendError, Checkpoint, Commit, Journal, JournalError, KeptAnswer, KeyScope, Log, Page, Position,
    ReadError, RunQuery, Snapshot, SnapshotError, Snapshots, StoredCommit, StoredEvent, StoredRun,
    StreamName, Version,
};
use rusqlite::Connection;

use crate::database::Database;
use crate::open::{self, OpenError};
use crate::queue::Queue;
use crate::readers::Readers;
use crate::snapshots::{self, Request};
use crate::writer::{self, Shared};
use crate::{journal, read};

/// The bounds of a [`SqliteLog`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// How many commits may wait for the writer; one more is [`AppendError::Unavailable`].
    pub queue_commits_max: usize,
    /// How many reads may run at once; one more waits, on its caller's thread.
    pub readers_max: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { queue_commits_max: 8_192, readers_max: 4 }
    }
}

/// A [`Log`] in a SQLite file. A clone is another handle on the same log.
///
/// Dropping the last handle closes the log, which waits for the writer; [`SqliteLog::close`] does the
/// same at a time of the caller's choice.
#[derive(Clone, Debug)]
pub struct SqliteLog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    readers: Readers,
    /// None once closed.
    writer: Mutex<Option<JoinHandle<Database>>>,
}

impl SqliteLog {
    /// Open the log at `path`, a file or an existing folder that holds `log.db`; create it if there is none.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<SqliteLog, OpenError> {
        SqliteLog::start(Database::open(path)?, options)
    }

    /// Serve an open `database`.
    pub fn start(database: Database, options: Options) -> Result<SqliteLog, OpenError> {
        let path = database.path().to_owned();
        let shared = Arc::new(Shared::new(&database, Queue::new(options.queue_commits_max)));
        let writer = writer::start(database, Arc::clone(&shared))
            .map_err(|error| OpenError::Access { path: path.clone(), detail: error.to_string() })?;
        let readers = Readers::new(path, options.readers_max, open::connect_reader);
        Ok(SqliteLog { inner: Arc::new(Inner { shared, readers, writer: Mutex::new(Some(writer)) }) })
    }

    /// Take nothing more, write what was taken, and let go of the file. Blocks until that is done;
    /// every handle is refused from now on.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Why the log takes nothing more, once a write's fate is unknown: the owner stops the process.
    pub fn failure(&self) -> Option<&str> {
        self.inner.shared.failure()
    }

    /// How many transactions stored something since the log was opened. Fewer than commits where
    /// commits were in flight together.
    pub fn transactions(&self) -> u64 {
        self.inner.shared.transactions()
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ReadError> {
        if let Some(failure) = self.failure() {
            return Err(ReadError(format!("it failed before: {failure}")));
        }
        self.inner.readers.with(read)
    }
}

impl Inner {
    fn close(&self) {
        self.shared.queue.close("it is closed");
        // Held to the end, so that a second call returns only when the first is done.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = writer.take() else { return };
        let database = writer.join();
        // Before the writer's connection: the last one to close tidies up, and only the writer can.
        self.readers.close();
        // A writer that panicked has dropped its database already.
        drop(database);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Log for SqliteLog {
    async fn append(&self, commit: Commit) -> Result<Position, AppendError> {
        let answer = self.inner.shared.queue.push(commit)?;
        // The writer answers everything it took, unless it stops in the middle.
        answer.await.unwrap_or_else(|_| Err(AppendError::Unknown("its writer stopped".to_owned())))
    }

    async fn move_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), AppendError> {
        let moved = self.inner.shared.queue.push_move(checkpoint)?;
        moved.await.unwrap_or_else(|_| Err(AppendError::Unknown("its writer stopped".to_owned())))
    }

    async fn checkpoint(&self, follower: &str) -> Result<Option<Checkpoint>, ReadError> {
        self.read(|connection| read::checkpoint(connection, follower))
    }

    async fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.read(|connection| read::stream(connection, stream, after, limit))
    }

    async fn commits(&self, after: Position, limit: usize) -> Result<Vec<StoredCommit>, ReadError> {
        self.read(|connection| read::commits(connection, after, limit))
    }

    async fn kept_answer(&self, scope: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        self.read(|connection| read::kept_answer(connection, scope))
    }

    fn end(&self) -> Position {
        self.inner.shared.end()
    }
}

impl Snapshots for SqliteLog {
    async fn snapshot(&self, stream: &StreamName, fold: Digest) -> Result<Option<Snapshot>, ReadError> {
        self.read(|connection| snapshots::read(connection, stream, fold))
    }

    fn keep_snapshot(&self, snapshot: Snapshot) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        let (sender, answer) = oneshot::channel();
        self.inner.shared.queue.ask(Request::Keep(snapshot, sender));
        done(answer)
    }

    fn forget_snapshots(&self, folds: &[Digest]) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        let (sender, answer) = oneshot::channel();
        self.inner.shared.queue.ask(Request::Forget(folds.to_vec(), sender));
        done(answer)
    }
}

impl Journal for SqliteLog {
    async fn write(&self, page: Page) -> Result<(), JournalError> {
        let answer = self.inner.shared.queue.push_page(page)?;
        // The writer answers everything it took, unless it stops in the middle.
        answer.await.unwrap_or_else(|_| Err(JournalError::Unknown("its writer stopped".to_owned())))
    }

    async fn run(&self, id: &str) -> Result<Option<StoredRun>, ReadError> {
        self.read(|connection| journal::by_id(connection, id))
    }

    async fn run_by_key(&self, scope: &KeyScope) -> Result<Option<StoredRun>, ReadError> {
        self.read(|connection| journal::by_key(connection, scope))
    }

    async fn entries(&self, run: &str, after: u64, limit: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        self.read(|connection| journal::entries(connection, run, after, limit))
    }

    async fn runs(&self, query: &RunQuery, limit: usize) -> Result<Vec<StoredRun>, ReadError> {
        self.read(|connection| journal::list(connection, query, limit))
    }

    async fn forget_runs(&self, before: Timestamp, limit: usize) -> Result<usize, JournalError> {
        let (sender, answer) = oneshot::channel();
        self.inner.shared.queue.ask(Request::ForgetRuns(before, limit, sender));
        answer.await.unwrap_or_else(|_| Err(JournalError::Unavailable("its writer stopped".to_owned())))
    }
}

async fn done(answer: oneshot::Receiver<Result<(), SnapshotError>>) -> Result<(), SnapshotError> {
    answer.await.unwrap_or_else(|_| Err(SnapshotError("its writer stopped".to_owned())))
}
