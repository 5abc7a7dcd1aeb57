//! The generated cases: asked in batches, so that a wrong service is told soon. The batches do not
//! depend on the number of threads, so neither does what is told.

use super::{Run, Staged, parallel};
use crate::asked::{Case, Finding, ask};
use crate::subject::Observed;
use crate::verification::Stage;

/// How many cases are asked before findings are looked at.
const BATCH: usize = 200;

/// A case that passed, with what was observed.
pub(super) struct Recorded {
    pub(super) case: Case,
    pub(super) observed: Observed,
}

impl Run<'_> {
    pub(super) fn generated(&mut self, cases: Vec<Case>) -> Staged<Vec<Recorded>> {
        let (law, subject, total) = (self.law, self.subject, cases.len());
        let mut recorded = Vec::with_capacity(total);
        let mut cases = cases.into_iter();
        loop {
            let batch: Vec<Case> = cases.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(recorded);
            }
            let before = recorded.len();
            let asked = parallel::map(
                self.plan.threads,
                batch.len(),
                &|done| self.tell(Stage::Generated, before + done, total),
                &|index| ask(law, subject, &batch[index].situation),
            );
            let judged = batch.len();
            let mut found = Vec::new();
            for (case, (finding, observed)) in batch.into_iter().zip(asked) {
                self.figures.generated += 1;
                match finding {
                    Finding::Broken(broken) => found.push((*broken, case)),
                    Finding::Raised(code) => {
                        *self.figures.reached.raised.entry(code).or_default() += 1;
                        self.record(&mut recorded, case, observed);
                    }
                    Finding::Success(_) => self.record(&mut recorded, case, observed),
                    Finding::Refused(_) => {}
                }
            }
            self.reject(Stage::Generated, found, judged, &mut |case| ask(law, subject, &case.situation).0)?;
        }
    }

    fn record(&mut self, recorded: &mut Vec<Recorded>, case: Case, observed: Option<Observed>) {
        if let Some(observed) = observed {
            self.figures.worst.meet(&observed);
            recorded.push(Recorded { case, observed });
        }
    }
}
