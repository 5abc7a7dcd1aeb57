//! What happens to a run, and what it wants done.
//!
//! Owns the vocabulary between a run and whoever performs it. What is journaled are [`Input`]s with their times: a run
//! that is stepped through them again is the same run.

use jiff::Timestamp;
use mote_contract::Refusal;
use mote_contract::workflow::Callee;
use mote_expr::Value;

use super::place::{Place, Purpose};

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A call that was asked for came to this.
    Answered {
        /// Which step's.
        place: Place,
        /// What it was for.
        purpose: Purpose,
        /// The output, or why there is none.
        result: Result<Value, Box<Refusal>>,
    },
    /// An event was stored that a step may wait for: `type` and `data`.
    Happened {
        /// Which step may wait for it.
        place: Place,
        /// The event.
        event: Value,
    },
    /// The time that [`Run::wakes_at`](super::Run::wakes_at) named has come.
    Woken,
    /// Somebody wants the run to end and to take back what it did.
    Cancelled {
        /// Who, and why.
        why: String,
    },
    /// Somebody wants what waits for another try to be tried now.
    Hurried,
}

/// A call that is to be made. Made again after a crash, with the same key, it acts once.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Which step's.
    pub place: Place,
    /// What it is for.
    pub purpose: Purpose,
    /// How often it was asked, this time included.
    pub tries: u32,
    /// Whom to ask.
    pub callee: Callee,
    /// The input.
    pub input: Value,
    /// The idempotency key.
    pub key: String,
    /// When nobody waits for the answer any more.
    pub until: Timestamp,
}

/// An event that a step waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// Which step.
    pub place: Place,
    /// The type of the event.
    pub event: String,
    /// The aggregate that has it.
    pub aggregate: String,
    /// The way into the event to the value that is looked at: `data`, `orderId`.
    pub path: Vec<String>,
    /// What that value must be.
    pub value: Value,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With an output.
    Done(Value),
    /// With an error, and everything that could be was taken back.
    Failed(Box<Refusal>),
}
