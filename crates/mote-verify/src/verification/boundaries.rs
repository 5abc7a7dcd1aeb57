//! What the search for boundaries came to: how many were reached, and why the others were not.

use std::fmt;

use mote_contract::Place;
use mote_expr::Value;

use super::figures::number;

/// The boundaries of a contract, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Boundaries {
    /// How many a situation was found for.
    pub reached: u64,
    /// How many there are, those left out that the schemas exclude.
    pub total: u64,
    /// Of those reached, how many only where the host refuses: they show nothing about a service.
    pub refused: u64,
    /// How often a situation was measured.
    pub measured: u64,
}

/// What no search reached. Nobody has tried what lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// The clause, such as `let/percent`, `errors/out-of-stock` or `input`.
    pub clause: String,
    /// The comparison, the condition or the field.
    pub about: String,
    /// What it was to be brought to.
    pub wanted: String,
    /// How near the search came.
    pub why: String,
    /// Where the clause is written, if that is known.
    pub place: Option<Place>,
}

impl Boundaries {
    pub(super) fn to_value(self) -> Value {
        let parts = [
            ("reached", self.reached),
            ("total", self.total),
            ("refused", self.refused),
            ("measured", self.measured),
        ];
        Value::object(parts.map(|(name, count)| (name, number(count))))
    }
}

impl fmt::Display for Boundaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "boundaries {}/{}", self.reached, self.total)
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A field says itself where it is.
        let clause = if self.about.starts_with(&self.clause) {
            String::new()
        } else {
            format!(" in `{}`", self.clause)
        };
        write!(f, "`{}`{clause}, {}: {}", self.about, self.wanted, self.why)
    }
}
