//! Where commits wait for the writer.
//! Owns the bound and the order. Never blocks who brings a commit: a full queue refuses at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot;
use mote_log::{AppendError, Commit, Position};

/// The most commits in one transaction: more would make the first wait for the last.
const BATCH_COMMITS_MAX: usize = 1_024;

/// The answer to one commit.
pub(crate) type Answer = Result<Position, AppendError>;

/// Commits and, in the same order, who waits for them.
pub(crate) type Batch = (Vec<Commit>, Vec<oneshot::Sender<Answer>>);

/// The writer's queue.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    commits_max: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<(Commit, oneshot::Sender<Answer>)>,
    /// Why nothing more is taken.
    closed: Option<String>,
}

impl Queue {
    pub(crate) fn new(commits_max: usize) -> Queue {
        Queue { state: Mutex::default(), arrived: Condvar::new(), commits_max }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can stop half-way and leave the state wrong.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bring `commit`; the answer comes when the writer has it.
    pub(crate) fn push(&self, commit: Commit) -> Result<oneshot::Receiver<Answer>, AppendError> {
        let mut state = self.state();
        if let Some(why) = &state.closed {
            return Err(AppendError::Unavailable(why.clone()));
        }
        if state.waiting.len() >= self.commits_max {
            return Err(AppendError::Unavailable(format!("{} commits wait already", self.commits_max)));
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back((commit, sender));
        // The writer takes all that waits, so it sleeps only where nothing waited.
        if state.waiting.len() == 1 {
            self.arrived.notify_one();
        }
        Ok(receiver)
    }

    /// What waits, as soon as anything does; nothing once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Batch> {
        let idle = |state: &mut State| state.waiting.is_empty() && state.closed.is_none();
        let mut state = self.arrived.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        if state.waiting.is_empty() {
            return None;
        }
        let batch = state.waiting.len().min(BATCH_COMMITS_MAX);
        Some(state.waiting.drain(..batch).unzip())
    }

    /// Take nothing more from now on; what waits already is still written.
    pub(crate) fn close(&self, why: &str) {
        self.state().closed.get_or_insert_with(|| why.to_owned());
        self.arrived.notify_one();
    }

    /// Take nothing more, and refuse what waits: nobody will write it.
    pub(crate) fn abort(&self, why: &str) {
        let waiting = {
            let mut state = self.state();
            state.closed.get_or_insert_with(|| why.to_owned());
            std::mem::take(&mut state.waiting)
        };
        for (_, sender) in waiting {
            // Whoever stopped waiting needs no answer.
            let _ = sender.send(Err(AppendError::Unavailable(why.to_owned())));
        }
    }
}
