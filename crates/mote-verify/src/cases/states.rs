//! States and rows that can be reached: by events of the declared shapes, each of which may happen then.
//! Owns the pool of histories. That a command would emit those events is not known: a state may be
//! reachable by events and by no command, and the figures say so.

use mote_contract::{Before, Event, Law};

use super::known::Known;
use super::values::Values;
use crate::random::{Random, Seed};

/// How many histories there are.
const HISTORIES: u64 = 32;
/// Every so many histories one goes on until nothing more may happen.
const LONG_EVERY: u64 = 8;
/// The most events of a history.
const EVENTS_MAX: usize = 400;
/// The same where rows are read: every step holds all of them.
const EVENTS_WITH_ROWS_MAX: usize = 60;
/// How many rows a new event is made to fit.
const ROWS_KNOWN: usize = 4;
/// After how many events in a row that may not happen a history ends.
const REFUSALS_MAX: usize = 24;

/// Histories of one aggregate or view, and what each of their events led to.
#[derive(Debug)]
pub(super) struct Histories(Vec<History>);

#[derive(Debug)]
struct History {
    events: Vec<Event>,
    /// One more than there are events: the first is nothing.
    befores: Vec<Before>,
}

impl Histories {
    pub(super) fn of(law: &Law, values: &Values, hints: &Known, seed: &Seed) -> Histories {
        let longest = if law.reads.is_some() { EVENTS_WITH_ROWS_MAX } else { EVENTS_MAX };
        let history = |index| {
            let mut random = Random::of(seed, "histories", index);
            let length = match index % LONG_EVERY {
                0 => longest,
                1..4 => random.index(40),
                _ => random.index(8),
            };
            History::of(law, values, hints, length, &mut random)
        };
        Histories((0..HISTORIES).map(history).collect())
    }

    /// What happened and what it led to.
    pub(super) fn pick(&self, random: &mut Random) -> Option<(&[Event], &Before)> {
        let history = random.pick(&self.0)?;
        let length = match random.below(100) {
            0..15 => 0,
            15..45 => history.events.len(),
            _ => random.index(history.befores.len()),
        };
        Some((&history.events[..length], &history.befores[length]))
    }
}

impl History {
    fn of(law: &Law, values: &Values, hints: &Known, length: usize, random: &mut Random) -> History {
        let mut history = History { events: Vec::new(), befores: vec![law.nothing_before()] };
        let kinds = law.event_types();
        let mut refusals = 0;
        while history.events.len() < length && refusals < REFUSALS_MAX {
            match history.next(law, &kinds, values, hints, random) {
                Some((event, after)) => {
                    history.events.push(event);
                    history.befores.push(after);
                    refusals = 0;
                }
                None => refusals += 1,
            }
        }
        history
    }

    fn next(
        &self,
        law: &Law,
        kinds: &[&str],
        values: &Values,
        hints: &Known,
        random: &mut Random,
    ) -> Option<(Event, Before)> {
        let kind = *random.pick(kinds)?;
        let before = self.befores.last()?;
        let mut known = hints.clone();
        learn(&mut known, before, random);
        let data = values.value(&law.event_type(kind)?.data, &known, random)?;
        let event = Event { kind: kind.to_owned(), data };
        let after = law.with_event(before, &event).ok()?;
        Some((event, after))
    }
}

/// Take in what rules compare with: the state, and some of the rows.
pub(super) fn learn(known: &mut Known, before: &Before, random: &mut Random) {
    if let Some(state) = &before.state {
        known.learn(state);
    }
    let rows: Vec<_> = before.rows.0.iter().collect();
    for _ in 0..ROWS_KNOWN.min(rows.len()) {
        if let Some((key, row)) = random.pick(&rows) {
            known.learn(&mote_expr::Value::text(key));
            known.learn(&row.value);
        }
    }
}
