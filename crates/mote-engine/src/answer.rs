//! What comes of an invocation.

use mote_contract::{Outcome, PlatformError, Refusal};
use mote_expr::Value;
use mote_log::Position;

/// The answer to one envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The output of a success, or why there is none.
    pub result: Result<Value, Box<Refusal>>,
    /// The place in the log at which it was decided; it was durable before the answer left.
    /// None where no log was read.
    pub position: Option<Position>,
    /// Whether an earlier answer under the same idempotency key was given again.
    pub replayed: bool,
}

impl Answer {
    /// A success that was decided now.
    pub fn success(output: Value, position: Option<Position>) -> Answer {
        Answer { result: Ok(output), position, replayed: false }
    }

    /// A refusal.
    pub fn refused(refusal: impl Into<Box<Refusal>>, position: Option<Position>) -> Answer {
        Answer { result: Err(refusal.into()), position, replayed: false }
    }

    /// The platform cannot take the call now.
    pub fn unavailable(detail: impl Into<String>) -> Answer {
        Answer::refused(Refusal::platform(Outcome::Unavailable, PlatformError::Unavailable, detail), None)
    }

    /// There is nothing of this name.
    pub fn not_found(operation: &str) -> Answer {
        let detail = format!("nothing called `{operation}` serves here");
        Answer::refused(Refusal::platform(Outcome::Invalid, PlatformError::NotFound, detail), None)
    }

    /// How it ended: `ok`, or the outcome of the refusal.
    pub fn outcome(&self) -> Option<Outcome> {
        self.result.as_ref().err().map(|refusal| refusal.outcome)
    }
}
