//! The journal of runs: what happened to each execution of a workflow, in order.
//!
//! Owns the vocabulary ([`Page`], [`StoredRun`]) and the trait [`Journal`]. A run is no part of the log's truth, but what
//! it asked for is: so its journal is as durable as a commit. Never knows what an entry means.

use std::future::Future;

use jiff::Timestamp;
use mote_expr::Digest;

use crate::{KeyScope, ReadError};

/// Entries for the journal of one run, stored whole or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The run's id.
    pub run: String,
    /// What begins the run; with the first page alone.
    pub begun: Option<RunBegun>,
    /// How many entries the journal has before these; any other number is a conflict.
    pub after: u64,
    /// What happened, in order.
    pub entries: Vec<Vec<u8>>,
    /// How the run ended; with the last page alone.
    pub ended: Option<RunEnded>,
}

/// What begins a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunBegun {
    /// The workflow's name.
    pub workflow: String,
    /// The hash of the workflow with everything it refers to.
    pub definition: Digest,
    /// When.
    pub at: Timestamp,
    /// The hash of the admitted input.
    pub input: Digest,
    /// Under this key there is no other run: whoever begins it again gets this one.
    pub key: Option<KeyScope>,
    /// The beginning, as bytes that only the engine reads.
    pub body: Vec<u8>,
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunEnded {
    /// When.
    pub at: Timestamp,
    /// Whether it has an output.
    pub done: bool,
    /// The answer, as bytes that only the engine reads.
    pub body: Vec<u8>,
}

/// A run as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRun {
    /// Its id.
    pub id: String,
    /// What began it.
    pub begun: RunBegun,
    /// How many entries its journal has.
    pub entries: u64,
    /// How it ended, if it did.
    pub ended: Option<RunEnded>,
}

/// Which runs are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunState {
    /// Those that have not ended.
    UnderWay,
    /// Those that ended with an output.
    Done,
    /// Those that ended with an error.
    Failed,
}

/// Runs to be listed, the newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunQuery {
    /// Only of this workflow.
    pub workflow: Option<String>,
    /// Only in this state.
    pub state: Option<RunState>,
    /// Only those that were begun before this run: where the last list ended.
    pub before: Option<String>,
}

impl Page {
    /// Refuse a page that makes no sense in itself: the first check of every journal.
    pub fn check_form(&self) -> Result<(), JournalError> {
        let malformed = |what| Err(JournalError::Malformed(what));
        if self.run.is_empty() {
            return malformed("it names no run");
        }
        if self.begun.is_some() && self.after > 0 {
            return malformed("it begins a run that has entries");
        }
        if self.begun.is_none() && self.entries.is_empty() && self.ended.is_none() {
            return malformed("nothing is in it");
        }
        let key = self.begun.as_ref().and_then(|begun| begun.key.as_ref());
        if key.is_some_and(|scope| scope.key.is_empty()) {
            return malformed("an idempotency key is empty");
        }
        Ok(())
    }
}

/// A keeper of journals, beside a log.
///
/// What every implementation promises:
/// - A page is taken whole or not at all, and [`Journal::write`] answers only when it survives a power cut.
/// - Entries come back in the order of their pages, unchanged.
/// - A run that ended takes no more pages.
/// - Under one key there is at most one run.
pub trait Journal: Send + Sync {
    /// Take `page`.
    fn write(&self, page: Page) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// A run by its id.
    fn run(&self, id: &str) -> impl Future<Output = Result<Option<StoredRun>, ReadError>> + Send;

    /// The run under an idempotency key.
    fn run_by_key(
        &self,
        scope: &KeyScope,
    ) -> impl Future<Output = Result<Option<StoredRun>, ReadError>> + Send;

    /// The entries of a run after the first `after`, at most `limit`.
    fn entries(
        &self,
        run: &str,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Vec<u8>>, ReadError>> + Send;

    /// Runs, the newest first, at most `limit`.
    fn runs(
        &self,
        query: &RunQuery,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredRun>, ReadError>> + Send;

    /// Forget at most `limit` runs that ended before a time, the oldest first, with their keys. How many were forgotten.
    fn forget_runs(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<usize, JournalError>> + Send;
}

/// Why [`Journal::write`] refused a page. Nothing of it was stored, unless a variant says otherwise.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JournalError {
    /// There is a run under the key of this one already.
    #[error("the idempotency key already has a run")]
    KeyTaken,
    /// Somebody else wrote first, or the run was begun before, or never.
    #[error("the run's journal has {actual} entries, the page expects {expected}")]
    Conflict {
        /// How many entries the page expects.
        expected: u64,
        /// How many there are.
        actual: u64,
    },
    /// The run has ended.
    #[error("the run has ended")]
    Ended,
    /// The page itself makes no sense (see [`Page::check_form`]).
    #[error("the page is malformed: {0}")]
    Malformed(&'static str),
    /// The disk is full or the log is closing: nothing was stored, try again later.
    #[error("the log cannot take pages now: {0}")]
    Unavailable(String),
    /// The page may or may not be stored. The owner stops the process.
    #[error("the log failed while writing, the page's fate is unknown: {0}")]
    Unknown(String),
}
