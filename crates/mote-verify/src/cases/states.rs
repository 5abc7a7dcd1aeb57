//! States and rows that can be reached: by commands, and by events of the declared shapes, each of
//! which may happen then.
//! Owns the pool of histories. Of the second kind it is not known that a command would emit those
//! events: such a state may be reachable by no command, and the figures say so. It is tried all the
//! same, since the next version of a command may lead to it.

use mote_contract::{Before, Event, Law};

use super::history::History;
use super::known::Known;
use super::values::Values;
use crate::random::{Random, Seed};
use crate::sequences::Reached;

/// How many histories there are.
const HISTORIES: u64 = 32;
/// Every so many histories one goes on until nothing more may happen.
const LONG_EVERY: u64 = 8;
/// The most events of a history.
const EVENTS_MAX: usize = 160;
/// The same where rows are read: every step holds all of them.
const EVENTS_WITH_ROWS_MAX: usize = 60;
/// How many rows a new event is made to fit.
const ROWS_KNOWN: usize = 4;
/// After how many events in a row that may not happen a history ends.
const REFUSALS_MAX: usize = 24;

/// How many of a hundred histories are what commands led to, where commands led anywhere.
const CALLED_SHARE: u64 = 60;

/// Histories of one aggregate or view.
#[derive(Debug)]
pub(crate) struct Histories {
    /// What commands led to.
    called: Vec<History>,
    /// Made of events that the rules allow.
    made: Vec<History>,
}

impl Histories {
    /// The pool for `law`. `reached`: what commands led to.
    pub(crate) fn of(
        law: &Law,
        values: &Values,
        hints: &Known,
        seed: &Seed,
        reached: &[Reached],
    ) -> Histories {
        if law.event_types().is_empty() {
            return Histories { called: Vec::new(), made: vec![History::nothing(law)] };
        }
        let called = reached.iter().filter_map(|reached| History::reached(law, reached)).collect();
        let history = |index| {
            let mut random = Random::of(seed, "histories", index);
            let length = match index % LONG_EVERY {
                0 => longest(law),
                1..4 => random.index(40),
                _ => random.index(8),
            };
            grown(law, values, hints, length, &mut random)
        };
        Histories { called, made: (0..HISTORIES).map(history).collect() }
    }

    /// What happened.
    pub(crate) fn pick(&self, random: &mut Random) -> Option<History> {
        let by_commands = !self.called.is_empty() && random.chance(CALLED_SHARE);
        let history = random.pick(if by_commands { &self.called } else { &self.made })?;
        let length = match random.below(100) {
            0..15 => 0,
            15..45 => history.len(),
            _ => random.index(history.len() + 1),
        };
        Some(history.without(history.len() - length).whole())
    }
}

/// The most events of a history of `law`.
pub(crate) fn longest(law: &Law) -> usize {
    if law.reads.is_some() { EVENTS_WITH_ROWS_MAX } else { EVENTS_MAX }
}

fn grown(law: &Law, values: &Values, hints: &Known, length: usize, random: &mut Random) -> History {
    let mut history = History::nothing(law);
    let kinds = law.event_types();
    let mut refusals = 0;
    while history.len() < length && refusals < REFUSALS_MAX {
        let mut known = hints.clone();
        learn(&mut known, history.before(), random);
        let next = event(law, &kinds, values, &known, random);
        match next.and_then(|event| history.and(law, event)) {
            Some(longer) => {
                history = longer;
                refusals = 0;
            }
            None => refusals += 1,
        }
    }
    history
}

/// An event of one of `kinds`; whether it may happen is for the law to say.
pub(crate) fn event(
    law: &Law,
    kinds: &[&str],
    values: &Values,
    known: &Known,
    random: &mut Random,
) -> Option<Event> {
    let kind = *random.pick(kinds)?;
    let data = values.value(&law.event_type(kind)?.data, known, random)?;
    Some(Event { kind: kind.to_owned(), data })
}

/// Take in what rules compare with: the state, and some of the rows.
pub(crate) fn learn(known: &mut Known, before: &Before, random: &mut Random) {
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
