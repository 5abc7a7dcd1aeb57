//! Which step of a run is meant, whatever was tried how often.
//!
//! Owns the names under which a run's calls are known to their callees. Never knows what a step does.

use std::fmt;

use mote_contract::workflow::StepId;
use mote_expr::Digest;

use crate::envelope::Envelope;

/// The place of a step in a run: its place in the workflow, and the rounds of the loops around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The step.
    pub step: StepId,
    /// Which round of each loop around it, outermost first, from 0.
    pub rounds: Vec<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.step.index())?;
        self.rounds.iter().try_for_each(|round| write!(f, ".{round}"))
    }
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The step itself.
    Forward,
    /// The step itself, asked about again only to learn whether it had an effect.
    Settle,
    /// Taking back what the step did.
    Undo,
}

impl Purpose {
    /// All purposes, with their names.
    pub const ALL: [(&'static str, Purpose); 3] =
        [("forward", Purpose::Forward), ("settle", Purpose::Settle), ("undo", Purpose::Undo)];

    /// The purpose's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, purpose)| *purpose == self).map_or("", |(name, _)| name)
    }
}

/// The idempotency key of a call that is known by its place.
pub(super) fn key(run: &str, place: &Place, purpose: Purpose) -> String {
    let key = match purpose {
        Purpose::Forward | Purpose::Settle => format!("{run}/{place}"),
        Purpose::Undo => format!("{run}/{place}/undo"),
    };
    bounded(key)
}

/// A key as it may be sent: one that is too long is known by its hash.
pub(super) fn bounded(key: String) -> String {
    if key.len() <= Envelope::KEY_BYTES_MAX { key } else { Digest::of(key.as_bytes()).to_string() }
}

/// Part of `pause_ms`, the same for a key and a try on every machine: many runs that met the same trouble
/// come back one by one.
pub(super) fn jittered(pause_ms: u64, key: &str, tries: u32) -> u64 {
    let digest = Digest::of(format!("{key} {tries}").as_bytes());
    let part = digest.0.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    // Between half of the pause and all of it: it never asks at once, and never later than was said.
    let half = pause_ms / 2;
    half + part % (pause_ms - half + 1)
}
