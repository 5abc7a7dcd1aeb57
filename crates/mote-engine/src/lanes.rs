//! Turns on streams: of the calls that would change one stream, one decides at a time.
//! Owns only the waiting. A lane is an optimisation: the log's expected versions are what is safe.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::lock::{Mutex as Turn, OwnedMutexGuard};
use mote_log::StreamName;

/// The lanes of all streams that somebody is in.
#[derive(Debug, Default)]
pub struct Lanes {
    turns: Arc<Mutex<HashMap<StreamName, Arc<Turn<()>>>>>,
}

/// A turn on one stream, until dropped.
pub struct Lane {
    stream: StreamName,
    turns: Arc<Mutex<HashMap<StreamName, Arc<Turn<()>>>>>,
    turn: Arc<Turn<()>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Lanes {
    /// No lanes yet.
    pub fn new() -> Lanes {
        Lanes::default()
    }

    /// Wait for a turn on `stream`.
    pub async fn enter(&self, stream: &StreamName) -> Lane {
        let turn = lock(&self.turns).entry(stream.clone()).or_default().clone();
        // Made before waiting, so that a caller who gives up leaves no entry behind.
        let mut lane =
            Lane { stream: stream.clone(), turns: self.turns.clone(), turn: turn.clone(), guard: None };
        lane.guard = Some(turn.lock_owned().await);
        lane
    }

    /// How many streams have somebody in their lane.
    pub fn len(&self) -> usize {
        lock(&self.turns).len()
    }

    /// Whether nobody is in any lane.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut turns = lock(&self.turns);
        // The guard holds a count, this lane one, and the table one: more means somebody waits.
        let ours = 2 + usize::from(self.guard.is_some());
        if Arc::strong_count(&self.turn) <= ours {
            turns.remove(&self.stream);
        }
        self.guard = None;
    }
}

/// A panic elsewhere leaves the table whole: every change of it is one operation.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
