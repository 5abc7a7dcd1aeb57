//! The log's promise: what a log takes, what it gives back, and in which order; and what a store
//! of the views that follow it promises.
//!
//! Owns the vocabulary ([`Commit`], [`StreamName`], [`Position`]) and the trait [`Log`] that every
//! store implements, and what accompanies a log: [`Snapshots`], [`Views`], [`Journal`]. Never knows what an
//! event means, and never touches a disk: a store that passes `conformance` can stand behind any
//! engine. Start reading at [`Log`].

mod commit;
#[cfg(feature = "conformance")]
pub mod conformance;
mod journal;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "memory")]
mod memory_journal;
#[cfg(feature = "memory")]
mod memory_views;
mod names;
mod snapshots;
mod views;

pub use commit::{
    Append, Cause, Checkpoint, Codec, Commit, KeptAnswer, KeyScope, NewEvent, StoredCommit, StoredEvent,
};
pub use journal::{Journal, JournalError, Page, RunBegun, RunEnded, RunQuery, RunState, StoredRun};
#[cfg(feature = "memory")]
pub use memory::MemoryLog;
#[cfg(feature = "memory")]
pub use memory_journal::MemoryJournal;
#[cfg(feature = "memory")]
pub use memory_views::MemoryViews;
pub use names::{NameError, Position, PositionError, StreamName, Version};
pub use snapshots::{Snapshot, SnapshotError, Snapshots};
pub use views::{Batch, Found, KeptView, SelectError, ViewId, Views, ViewsError};

use std::future::Future;

/// An ordered, durable sequence of commits with exactly one owner.
///
/// What every implementation promises:
/// - A commit is taken whole or not at all, all its streams together.
/// - [`Log::append`] answers only when the commit survives a power cut.
/// - Positions follow the order of commits; once a position is visible, no lower one appears later.
/// - Commits are taken in the order they were brought: if two calls of [`Log::append`] were first polled
///   one after the other, the later one never lies before the earlier one.
/// - A stream's events have the versions 1, 2, 3, … without gaps.
/// - A follower's checkpoint is the newest one that a commit brought or [`Log::move_checkpoint`] took: with its
///   commit it is taken or refused.
pub trait Log: Send + Sync {
    /// Take `commit`; the answer is its position, and arrives when it is durable.
    fn append(&self, commit: Commit) -> impl Future<Output = Result<Position, AppendError>> + Send;

    /// The events of `stream` after version `after`, oldest first, at most `limit`.
    fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredEvent>, ReadError>> + Send;

    /// All commits after `after`, in order, at most `limit`.
    fn commits(
        &self,
        after: Position,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredCommit>, ReadError>> + Send;

    /// The answer kept under an idempotency key, with the position of its commit.
    fn kept_answer(
        &self,
        scope: &KeyScope,
    ) -> impl Future<Output = Result<Option<(Position, KeptAnswer)>, ReadError>> + Send;

    /// Keep `checkpoint` without a commit: it takes no position, so that a follower whose own commits are
    /// among those it follows comes to rest. Answers when it is durable.
    fn move_checkpoint(&self, checkpoint: Checkpoint)
    -> impl Future<Output = Result<(), AppendError>> + Send;

    /// Where `follower` goes on. None: it has not begun.
    fn checkpoint(
        &self,
        follower: &str,
    ) -> impl Future<Output = Result<Option<Checkpoint>, ReadError>> + Send;

    /// The position of the newest durable commit; [`Position::START`] for an empty log.
    fn end(&self) -> Position;
}

/// Why [`Log::append`] refused a commit. Nothing of it was stored, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first: the caller reads the stream again and decides again.
    #[error("stream {stream} is at version {actual}, the commit expects {expected}")]
    Conflict {
        /// The first stream that did not match.
        stream: StreamName,
        /// What the commit expected.
        expected: Version,
        /// Where the stream is.
        actual: Version,
    },
    /// The idempotency key has an answer already: the caller looks it up. Said before any conflict,
    /// since a repeated call usually expects the version that its first attempt moved on from.
    #[error("the idempotency key already has an answer")]
    KeyTaken,
    /// The commit itself makes no sense (see [`Commit::check_form`]).
    #[error("the commit is malformed: {0}")]
    Malformed(&'static str),
    /// The disk is full or the log is closing: nothing was stored, try again later.
    #[error("the log cannot take commits now: {0}")]
    Unavailable(String),
    /// The write may or may not be stored: nobody may be told either. The owner stops the process.
    #[error("the log failed while writing, the commit's fate is unknown: {0}")]
    Unknown(String),
}

/// Why a read failed. The caller answers `unavailable`.
#[derive(Debug, thiserror::Error)]
#[error("the log cannot be read: {0}")]
pub struct ReadError(pub String);
