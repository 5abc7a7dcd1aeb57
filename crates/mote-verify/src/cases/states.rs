//! States that can be reached: by events of the declared shapes, each of which may happen then.
//! Owns the pool of histories. That a command would emit those events is not known: a state may be
//! reachable by events and by no command, and the figures say so.

use mote_contract::{Aggregate, Event};
use mote_expr::Value;

use super::known::Known;
use super::values::Values;
use crate::random::{Random, Seed};

/// How many histories there are.
const HISTORIES: u64 = 32;
/// Every so many histories one goes on until nothing more may happen.
const LONG_EVERY: u64 = 8;
/// The most events of a history.
const EVENTS_MAX: usize = 400;
/// After how many events in a row that may not happen a history ends.
const REFUSALS_MAX: usize = 24;

/// Histories of one aggregate and the state after each of their events.
#[derive(Debug)]
pub(super) struct Histories(Vec<History>);

#[derive(Debug)]
struct History {
    events: Vec<Event>,
    /// One more than there are events: the first is the initial state.
    states: Vec<Value>,
}

impl Histories {
    pub(super) fn of(aggregate: &Aggregate, values: &Values, hints: &Known, seed: &Seed) -> Histories {
        let history = |index| {
            let mut random = Random::of(seed, "histories", index);
            let length = match index % LONG_EVERY {
                0 => EVENTS_MAX,
                1..4 => random.index(40),
                _ => random.index(8),
            };
            History::of(aggregate, values, hints, length, &mut random)
        };
        Histories((0..HISTORIES).map(history).collect())
    }

    /// What happened and the state it led to.
    pub(super) fn pick(&self, random: &mut Random) -> Option<(&[Event], &Value)> {
        let history = random.pick(&self.0)?;
        let length = match random.below(100) {
            0..15 => 0,
            15..45 => history.events.len(),
            _ => random.index(history.states.len()),
        };
        Some((&history.events[..length], &history.states[length]))
    }
}

impl History {
    fn of(
        aggregate: &Aggregate,
        values: &Values,
        hints: &Known,
        length: usize,
        random: &mut Random,
    ) -> History {
        let mut history = History { events: Vec::new(), states: vec![aggregate.initial.clone()] };
        let kinds: Vec<_> = aggregate.events.iter().collect();
        let mut refusals = 0;
        while history.events.len() < length && refusals < REFUSALS_MAX {
            match history.next(aggregate, &kinds, values, hints, random) {
                Some((event, after)) => {
                    history.events.push(event);
                    history.states.push(after);
                    refusals = 0;
                }
                None => refusals += 1,
            }
        }
        history
    }

    fn next(
        &self,
        aggregate: &Aggregate,
        kinds: &[(&String, &mote_contract::EventType)],
        values: &Values,
        hints: &Known,
        random: &mut Random,
    ) -> Option<(Event, Value)> {
        let (kind, event_type) = random.pick(kinds)?;
        let state = self.states.last()?;
        let mut known = hints.clone();
        known.learn(state);
        let data = values.value(&event_type.data, &known, random)?;
        let event = Event { kind: (*kind).clone(), data };
        let after = aggregate.evolve(state, &event).ok()?;
        Some((event, after))
    }
}
