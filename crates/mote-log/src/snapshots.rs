//! What folding a stream came to, kept so that the next fold need not begin at the first event.
//!
//! Owns the vocabulary ([`Snapshot`]) and the trait [`Snapshots`]. A snapshot is never the truth: every one
//! can be lost, late or damaged, and whoever folds checks what it gets. Never knows what a state means.

use std::future::Future;

use mote_expr::{Digest, Value};

use crate::{ReadError, StreamName, Version};

/// The state of a stream after one of its events.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// Whose state.
    pub stream: StreamName,
    /// The hash of everything that folding depends on: another fold has snapshots of its own.
    pub fold: Digest,
    /// The version of the last event that was folded.
    pub version: Version,
    /// What came of it.
    pub state: Value,
}

/// A keeper of snapshots, beside a log.
///
/// What every implementation promises:
/// - Of one stream and fold it keeps at most one snapshot: the last that was handed to it and kept.
/// - What is asked of it is done in the order in which it was asked. It begins with the call, not
///   with the first poll: whoever does not care what came of it drops the future.
/// - It never waits for a place: where there is none, the snapshot is dropped.
/// - Whatever fails here fails nothing else.
pub trait Snapshots: Send + Sync {
    /// The snapshot of `stream` as `fold` folds it. One that cannot be read is none.
    fn snapshot(
        &self,
        stream: &StreamName,
        fold: Digest,
    ) -> impl Future<Output = Result<Option<Snapshot>, ReadError>> + Send;

    /// Keep `snapshot` in place of the one before it.
    fn keep_snapshot(&self, snapshot: Snapshot) -> impl Future<Output = Result<(), SnapshotError>> + Send;

    /// Forget the snapshots of all folds but `folds`.
    fn forget_snapshots(&self, folds: &[Digest]) -> impl Future<Output = Result<(), SnapshotError>> + Send;
}

/// Why a snapshot was not kept, or not forgotten. Nobody has to act: a fold reads more events.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the snapshot is not kept: {0}")]
pub struct SnapshotError(pub String);
