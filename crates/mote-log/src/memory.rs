//! A log that lives as long as its process.
//! Owns nothing but memory, and keeps every promise of [`Log`] and [`Snapshots`] except to survive a power cut.
//! Never stands behind a server: it is for tests of what stands above a log.

use std::collections::HashMap;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mote_expr::Digest;

use crate::{
    AppendError, Checkpoint, Commit, KeptAnswer, KeyScope, Log, Position, ReadError, Snapshot, SnapshotError,
    Snapshots, StoredCommit, StoredEvent, StreamName, Version,
};

/// A [`Log`] in memory. A clone is another handle on the same log.
#[derive(Clone, Default, Debug)]
pub struct MemoryLog {
    state: Arc<Mutex<State>>,
}

#[derive(Default, Debug)]
struct State {
    /// The commit with ordinal n stands at n - 1.
    commits: Vec<StoredCommit>,
    /// Where each stream's events are: the commit's index and the event's index in it.
    streams: HashMap<StreamName, Vec<(usize, usize)>>,
    answers: HashMap<KeyScope, (Position, KeptAnswer)>,
    checkpoints: HashMap<String, Checkpoint>,
    snapshots: HashMap<(StreamName, Digest), Snapshot>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> MemoryLog {
        MemoryLog::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A commit changes the state only after its last check, so a panic elsewhere cannot leave half of one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end(&self) -> Position {
        Position::from_ordinal(self.commits.len() as u64)
    }

    fn version(&self, stream: &StreamName) -> Version {
        Version(self.streams.get(stream).map_or(0, |events| events.len() as u64))
    }

    fn append(&mut self, commit: Commit) -> Result<Position, AppendError> {
        commit.check_form()?;
        if commit.answer.as_ref().is_some_and(|answer| self.answers.contains_key(&answer.scope)) {
            return Err(AppendError::KeyTaken);
        }
        for append in &commit.appends {
            let actual = self.version(&append.stream);
            if actual != append.expected {
                let (stream, expected) = (append.stream.clone(), append.expected);
                return Err(AppendError::Conflict { stream, expected, actual });
            }
        }
        let place = self.commits.len();
        let position = Position::from_ordinal(place as u64 + 1);
        let mut events = Vec::new();
        for append in commit.appends {
            let versions = self.streams.entry(append.stream.clone()).or_default();
            for event in append.events {
                versions.push((place, events.len()));
                events.push(StoredEvent {
                    stream: append.stream.clone(),
                    version: Version(versions.len() as u64),
                    position,
                    at: commit.cause.at,
                    kind: event.kind,
                    shape: event.shape,
                    codec: event.codec,
                    data: event.data,
                });
            }
        }
        if let Some(answer) = commit.answer {
            self.answers.insert(answer.scope.clone(), (position, answer));
        }
        if let Some(checkpoint) = commit.checkpoint {
            self.checkpoints.insert(checkpoint.follower.clone(), checkpoint);
        }
        self.commits.push(StoredCommit { position, cause: commit.cause, events });
        Ok(position)
    }

    fn move_checkpoint(&mut self, checkpoint: Checkpoint) -> Result<(), AppendError> {
        checkpoint.check_form()?;
        self.checkpoints.insert(checkpoint.follower.clone(), checkpoint);
        Ok(())
    }
}

/// What `items` holds after the first `after`, at most `limit`.
fn window<T>(items: &[T], after: u64, limit: usize) -> &[T] {
    let from = usize::try_from(after).unwrap_or(usize::MAX).min(items.len());
    let to = from.saturating_add(limit).min(items.len());
    &items[from..to]
}

impl Log for MemoryLog {
    async fn append(&self, commit: Commit) -> Result<Position, AppendError> {
        self.state().append(commit)
    }

    async fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let state = self.state();
        let places = state.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let event = |&(commit, event): &(usize, usize)| state.commits[commit].events[event].clone();
        Ok(window(places, after.0, limit).iter().map(event).collect())
    }

    async fn commits(&self, after: Position, limit: usize) -> Result<Vec<StoredCommit>, ReadError> {
        Ok(window(&self.state().commits, after.ordinal(), limit).to_vec())
    }

    async fn kept_answer(&self, scope: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        Ok(self.state().answers.get(scope).cloned())
    }

    async fn move_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), AppendError> {
        self.state().move_checkpoint(checkpoint)
    }

    async fn checkpoint(&self, follower: &str) -> Result<Option<Checkpoint>, ReadError> {
        Ok(self.state().checkpoints.get(follower).cloned())
    }

    fn end(&self) -> Position {
        self.state().end()
    }
}

impl Snapshots for MemoryLog {
    async fn snapshot(&self, stream: &StreamName, fold: Digest) -> Result<Option<Snapshot>, ReadError> {
        Ok(self.state().snapshots.get(&(stream.clone(), fold)).cloned())
    }

    fn keep_snapshot(&self, snapshot: Snapshot) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.state().snapshots.insert((snapshot.stream.clone(), snapshot.fold), snapshot);
        ready(Ok(()))
    }

    fn forget_snapshots(&self, folds: &[Digest]) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.state().snapshots.retain(|(_, fold), _| folds.contains(fold));
        ready(Ok(()))
    }
}
