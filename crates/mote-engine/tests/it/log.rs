//! A log in memory that does, once for each order given, what logs do on bad days.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_channel::oneshot::Receiver;
use mote_expr::Digest;
use mote_log::conformance::{block_on, cause};
use mote_log::{
    Append, AppendError, Checkpoint, Codec, Commit, KeptAnswer, KeyScope, Log, MemoryLog, NewEvent, Position,
    ReadError, Snapshot, SnapshotError, Snapshots, StoredCommit, StoredEvent, StreamName, Version,
};

/// What happens at the next append.
pub(crate) enum Fate {
    /// Somebody else signs first.
    Behind(&'static str),
    /// It is refused, and nothing is stored.
    Refused(AppendError),
    /// It is stored, but whoever asked is told that nobody knows.
    Unknown,
    /// It waits before it is stored.
    Before(Receiver<()>),
    /// It waits after it was stored.
    After(Receiver<()>),
    /// It is stored when somebody has read the log once more; whoever asked waits for ever.
    Late,
}

/// A [`MemoryLog`] with a future.
#[derive(Clone, Default)]
pub(crate) struct TestLog {
    pub(crate) memory: MemoryLog,
    fates: Arc<Mutex<VecDeque<Fate>>>,
    late: Arc<Mutex<Option<Commit>>>,
    /// How many of the next reads fail.
    pub(crate) unreadable: Arc<AtomicUsize>,
    /// How often events were read.
    pub(crate) reads: Arc<AtomicUsize>,
    /// How many events were read.
    pub(crate) events: Arc<AtomicUsize>,
    pub(crate) appends: Arc<AtomicUsize>,
}

impl TestLog {
    /// Append as `fate` says, once, when the fates before it have happened.
    pub(crate) fn next(&self, fate: Fate) {
        self.fates.lock().unwrap().push_back(fate);
    }

    /// Sign `book` without the engine, all in one commit.
    pub(crate) fn sign(&self, book: &StreamName, guests: &[&str]) {
        let expected = block_on(self.memory.stream(book, Version(0), usize::MAX)).unwrap().len();
        let events = guests.iter().map(|guest| NewEvent {
            kind: "GuestSigned".to_owned(),
            shape: 1,
            codec: Codec::Json,
            data: format!(r#"{{"at":"2026-01-01T00:00:00Z","guest":"{guest}","message":""}}"#).into(),
        });
        let append =
            Append { stream: book.clone(), expected: Version(expected as u64), events: events.collect() };
        block_on(self.memory.append(Commit {
            appends: vec![append],
            cause: cause(),
            answer: None,
            checkpoint: None,
        }))
        .unwrap();
    }

    /// What was late arrives.
    fn catch_up(&self) {
        if let Some(commit) = self.late.lock().unwrap().take() {
            block_on(self.memory.append(commit)).unwrap();
        }
    }

    fn readable(&self) -> Result<(), ReadError> {
        let failing =
            self.unreadable.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        if failing.is_ok() { Err(ReadError("the disk is gone".to_owned())) } else { Ok(()) }
    }
}

impl Log for TestLog {
    async fn append(&self, commit: Commit) -> Result<Position, AppendError> {
        self.appends.fetch_add(1, Ordering::Relaxed);
        let fate = self.fates.lock().unwrap().pop_front();
        match fate {
            None => self.memory.append(commit).await,
            Some(Fate::Behind(guest)) => {
                self.sign(&commit.appends[0].stream, &[guest]);
                self.memory.append(commit).await
            }
            Some(Fate::Refused(error)) => Err(error),
            Some(Fate::Unknown) => {
                self.memory.append(commit).await.unwrap();
                Err(AppendError::Unknown("the disk is gone".to_owned()))
            }
            Some(Fate::Before(gate)) => {
                gate.await.unwrap();
                self.memory.append(commit).await
            }
            Some(Fate::Late) => {
                *self.late.lock().unwrap() = Some(commit);
                std::future::pending().await
            }
            Some(Fate::After(gate)) => {
                let stored = self.memory.append(commit).await;
                gate.await.unwrap();
                stored
            }
        }
    }

    async fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.readable()?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        let read = self.memory.stream(stream, after, limit).await?;
        self.events.fetch_add(read.len(), Ordering::Relaxed);
        self.catch_up();
        Ok(read)
    }

    fn commits(
        &self,
        after: Position,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredCommit>, ReadError>> + Send {
        self.memory.commits(after, limit)
    }

    async fn kept_answer(&self, scope: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        self.readable()?;
        let read = self.memory.kept_answer(scope).await;
        self.catch_up();
        read
    }

    async fn move_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), AppendError> {
        self.memory.move_checkpoint(checkpoint).await
    }

    async fn checkpoint(&self, follower: &str) -> Result<Option<Checkpoint>, ReadError> {
        self.readable()?;
        self.memory.checkpoint(follower).await
    }

    fn end(&self) -> Position {
        self.memory.end()
    }
}

impl Snapshots for TestLog {
    async fn snapshot(&self, stream: &StreamName, fold: Digest) -> Result<Option<Snapshot>, ReadError> {
        self.readable()?;
        self.memory.snapshot(stream, fold).await
    }

    fn keep_snapshot(&self, snapshot: Snapshot) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.memory.keep_snapshot(snapshot)
    }

    fn forget_snapshots(&self, folds: &[Digest]) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.memory.forget_snapshots(folds)
    }
}
