//! The contract itself: can cases of every outcome be made? What is wrong here is the contract's
//! fault, and no service is asked.

use mote_contract::Law;

use super::examples::case_of;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, decided};
use crate::cases::{Aim, Made, Situations};
use crate::verification::{Fault, Rejection, Stage};

/// How many cases are aimed at each way the host refuses: it decides those alone, so a few show
/// that they can be reached.
const REFUSED_EACH: usize = 16;

impl Run<'_> {
    /// The generated cases in which the service is asked.
    pub(super) fn contract(&mut self) -> Staged<Vec<Case>> {
        let law = self.law;
        let situations = Situations::of(law, self.plan.seed);
        let (called, clauses) = (self.plan.cases as usize, refusals(law));
        let total = called + clauses.len() * REFUSED_EACH;
        let made: Vec<Option<Made>> = parallel::map(
            self.plan.threads,
            total,
            &|done| self.tell(Stage::Contract, done, total),
            &|index| match index.checked_sub(called) {
                None => situations.make(Aim::Called, index as u64),
                Some(rest) => {
                    let aim = Aim::Refused(&clauses[rest / REFUSED_EACH]);
                    situations.make(aim, (rest % REFUSED_EACH) as u64)
                }
            },
        );
        let mut cases = Vec::with_capacity(called);
        let mut erred: Vec<(Broken, Case)> = Vec::new();
        for (at, made) in made.into_iter().enumerate() {
            let Some(Made { case, decided }) = made else { continue };
            self.count(decided.as_ref());
            match decided {
                // What was aimed elsewhere stays out: the service is asked as often as was planned.
                None if at < called => cases.push(case),
                None | Some(Finding::Refused(_) | Finding::Raised(_) | Finding::Success(_)) => {}
                Some(Finding::Broken(broken)) => erred.push((*broken, case)),
            }
        }
        for case in law.contract.examples.iter().filter_map(|example| case_of(law, example)?.ok()) {
            self.count(decided(law, &case.situation).as_ref());
        }
        self.reject(Stage::Contract, erred, total, &mut |case| {
            decided(law, &case.situation).unwrap_or(Finding::Refused(String::new()))
        })?;
        self.reached_all()?;
        Ok(cases)
    }

    fn count(&mut self, decided: Option<&Finding>) {
        match decided {
            None => self.figures.reached.called += 1,
            Some(Finding::Refused(clause)) => {
                *self.figures.reached.refused.entry(clause.clone()).or_default() += 1;
            }
            Some(_) => {}
        }
    }

    /// An outcome that no case reaches is a promise that nobody tried.
    fn reached_all(&self) -> Staged<()> {
        let mut unreached = Vec::new();
        if self.figures.reached.called == 0 {
            unreached.push(
                "no case reaches the service: the host refuses all of them. \
                 Add an example of a success"
                    .to_owned(),
            );
        }
        for error in &self.law.errors {
            let Some(condition) = &error.condition else { continue };
            if !self.figures.reached.refused.contains_key(&format!("errors/{}", error.code)) {
                unreached.push(format!(
                    "no case reaches the error `{}`, which applies if `{}`. Add an example that does",
                    error.code,
                    condition.expr.source().trim()
                ));
            }
        }
        if unreached.is_empty() {
            return Ok(());
        }
        Err(Box::new(Rejection { unreached, ..Rejection::of(Stage::Contract, Fault::Contract) }))
    }
}

/// The clauses by which the host refuses: requirements and conditional errors.
fn refusals(law: &Law) -> Vec<String> {
    let requires = law.requires.iter().map(|rule| format!("requires/{}", rule.name));
    let errors = law.errors.iter().filter(|error| error.condition.is_some());
    requires.chain(errors.map(|error| format!("errors/{}", error.code))).collect()
}
