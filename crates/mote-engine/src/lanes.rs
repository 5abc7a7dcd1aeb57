//! Turns on streams: of the calls that would change one stream, one decides at a time, in the order
//! in which they came. Owns only the waiting. A lane is an optimisation: the log's expected versions
//! are what is safe.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot::{self, Sender};
use mote_log::StreamName;

/// Who waits behind the turn that is taken. A stream without an entry is free.
type Waiting = HashMap<StreamName, VecDeque<Sender<Lane>>>;

/// The lanes of all streams that somebody is in.
#[derive(Debug, Default)]
pub struct Lanes {
    waiting: Arc<Mutex<Waiting>>,
}

/// A turn on one stream, until dropped.
#[derive(Debug)]
pub struct Lane {
    /// None only where the turn went on to somebody else.
    turn: Option<Turn>,
}

#[derive(Debug)]
struct Turn {
    stream: StreamName,
    waiting: Arc<Mutex<Waiting>>,
}

impl Lanes {
    /// No lanes yet.
    pub fn new() -> Lanes {
        Lanes::default()
    }

    /// Wait for a turn on `stream`. Who came first is first; who gives up is passed over.
    pub async fn enter(&self, stream: &StreamName) -> Lane {
        loop {
            let next = {
                let mut waiting = lock(&self.waiting);
                let Some(queue) = waiting.get_mut(stream) else {
                    waiting.insert(stream.clone(), VecDeque::new());
                    return Lane {
                        turn: Some(Turn { stream: stream.clone(), waiting: self.waiting.clone() }),
                    };
                };
                let (sender, next) = oneshot::channel();
                queue.push_back(sender);
                next
            };
            // The turn arrives as a value: if this future is dropped with it, it goes on by itself.
            // A turn never ends without passing on, and if one did, asking anew is right.
            if let Ok(lane) = next.await {
                return lane;
            }
        }
    }

    /// How many streams have somebody in their lane.
    pub fn len(&self) -> usize {
        lock(&self.waiting).len()
    }

    /// Whether nobody is in any lane.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        while let Some(turn) = self.turn.take() {
            let next = {
                let mut waiting = lock(&turn.waiting);
                let next = waiting.get_mut(&turn.stream).and_then(VecDeque::pop_front);
                if next.is_none() {
                    waiting.remove(&turn.stream);
                }
                next
            };
            // Outside the lock: where the waiter is just giving up, the turn is dropped in here.
            if let Some(next) = next
                && let Err(mut refused) = next.send(Lane { turn: Some(turn) })
            {
                self.turn = refused.turn.take();
            }
        }
    }
}

/// A panic elsewhere leaves the table whole: every change of it is one operation.
fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
