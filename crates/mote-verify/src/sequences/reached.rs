//! States that commands led to, as a source of cases.
//! Owns their record: which calls led to a state, and what each told; and the way back, from a case
//! that such a state is part of to the fewest calls that show the same.

use std::sync::Arc;

use mote_contract::Event;

use super::search::Maker;
use super::shorten::{Shortest, shorten};
use super::world::{Done, World};
use super::{Actor, Step};
use crate::asked::{Broken, Case};
use crate::random::Seed;
use crate::verify::parallel;

/// How many sequences are tried for states that they lead to.
const SEQUENCES: usize = 48;
/// How often calls are performed again to show a break by fewer of them: at some calls of a tenth of a
/// millisecond each, a quarter of a second.
const PERFORMED_MAX: usize = 400;

/// What happened to one instance, and which calls led to it. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reached {
    /// The instance.
    pub(crate) key: Arc<str>,
    /// What happened elsewhere before, as far as views tell of it. No command led to that.
    pub(crate) elsewhere: Arc<[Event]>,
    /// The calls that succeeded, in order.
    pub(crate) calls: Arc<[Call]>,
}

/// One call that succeeded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) step: Step,
    /// What it told.
    pub(crate) events: Vec<Event>,
}

/// The first calls of what was [`Reached`]: the state is exactly what they lead to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trail {
    pub(crate) reached: Reached,
    /// How many of the calls.
    pub(crate) count: usize,
}

impl Trail {
    /// The calls that led to the state.
    pub(crate) fn calls(&self) -> &[Call] {
        &self.reached.calls[..self.count]
    }
}

/// What sequences of the operations of `actors` lead to, one instance of each sequence. It does not
/// depend on the number of threads.
pub(crate) fn reached(actors: &[Actor<'_>], seed: &Seed, threads: usize) -> Vec<Reached> {
    if actors.is_empty() {
        return Vec::new();
    }
    let maker = Maker::of(actors);
    let performed =
        parallel::map(threads, SEQUENCES, &|_| (), &|index| maker.perform(seed, index as u64).reached);
    performed.into_iter().flatten().collect()
}

/// The fewest calls that lead to what `case` shows: the last of them breaks the clause of `broken`.
/// None where the calls that led to its state, performed one after the other, do not show it: a case
/// may name another instance than the one whose state it is.
pub(crate) fn shortest(
    actors: &[Actor<'_>],
    operation: &str,
    case: &Case,
    broken: &Broken,
) -> Option<Shortest> {
    let trail = case.trail.as_ref()?;
    let last = Step {
        operation: operation.to_owned(),
        input: case.situation.input.clone(),
        context: case.situation.context.clone(),
    };
    let steps: Vec<Step> = trail.calls().iter().map(|call| call.step.clone()).chain([last]).collect();
    let elsewhere = trail.reached.elsewhere.to_vec();
    let mut world = World::new(actors, &elsewhere);
    let mut ends = steps.iter().map(|step| world.call(step));
    let Some(Done::Broken(found)) = ends.by_ref().find(|done| matches!(done, Done::Broken(_))) else {
        return None;
    };
    let same = found.0.clause == broken.clause && ends.next().is_none();
    same.then(|| shorten(actors, elsewhere, steps, *found, PERFORMED_MAX))
}
