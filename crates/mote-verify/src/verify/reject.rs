//! From what a stage found to a rejection: one counterexample for each clause, three at most.
//! Owns the choice of what is shown.

use super::Staged;
use crate::asked::{Broken, Case};
use crate::counterexample::Counterexample;
use crate::verification::{Fault, Rejection, Stage};

/// How many counterexamples a rejection shows. More would be read by nobody.
pub(super) const SHOWN_MAX: usize = 3;

impl super::Run<'_> {
    /// Examples are shown as they were written: their author knows them by name.
    pub(super) fn reject_examples(&self, found: Vec<(Broken, (String, Case))>) -> Staged<()> {
        let fault = found.iter().map(|(broken, _)| broken.fault).find(|fault| *fault == Fault::Contract);
        let mut shown: Vec<Counterexample> = Vec::new();
        for (broken, (name, case)) in found {
            if shown.len() < SHOWN_MAX && shown.iter().all(|known| known.clause != broken.clause) {
                let counterexample = broken.shown_by(&case, Stage::Examples);
                shown.push(Counterexample { example: Some(name), ..counterexample });
            }
        }
        if shown.is_empty() {
            return Ok(());
        }
        let fault = fault.unwrap_or(Fault::Service);
        Err(Box::new(Rejection {
            stage: Stage::Examples,
            fault,
            counterexamples: shown,
            unreached: Vec::new(),
        }))
    }
}
