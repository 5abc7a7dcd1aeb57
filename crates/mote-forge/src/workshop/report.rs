//! What a workshop says: news while it works, and what came of it.

use std::path::PathBuf;
use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Digest;
use mote_verify::{NoVerdict, Progress, Verification};

use super::code::Code;
use crate::artifacts::{BuildFailure, GetError};
use crate::seeds::AttemptError;
use crate::standing::Flaw;
use crate::typescript::ReadError;

/// An artifact with a signed verdict on one contract.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The contract.
    pub law: Arc<Law>,
    /// The hash of what it was built from; where there is no code, of the contract.
    pub source: Digest,
    /// What answers.
    pub code: Code,
    /// The verdict, a signed DSSE envelope.
    pub verdict: String,
}

/// What came of preparing a system.
#[derive(Debug, Default)]
pub struct Prepared {
    /// What may serve.
    pub candidates: Vec<Candidate>,
    /// What may not, and why.
    pub failures: Vec<Failure>,
}

impl Prepared {
    /// Add what may not serve, and say so.
    pub(super) fn refuse(&mut self, failure: Failure, news: &dyn Fn(News<'_>)) {
        news(News::Refused(&failure));
        self.failures.push(failure);
    }
}

/// A service that may not serve some of its operations.
#[derive(Debug)]
pub struct Failure {
    /// The service.
    pub service: String,
    /// The operations that it may not serve.
    pub operations: Vec<String>,
    /// Why.
    pub problem: Problem,
}

/// Why a service may not serve.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is no source.
    #[error("there is no service: `{}` does not exist", folder.display())]
    NoService {
        /// Where it should be.
        folder: PathBuf,
        /// The operations it should answer.
        operations: Vec<String>,
    },
    /// There is code for a contract whose rules answer.
    #[error("nothing asks `{}`: the rules of its contract answer", folder.display())]
    NeedlessService {
        /// Where it lies.
        folder: PathBuf,
    },
    /// The source cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The source cannot be built.
    #[error(transparent)]
    Build(#[from] BuildFailure),
    /// The artifact is gone or damaged.
    #[error(transparent)]
    Artifact(#[from] GetError),
    /// The sandbox refuses the artifact.
    #[error(transparent)]
    Load(#[from] mote_host::LoadError),
    /// What the lock names does not hold.
    #[error(transparent)]
    Flaw(#[from] Flaw),
    /// Sealed cases cannot be asked.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
    /// Verification found something wrong.
    #[error("verification found something wrong")]
    Rejected(Box<Verification>),
    /// A verdict could not be made.
    #[error(transparent)]
    NoVerdict(#[from] NoVerdict),
}

/// What a workshop does at the moment.
pub enum News<'n> {
    /// A service is being built.
    Building {
        /// Which.
        service: &'n str,
    },
    /// What was built is being compiled to machine code, or taken from where that is kept.
    Loading {
        /// Which service.
        service: &'n str,
    },
    /// A contract is being verified.
    Verifying {
        /// Which.
        operation: &'n str,
        /// How far it is.
        progress: Progress,
    },
    /// Sequences of commands are being tried.
    Exploring {
        /// The aggregate that they touch.
        aggregate: &'n str,
        /// How many are done.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// A contract was verified.
    Verified {
        /// Which.
        law: &'n Law,
        /// What was seen.
        verification: &'n Verification,
    },
    /// A service may not serve: it is told at once, while others are still being looked at.
    Refused(&'n Failure),
    /// A contract's verdict still holds.
    Unchanged {
        /// Which.
        operation: &'n str,
    },
}
