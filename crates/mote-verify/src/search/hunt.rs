//! Finds a situation for each boundary: from cases at hand the nearest, then by climbing from there.
//! Owns the bound on each search. What is found lets the service be asked, where that can be: a
//! boundary that only the host meets shows nothing about a service.

use mote_contract::Situation;
use mote_expr::{Measured, Value};

use super::climb::{Climbed, climb};
use super::goals::{Goals, Target};
use super::situations::Situations;
use crate::cases::Draft;
use crate::random::Random;
use crate::shrink::weight;

/// How often one climb may change a situation.
const CHANGED_MAX: usize = 1_500;
/// The same to get back to a boundary with an item less.
const CHANGED_FOR_LESS_MAX: usize = 500;
/// How many items are left out, one at a time.
const LESS_MAX: usize = 12;
/// How many climbs begin elsewhere, where the nearest case led nowhere.
const ELSEWHERE: usize = 3;

/// How many climbs lead on from a boundary that was met to where it matters.
const MATTERING: usize = 2;

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

    /// Situations at the same boundary with an item less, of the input or of what happened before: a
    /// sum that one item brought to its bound can be brought there by the others. Shrinking alone
    /// does not find them, since every single step leaves the boundary.
    pub(crate) fn with_less(&self, index: usize, draft: &Draft) -> Vec<Draft> {
        let law = self.situations.law();
        let Some(target) = self.goals.all().get(index) else { return Vec::new() };
        let Situation { input, context, .. } = &draft.situation;
        let mut inputs = Vec::new();
        less(input, &mut |input| inputs.push((draft.history.clone(), input)));
        let shorter = (draft.history.len() > 0).then(|| (draft.history.without(1), input.clone()));
        let starts = inputs.into_iter().chain(shorter).take(LESS_MAX);
        let starts = starts.filter_map(|(history, input)| Draft::of(law, history, input, context.clone()));
        let size = weight(law, &draft.case());
        starts
            .enumerate()
            .filter_map(|(at, start)| {
                let mut random = Random::of(self.situations.seed(), "less", at as u64);
                let measure = |situation: &Situation| target.measure_called(law, situation, true);
                let climbed = climb(self.situations, start, CHANGED_FOR_LESS_MAX, &mut random, &measure);
                let there = climbed.measured.distance.is_reached();
                (there && weight(law, &climbed.draft.case()) < size).then_some(climbed.draft)
            })
            .collect()
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
        let deciding = |situation: &Situation| target.measure_called(law, situation, true);
        let called = |situation: &Situation| target.measure_called(law, situation, false);
        let alone = |situation: &Situation| target.measure(law, situation);
        let start = self.nearest(&deciding)?;
        let near = self.climb(start, &deciding);
        if arrived(&near) {
            let matters = |situation: &Situation| hunt.goals.measure_mattering(target, law, situation);
            let there = matters(&near.draft.situation).distance.is_reached();
            // Met where no rule goes by it, it shows nothing; better than not at all.
            for _ in 0..if there || near.erred { 0 } else { MATTERING } {
                let on = self.climb(near.draft.clone(), &matters);
                if arrived(&on) {
                    return Some(self.ended(on, true));
                }
            }
            return Some(self.ended(near, true));
        }
        // Where something else always decides as well, the boundary is worth trying all the same.
        if target.can_be_settled() {
            let there = called(&near.draft.situation).distance.is_reached();
            let start = if there { near.draft } else { self.nearest(&called)? };
            let near = self.climb(start, &called);
            if arrived(&near) {
                return Some(self.ended(near, true));
            }
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

/// `value` without one item of a list in it.
fn less(value: &Value, out: &mut dyn FnMut(Value)) {
    match value {
        Value::List(items) => {
            for at in 0..items.len() {
                let others = items.iter().enumerate().filter(|(other, _)| *other != at);
                out(Value::list(others.map(|(_, item)| item.clone())));
            }
            for (at, inner) in items.iter().enumerate() {
                less(inner, &mut |inner| {
                    let mut items = items.to_vec();
                    items[at] = inner;
                    out(Value::list(items));
                });
            }
        }
        Value::Object(object) => {
            for (key, inner) in object.iter() {
                less(inner, &mut |inner| {
                    let mut object = (**object).clone();
                    object.insert(key, inner);
                    out(Value::Object(object.into()));
                });
            }
        }
        _ => {}
    }
}

fn arrived(climbed: &Climbed) -> bool {
    climbed.measured.distance.is_reached() || climbed.erred
}
