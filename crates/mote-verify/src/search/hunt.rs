//! Finds a situation for each boundary: from cases at hand the nearest, then by climbing from there.
//! Owns the bound on each search. What is found lets the service be asked, where that can be: a
//! boundary that only the host meets shows nothing about a service.

use mote_contract::Situation;
use mote_expr::Measured;

use super::climb::{Climbed, climb};
use super::goals::{Goals, Target};
use super::situations::Situations;
use crate::cases::Draft;
use crate::random::Random;

/// How often one climb may change a situation.
const CHANGED_MAX: usize = 1_500;
/// How many climbs begin elsewhere, where the nearest case led nowhere.
const ELSEWHERE: usize = 3;

/// Searches for the boundaries of one law.
pub(crate) struct Hunt<'h> {
    pub(crate) situations: &'h Situations<'h>,
    pub(crate) goals: &'h Goals,
    /// Cases to begin from, in which the service is asked.
    pub(crate) seeds: Vec<Draft>,
}

/// The end of one search.
pub(crate) struct Hunted {
    /// The nearest situation.
    pub(crate) draft: Draft,
    /// How far it is from the boundary itself.
    pub(crate) measured: Measured,
    /// How often a situation was measured.
    pub(crate) evaluations: usize,
    /// Whether the service is asked in it.
    pub(crate) called: bool,
    /// An expression of the contract errs in it.
    pub(crate) erred: bool,
}

impl Hunt<'_> {
    /// The search for the boundary with this number: the same for ever. None without any case to
    /// begin from.
    pub(crate) fn target(&self, index: usize) -> Option<Hunted> {
        let target = self.goals.all().get(index)?;
        let random = Random::of(self.situations.seed(), "boundaries", index as u64);
        Chase { hunt: self, target, random, evaluations: 0 }.run()
    }
}

/// The search for one boundary.
struct Chase<'c> {
    hunt: &'c Hunt<'c>,
    target: &'c Target,
    random: Random,
    evaluations: usize,
}

impl Chase<'_> {
    fn run(mut self) -> Option<Hunted> {
        let (hunt, target) = (self.hunt, self.target);
        let law = hunt.situations.law();
        let called = |situation: &Situation| target.measure_called(law, situation);
        let alone = |situation: &Situation| target.measure(law, situation);
        let start = self.nearest(&called)?;
        let near = self.climb(start, &called);
        if arrived(&near) {
            return Some(self.ended(near, true));
        }
        // The boundary alone, and from there back to where the service is asked.
        let start = self.nearest(&alone)?;
        let mut nearest = self.climb(start, &alone);
        if arrived(&nearest) {
            let back = self.climb(nearest.draft.clone(), &called);
            return Some(if arrived(&back) { self.ended(back, true) } else { self.ended(nearest, false) });
        }
        for _ in 0..ELSEWHERE {
            let Some(start) = self.random.pick(&hunt.seeds).cloned() else { continue };
            let climbed = self.climb(start, &called);
            if arrived(&climbed) {
                return Some(self.ended(climbed, true));
            }
            if alone(&climbed.draft.situation).distance < nearest.measured.distance {
                nearest = climbed;
            }
        }
        let last = self.climb(nearest.draft.clone(), &alone);
        Some(self.ended(last, false))
    }

    /// Of the cases at hand the nearest, or the first that is there already.
    fn nearest(&mut self, measure: &dyn Fn(&Situation) -> Measured) -> Option<Draft> {
        let mut nearest: Option<(Measured, &Draft)> = None;
        for seed in &self.hunt.seeds {
            let measured = measure(&seed.situation);
            self.evaluations += 1;
            if nearest.as_ref().is_none_or(|(near, _)| measured.distance < near.distance) {
                nearest = Some((measured, seed));
            }
            if measured.distance.is_reached() {
                break;
            }
        }
        nearest.map(|(_, seed)| seed.clone())
    }

    fn climb(&mut self, start: Draft, measure: &dyn Fn(&Situation) -> Measured) -> Climbed {
        let climbed = climb(self.hunt.situations, start, CHANGED_MAX, &mut self.random, measure);
        self.evaluations += climbed.evaluations;
        climbed
    }

    fn ended(&self, climbed: Climbed, called: bool) -> Hunted {
        Hunted {
            measured: self.target.measure(self.hunt.situations.law(), &climbed.draft.situation),
            draft: climbed.draft,
            evaluations: self.evaluations,
            called,
            erred: climbed.erred,
        }
    }
}

fn arrived(climbed: &Climbed) -> bool {
    climbed.measured.distance.is_reached() || climbed.erred
}
