//! `wait`: for a time, or for an event.

use jiff::Timestamp;
use mote_contract::Refusal;
use mote_contract::workflow::{EventWait, Pause, StepKind};
use mote_expr::Value;

use super::call::Calling;
use super::input::Wait;
use super::place::Place;
use super::sequence::{Leaf, Sequence};
use super::values::Values;
use super::walk::{Turn, Walk};

/// A wait for a time.
#[derive(Clone, Debug)]
pub(super) struct Pausing {
    pub(super) place: Place,
    pub(super) until: Timestamp,
}

impl Pausing {
    pub(super) fn begin(
        place: Place,
        pause: &Pause,
        walk: &Walk<'_>,
        values: &Values,
    ) -> Result<Pausing, Box<Refusal>> {
        let until = match pause {
            Pause::For(ms) => walk.after_ms(*ms),
            Pause::Until(moment) => {
                let moment = moment.eval(&values.bindings(walk.workflow));
                let moment = moment.map_err(|error| walk.fault(&place, "wait", &error))?;
                // A `date-time` of the schemas is one of ours; what is none has passed.
                moment.as_text().and_then(|text| text.parse().ok()).unwrap_or(walk.now)
            }
        };
        Ok(Pausing { place, until })
    }

    pub(super) fn go(&self, walk: &Walk<'_>) -> Turn {
        if self.until <= walk.now { Turn::Through } else { Turn::Waits }
    }
}

/// A wait for an event.
#[derive(Clone, Debug)]
pub(super) struct Awaiting {
    pub(super) place: Place,
    /// What finds the event among all.
    wait: Wait,
    pub(super) until: Option<Timestamp>,
    /// What is done where none came in time.
    otherwise: Option<Sequence>,
}

impl Awaiting {
    pub(super) fn begin(
        place: Place,
        wait: &EventWait,
        walk: &Walk<'_>,
        values: &Values,
    ) -> Result<Awaiting, Box<Refusal>> {
        let bindings = values.bindings(walk.workflow);
        let value = wait.value.eval(&bindings);
        let value = value.map_err(|error| walk.fault(&place, "where", &error))?;
        let found = Wait {
            place: place.clone(),
            event: wait.event.clone(),
            aggregate: wait.aggregate.name.clone(),
            path: wait.path.clone(),
            value: value.into_owned(),
        };
        let until = wait.timeout_ms.map(|ms| walk.after_ms(ms));
        Ok(Awaiting { place, wait: found, until, otherwise: None })
    }

    pub(super) fn go(&mut self, walk: &mut Walk<'_>, values: &mut Values, rounds: &[u32]) -> Turn {
        if let Some(otherwise) = &mut self.otherwise {
            return otherwise.go(walk, values, rounds);
        }
        let step = walk.step(&self.place);
        let StepKind::Event(wait) = &step.kind else { return Turn::Through };
        if let Some(event) = walk.event_for(&self.place) {
            let seen = values.with(walk.workflow.slots.event, event.clone());
            match wait.condition.holds(&seen.bindings(walk.workflow)) {
                Ok(true) => return self.came(step.result, event, values),
                Ok(false) => {}
                Err(error) => return Turn::Failed(walk.fault(&self.place, "where", &error)),
            }
        }
        if self.until.is_some_and(|until| until <= walk.now) {
            return self.otherwise.insert(Sequence::of(&wait.otherwise)).go(walk, values, rounds);
        }
        Turn::Waits
    }

    fn came(&self, result: Option<mote_expr::Slot>, event: Value, values: &mut Values) -> Turn {
        if let Some(result) = result {
            values.set(result, event);
        }
        Turn::Through
    }

    /// What it waits for; none once it waits no longer.
    pub(super) fn waits(&self) -> Option<&Wait> {
        self.otherwise.is_none().then_some(&self.wait)
    }

    pub(super) fn leaves<'r>(&'r self, see: &mut dyn FnMut(Leaf<'r>)) {
        match &self.otherwise {
            Some(otherwise) => otherwise.leaves(see),
            None => see(Leaf::Event(self)),
        }
    }

    pub(super) fn calls<'r>(&'r self, values: &'r Values, see: &mut dyn FnMut(&'r Calling, &'r Values)) {
        if let Some(otherwise) = &self.otherwise {
            otherwise.calls(values, see);
        }
    }
}
