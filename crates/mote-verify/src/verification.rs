//! What came of a verification: passed or rejected, whose fault it is, and the figures.
//! Owns the words of the result. Only `verify` makes a [`Verification`], so one that passed is a fact.

mod boundaries;
mod feedback;
mod figures;

use std::fmt;

use mote_contract::Law;
use mote_expr::Digest;

use crate::counterexample::Counterexample;

pub use boundaries::{Boundaries, Unreached};
pub(crate) use figures::number;
pub use figures::{Figures, Reached, RecordedFigures, SealedFigures, States, Worst};

/// The stages, in the order they run: cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The contract can be verified: cases of every outcome can be made.
    Contract,
    /// The examples of the contract.
    Examples,
    /// The tests beside the contract.
    Tests,
    /// Generated cases.
    Generated,
    /// Cases searched from the contract's own comparisons.
    Boundaries,
    /// No hidden state: the same call has the same answer, whatever was asked before.
    Purity,
    /// What the answers took.
    Budget,
    /// What answers to related calls have to do with each other.
    Relations,
    /// Breaches that were met while serving.
    Regressions,
    /// Calls that were recorded while other releases served.
    Recordings,
    /// Which wrong answers the contract would have accepted.
    Strength,
    /// Cases from a seed that nobody could know, after everything else has passed.
    Sealed,
}

impl Stage {
    /// All stages, in order, with their names.
    pub const ALL: [(Stage, &'static str); 12] = [
        (Stage::Contract, "contract"),
        (Stage::Examples, "examples"),
        (Stage::Tests, "tests"),
        (Stage::Generated, "generated"),
        (Stage::Boundaries, "boundaries"),
        (Stage::Purity, "purity"),
        (Stage::Budget, "budget"),
        (Stage::Relations, "relations"),
        (Stage::Regressions, "regressions"),
        (Stage::Recordings, "recordings"),
        (Stage::Strength, "strength"),
        (Stage::Sealed, "sealed"),
    ];

    /// The stage's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(stage, _)| *stage == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose matter a rejection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The contract contradicts itself, errs, or cannot be tried: no service could mend it.
    Contract,
    /// The service breaks the contract.
    Service,
}

/// Why a verification did not pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// The stage it ended in.
    pub stage: Stage,
    /// Whose matter it is.
    pub fault: Fault,
    /// Minimal cases that show it: at most three, one for each clause.
    pub counterexamples: Vec<Counterexample>,
    /// What no case reached, or why the contract is too weak, each in a sentence that names it. For a
    /// fault of the contract alone.
    pub unreached: Vec<String>,
    /// Older events that could not be read any more, each in a sentence. For a fault of the contract alone.
    pub unreadable: Vec<String>,
    /// The clause that a sealed case broke: all that is told of it.
    pub withheld: Option<String>,
}

impl Rejection {
    /// A rejection in `stage` that nothing is told of yet.
    pub(crate) fn of(stage: Stage, fault: Fault) -> Rejection {
        Rejection {
            stage,
            fault,
            counterexamples: Vec::new(),
            unreached: Vec::new(),
            unreadable: Vec::new(),
            withheld: None,
        }
    }
}

/// What came of one verification. Private fields: one that passed was made by `verify`.
#[derive(Clone, Debug)]
pub struct Verification {
    contract: Digest,
    /// The hash of the cases beside the contract.
    cases: Option<Digest>,
    seed_commitment: Digest,
    /// The same of the sealed cases, once they were judged.
    sealed_commitment: Option<Digest>,
    rejection: Option<Rejection>,
    figures: Figures,
}

impl Verification {
    pub(crate) fn new(
        law: &Law,
        seed_commitment: Digest,
        rejection: Option<Rejection>,
        figures: Figures,
    ) -> Verification {
        let (contract, cases) = (law.digest, law.cases.digest);
        Verification { contract, cases, seed_commitment, sealed_commitment: None, rejection, figures }
    }

    /// The same with what came of its sealed cases.
    pub(crate) fn sealed_with(
        self,
        seed_commitment: Digest,
        rejection: Option<Rejection>,
        figures: Figures,
    ) -> Verification {
        Verification { sealed_commitment: Some(seed_commitment), rejection, figures, ..self }
    }

    /// Whether nothing was found wrong.
    pub fn passed(&self) -> bool {
        self.rejection.is_none()
    }

    /// What was found wrong.
    pub fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_ref()
    }

    /// The hash of the law it was judged by.
    pub fn contract(&self) -> Digest {
        self.contract
    }

    /// The hash of the tests and regressions that were asked. None where there were none.
    pub fn cases(&self) -> Option<Digest> {
        self.cases
    }

    /// The hash of the seed that its cases were made from.
    pub fn seed_commitment(&self) -> Digest {
        self.seed_commitment
    }

    /// The hash of the seed that its sealed cases were made from. None where they were not reached.
    pub fn sealed_commitment(&self) -> Option<Digest> {
        self.sealed_commitment
    }

    /// What was tried, and the worst that was seen.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}
