//! What a sequence has led to: the state of each instance, and the rows of the views.
//! Owns the performing of one call, as production does it: by key, judged, and stored if it may be.

use std::collections::BTreeMap;

use mote_contract::{Before, Event, FoldError, Law, RowTable, Situation};
use mote_expr::Value;

use super::reached::{Call, Reached};
use super::{Actor, Step};
use crate::asked::{Broken, Case, Finding, ask};
use crate::verification::Fault;

/// Everything that the calls so far have led to.
pub(super) struct World<'a> {
    actors: &'a [Actor<'a>],
    /// What happened to each instance, by its key.
    streams: BTreeMap<String, Stream>,
    /// What happened elsewhere and views tell of.
    elsewhere: Vec<Event>,
    /// The rows of each actor's view.
    rows: Vec<RowTable>,
}

#[derive(Default)]
struct Stream {
    events: Vec<Event>,
    state: Option<Value>,
    /// The calls that led to it, with the events of each.
    calls: Vec<Call>,
}

/// What came of a call.
pub(super) enum Done {
    /// It succeeded, with this output and these events.
    Succeeded(Value, Vec<Event>),
    /// It was refused, by this clause or with this error.
    Refused(String),
    /// It cannot be made here: its input is not admitted, or names no instance.
    Impossible,
    /// Something is broken.
    Broken(Box<(Broken, Case)>),
}

impl<'a> World<'a> {
    /// Nothing has happened but `elsewhere`, as far as views tell of it.
    pub(super) fn new(actors: &'a [Actor<'a>], elsewhere: &[Event]) -> World<'a> {
        let rows = actors.iter().map(|_| RowTable::default()).collect();
        let mut world = World { actors, streams: BTreeMap::new(), elsewhere: Vec::new(), rows };
        for event in elsewhere {
            // What a view cannot fold cannot have happened.
            if world.tell(event).is_ok() {
                world.elsewhere.push(event.clone());
            }
        }
        world
    }

    /// What happened to the instance that most happened to. None where nothing did.
    pub(super) fn longest(self) -> Option<Reached> {
        let (key, stream) = self.streams.into_iter().max_by_key(|(_, stream)| stream.events.len())?;
        if stream.events.is_empty() {
            return None;
        }
        Some(Reached { key: key.into(), elsewhere: self.elsewhere.into(), calls: stream.calls.into() })
    }

    /// The state of every instance.
    pub(super) fn states(&self) -> impl Iterator<Item = &Value> {
        self.streams.values().filter_map(|stream| stream.state.as_ref())
    }

    pub(super) fn rows(&self, actor: usize) -> &RowTable {
        &self.rows[actor]
    }

    /// The case of a call now, and the key of its instance. None where it cannot be made.
    pub(super) fn case(&self, actor: usize, input: Value, context: Value) -> Option<(Case, String)> {
        let law = self.actors[actor].law;
        let input = law.admit_value(input).ok()?.input;
        let bare = Situation { input: input.clone(), context: context.clone(), state: None, rows: None };
        let key = law.stream_key(&bare).ok()??;
        let stream = self.streams.get(&key);
        let state = stream.and_then(|stream| stream.state.clone()).or(law.nothing_before().state);
        let before = Before { state, rows: self.rows[actor].clone() };
        let situation = law.situation(&before, input, context).ok()?;
        let own = stream.map(|stream| stream.events.clone()).unwrap_or_default();
        let told = self.elsewhere.iter().filter(|event| law.event_type(&event.kind).is_some());
        Some((Case::of(told.cloned().chain(own).collect(), situation), key))
    }

    /// Make one call, and keep what it led to.
    pub(super) fn call(&mut self, step: &Step) -> Done {
        let Some(actor) = self.actors.iter().position(|actor| actor.law.contract.name == step.operation)
        else {
            return Done::Impossible;
        };
        let Some((case, key)) = self.case(actor, step.input.clone(), step.context.clone()) else {
            return Done::Impossible;
        };
        let Actor { law, subject } = self.actors[actor];
        let accepted = match ask(law, subject, &case.situation).0 {
            Finding::Success(accepted) => accepted,
            Finding::Raised(code) => return Done::Refused(format!("errors/{code}")),
            Finding::Refused(clause) => return Done::Refused(clause),
            Finding::Broken(broken) => return Done::Broken(Box::new((*broken, case))),
        };
        let stream = self.streams.entry(key).or_default();
        stream.events.extend(accepted.events.iter().cloned());
        stream.calls.push(Call { step: step.clone(), events: accepted.events.clone() });
        stream.state = accepted.after;
        for event in &accepted.events {
            if let Err(error) = self.tell(event) {
                let broken = Broken { fault: Fault::Contract, ..Broken::service("views", error.to_string()) };
                return Done::Broken(Box::new((broken, case)));
            }
        }
        Done::Succeeded(accepted.output, accepted.events)
    }

    /// Have the views follow an event.
    fn tell(&mut self, event: &Event) -> Result<(), FoldError> {
        for (actor, rows) in self.actors.iter().zip(&mut self.rows) {
            if !follows(actor.law, event) {
                continue;
            }
            // Without a state, the rows alone are folded: the state is that of one instance.
            let before = Before { state: None, rows: std::mem::take(rows) };
            match actor.law.with_event(&before, event) {
                Ok(after) => *rows = after.rows,
                Err(error) => {
                    *rows = before.rows;
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

fn follows(law: &Law, event: &Event) -> bool {
    law.reads.as_ref().is_some_and(|reads| reads.view.from.contains_key(&event.kind))
}
