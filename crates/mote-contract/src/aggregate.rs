//! The consistency boundary: state, the events that change it, and what is always true of it.
//! Owns folding. The host folds, never the service: a fold that is wrong would poison every judgement.

mod shapes;

use std::collections::BTreeMap;
use std::fmt;

use mote_expr::schema::Schema;
use mote_expr::{Bindings, Digest, Scope, Slot, Template, Value};

use crate::rule::Rule;

pub use shapes::{OldShape, ShapeError};

/// An aggregate, compiled.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Its name.
    pub name: String,
    /// What every state looks like.
    pub state: Schema,
    /// The state before the first event.
    pub initial: Value,
    /// The events, by type.
    pub events: BTreeMap<String, EventType>,
    /// What is true of every state.
    pub invariants: Vec<Rule>,
    /// The scope of the invariants: `state` alone.
    pub(crate) scope: Scope,
    pub(crate) state_slot: Slot,
    /// The hash of everything that folding depends on.
    pub digest: Digest,
}

/// One type of event.
#[derive(Clone, Debug)]
pub struct EventType {
    /// What its data looks like.
    pub data: Schema,
    /// The version of that shape.
    pub shape: u32,
    /// The shapes before it, from version 1.
    pub was: Vec<OldShape>,
    /// The fields of the state that it sets.
    pub evolve: Vec<(String, Template)>,
    /// Whether its data has defaults to fill in.
    pub(crate) completed: bool,
    pub(crate) scope: Scope,
    pub(crate) state_slot: Slot,
    pub(crate) event_slot: Slot,
}

/// The meaning of our folding, raised by hand whenever the same declaration comes to fold otherwise. What
/// was folded under another epoch is folded anew.
pub(crate) const FOLD_EPOCH: i64 = 1;

/// How many events one call may emit: the cost of rules that loop over them is computed from it.
pub(crate) const EVENTS_MAX: u64 = 100;

impl EventType {
    /// `data` with its defaults filled in, as it is stored.
    pub(crate) fn complete(&self, data: Value) -> Value {
        if self.completed { self.data.normalise(data) } else { data }
    }
}

/// Something that happened: a type and its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's type.
    pub kind: String,
    /// Its data.
    pub data: Value,
}

/// Why an event cannot be folded, or leaves a state that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoldError {
    /// The aggregate has no event of this type.
    Unknown(String),
    /// The state after the event does not fit its schema.
    State(String),
    /// An invariant is broken after the event.
    Invariant(Box<crate::Breach>),
    /// The row of a view cannot be folded; of which view, and why.
    Row(String, String),
    /// An expression erred; in which clause, and why.
    Fault(String, String),
}

impl fmt::Display for FoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FoldError::Unknown(kind) => write!(f, "there is no event `{kind}`"),
            FoldError::State(why) => write!(f, "the state after it does not fit: {why}"),
            FoldError::Invariant(breach) => write!(f, "the invariant `{}` is broken after it", breach.clause),
            FoldError::Row(view, why) => write!(f, "its row in the view `{view}` cannot be folded: {why}"),
            FoldError::Fault(clause, why) => write!(f, "`{clause}` could not be evaluated: {why}"),
        }
    }
}

impl std::error::Error for FoldError {}

impl Aggregate {
    /// Whether an invariant has one truth for every state that fits its schema.
    pub(crate) fn proven(&self, invariant: &mote_expr::Expr) -> Option<bool> {
        self.scope.proven(invariant, &|slot| (slot == self.state_slot).then_some(&self.state))
    }

    /// The state after `event`. For events that were stored: they were judged before.
    pub fn fold(&self, state: &Value, event: &Event) -> Result<Value, FoldError> {
        let kind = self.events.get(&event.kind).ok_or_else(|| FoldError::Unknown(event.kind.clone()))?;
        if kind.evolve.is_empty() {
            return Ok(state.clone());
        }
        let bound = event_value(event);
        let mut bindings = Bindings::new(&kind.scope);
        bindings.set(kind.state_slot, state);
        bindings.set(kind.event_slot, &bound);
        let Value::Object(fields) = state else {
            return Err(FoldError::State(format!("a state is an object, this is {}", state.kind())));
        };
        let mut after = (**fields).clone();
        for (name, template) in &kind.evolve {
            let value = template.eval(&bindings).map_err(|error| {
                FoldError::Fault(format!("events/{}/evolve/{name}", event.kind), error.to_string())
            })?;
            after.insert(name, value);
        }
        Ok(Value::Object(after.into()))
    }

    /// The state after `event`, if it may be: for events that are about to be stored.
    pub fn evolve(&self, state: &Value, event: &Event) -> Result<Value, FoldError> {
        let after = self.fold(state, event)?;
        self.permits(&after)?;
        Ok(after)
    }

    /// The state after all of `events`, from the initial one, each judged.
    pub fn replay<'e>(&self, events: impl IntoIterator<Item = &'e Event>) -> Result<Value, FoldError> {
        events.into_iter().try_fold(self.initial.clone(), |state, event| self.evolve(&state, event))
    }

    /// Whether `state` fits its schema and every invariant.
    pub fn permits(&self, state: &Value) -> Result<(), FoldError> {
        if let Some(violation) = self.state.violations(state).first() {
            return Err(FoldError::State(violation.to_string()));
        }
        let mut bindings = Bindings::new(&self.scope);
        bindings.set(self.state_slot, state);
        for rule in &self.invariants {
            match rule.holds(&bindings) {
                Ok(true) => {}
                Ok(false) => {
                    return Err(FoldError::Invariant(Box::new(rule.breach("invariants", &bindings))));
                }
                Err(error) => {
                    return Err(FoldError::Fault(format!("invariants/{}", rule.name), error.to_string()));
                }
            }
        }
        Ok(())
    }
}

/// An event as rules see it.
pub(crate) fn event_value(event: &Event) -> Value {
    Value::object([("type", Value::text(&event.kind)), ("data", event.data.clone())])
}
