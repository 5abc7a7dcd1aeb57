//! Why a call ended without an answer, in words that a person understands.
//!
//! Owns the translation from what the runtime reports. Whether a trap is held against the artifact is
//! the caller's decision; [`Trap::is_unavailable`] tells the two sides apart.

use crate::budget::Budget;
use crate::guest::{Exceeded, Starved};

/// Why [`Artifact::call`](crate::Artifact::call) ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trap {
    /// The call used all its fuel.
    #[error("it ran for more than its {limit} units of fuel; look for an endless loop")]
    OutOfFuel {
        /// The budget, in units of fuel.
        limit: u64,
    },
    /// The call asked for more memory than its budget holds.
    #[error("it needed more than its {limit} bytes of memory")]
    OutOfMemory {
        /// The budget, in bytes.
        limit: u64,
    },
    /// The call nested deeper than the stack reaches.
    #[error("it nested calls deeper than the stack reaches; look for endless recursion")]
    StackExhausted,
    /// The answer is longer than the budget allows.
    #[error("its answer has {size} bytes, and {limit} are allowed")]
    AnswerTooLarge {
        /// Bytes of the answer.
        size: usize,
        /// The budget, in bytes.
        limit: usize,
    },
    /// The code gave up: a panic, an abort, or a call of something that is not there.
    #[error("it aborted")]
    Unreachable,
    /// The code did something else that WebAssembly forbids.
    #[error("it was stopped: {message}")]
    Other {
        /// What the runtime says.
        message: String,
    },
    /// The host could not run the call; the code is not to blame and the same call may succeed later.
    #[error("it cannot run now: {reason}")]
    Unavailable {
        /// What was missing.
        reason: String,
    },
}

impl Trap {
    /// Whether the host, and not the code, is the reason.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Which part of the budget was used up, if that is why: the name of [`Budget`]'s field.
    #[must_use]
    pub fn exceeded(&self) -> Option<&'static str> {
        match self {
            Self::OutOfFuel { .. } => Some("fuel"),
            Self::OutOfMemory { .. } => Some("memory"),
            Self::AnswerTooLarge { .. } => Some("answer"),
            _ => None,
        }
    }

    pub(crate) fn new(error: &wasmtime::Error, budget: &Budget) -> Self {
        use wasmtime::Trap as Code;
        if error.is::<Exceeded>() {
            return Self::OutOfMemory { limit: budget.memory };
        }
        if error.is::<Starved>() {
            return Self::Unavailable { reason: "the machine has no memory left".to_owned() };
        }
        if error.is::<wasmtime::PoolConcurrencyLimitError>() {
            return Self::Unavailable { reason: "every instance of the pool is in use".to_owned() };
        }
        match error.downcast_ref::<Code>() {
            Some(Code::OutOfFuel) => Self::OutOfFuel { limit: budget.fuel },
            Some(Code::StackOverflow) => Self::StackExhausted,
            Some(Code::UnreachableCodeReached) => Self::Unreachable,
            Some(code) => {
                let text = code.to_string();
                Self::Other { message: text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned() }
            }
            None => Self::Other { message: format!("{error:#}") },
        }
    }
}
