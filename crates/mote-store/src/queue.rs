//! Where commits, checkpoints that move alone, and what can wait longer, wait for the writer.
//! Owns the bounds and the order. Never blocks who brings something: a full queue refuses at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot;
use mote_log::{AppendError, Checkpoint, Commit, JournalError, Page, Position, SnapshotError};

use crate::database::{Entry, Written};
use crate::snapshots::Request;

/// The most commits in one transaction: more would make the first wait for the last.
const BATCH_COMMITS_MAX: usize = 1_024;

/// The most requests about snapshots that wait: each may hold a large state.
const REQUESTS_MAX: usize = 64;

/// The answer to one commit.
pub(crate) type Answer = Result<Position, AppendError>;

/// The answer to a checkpoint that moves alone.
pub(crate) type Moved = Result<(), AppendError>;

/// The answer to one page of a journal.
pub(crate) type Paged = Result<(), JournalError>;

/// Something that is written in one transaction with others, and who waits for it.
#[derive(Debug)]
pub(crate) enum Item {
    Commit(Box<Commit>, oneshot::Sender<Answer>),
    Page(Box<Page>, oneshot::Sender<Paged>),
}

impl Item {
    pub(crate) fn entry(&self) -> Entry<'_> {
        match self {
            Item::Commit(commit, _) => Entry::Commit(commit),
            Item::Page(page, _) => Entry::Page(page),
        }
    }

    /// Say what came of it. Whoever stopped waiting needs no answer.
    pub(crate) fn answer(self, written: Written) {
        match (self, written) {
            (Item::Commit(_, sender), Written::Commit(answer)) => drop(sender.send(answer)),
            (Item::Page(_, sender), Written::Page(answer)) => drop(sender.send(answer)),
            // Dropped, the sender says that the writer stopped; answers come in the order of entries.
            _ => {}
        }
    }
}

/// What is written in one transaction.
pub(crate) enum Batch {
    /// Commits and pages, in the order in which they were brought.
    Items(Vec<Item>),
    /// A checkpoint and who waits for it. Seldom enough to have a transaction of its own.
    Move(Checkpoint, oneshot::Sender<Moved>),
}

/// What waits, and who waits for it.
#[derive(Debug)]
enum Work {
    Item(Item),
    Move(Checkpoint, oneshot::Sender<Moved>),
}

/// What the writer does in one turn: first the batch, and when it is answered the request.
pub(crate) struct Turn {
    pub(crate) batch: Option<Batch>,
    pub(crate) request: Option<Request>,
}

/// The writer's queue.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    commits_max: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Work>,
    requests: VecDeque<Request>,
    /// Why nothing more is taken.
    closed: Option<String>,
}

impl State {
    /// What is written next in one transaction.
    fn batch(&mut self) -> Option<Batch> {
        let mut items = Vec::new();
        while items.len() < BATCH_COMMITS_MAX {
            match self.waiting.pop_front() {
                Some(Work::Item(item)) => items.push(item),
                Some(Work::Move(checkpoint, sender)) if items.is_empty() => {
                    return Some(Batch::Move(checkpoint, sender));
                }
                Some(later) => {
                    self.waiting.push_front(later);
                    break;
                }
                None => break,
            }
        }
        (!items.is_empty()).then_some(Batch::Items(items))
    }
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
        let (sender, receiver) = oneshot::channel();
        self.push_work(Work::Item(Item::Commit(Box::new(commit), sender))).map(|()| receiver)
    }

    /// Bring `page`; the answer comes when the writer has it.
    pub(crate) fn push_page(&self, page: Page) -> Result<oneshot::Receiver<Paged>, JournalError> {
        let (sender, receiver) = oneshot::channel();
        let pushed = self.push_work(Work::Item(Item::Page(Box::new(page), sender)));
        pushed.map(|()| receiver).map_err(|error| JournalError::Unavailable(error.to_string()))
    }

    /// Bring a checkpoint that moves alone.
    pub(crate) fn push_move(&self, checkpoint: Checkpoint) -> Result<oneshot::Receiver<Moved>, AppendError> {
        let (sender, receiver) = oneshot::channel();
        self.push_work(Work::Move(checkpoint, sender)).map(|()| receiver)
    }

    fn push_work(&self, work: Work) -> Result<(), AppendError> {
        let mut state = self.state();
        if let Some(why) = &state.closed {
            return Err(AppendError::Unavailable(why.clone()));
        }
        if state.waiting.len() >= self.commits_max {
            return Err(AppendError::Unavailable(format!("{} commits wait already", self.commits_max)));
        }
        state.waiting.push_back(work);
        // The writer takes all that waits, so it sleeps only where nothing waited.
        if state.waiting.len() == 1 {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Bring a request, which is answered at once where it cannot wait.
    pub(crate) fn ask(&self, request: Request) {
        let mut state = self.state();
        let refusal = match &state.closed {
            Some(why) => why.clone(),
            None if state.requests.len() >= REQUESTS_MAX => format!("{REQUESTS_MAX} wait already"),
            None => {
                state.requests.push_back(request);
                self.arrived.notify_one();
                return;
            }
        };
        drop(state);
        request.answer(Err(SnapshotError(refusal)));
    }

    /// Bring a request again that is not done yet, before all others.
    pub(crate) fn ask_again(&self, request: Request) {
        self.state().requests.push_front(request);
    }

    /// What waits, as soon as anything does; nothing once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Turn> {
        let nothing = |state: &State| state.waiting.is_empty() && state.requests.is_empty();
        let idle = |state: &mut State| nothing(state) && state.closed.is_none();
        let mut state = self.arrived.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        if nothing(&state) {
            return None;
        }
        let batch = state.batch();
        Some(Turn { batch, request: state.requests.pop_front() })
    }

    /// Take nothing more from now on; what waits already is still written.
    pub(crate) fn close(&self, why: &str) {
        self.state().closed.get_or_insert_with(|| why.to_owned());
        self.arrived.notify_one();
    }

    /// Take nothing more, and refuse what waits: nobody will write it.
    pub(crate) fn abort(&self, why: &str) {
        let (waiting, requests) = {
            let mut state = self.state();
            state.closed.get_or_insert_with(|| why.to_owned());
            (std::mem::take(&mut state.waiting), std::mem::take(&mut state.requests))
        };
        for request in requests {
            request.answer(Err(SnapshotError(why.to_owned())));
        }
        let refusal = || AppendError::Unavailable(why.to_owned());
        for work in waiting {
            // Whoever stopped waiting needs no answer.
            match work {
                Work::Item(Item::Commit(_, sender)) => drop(sender.send(Err(refusal()))),
                Work::Item(Item::Page(_, sender)) => {
                    drop(sender.send(Err(JournalError::Unavailable(why.to_owned()))));
                }
                Work::Move(_, sender) => drop(sender.send(Err(refusal()))),
            }
        }
    }
}
