//! The shapes that the data of an event had before, and how each becomes the next.
//! Owns reading stored data in the shape that is declared now. Never changes what is stored.

use std::fmt;

use mote_expr::schema::Schema;
use mote_expr::{Bindings, Scope, Slot, Template, Value};

use super::{Aggregate, Event, EventType, event_value};

/// An older shape of an event.
#[derive(Clone, Debug)]
pub struct OldShape {
    /// What its data looked like.
    pub data: Schema,
    /// What makes data of the next shape of it.
    pub(crate) upcast: Template,
    pub(crate) scope: Scope,
    pub(crate) event_slot: Slot,
}

/// Why a stored event cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// Its shape is newer than what is declared here: whoever runs the system brings its files up to date.
    Newer {
        /// The event's type.
        kind: String,
        /// The version of its shape.
        stored: u32,
        /// The version that is declared.
        declared: u32,
    },
    /// Its data cannot be made into data of a newer shape.
    Upcast {
        /// The clause that fails, such as `events/OrderPlaced/was/1`.
        clause: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeError::Newer { kind, stored, declared } => write!(
                f,
                "it is a `{kind}` of version {stored}, and version {declared} is the newest that is declared \
                 here: update the files of this system"
            ),
            ShapeError::Upcast { clause, why } => write!(f, "`{clause}` {why}"),
        }
    }
}

impl std::error::Error for ShapeError {}

impl Aggregate {
    /// The event of type `kind` whose data was stored in `shape`, in the shape that is declared now. One
    /// of an unknown type is given back as it is: folding it says so.
    pub fn read(&self, kind: &str, shape: u32, data: Value) -> Result<Event, ShapeError> {
        let data = match self.events.get(kind) {
            Some(event) if event.shape != shape => event.upcast(kind, shape, data)?,
            _ => data,
        };
        Ok(Event { kind: kind.to_owned(), data })
    }
}

impl EventType {
    /// `data` of `shape` brought to the shape that is declared now, step by step.
    fn upcast(&self, kind: &str, shape: u32, data: Value) -> Result<Value, ShapeError> {
        if shape > self.shape {
            return Err(ShapeError::Newer { kind: kind.to_owned(), stored: shape, declared: self.shape });
        }
        let clause = |shape: u32| format!("events/{kind}/was/{shape}");
        let oldest = shape.checked_sub(1).and_then(|index| self.was.get(index as usize..));
        let olds = oldest
            .ok_or_else(|| ShapeError::Upcast { clause: clause(shape), why: "does not exist".to_owned() })?;
        let mut event = Event { kind: kind.to_owned(), data };
        for (old, from) in olds.iter().zip(shape..) {
            let failed = |why| ShapeError::Upcast { clause: clause(from), why };
            let next = self.shape_after(from);
            let bound = event_value(&event);
            let mut bindings = Bindings::new(&old.scope);
            bindings.set(old.event_slot, &bound);
            let upcast = old.upcast.eval(&bindings);
            let upcast = upcast.map_err(|error| failed(format!("could not be evaluated: {error}")))?;
            event.data = next.normalise(upcast);
            if let Some(violation) = next.violations(&event.data).first() {
                return Err(failed(format!(
                    "makes data that does not fit version {}: {violation}",
                    from + 1
                )));
            }
        }
        Ok(event.data)
    }

    /// What data of `shape` looks like. None for one that was never declared.
    pub fn shape_of(&self, shape: u32) -> Option<&Schema> {
        let before = shape.checked_sub(1)?;
        if shape == self.shape {
            Some(&self.data)
        } else {
            self.was.get(before as usize).map(|old| &old.data)
        }
    }

    /// The schema of the shape after `shape`.
    fn shape_after(&self, shape: u32) -> &Schema {
        self.was.get(shape as usize).map_or(&self.data, |old| &old.data)
    }
}
