//! The sealed cases: made from a seed that nobody could know, asked after all else has passed.
//!
//! Owns what is told of them: that they passed, or the one clause that a service broke. A case that
//! was shown would be a case to be answered from a table. Never counts attempts: the caller does,
//! and hands over a seed that is used once.

use mote_contract::Law;

use super::budget::excess;
use super::{Plan, Progress, Run, Staged, actors, parallel};
use crate::asked::{Broken, Case, Finding, ask};
use crate::random::Seed;
use crate::search::{Aim, Situations};
use crate::sequences::{Actor, reached};
use crate::subject::Subject;
use crate::verification::{Fault, Rejection, SealedFigures, Stage, Verification};

/// How many sealed cases are asked before findings are looked at. It does not depend on the number
/// of threads, so neither does the clause that is told.
const BATCH: usize = 200;

/// The sealed cases of one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Sealed {
    /// How many; `Contract::verify` says.
    pub cases: u32,
    /// What they are made from: used for this attempt alone.
    pub seed: Seed,
    /// How many sources were tried on sealed cases of this contract since one passed, this one
    /// included. Who tries often passes by luck at last, and the figure says so.
    pub tries: u32,
}

/// Judge a `subject` that `passed` everything else by cases that stay hidden. What did not pass is
/// returned as it is.
pub fn seal(
    law: &Law,
    subject: &dyn Subject,
    passed: Verification,
    sealed: &Sealed,
    threads: usize,
    progress: &dyn Fn(Progress),
) -> Verification {
    seal_among(&[], law, subject, passed, sealed, threads, progress)
}

/// The same among the `others` of the law's aggregate, as in [`verify_among`](super::verify_among).
pub fn seal_among(
    others: &[Actor<'_>],
    law: &Law,
    subject: &dyn Subject,
    passed: Verification,
    sealed: &Sealed,
    threads: usize,
    progress: &dyn Fn(Progress),
) -> Verification {
    if !passed.passed() {
        return passed;
    }
    let actors = actors(others, law, subject);
    let plan = Plan { cases: sealed.cases, seed: sealed.seed, threads };
    let figures = passed.figures().clone();
    let mut run = Run { law, subject, actors: &actors, plan: &plan, recordings: &[], progress, figures };
    let rejection = run.sealed(sealed.tries).err().map(|rejection| *rejection);
    let figures = run.figures;
    passed.sealed_with(sealed.seed.commitment(), rejection, figures)
}

impl Run<'_> {
    fn sealed(&mut self, tries: u32) -> Staged<()> {
        let (law, subject, threads) = (self.law, self.subject, self.plan.threads);
        self.begin(Stage::Sealed);
        let reached = reached(self.actors, &self.plan.seed, threads);
        let situations = Situations::of(law, self.plan.seed, &reached);
        let total = self.plan.cases as usize;
        let mut asked = 0;
        for from in (0..total).step_by(BATCH) {
            let judged = parallel::map(
                threads,
                BATCH.min(total - from),
                &|done| self.tell(Stage::Sealed, from + done, total),
                &|index| {
                    let made = situations.make(Aim::Called, (from + index) as u64)?;
                    let case = made.draft.case();
                    match made.decided {
                        None => Some((judged(law, subject, &case), case)),
                        // An expression of the contract that errs is met here like anywhere.
                        Some(finding @ Finding::Broken(_)) => Some((finding, case)),
                        Some(_) => None,
                    }
                },
            );
            for (finding, case) in judged.into_iter().flatten() {
                match finding {
                    Finding::Broken(broken) if broken.fault == Fault::Contract => {
                        return self.sealed_fault(*broken, case);
                    }
                    Finding::Broken(broken) => return Err(Box::new(withheld(*broken))),
                    _ => asked += 1,
                }
            }
        }
        self.figures.sealed = Some(SealedFigures { cases: asked, tries });
        Ok(())
    }

    /// A contract that errs has to be mended, and is another contract then, with other cases: so
    /// its author is shown this one.
    fn sealed_fault(&self, broken: Broken, case: Case) -> Staged<()> {
        let (law, subject) = (self.law, self.subject);
        let probe = &mut |case: &Case| ask(law, subject, &case.situation).0;
        self.reject(Stage::Sealed, vec![(broken, case)], 1, probe)
    }
}

fn judged(law: &Law, subject: &dyn Subject, case: &Case) -> Finding {
    let (finding, observed) = ask(law, subject, &case.situation);
    match (finding, observed.and_then(|observed| excess(law, &observed))) {
        (finding @ Finding::Broken(_), _) | (finding, None) => finding,
        (_, Some(broken)) => Finding::Broken(Box::new(broken)),
    }
}

fn withheld(broken: Broken) -> Rejection {
    Rejection { withheld: Some(broken.clause), ..Rejection::of(Stage::Sealed, Fault::Service) }
}
