//! The figures of a verification: what was tried, what was reached, the worst that was seen.
//! Owns honest counting: a case counts as what it turned out to be, not as what was aimed at.

use std::collections::BTreeMap;
use std::fmt;

use mote_contract::{Budget, Law, Situation};
use mote_expr::Value;

use super::{Boundaries, Unreached};
use crate::cases::Draft;
use crate::search::names;
use crate::strength::Strength;
use crate::subject::Observed;

/// What a verification did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Examples that the service answered as written, or the host alone.
    pub examples: u64,
    /// The same of the tests beside the contract.
    pub tests: u64,
    /// The same of the breaches that were met while serving.
    pub regressions: u64,
    /// Generated cases that the service was asked.
    pub generated: u64,
    /// Where the states of those came from.
    pub states: States,
    /// Calls asked again, in fresh and in reused instances, to find hidden state.
    pub repeated: u64,
    /// How many boundaries of the contract were reached. None before they were searched.
    pub boundaries: Option<Boundaries>,
    /// What no case reached: said, and held against nobody.
    pub unreached: Vec<Unreached>,
    /// What the sealed cases say, once all of them passed.
    pub sealed: Option<SealedFigures>,
    /// Calls that followed from others by a relation of the contract.
    pub related: u64,
    /// What came of the calls that were recorded. None where there were none.
    pub recorded: Option<RecordedFigures>,
    /// What the cases, examples included, turned out to be.
    pub reached: Reached,
    /// The most that one call took.
    pub worst: Worst,
    /// How strong the contract is. None before that was measured.
    pub strength: Option<Strength>,
}

/// What sealed cases that all passed say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedFigures {
    /// Sealed cases that the service was asked.
    pub cases: u64,
    /// How many sources were tried on sealed cases of this contract since one passed.
    pub tries: u32,
}

impl SealedFigures {
    /// What the share of wrong answers is below, as surely as 19 of 20: where it is as large, at
    /// most one of 20 services that were tried this often would have passed. It is about inputs as
    /// likely as the generator makes them.
    pub fn failure_rate(&self) -> f64 {
        (f64::from(self.tries.max(1)) / 0.05).ln() / (self.cases.max(1) as f64)
    }
}

/// What came of the calls that were recorded while other releases served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedFigures {
    /// Those that the service was asked again.
    pub asked: u64,
    /// Those that the host decides alone.
    pub refused: u64,
    /// Those that could not be asked: they are held against nobody.
    pub unfit: u64,
    /// Why the newest of those could not be, in a sentence that names it.
    pub why: Option<String>,
}

impl fmt::Display for RecordedFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RecordedFigures { asked, refused, unfit, why } = self;
        write!(f, "recorded {asked} asked again · {refused} refused by the host")?;
        match why {
            None => Ok(()),
            Some(why) => write!(f, " · {unfit} could not be asked: {why}"),
        }
    }
}

/// How often each outcome was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Cases in which the service is asked.
    pub called: u64,
    /// Refusals by the host, by clause: `errors/already-signed`, `requires/no-blank-name`, `allow`.
    pub refused: BTreeMap<String, u64>,
    /// Errors that the service raised, by code.
    pub raised: BTreeMap<String, u64>,
}

/// Where the states of generated cases came from; in the rest of them nothing had happened before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States {
    /// Commands led to them, called one after the other.
    pub commands: u64,
    /// They are made of events that the rules allow. Whether a command tells them is not known.
    pub events: u64,
}

impl States {
    pub(crate) fn count(&mut self, law: &Law, draft: &Draft) {
        let Situation { input, context, .. } = &draft.situation;
        match draft.history.trail() {
            Some(trail) if names(law, input, context, trail) => self.commands += 1,
            _ if draft.history.len() > 0 => self.events += 1,
            _ => {}
        }
    }

    fn to_value(self) -> Value {
        Value::object([("commands", number(self.commands)), ("events", number(self.events))])
    }
}

impl fmt::Display for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            States { commands: 0, events: 0 } => Ok(()),
            States { commands: 0, .. } => f.write_str(" · states by events"),
            States { commands, events } => write!(f, " · states {commands} by commands, {events} by events"),
        }
    }
}

