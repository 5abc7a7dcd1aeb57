//! A read model: rows by key, folded from events.
//! Owns what each event does to a row. The host folds, never a service, and a row that cannot be
//! folded is marked, never guessed: whoever would read it is told. Start at [`View::apply`].

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_expr::rows::Row;
use mote_expr::schema::Schema;
use mote_expr::{Bindings, Digest, Object, Scope, Slot, Template, Value};

use crate::aggregate::{Aggregate, Event, event_value};
use crate::diagnostic::Place;

/// A view, compiled.
#[derive(Clone, Debug)]
pub struct View {
    /// Its name.
    pub name: String,
    /// What every row looks like.
    pub row: Schema,
    /// The fields that rows are found by.
    pub index: Vec<String>,
    /// The events that change rows, by type.
    pub from: BTreeMap<String, Source>,
    /// The hash of everything that its rows depend on: with another hash they are folded anew.
    pub digest: Digest,
    /// The file it is written in.
    pub place: Place,
}

/// What one type of event does to a row.
#[derive(Clone, Debug)]
pub struct Source {
    /// The aggregate whose event it is.
    pub aggregate: Arc<Aggregate>,
    pub(crate) key: Template,
    pub(crate) change: Change,
    pub(crate) scope: Scope,
    pub(crate) event_slot: Slot,
    pub(crate) row_slot: Slot,
}

#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A whole row in place of the old one, if there is one.
    Put(Vec<(String, Template)>),
    /// Fields of the row that is there.
    Set(Vec<(String, Template)>),
    /// The row is gone.
    Delete,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum RowOp {
    /// It stays as it is, or stays absent.
    Keep,
    /// It is this from now on. Marked, where the event could not be folded.
    Put(Row),
    /// There is none any more.
    Delete,
}

impl View {
    /// The key under which what could not even be given a key is marked: no row has it, and since
    /// nothing is known of the mark's row, every read of the view meets it.
    pub const LOST_KEY: &'static str = "";

    /// Whether the view reads events of this type of this aggregate.
    pub fn reads(&self, aggregate: &str, kind: &str) -> bool {
        self.from.get(kind).is_some_and(|source| source.aggregate.name == aggregate)
    }

    /// The key of the row that `event` is about. None if the view does not read such events. Where
    /// the key cannot be told it is [`View::LOST_KEY`].
    pub fn key(&self, event: &Event) -> Option<String> {
        let source = self.from.get(&event.kind)?;
        Some(source.key(event).unwrap_or_else(|_| View::LOST_KEY.to_owned()))
    }

    /// What `event` does to the row with its key, which was `old` before.
    pub fn apply(&self, event: &Event, old: Option<&Row>) -> RowOp {
        let Some(source) = self.from.get(&event.kind) else { return RowOp::Keep };
        if let Err(why) = source.key(event) {
            let value = Value::Object(Object::new().into());
            return RowOp::Put(Row { value, mark: Some(format!("`from/{}/key` {why}", event.kind)) });
        }
        match (&source.change, old) {
            (Change::Delete, Some(_)) => RowOp::Delete,
            (Change::Put(fields), old) => {
                let row = Row::sound(Value::Object(Object::new().into()));
                RowOp::Put(self.changed(source, event, old, row, fields))
            }
            (Change::Set(fields), Some(old)) => {
                RowOp::Put(self.changed(source, event, Some(old), old.clone(), fields))
            }
            (Change::Set(_) | Change::Delete, None) => RowOp::Keep,
        }
    }

    /// `row` with `fields` as `event` sets them; every field that can be is set, even where another fails.
    fn changed(
        &self,
        source: &Source,
        event: &Event,
        old: Option<&Row>,
        row: Row,
        fields: &[(String, Template)],
    ) -> Row {
        let (null, bound) = (Value::Null, event_value(event));
        let mut bindings = Bindings::new(&source.scope);
        bindings.set(source.event_slot, &bound);
        bindings.set(source.row_slot, old.map_or(&null, |row| &row.value));
        let Row { value, mut mark } = row;
        let mut object = value.as_object().cloned().unwrap_or_default();
        for (name, template) in fields {
            match template.eval(&bindings) {
                Ok(value) => drop(object.insert(name, value)),
                Err(error) => {
                    object.remove(name);
                    mark.get_or_insert_with(|| {
                        format!("`from/{}`: `{name}` could not be evaluated: {error}", event.kind)
                    });
                }
            }
        }
        let value = self.row.normalise(Value::Object(object.into()));
        if mark.is_none()
            && let Some(violation) = self.row.violations(&value).first()
        {
            mark = Some(format!("after `{}` it does not fit: {violation}", event.kind));
        }
        Row { value, mark }
    }
}

impl Source {
    fn key(&self, event: &Event) -> Result<String, String> {
        let bound = event_value(event);
        let mut bindings = Bindings::new(&self.scope);
        bindings.set(self.event_slot, &bound);
        match self.key.eval(&bindings) {
            Ok(Value::Text(key)) if key.is_empty() => Err("is empty".to_owned()),
            Ok(Value::Text(key)) => Ok(key.to_string()),
            Ok(key @ (Value::Int(_) | Value::Bool(_))) => Ok(key.to_string()),
            Ok(other) => Err(format!("is {}", other.kind())),
            Err(error) => Err(format!("could not be evaluated: {error}")),
        }
    }
}
