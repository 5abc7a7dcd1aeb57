//! Judges an artifact against its contract and signs the verdict.
//!
//! Owns the cases that a service is tried with, the search for what breaks it, the figures, and
//! [`Verified`]: the type without which nothing serves. The judge itself is `mote_contract::Law`,
//! the same as in production. Never reads a file or a clock, never knows what runs a service: it
//! asks a [`Subject`]. Start reading at [`verify`], then [`seal`] and [`Verdict`].

mod asked;
mod attempts;
pub mod cases;
mod compat;
mod counterexample;
mod derived;
mod random;
mod replay;
mod search;
mod sequences;
mod shrink;
mod strength;
mod subject;
mod verdict;
mod verification;
mod verify;

pub use attempts::{Attempt, Attempts, TooManyTries};
pub use compat::{Change, Comparison, NeedsMajor, compare, compare_with_recordings};
pub use counterexample::{Counterexample, Origin};
pub use derived::Derived;
pub use random::{Random, Seed};
pub use replay::{Difference, Replay, replay};
pub use sequences::{Actor, BrokenSequence, Exploration, Explored, Step, explore};
pub use strength::{Class, Hole, Mutant, Pinned, Regions, RuleKills, Shown, Strength};
pub use subject::{Mode, Observed, Stopped, Subject};
pub use verdict::{
    Artifact, Builder, Envelope, EnvelopeError, Key, KeyError, Named, NoVerdict, Other, PREDICATE_TYPE,
    Provenance, PublicKey, SEMANTICS, Stated, Verdict, VerdictError, Verified,
};
pub use verification::{
    Boundaries, Fault, Figures, Reached, RecordedFigures, Rejection, SealedFigures, Stage, States, Unreached,
    Verification, Worst,
};
pub use verify::{Plan, Progress, Sealed, seal, seal_among, verify, verify_among, verify_with_recordings};
