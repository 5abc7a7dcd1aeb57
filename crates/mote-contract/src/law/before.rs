//! What happened before a call, as far as it is told by events alone: the state of the instance and
//! the rows of the view. Owns their folding for examples and generated cases. In production the
//! engine folds the one and a store keeps the other.

use mote_expr::Value;

use super::{Law, RowTable, Situation};
use crate::aggregate::{Event, FoldError};
use crate::contract::Example;
use crate::outcome::{Outcome, PlatformError, Refusal};
use crate::view::RowOp;

/// The state and the rows that some events led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// The state of the instance, for a contract that touches one.
    pub state: Option<Value>,
    /// The rows of the view, for a contract that reads one.
    pub rows: RowTable,
}

impl Law {
    /// Nothing has happened.
    pub fn nothing_before(&self) -> Before {
        let state = self.aggregate.as_ref().map(|aggregate| aggregate.initial.clone());
        Before { state, rows: RowTable::default() }
    }

    /// The type of event that `kind` names here: one of the aggregate, or one that the view reads.
    pub fn event_type(&self, kind: &str) -> Option<&crate::EventType> {
        let own = self.aggregate.as_ref().and_then(|aggregate| aggregate.events.get(kind));
        own.or_else(|| {
            let source = self.reads.as_ref()?.view.from.get(kind)?;
            source.aggregate.events.get(kind)
        })
    }

    /// The names of all types of events that can be told of: the aggregate's and the view's.
    pub fn event_types(&self) -> Vec<&str> {
        let own = self.aggregate.iter().flat_map(|aggregate| aggregate.events.keys());
        let read = self.reads.iter().flat_map(|reads| reads.view.from.keys());
        let mut names: Vec<&str> = own.chain(read).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// `before` with `event`, if it may happen then.
    pub fn with_event(&self, before: &Before, event: &Event) -> Result<Before, FoldError> {
        let own = self.aggregate.as_ref().filter(|aggregate| aggregate.events.contains_key(&event.kind));
        let state = match (own, &before.state) {
            (Some(aggregate), Some(state)) => Some(aggregate.evolve(state, event)?),
            (_, state) => state.clone(),
        };
        let mut rows = before.rows.clone();
        let source = self.reads.as_ref().and_then(|reads| {
            let source = reads.view.from.get(&event.kind)?;
            // Of two aggregates with an event of this name, the contract's own is meant.
            own.is_none_or(|own| own.name == source.aggregate.name).then_some(&reads.view)
        });
        match source {
            None if own.is_none() => return Err(FoldError::Unknown(event.kind.clone())),
            None => {}
            Some(view) => {
                let key = view.key(event).unwrap_or_default();
                match view.apply(event, rows.0.get(&key)) {
                    RowOp::Keep => {}
                    RowOp::Delete => drop(rows.0.remove(&key)),
                    RowOp::Put(row) => {
                        if let Some(mark) = row.mark {
                            return Err(FoldError::Row(view.name.clone(), mark));
                        }
                        rows.0.insert(key, row);
                    }
                }
            }
        }
        Ok(Before { state, rows })
    }

    /// The situation of a call with an admitted `input` in `context`.
    pub fn situation(&self, before: &Before, input: Value, context: Value) -> Result<Situation, Refusal> {
        let context = self.context_of(&input, || context);
        let mut situation = Situation { input, context, state: before.state.clone(), rows: None };
        situation.rows = self.read(&before.rows, &situation)?;
        Ok(situation)
    }

    /// The situation that an example describes, or how the host refuses it before any state is read.
    pub fn situation_of(&self, example: &Example) -> Result<Situation, Refusal> {
        let admitted = self.admit_value(example.input.clone())?;
        let bare =
            Situation { input: admitted.input, context: example.context.clone(), state: None, rows: None };
        self.authorise(&bare)?;
        self.stream_key(&bare)?;
        let mut before = self.nothing_before();
        for (kind, data) in &example.given {
            let known = self.event_type(kind);
            let data = known.map_or_else(|| data.clone(), |known| known.complete(data.clone()));
            if let Some(violation) = known.and_then(|known| known.data.violations(&data).into_iter().next()) {
                return Err(not_given(format!("the data of `{kind}` does not fit: {violation}")));
            }
            before = self
                .with_event(&before, &Event { kind: kind.clone(), data })
                .map_err(|error| not_given(format!("`{kind}` cannot happen: {error}")))?;
        }
        self.situation(&before, bare.input, bare.context)
    }
}

/// The clause of a refusal where what an example gives cannot be.
pub(crate) const GIVEN: &str = "examples/given";

fn not_given(why: String) -> Refusal {
    let detail = format!("what is given cannot be: {why}");
    Refusal::platform(Outcome::ContractFault, PlatformError::ContractError, detail).by(GIVEN)
}
