//! From a sequence that breaks something to the shortest that still does.
//! Owns the search: calls and events are left out, then inputs made simpler, as long as the same clause
//! of the same operation breaks.

use mote_contract::{Event, Law};
use mote_expr::Value;
use mote_expr::schema::Shape;

use super::world::{Done, World};
use super::{Actor, BrokenSequence, Step};
use crate::asked::{Broken, Case};
use crate::counterexample::simplest_context;
use crate::shrink::simpler_than;
use crate::verification::Stage;

/// Up to this many calls, one is also left out while another takes over what a third one asks.
const TAKEN_OVER_MAX: usize = 8;

/// `most`: how often a sequence is performed again.
pub(super) fn shorten(
    actors: &[Actor<'_>],
    elsewhere: Vec<Event>,
    steps: Vec<Step>,
    found: (Broken, Case),
    most: usize,
) -> Shortest {
    let mut search = Search { actors, elsewhere, steps, found, performed: 0, most };
    while search.pass() && search.performed < most {}
    let Search { steps, elsewhere, found: (broken, case), .. } = search;
    Shortest { steps, elsewhere, broken, case }
}

/// The fewest calls that show what is broken.
pub(crate) struct Shortest {
    pub(crate) steps: Vec<Step>,
    elsewhere: Vec<Event>,
    /// What the last of them breaks.
    pub(crate) broken: Broken,
    pub(crate) case: Case,
}

impl Shortest {
    /// The last call, where one of those before was not made.
    pub(crate) fn without_one(&self, actors: &[Actor<'_>]) -> Vec<Case> {
        let Some((last, before)) = self.steps.split_last() else { return Vec::new() };
        let Some(actor) = actors.iter().position(|actor| actor.law.contract.name == last.operation) else {
            return Vec::new();
        };
        let without = |left_out: usize| {
            let mut world = World::new(actors, &self.elsewhere);
            for (_, step) in before.iter().enumerate().filter(|(at, _)| *at != left_out) {
                world.call(step);
            }
            Some(world.case(actor, last.input.clone(), last.context.clone())?.0)
        };
        (0..before.len()).rev().filter_map(without).collect()
    }

    pub(super) fn shown(self) -> BrokenSequence {
        let fault = self.broken.fault;
        let counterexample = self.broken.shown_by(&self.case, Stage::Generated);
        BrokenSequence { steps: self.steps, fault, counterexample }
    }
}

struct Search<'s> {
    actors: &'s [Actor<'s>],
    elsewhere: Vec<Event>,
    steps: Vec<Step>,
    /// What the last of the steps breaks.
    found: (Broken, Case),
    performed: usize,
    most: usize,
}

impl<'s> Search<'s> {
    /// Try every single change. Whether any was kept.
    fn pass(&mut self) -> bool {
        let mut kept = false;
        kept |= self.leave_out(|search| &mut search.steps);
        kept |= self.leave_out(|search| &mut search.elsewhere);
        kept |= self.take_over();
        for at in 0..self.steps.len() {
            kept |= self.rename(at);
            kept |= self.simplify(at);
        }
        kept
    }

    /// Put a simpler value in place in every call that has it in a field: calls that name the same
    /// instance go on doing so.
    fn rename(&mut self, at: usize) -> bool {
        let mut kept = false;
        let Some(law) = self.law(at) else { return false };
        let Shape::Object(fields) = &law.input.shape else { return false };
        for field in fields {
            let Some(value) = self.steps[at].input.field(&field.name).cloned() else { continue };
            for simpler in simpler_than(&field.schema, &value) {
                let smaller = (simpler.canonical().len(), simpler.canonical())
                    < (value.canonical().len(), value.canonical());
                let before = self.steps.clone();
                self.steps.iter_mut().for_each(|step| step.input = replaced(&step.input, &value, &simpler));
                if smaller && self.still_breaks() {
                    kept = true;
                    break;
                }
                self.steps = before;
            }
        }
        kept
    }

    /// The contract of a step.
    fn law(&self, at: usize) -> Option<&'s Law> {
        let operation = &self.steps.get(at)?.operation;
        self.actors.iter().map(|actor| actor.law).find(|law| law.contract.name == *operation)
    }

    /// Leave out a call and have another ask what a third one does: three large payments instead of
    /// four that are large and small.
    fn take_over(&mut self) -> bool {
        let steps = self.steps.clone();
        if steps.len() > TAKEN_OVER_MAX {
            return false;
        }
        for left_out in 0..steps.len() {
            for (at, step) in steps.iter().enumerate().filter(|(at, _)| *at != left_out) {
                let others = steps.iter().filter(|other| other.operation == step.operation && *other != step);
                for other in others {
                    self.steps = steps.clone();
                    self.steps[at] = other.clone();
                    self.steps.remove(left_out);
                    if self.still_breaks() {
                        return true;
                    }
                }
            }
        }
        self.steps = steps;
        false
    }

    /// Leave out parts of a list: half of it, a quarter, each item.
    fn leave_out<T: Clone>(&mut self, list: impl Fn(&mut Self) -> &mut Vec<T>) -> bool {
        let mut kept = false;
        let mut length = list(self).len();
        while length > 0 {
            let mut from = 0;
            while from < list(self).len() {
                let whole = list(self).clone();
                let to = whole.len().min(from + length);
                list(self).drain(from..to);
                if self.still_breaks() {
                    kept = true;
                } else {
                    *list(self) = whole;
                    from += length;
                }
            }
            length /= 2;
        }
        kept
    }

    /// Put a simpler input or context in place, as long as one is kept.
    fn simplify(&mut self, at: usize) -> bool {
        let Some(law) = self.law(at) else { return false };
        let mut kept = false;
        'again: loop {
            let step = self.steps[at].clone();
            let inputs = simpler_than(&law.input, &step.input).into_iter();
            let plainer = inputs.map(|input| Step { input, ..step.clone() });
            let context = Step { context: simplest_context(), ..step.clone() };
            for candidate in std::iter::once(context).chain(plainer) {
                let smaller = size(&candidate) < size(&step);
                if !smaller {
                    continue;
                }
                self.steps[at] = candidate;
                if self.still_breaks() {
                    kept = true;
                    continue 'again;
                }
                self.steps[at] = step.clone();
            }
            return kept;
        }
    }

    /// Whether the steps as they are break the same with their last call. If so it is kept.
    fn still_breaks(&mut self) -> bool {
        if self.performed >= self.most {
            return false;
        }
        self.performed += 1;
        let last = self.steps.len();
        let mut world = World::new(self.actors, &self.elsewhere);
        for (at, step) in self.steps.iter().enumerate() {
            let Done::Broken(found) = world.call(step) else { continue };
            let same = found.0.clause == self.found.0.clause && found.0.fault == self.found.0.fault;
            if same && at + 1 == last {
                self.found = *found;
                return true;
            }
            return false;
        }
        false
    }
}

/// The input with `to` in every field that holds `from`.
fn replaced(input: &Value, from: &Value, to: &Value) -> Value {
    let Value::Object(object) = input else { return input.clone() };
    Value::object(
        object.iter().map(|(name, value)| (name, if value == from { to.clone() } else { value.clone() })),
    )
}

/// Fewer bytes first, then plainer ones.
fn size(step: &Step) -> (usize, Vec<u8>) {
    let bytes = [step.input.canonical(), step.context.canonical()].concat();
    (bytes.len(), bytes)
}
