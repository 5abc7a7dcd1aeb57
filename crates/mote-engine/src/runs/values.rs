//! What a run knows: the values that names have so far.

use mote_contract::Workflow;
use mote_expr::{Bindings, Slot, Value};

/// Values by name. A round of an `each` has its own, made of those it began with.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(Vec<(Slot, Value)>);

impl Values {
    /// Gives a name a value, or another one.
    pub(super) fn set(&mut self, slot: Slot, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == slot) {
            Some((_, known)) => *known = value,
            None => self.0.push((slot, value)),
        }
    }

    /// These values, and another.
    pub(super) fn with(&self, slot: Slot, value: Value) -> Values {
        let mut values = self.clone();
        values.set(slot, value);
        values
    }

    /// What expressions of the workflow are evaluated with.
    pub(super) fn bindings<'v>(&'v self, workflow: &'v Workflow) -> Bindings<'v> {
        workflow.bind(|slot| self.0.iter().find(|(known, _)| *known == slot).map(|(_, value)| value))
    }
}
