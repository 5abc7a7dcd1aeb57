//! The log of a serving process, which tells those who wait that it has grown.

use std::future::Future;

use mote_expr::Digest;
use mote_log::{
    AppendError, Checkpoint, Commit, KeptAnswer, KeyScope, Log, Position, ReadError, Snapshot, SnapshotError,
    Snapshots, StoredCommit, StoredEvent, StreamName, Version,
};
use tokio::sync::watch;

/// A log that tells how far it is durable.
#[derive(Clone, Debug)]
pub struct WatchedLog<L> {
    log: L,
    end: watch::Sender<Position>,
    /// Why no commit's fate can be known any more.
    broken: watch::Sender<Option<String>>,
}

impl<L: Log> WatchedLog<L> {
    /// Watch `log`.
    pub fn new(log: L) -> WatchedLog<L> {
        let end = watch::Sender::new(log.end());
        WatchedLog { log, end, broken: watch::Sender::new(None) }
    }

    /// Learns of every commit; of several at once only of the newest.
    pub fn grown(&self) -> watch::Receiver<Position> {
        self.end.subscribe()
    }

    /// Wait until a write's fate is unknown, and say why. Whoever owns the process ends it then: what
    /// is on disk is read anew at the next start.
    pub async fn broken(&self) -> String {
        let mut broken = self.broken.subscribe();
        // The sender lives as long as this log does.
        let why = broken.wait_for(Option::is_some).await;
        why.ok().and_then(|why| why.clone()).unwrap_or_default()
    }
}

impl<L> WatchedLog<L> {
    /// `error`, which is remembered if nobody may be told anything more after it.
    fn noted(&self, error: AppendError) -> AppendError {
        if let AppendError::Unknown(why) = &error {
            self.broken.send_replace(Some(why.clone()));
        }
        error
    }
}

impl<L: Log> Log for WatchedLog<L> {
    async fn append(&self, commit: Commit) -> Result<Position, AppendError> {
        let position = match self.log.append(commit).await {
            Ok(position) => position,
            Err(error) => return Err(self.noted(error)),
        };
        // Answers may come back in another order than commits were taken.
        self.end.send_if_modified(|end| {
            let newer = position > *end;
            *end = position.max(*end);
            newer
        });
        Ok(position)
    }

    async fn move_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), AppendError> {
        self.log.move_checkpoint(checkpoint).await.map_err(|error| self.noted(error))
    }

    async fn checkpoint(&self, follower: &str) -> Result<Option<Checkpoint>, ReadError> {
        self.log.checkpoint(follower).await
    }

    async fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.log.stream(stream, after, limit).await
    }

    async fn commits(&self, after: Position, limit: usize) -> Result<Vec<StoredCommit>, ReadError> {
        self.log.commits(after, limit).await
    }

    async fn kept_answer(&self, scope: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        self.log.kept_answer(scope).await
    }

    fn end(&self) -> Position {
        self.log.end()
    }
}

impl<L: Snapshots> Snapshots for WatchedLog<L> {
    async fn snapshot(&self, stream: &StreamName, fold: Digest) -> Result<Option<Snapshot>, ReadError> {
        self.log.snapshot(stream, fold).await
    }

    fn keep_snapshot(&self, snapshot: Snapshot) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.log.keep_snapshot(snapshot)
    }

    fn forget_snapshots(&self, folds: &[Digest]) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.log.forget_snapshots(folds)
    }
}
