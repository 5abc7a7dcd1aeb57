//! The thread that writes.
//!
//! Owns the loop: take all that waits, store it in one transaction, answer everybody, then see to a
//! snapshot and tidy up. A lone commit is written at once; while it is, others gather. Never decides
//! anything about a commit.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use mote_log::Position;

use crate::database::Database;
use crate::queue::{Batch, Item, Queue, Turn};
use crate::snapshots::Request;

/// What the writer shares with the log's handles.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    end: AtomicU64,
    transactions: AtomicU64,
    failure: OnceLock<String>,
}

impl Shared {
    pub(crate) fn new(database: &Database, queue: Queue) -> Shared {
        let shared = Shared {
            queue,
            end: AtomicU64::default(),
            transactions: AtomicU64::default(),
            failure: OnceLock::new(),
        };
        shared.publish(database);
        shared
    }

    pub(crate) fn end(&self) -> Position {
        Position::from_ordinal(self.end.load(Ordering::Acquire))
    }

    pub(crate) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    fn publish(&self, database: &Database) {
        self.end.store(database.end().ordinal(), Ordering::Release);
        self.transactions.store(database.transactions(), Ordering::Relaxed);
        if let Some(failure) = database.failure() {
            self.fail(failure);
        }
    }

    fn fail(&self, failure: &str) {
        self.failure.get_or_init(|| failure.to_owned());
        self.queue.abort(&format!("it failed before: {failure}"));
    }
}

/// Start the writer of `database`; it gives the database back when the queue is closed and empty.
pub(crate) fn start(mut database: Database, shared: Arc<Shared>) -> io::Result<JoinHandle<Database>> {
    thread::Builder::new().name("mote-log-writer".to_owned()).spawn(move || {
        let guard = StopGuard(&shared);
        while let Some(Turn { batch, request }) = shared.queue.take() {
            // The answers come last: who has one may ask for the end, or for the failure. Whoever stopped
            // waiting needs none.
            match batch {
                Some(Batch::Items(items)) => {
                    let entries: Vec<_> = items.iter().map(Item::entry).collect();
                    let answers = database.write_batch(&entries);
                    shared.publish(&database);
                    items.into_iter().zip(answers).for_each(|(item, answer)| item.answer(answer));
                }
                Some(Batch::Move(checkpoint, sender)) => {
                    let moved = database.move_checkpoint(&checkpoint);
                    shared.publish(&database);
                    let _ = sender.send(moved);
                }
                None => {}
            }
            if let Some(request) = request {
                see_to(request, &mut database, &shared.queue);
            }
            database.checkpoint_if_due();
            shared.publish(&database);
        }
        std::mem::forget(guard);
        database
    })
}

/// Do what `request` asks for, or a part of it.
fn see_to(request: Request, database: &mut Database, queue: &Queue) {
    let done = match &request {
        Request::Keep(snapshot, _) => database.keep_snapshot(snapshot),
        Request::ForgetRuns(before, limit, _) => {
            let forgotten = database.forget_runs(*before, *limit);
            return request.answer_runs(forgotten);
        }
        Request::Forget(folds, _) => match database.forget_snapshots(folds) {
            // Commits come in between.
            Ok(true) => return queue.ask_again(request),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        },
    };
    request.answer(done);
}

/// Where the writer ends by a panic, nobody may wait for it.
struct StopGuard<'a>(&'a Shared);

impl Drop for StopGuard<'_> {
    fn drop(&mut self) {
        self.0.fail("its writer stopped by a bug");
    }
}
