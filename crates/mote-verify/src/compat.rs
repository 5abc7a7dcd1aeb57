//! Whether a contract keeps what the one before it promised.
//!
//! Owns the comparison of two laws: what callers may rely on and no longer can. A change is proven
//! harmless, or it breaks: what cannot be decided counts as breaking. Never reads a file, never
//! decides what is released. Start at [`compare`].

mod parts;
mod recorded;
mod replay;
mod told;
mod version;

use std::fmt;

use mote_contract::{Law, Recording};
use mote_expr::Value;

use crate::random::Seed;
use crate::subject::Subject;

pub use version::NeedsMajor;

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What changed: `input`, `errors/out-of-stock`, `ensures/complete`, `budget/fuel`.
    pub part: String,
    /// How it was and how it is, in a sentence.
    pub message: String,
    /// Whether somebody who relied on it can be let down.
    pub breaking: bool,
    /// A value or a case that shows it, where one was found.
    pub shown_by: Option<Value>,
}

/// What changed from one contract to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The version before.
    pub before: String,
    /// The version now.
    pub now: String,
    /// What changed: what breaks comes first.
    pub changes: Vec<Change>,
}

impl Change {
    fn breaking(part: impl Into<String>, message: impl Into<String>) -> Change {
        Change { part: part.into(), message: message.into(), breaking: true, shown_by: None }
    }

    fn harmless(part: impl Into<String>, message: impl Into<String>) -> Change {
        Change { breaking: false, ..Change::breaking(part, message) }
    }

    fn shown_by(self, value: Value) -> Change {
        Change { shown_by: Some(value), ..self }
    }

    /// The record for programs.
    pub fn to_value(&self) -> Value {
        let mut record = vec![
            ("breaking", Value::Bool(self.breaking)),
            ("message", Value::text(&self.message)),
            ("part", Value::text(&self.part)),
        ];
        record.extend(self.shown_by.as_ref().map(|value| ("shownBy", value.clone())));
        Value::object(record)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.message)?;
        self.shown_by.as_ref().map_or(Ok(()), |value| write!(f, "\n  such as  {value}"))
    }
}

impl Comparison {
    /// Whether anything breaks.
    pub fn breaks(&self) -> bool {
        self.changes.iter().any(|change| change.breaking)
    }

    /// Whether the version says what the changes are.
    pub fn versioned(&self) -> Result<(), NeedsMajor> {
        if self.breaks() { version::major(&self.before, &self.now) } else { Ok(()) }
    }
}

/// Compare the contract that was released with the one that is `now`. `subject` is the service that
/// would answer now; without one, nobody can say whether the old rules are kept.
pub fn compare(before: &Law, now: &Law, subject: Option<&dyn Subject>, seed: &Seed) -> Comparison {
    compare_with_recordings(before, now, subject, seed, &[])
}

/// The same, with calls that were recorded under the contract `before`: whoever made them relies on it.
pub fn compare_with_recordings(
    before: &Law,
    now: &Law,
    subject: Option<&dyn Subject>,
    seed: &Seed,
    recordings: &[Recording],
) -> Comparison {
    let version = |law: &Law| law.contract.version.clone();
    if before.digest == now.digest {
        return Comparison { before: version(before), now: version(now), changes: Vec::new() };
    }
    let mut changes = parts::compare(before, now, seed);
    // The shapes come first: a case that no longer fits them has nothing more to say.
    let tried = replay::compare(before, now, subject, seed, &changes);
    changes.extend(tried);
    changes.extend(recorded::compare(before, now, subject, recordings));
    changes.sort_by_key(|change| !change.breaking);
    Comparison { before: version(before), now: version(now), changes }
}
