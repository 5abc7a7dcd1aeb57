//! The boundaries: situations searched from the contract's own comparisons, put to the service like
//! generated cases. A wrong answer there is the service's fault. That a boundary is not reached is
//! nobody's, and said.

use mote_expr::Measured;

use super::generated::Recorded;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, ask, decided};
use crate::cases::Draft;
use crate::search::{Goals, Hunt, Hunted, Situations};
use crate::subject::Observed;
use crate::verification::{Boundaries, Stage, Unreached};

/// How many generated cases a search begins from: the nearest of them, so more bring little.
const SEEDS: usize = 32;
/// For how many wrong answers a case with fewer items is looked for.
const TIDIED_MAX: usize = 4;

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
        let found = self.found(&goals, hunted);
        let asked = |draft: &Draft| ask(law, subject, &draft.situation);
        let findings = parallel::map(threads, found.len(), &|_| (), &|at| asked(&found[at].1));
        let judged = found.len();
        let mut wrong: Vec<(Broken, Case)> = Vec::new();
        for ((index, draft), (finding, observed)) in found.into_iter().zip(findings) {
            match (finding, observed) {
                (Finding::Broken(broken), _) if wrong.len() < TIDIED_MAX => {
                    let (broken, draft) = tidied(&hunt, index, *broken, draft, &asked);
                    wrong.push((broken, draft.case()));
                }
                (Finding::Broken(broken), _) => wrong.push((*broken, draft.case())),
                (_, Some(observed)) => {
                    self.figures.worst.meet(&observed);
                    recorded.push(Recorded { case: draft.case(), observed });
                }
                // The host refuses: nothing was asked.
                (_, None) => {}
            }
        }
        self.reject(Stage::Boundaries, wrong, judged, &mut |case| ask(law, subject, &case.situation).0)
    }

    /// Count what was reached, and keep the cases that show something.
    fn found(&mut self, goals: &Goals, hunted: Vec<Option<Hunted>>) -> Vec<(usize, Draft)> {
        let mut boundaries = Boundaries { total: hunted.len() as u64, ..Boundaries::default() };
        let mut found: Vec<(usize, Draft)> = Vec::new();
        for (index, (target, hunted)) in goals.all().iter().zip(hunted).enumerate() {
            let Some(hunted) = hunted else { continue };
            boundaries.measured += hunted.evaluations as u64;
            let reached = hunted.measured.distance.is_reached();
            boundaries.reached += u64::from(reached);
            boundaries.refused += u64::from(reached && !hunted.called);
            let new = found.iter().all(|(_, draft)| draft.situation != hunted.draft.situation);
            if new && (hunted.erred || (reached && hunted.called)) {
                found.push((index, hunted.draft.clone()));
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
        found
    }
}

/// The same mistake at the same boundary with as few items as it can be met with.
fn tidied(
    hunt: &Hunt<'_>,
    index: usize,
    mut broken: Broken,
    mut draft: Draft,
    asked: &dyn Fn(&Draft) -> (Finding, Option<Observed>),
) -> (Broken, Draft) {
    'again: loop {
        for smaller in hunt.with_less(index, &draft) {
            match asked(&smaller).0 {
                // Each is smaller than the one before, and there is a smallest.
                Finding::Broken(again) if again.clause == broken.clause => {
                    (broken, draft) = (*again, smaller);
                    continue 'again;
                }
                _ => {}
            }
        }
        return (broken, draft);
    }
}

fn nearest(measured: Measured) -> String {
    match measured.excess {
        Some(excess) if excess != 0 => format!("the nearest that was found is {} off", excess.unsigned_abs()),
        _ => "no value that was found gets nearer".to_owned(),
    }
}
