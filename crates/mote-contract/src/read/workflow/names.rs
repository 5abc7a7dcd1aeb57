//! What each name of a workflow stands for at a point of it, and whether it has a value there.
//!
//! Owns definite assignment: a name is known where every way that leads there gave it a value. All names are in one
//! scope from the beginning, each in a slot of its own, so that expressions and the engine number them alike.

use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Scope, Slot, Type, Uses};

use crate::read::aggregate::{caller_type, context_type};
use crate::workflow::WorkflowSlots;

/// The names that are not a step's: in the order of their slots.
pub(super) const SPECIAL: [&str; 6] = ["input", "context", "caller", "event", "meta", "error"];

/// A value as far as it is known before there is one.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) ty: Type,
    /// More than the type says. None: the type is all that is known.
    pub(super) schema: Option<Arc<Schema>>,
}

impl Shape {
    /// Nothing is known, because what would say it has problems of its own.
    pub(super) const UNREAD: Shape = Shape { ty: Type::Dyn, schema: None };

    pub(super) fn of(schema: &Schema) -> Shape {
        Shape { ty: Type::of(schema), schema: Some(Arc::new(schema.completed())) }
    }

    /// Whether this is [`Shape::UNREAD`]: whatever takes such a value is not held against it.
    pub(super) fn is_unread(&self) -> bool {
        self.schema.is_none() && self.ty == Type::Dyn
    }

    fn joined(&self, other: &Shape) -> Option<Shape> {
        if self.is_unread() || other.is_unread() {
            return Some(Shape::UNREAD);
        }
        let ty = self.ty.join(&other.ty)?;
        let schema = match (&self.schema, &other.schema) {
            (Some(a), Some(b)) => a.joined(b),
            _ => None,
        };
        let schema = schema.unwrap_or_else(|| Schema::widest(&ty));
        Some(Shape { ty, schema: Some(schema.into()) })
    }
}

/// What is known of a name at a point.
#[derive(Clone, Debug)]
pub(super) enum State {
    Known(Shape),
    Unknown(Why),
}

/// Why a name has no value at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// It belongs to other places, as `event` does.
    Elsewhere,
    /// It begins with the run, which a trigger only starts.
    Begins,
    Later,
    Beside,
    Round,
    Maybe,
    Differs,
}

impl Why {
    /// What is wrong with a use of `name`, and what to write instead.
    pub(super) fn words(self, name: &str) -> (String, String) {
        match self {
            Why::Elsewhere if name == "error" => (
                "`error` is what a `catch` caught, and nothing was caught here".to_owned(),
                "use it in the steps of a `catch`".to_owned(),
            ),
            Why::Elsewhere => (
                format!("`{name}` is known to triggers and to the `where` of a `wait`, not here"),
                "name the `wait`, and use its result: `{id: shipped, wait: {event: …}}`".to_owned(),
            ),
            Why::Begins => (
                format!("a trigger makes the input, and knows no `{name}`"),
                "use `event` and `meta`: `with: {orderId: \"${event.data.orderId}\"}`".to_owned(),
            ),
            Why::Later => (
                format!("`{name}` has no value yet: what makes it comes later"),
                format!("move the step that makes `{name}` before this one"),
            ),
            Why::Beside => (
                format!("`{name}` is made in another branch, beside this one"),
                format!("use `{name}` after the `parallel`"),
            ),
            Why::Round => (
                format!("`{name}` is known to its own round of a loop alone"),
                format!("let the loop make a list of it: `{{id: all, each: …, returns: \"${{{name}}}\"}}`"),
            ),
            Why::Maybe => (
                format!("`{name}` may have no value here: not every way leads through what makes it"),
                format!("end the other ways with `fail`, or name something `{name}` on each of them too"),
            ),
            Why::Differs => (
                format!("`{name}` is of one type on one way that leads here, and of another on another"),
                format!("give what makes `{name}` the same type on every way"),
            ),
        }
    }
}

/// What is known of every name at a point, by slot.
#[derive(Clone, Debug)]
pub(super) struct Known {
    states: Vec<State>,
}

impl Known {
    pub(super) fn state(&self, slot: Slot) -> &State {
        &self.states[slot.index()]
    }

    pub(super) fn shape(&self, slot: Slot) -> Option<&Shape> {
        if let State::Known(shape) = self.state(slot) { Some(shape) } else { None }
    }

    /// Whether the name can be given a value: on this way it has none, and may have none.
    pub(super) fn is_free(&self, slot: Slot) -> bool {
        matches!(self.state(slot), State::Unknown(Why::Later | Why::Round | Why::Beside))
    }

    pub(super) fn give(&mut self, slot: Slot, shape: Shape) {
        self.states[slot.index()] = State::Known(shape);
    }