/// The most that one call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worst {
    /// Units of work.
    pub fuel: u64,
    /// Memory of the instance, in bytes.
    pub memory: u64,
    /// The length of the answer, in bytes.
    pub answer: u64,
}

impl Worst {
    /// Take an observation into account.
    pub(crate) fn meet(&mut self, observed: &Observed) {
        self.fuel = self.fuel.max(observed.fuel);
        self.memory = self.memory.max(observed.memory);
        self.answer = self.answer.max(observed.answer.len() as u64);
    }
}

impl Figures {
    /// The figures as a verdict carries them.
    pub fn to_value(&self) -> Value {
        let by_name = |counts: &BTreeMap<String, u64>| {
            Value::object(counts.iter().map(|(name, count)| (name, number(*count))))
        };
        let sealed = self.sealed.map(|sealed| {
            let (cases, tries) = (number(sealed.cases), number(u64::from(sealed.tries)));
            ("sealed", Value::object([("cases", cases), ("tries", tries)]))
        });
        let strength = self.strength.as_ref().map(|strength| ("strength", strength.to_value()));
        let figures = [
            ("examples", number(self.examples)),
            ("tests", number(self.tests)),
            ("regressions", number(self.regressions)),
            ("generated", number(self.generated)),
            ("repeated", number(self.repeated)),
            ("related", number(self.related)),
            ("called", number(self.reached.called)),
            ("refused", by_name(&self.reached.refused)),
            ("raised", by_name(&self.reached.raised)),
            ("states", self.states.to_value()),
            (
                "worst",
                Value::object([
                    ("fuel", number(self.worst.fuel)),
                    ("memory", number(self.worst.memory)),
                    ("answer", number(self.worst.answer)),
                ]),
            ),
        ];
        let boundaries = self.boundaries.map(|boundaries| ("boundaries", boundaries.to_value()));
        let recorded = self.recorded.as_ref().map(|recorded| {
            let counts =
                [("asked", recorded.asked), ("refused", recorded.refused), ("unfit", recorded.unfit)];
            ("recorded", Value::object(counts.map(|(name, count)| (name, number(count)))))
        });
        Value::object(figures.into_iter().chain(boundaries).chain(recorded).chain(strength).chain(sealed))
    }

    /// The figures in two or three lines, with the budget beside what was used.
    pub fn summary(&self, budget: &Budget) -> impl fmt::Display + use<> {
        let outcomes: Vec<String> = std::iter::once(format!("called {}", self.reached.called))
            .chain(self.reached.refused.iter().map(|(clause, count)| format!("{clause} {count}")))
            .chain(self.reached.raised.iter().map(|(code, count)| format!("raised {code} {count}")))
            .collect();
        let strength = self.strength.as_ref().map_or_else(String::new, |it| format!("\n{}", it.summary()));
        let sealed = self.sealed.map_or_else(String::new, |sealed| {
            let rate = 100.0 * sealed.failure_rate();
            format!(
                "\nsealed {} · failure rate < {rate:.2} % at 95 %, on this generator's distribution",
                sealed.cases
            )
        });
        let recorded = self.recorded.as_ref().map_or_else(String::new, |recorded| format!("\n{recorded}"));
        let some = |count: u64, what: &str| match count {
            0 => String::new(),
            count => format!(" · {count} {what}"),
        };
        let (tests, regressions) = (some(self.tests, "tests"), some(self.regressions, "regressions"));
        let related = some(self.related, "related");
        let boundaries = self.boundaries.map_or_else(String::new, |found| format!(" · {found}"));
        format!(
            "cases {} examples{tests}{regressions} · {} generated ({}){}{boundaries} · {} repeated{related}{recorded}{sealed}{strength}\nworst fuel {}/{} · memory {}/{} KiB · answer {}/{} bytes",
            self.examples,
            self.generated,
            outcomes.join(" · "),
            self.states,
            self.repeated,
            self.worst.fuel,
            budget.fuel,
            self.worst.memory.div_ceil(1024),
            budget.memory / 1024,
            self.worst.answer,
            budget.answer,
        )
    }
}

/// A count as a value. Counts of one verification are far below what a value can hold.
pub(crate) fn number(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(mote_expr::INT_MAX).min(mote_expr::INT_MAX))
}
