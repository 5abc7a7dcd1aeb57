//! The boundaries: situations searched from the contract's own comparisons, put to the service like
//! generated cases. A wrong answer there is the service's fault. That a boundary is not reached is
//! nobody's, and said.

use mote_expr::Measured;

use super::generated::Recorded;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, ask, decided};
use crate::cases::Draft;
use crate::search::{Goals, Hunt, Hunted, Situations};
use crate::verification::{Boundaries, Stage, Unreached};

/// How many generated cases a search begins from: the nearest of them, so more bring little.
const SEEDS: usize = 32;

impl Run<'_> {
    /// Search, ask, and record what passed. `drafts` are the generated cases.
    pub(super) fn boundaries(
        &mut self,
        situations: &Situations<'_>,
        drafts: &[Draft],
        recorded: &mut Vec<Recorded>,
    ) -> Staged<()> {
        let (law, subject, threads) = (self.law, self.subject, self.plan.threads);
        let goals = Goals::of(law, situations.values());
        let seeds = situations.examples().iter().filter(|draft| decided(law, &draft.situation).is_none());
        let mut seeds: Vec<Draft> = seeds.chain(drafts).take(SEEDS).cloned().collect();
        // Of two that are equally near the one with the shorter history is faster to change.
        seeds.sort_by_key(|draft| draft.history.len());
        let hunt = Hunt { situations, goals: &goals, seeds };
        let total = goals.all().len();
        let hunted =
            parallel::map_each(threads, total, &|done| self.tell(Stage::Boundaries, done, total), &|index| {
                hunt.target(index)
            });
        let cases = self.found(&goals, hunted);
        let asked =
            parallel::map(threads, cases.len(), &|_| (), &|at| ask(law, subject, &cases[at].situation));
        let judged = cases.len();
        let mut wrong: Vec<(Broken, Case)> = Vec::new();
        for (case, (finding, observed)) in cases.into_iter().zip(asked) {
            match (finding, observed) {
                (Finding::Broken(broken), _) => wrong.push((*broken, case)),
                (_, Some(observed)) => {
                    self.figures.worst.meet(&observed);
                    recorded.push(Recorded { case, observed });
                }
                // The host refuses: nothing was asked.
                (_, None) => {}
            }
        }
        self.reject(Stage::Boundaries, wrong, judged, &mut |case| ask(law, subject, &case.situation).0)
    }

    /// Count what was reached, and keep the cases that show something.
    fn found(&mut self, goals: &Goals, hunted: Vec<Option<Hunted>>) -> Vec<Case> {
        let mut boundaries = Boundaries { total: hunted.len() as u64, ..Boundaries::default() };
        let mut cases: Vec<Case> = Vec::new();
        for (target, hunted) in goals.all().iter().zip(hunted) {
            let Some(hunted) = hunted else { continue };
            boundaries.measured += hunted.evaluations as u64;
            let reached = hunted.measured.distance.is_reached();
            boundaries.reached += u64::from(reached);
            boundaries.refused += u64::from(reached && !hunted.called);
            if hunted.erred || (reached && hunted.called) {
                let case = hunted.draft.case();
                if !cases.contains(&case) {
                    cases.push(case);
                }
            }
            if !reached && !hunted.erred {
                self.figures.unreached.push(Unreached {
                    clause: target.clause.clone(),
                    about: target.about.clone(),
                    wanted: target.wanted.clone(),
                    why: nearest(hunted.measured),
                    place: target.place.clone(),
                });
            }
        }
        self.figures.boundaries = Some(boundaries);
        cases
    }
}

fn nearest(measured: Measured) -> String {
    match measured.excess {
        Some(excess) if excess != 0 => format!("the nearest that was found is {} off", excess.unsigned_abs()),
        _ => "no value that was found gets nearer".to_owned(),
    }
}