    pub(super) fn put(&mut self, slot: Slot, state: State) {
        self.states[slot.index()] = state;
    }

    pub(super) fn take(&mut self, slot: Slot, why: Why) {
        self.states[slot.index()] = State::Unknown(why);
    }

    /// What is known here and was not known `before`.
    pub(super) fn gained<'k>(&'k self, before: &'k Known) -> impl Iterator<Item = Slot> + 'k {
        let both = self.states.iter().zip(&before.states).enumerate();
        let gained = both.filter(|(_, (now, then))| match (now, then) {
            (State::Known(_), State::Unknown(_)) => true,
            (State::Unknown(now), State::Unknown(then)) => now != then,
            _ => false,
        });
        gained.map(|(at, _)| Names::slot_at(at))
    }

    /// What is known where several ways meet. None of none.
    pub(super) fn met(ways: impl IntoIterator<Item = Known>) -> Option<Known> {
        ways.into_iter().reduce(|a, b| Known {
            states: a.states.into_iter().zip(b.states).map(|(a, b)| met(a, b)).collect(),
        })
    }
}

fn met(a: State, b: State) -> State {
    match (a, b) {
        (State::Known(a), State::Known(b)) => a.joined(&b).map_or(State::Unknown(Why::Differs), State::Known),
        (State::Unknown(a), State::Unknown(b)) => State::Unknown(a.max(b)),
        (State::Known(_), State::Unknown(why)) | (State::Unknown(why), State::Known(_)) => {
            State::Unknown(why.max(Why::Maybe))
        }
    }
}

/// The names of a workflow, in the order of their slots, and the functions that it can call.
pub(super) struct Names {
    functions: Scope,
    names: Vec<String>,
}

impl Names {
    pub(super) fn new(functions: Scope) -> Names {
        Names { functions, names: SPECIAL.map(str::to_owned).to_vec() }
    }

    /// Add a name that something of the workflow makes. False where there are too many.
    pub(super) fn add(&mut self, name: &str) -> bool {
        if self.names.iter().any(|known| known == name) {
            return true;
        }
        let fits = self.names.len() < Scope::NAMES_MAX;
        if fits {
            self.names.push(name.to_owned());
        }
        fits
    }

    pub(super) fn slot(&self, name: &str) -> Option<Slot> {
        self.names.iter().position(|known| known == name).map(Names::slot_at)
    }

    pub(super) fn name(&self, slot: Slot) -> &str {
        &self.names[slot.index()]
    }

    pub(super) fn is_function(&self, name: &str) -> bool {
        self.functions.defines(name)
    }

    /// The slots of the special names.
    pub(super) fn slots() -> WorkflowSlots {
        let [input, context, caller, event, meta, error] = [0, 1, 2, 3, 4, 5].map(Names::slot_at);
        WorkflowSlots { input, context, caller, event, meta, error }
    }

    fn slot_at(at: usize) -> Slot {
        Slot::at(at)
    }

    /// What is known when a run begins.
    pub(super) fn begin(&self, input: Option<&Schema>) -> Known {
        let mut known = Known { states: vec![State::Unknown(Why::Later); self.names.len()] };
        let slots = Names::slots();
        known.give(slots.input, input.map_or(Shape::UNREAD, Shape::of));
        known.give(slots.context, Shape { ty: context_type(), schema: None });
        known.give(slots.caller, Shape { ty: caller_type(), schema: None });
        for slot in [slots.event, slots.meta, slots.error] {
            known.take(slot, Why::Elsewhere);
        }
        known
    }

    /// The scope of an expression at a point.
    pub(super) fn scope(&self, known: &Known) -> Scope {
        let mut scope = self.functions.clone();
        for (at, name) in self.names.iter().enumerate() {
            let shape = known.shape(Names::slot_at(at));
            // What has no value is dynamic, so that only its use is reported.
            scope.bind(name, shape.map_or(Type::Dyn, |shape| shape.ty.clone()));
        }
        scope
    }

    /// Whether anything among `uses` could not be read.
    pub(super) fn uses_unread(&self, uses: Uses, known: &Known) -> bool {
        let mut slots = (0..self.names.len()).map(Names::slot_at).filter(|slot| uses.contains(*slot));
        slots.any(|slot| known.shape(slot).is_some_and(Shape::is_unread))
    }

    /// The names among `uses` that have no value at a point, and why.
    pub(super) fn unknown<'n>(&'n self, uses: Uses, known: &Known) -> Vec<(&'n str, Why)> {
        let slots = (0..self.names.len()).map(Names::slot_at).filter(|slot| uses.contains(*slot));
        let unknown = slots.filter_map(|slot| match known.state(slot) {
            State::Unknown(why) => Some((self.name(slot), *why)),
            State::Known(_) => None,
        });
        unknown.collect()
    }
}
