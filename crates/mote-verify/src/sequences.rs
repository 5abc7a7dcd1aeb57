//! Sequences of commands: what single calls cannot show, since each starts from a state that events
//! of the right shapes led to, while here every state is one that commands led to.
//!
//! Owns the search over all operations of an aggregate, from nothing on, and the shortest sequence
//! that shows a break. Judges with the same law as every other stage. Start at [`explore`]; the
//! histories that commands led to are [`Explored::histories`].

mod reached;
mod search;
mod shorten;
mod world;

use std::collections::BTreeMap;
use std::fmt;

use mote_contract::{Event, Law};
use mote_expr::Value;

use crate::counterexample::Counterexample;
use crate::random::Seed;
use crate::subject::Subject;
use crate::verification::Fault;

pub(crate) use reached::{Reached, Trail, reached, shortest};

/// An operation and what answers it.
#[derive(Clone, Copy)]
pub struct Actor<'a> {
    /// Its contract.
    pub law: &'a Law,
    /// Its service.
    pub subject: &'a dyn Subject,
}

/// How hard to try.
#[derive(Clone, Copy, Debug)]
pub struct Exploration {
    /// How many sequences.
    pub sequences: u32,
    /// What they are made from.
    pub seed: Seed,
    /// How many threads ask; at least one. What comes of it does not depend on it.
    pub threads: usize,
}

/// One call of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The operation that is called.
    pub operation: String,
    /// Its input, admitted.
    pub input: Value,
    /// Its context.
    pub context: Value,
}

/// What came of sequences.
#[derive(Clone, Debug, PartialEq)]
pub struct Explored {
    /// How many there were.
    pub sequences: u64,
    /// The calls in them that succeeded, by operation.
    pub succeeded: BTreeMap<String, u64>,
    /// The calls in them that did not, by operation and what refused them.
    pub refused: BTreeMap<String, u64>,
    /// The shortest sequence that was found to break something.
    pub broken: Option<BrokenSequence>,
    /// What happened to one instance in each sequence: the events that its commands led to, the
    /// longest of the sequence. Empty ones are left out.
    pub histories: Vec<Vec<Event>>,
}

/// A sequence that breaks something with its last call.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenSequence {
    /// The calls, in order.
    pub steps: Vec<Step>,
    /// Whose matter it is.
    pub fault: Fault,
    /// The last call as a case.
    pub counterexample: Counterexample,
}

/// Call the operations of `actors`, all of one aggregate, in sequences from nothing on, until one of
/// them breaks something. `progress` is told how many sequences are done, on the calling thread.
pub fn explore(actors: &[Actor<'_>], plan: &Exploration, progress: &dyn Fn(usize)) -> Explored {
    search::explore(actors, plan, progress)
}

impl Explored {
    /// The figures in a line.
    pub fn summary(&self) -> String {
        let counts = |counts: &BTreeMap<String, u64>, word: &str| {
            let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            if counts.is_empty() { String::new() } else { format!(" · {word} {}", counts.join(", ")) }
        };
        let (succeeded, refused) = (counts(&self.succeeded, "succeeded"), counts(&self.refused, "refused"));
        format!("sequences {}{succeeded}{refused}", self.sequences)
    }

    /// The record for programs.
    pub fn to_value(&self) -> Value {
        let counts = |counts: &BTreeMap<String, u64>| {
            Value::object(counts.iter().map(|(name, count)| (name, crate::verification::number(*count))))
        };
        let mut record = vec![
            ("refused", counts(&self.refused)),
            ("sequences", crate::verification::number(self.sequences)),
            ("succeeded", counts(&self.succeeded)),
        ];
        record.extend(self.broken.as_ref().map(|broken| {
            let step = |step: &Step| {
                Value::object([("input", step.input.clone()), ("operation", Value::text(&step.operation))])
            };
            let steps = Value::list(broken.steps.iter().map(step));
            ("broken", Value::object([("shown", broken.counterexample.to_value()), ("steps", steps)]))
        }));
        Value::object(record)
    }
}

impl fmt::Display for BrokenSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {} {}", at + 1, step.operation, step.input)?;
        }
        self.counterexample.fmt(f)
    }
}
