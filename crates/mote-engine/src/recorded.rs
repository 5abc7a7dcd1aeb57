//! What a call was decided by, for whoever records calls.
//! Owns the step from a decision to its recording, and the choice of which are recorded. Keeps none.

mod sampler;

use mote_contract::{Ended, Outcome, Recording, Situation};
use mote_expr::parse;

use crate::answer::Answer;
use crate::envelope::Envelope;
use crate::release::Release;

pub use sampler::{Sampler, Sampling};

/// A call that was decided.
#[derive(Debug)]
pub struct Decided<'d, C> {
    /// What decided it.
    pub release: &'d Release<C>,
    /// What was asked.
    pub envelope: &'d Envelope,
    /// What it was judged against, as far as it came. None if the input was not admitted.
    pub situation: Option<&'d Situation>,
    /// What the code answered, where it was asked.
    pub said: Option<&'d [u8]>,
    /// What the caller is told.
    pub answer: &'d Answer,
}

impl<C> Decided<'_, C> {
    /// Whether the code broke its contract.
    pub fn is_breach(&self) -> bool {
        self.answer.outcome() == Some(Outcome::Breach)
    }

    /// How it ended, in a word: the clause or the code that refused it; empty for a success.
    pub fn ending(&self) -> &str {
        match &self.answer.result {
            Ok(_) => "",
            Err(refusal) => refusal.clause.as_deref().unwrap_or(&refusal.code),
        }
    }

    /// The recording of it. Nothing is masked yet.
    pub fn recording(&self) -> Recording {
        let Decided { release, envelope, situation, said, answer } = self;
        let contract = &release.law.contract;
        let context = situation.map_or_else(|| envelope.context(), |situation| situation.context.clone());
        Recording {
            id: envelope.id.clone(),
            operation: contract.name.clone(),
            kind: contract.kind,
            version: contract.version.clone(),
            contract: release.law.digest,
            release: release.name.digest,
            artifact: release.artifact,
            context,
            input: parse(&envelope.input).ok(),
            state: situation.and_then(|situation| situation.state.clone()),
            rows: situation.and_then(|situation| situation.rows.clone()),
            answer: said.map(|said| String::from_utf8_lossy(said).into_owned()),
            refusal: answer.result.as_ref().err().map(|refusal| Ended::of(refusal)),
            position: answer.position.map(|position| position.to_string()),
            masked: false,
        }
    }
}
