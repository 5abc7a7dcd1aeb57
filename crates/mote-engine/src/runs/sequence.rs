//! Steps that are taken one after the other, and the step that is under way.

use mote_contract::workflow::{Block, StepId, StepKind};
use mote_contract::{Outcome, PlatformError, Refusal};

use super::branches::Branches;
use super::call::Calling;
use super::each::Rounds;
use super::place::Place;
use super::repeat::Repeating;
use super::values::Values;
use super::wait::{Awaiting, Pausing};
use super::walk::{Turn, Walk};

/// Where a run is in a block.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    steps: Block,
    at: usize,
    active: Option<Box<Active>>,
}

/// A step that is under way.
#[derive(Clone, Debug)]
enum Active {
    Call(Calling),
    Branches(Branches),
    /// A way that was chosen.
    Way(Sequence),
    Each(Rounds),
    Repeat(Repeating),
    Pause(Pausing),
    Event(Awaiting),
    /// It was through at once.
    Nothing,
}

/// A step that waits for something outside.
pub(super) enum Leaf<'r> {
    Call(&'r Calling),
    Pause(&'r Pausing),
    Event(&'r Awaiting),
}

impl Sequence {
    pub(super) fn of(steps: &Block) -> Sequence {
        Sequence { steps: steps.clone(), at: 0, active: None }
    }

    /// Goes on as far as it can.
    pub(super) fn go(&mut self, walk: &mut Walk<'_>, values: &mut Values, rounds: &[u32]) -> Turn {
        loop {
            if self.active.is_none() {
                let Some(step) = self.steps.get(self.at) else { return Turn::Through };
                match begin(*step, walk, values, rounds) {
                    Ok(active) => self.active = Some(Box::new(active)),
                    Err(refusal) => return Turn::Failed(refusal),
                }
            }
            let Some(active) = &mut self.active else { return Turn::Through };
            let turn = match &mut **active {
                Active::Call(calling) => calling.go(walk, values, rounds),
                Active::Branches(branches) => branches.go(walk, values, rounds),
                Active::Way(way) => way.go(walk, values, rounds),
                Active::Each(each) => each.go(walk, values, rounds),
                Active::Repeat(repeating) => repeating.go(walk, values, rounds),
                Active::Pause(pausing) => pausing.go(walk),
                Active::Event(awaiting) => awaiting.go(walk, values, rounds),
                Active::Nothing => Turn::Through,
            };
            match turn {
                Turn::Through => (self.at, self.active) = (self.at + 1, None),
                Turn::Waits | Turn::Failed(_) => return turn,
            }
        }
    }

    /// Shows every step in it that waits for something outside.
    pub(super) fn leaves<'r>(&'r self, see: &mut dyn FnMut(Leaf<'r>)) {
        let Some(active) = &self.active else { return };
        match &**active {
            Active::Call(calling) => calling.leaves(see),
            Active::Branches(branches) => branches.leaves(see),
            Active::Way(way) => way.leaves(see),
            Active::Each(each) => each.leaves(see),
            Active::Repeat(repeating) => repeating.leaves(see),
            Active::Pause(pausing) => see(Leaf::Pause(pausing)),
            Active::Event(awaiting) => awaiting.leaves(see),
            Active::Nothing => {}
        }
    }

    /// Shows every call in it that is not through, with the values that it would be undone with.
    pub(super) fn calls<'r>(&'r self, values: &'r Values, see: &mut dyn FnMut(&'r Calling, &'r Values)) {
        let Some(active) = &self.active else { return };
        match &**active {
            Active::Call(calling) => calling.calls(values, see),
            Active::Branches(branches) => branches.calls(values, see),
            Active::Way(way) => way.calls(values, see),
            Active::Each(each) => each.calls(see),
            Active::Repeat(repeating) => repeating.calls(values, see),
            Active::Event(awaiting) => awaiting.calls(values, see),
            Active::Pause(_) | Active::Nothing => {}
        }
    }
}

/// Takes the first look at a step.
fn begin(
    step: StepId,
    walk: &mut Walk<'_>,
    values: &mut Values,
    rounds: &[u32],
) -> Result<Active, Box<Refusal>> {
    let place = Place { step, rounds: rounds.to_vec() };
    Ok(match &walk.step(&place).kind {
        StepKind::Call(call) => Active::Call(Calling::begin(place, call, walk, values)?),
        StepKind::Parallel { branches, wait } => Active::Branches(Branches::begin(place, branches, *wait)),
        StepKind::If { condition, then, otherwise } => {
            let holds = condition.holds(&values.bindings(walk.workflow));
            let holds = holds.map_err(|error| walk.fault(&place, "if", &error))?;
            Active::Way(Sequence::of(if holds { then } else { otherwise }))
        }
        StepKind::Switch { on, cases, default } => {
            let bindings = values.bindings(walk.workflow);
            let on = on.eval(&bindings).map_err(|error| walk.fault(&place, "switch", &error))?;
            let case = cases.iter().find(|(value, _)| *value == *on);
            Active::Way(Sequence::of(case.map_or(default, |(_, block)| block)))
        }
        StepKind::Each { list, .. } => {
            let bindings = values.bindings(walk.workflow);
            let items = list.eval(&bindings).map_err(|error| walk.fault(&place, "each", &error))?;
            let items = items.as_list().unwrap_or_default().to_vec();
            Active::Each(Rounds::begin(place, items))
        }
        StepKind::Repeat { body, .. } => Active::Repeat(Repeating::begin(place, body)),
        StepKind::Pause(pause) => Active::Pause(Pausing::begin(place, pause, walk, values)?),
        StepKind::Event(wait) => Active::Event(Awaiting::begin(place, wait, walk, values)?),
        StepKind::Let(names) => {
            for (slot, expr) in names {
                let value = expr.eval(&values.bindings(walk.workflow)).map(std::borrow::Cow::into_owned);
                let value = value.map_err(|error| walk.fault(&place, "let", &error))?;
                values.set(*slot, value);
            }
            Active::Nothing
        }
        StepKind::Fail(code) => return Err(Box::new(failure(walk, code))),
    })
}

/// The refusal of a `fail`. That the workflow declares the code was checked.
fn failure(walk: &Walk<'_>, code: &str) -> Refusal {
    walk.workflow.failure(code).unwrap_or_else(|| {
        let detail = format!("it failed in `{code}`");
        Refusal::platform(Outcome::ContractFault, PlatformError::ContractError, detail)
    })
}
