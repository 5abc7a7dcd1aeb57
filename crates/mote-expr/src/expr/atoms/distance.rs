//! What a distance is: of one outcome, of both, of an atom from its goal.
//! Owns how distances join: of two that are both needed the sum, of two that will do the lesser.

use std::ops::Add;

use super::gap::{gap, near};
use crate::value::Value;

/// A test that says only yes or no, and says the wrong one.
pub(super) const WRONG: f64 = 1.0;
/// There is no item, or no value at all since something erred: farther than any wrong one.
pub(super) const ABSENT: f64 = 2.0;

/// How far from something: 0 is there. Comparable, and the sum of two is the distance from both.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Distance(pub(super) f64);

impl Distance {
    /// There.
    pub const REACHED: Distance = Distance(0.0);

    /// Where nothing can be measured.
    pub const ABSENT: Distance = Distance(ABSENT);

    pub(super) fn new(distance: f64) -> Distance {
        Distance(distance)
    }

    /// The distance of two values from being equal.
    pub fn between(a: &Value, b: &Value) -> Distance {
        Distance(near(gap(a, b)))
    }

    /// The distance over which a count must change by this much.
    pub fn of_count(count: u64) -> Distance {
        Distance(near(count as f64))
    }

    /// The distance of a test that says only yes or no.
    pub fn of_test(holds: bool) -> Distance {
        Distance(if holds { 0.0 } else { WRONG })
    }

    /// Whether it is there.
    pub fn is_reached(self) -> bool {
        self.0 == 0.0
    }

    /// The lesser of two.
    #[must_use]
    pub fn or(self, other: Distance) -> Distance {
        Distance(self.0.min(other.0))
    }
}

impl Add for Distance {
    type Output = Distance;

    fn add(self, other: Distance) -> Distance {
        Distance(self.0 + other.0)
    }
}

/// How far an expression is from both of its outcomes; one of the two is [`Distance::REACHED`],
/// unless the expression errs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// From being true.
    pub to_true: Distance,
    /// From being false.
    pub to_false: Distance,
}

/// How far an atom is from a goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Its guards included.
    pub distance: Distance,
    /// How much the left side is too large, for a comparison of numbers: a hint what to change by.
    pub excess: Option<i64>,
}

impl Measured {
    /// Nothing can be measured.
    pub(super) const ABSENT: Measured = Measured { distance: Distance::ABSENT, excess: None };

    /// The same, behind a guard that is so far from letting it count.
    #[must_use]
    pub(super) fn behind(self, guard: Distance) -> Measured {
        Measured { distance: guard + self.distance, ..self }
    }
}

impl Truth {
    pub(super) const ERRED: Truth = Truth { to_true: Distance::ABSENT, to_false: Distance::ABSENT };

    pub(super) fn of(to_true: f64, to_false: f64) -> Truth {
        Truth { to_true: Distance(to_true), to_false: Distance(to_false) }
    }

    pub(super) fn plain(holds: bool) -> Truth {
        Truth { to_true: Distance::of_test(holds), to_false: Distance::of_test(!holds) }
    }

    pub(super) fn negated(self) -> Truth {
        Truth { to_true: self.to_false, to_false: self.to_true }
    }

    pub(super) fn and(self, other: Truth) -> Truth {
        Truth { to_true: self.to_true + other.to_true, to_false: self.to_false.or(other.to_false) }
    }

    /// True of every item.
    pub(super) fn of_all(each: impl Iterator<Item = Truth>) -> Truth {
        each.fold(Truth::of(0.0, ABSENT), Truth::and)
    }

    /// True of exactly one item.
    pub(super) fn of_one(each: &[Truth]) -> Truth {
        let nearest = |of: &dyn Fn(&Truth) -> Distance| {
            each.iter().map(of).reduce(Distance::or).unwrap_or(Distance::ABSENT)
        };
        match each.iter().filter(|truth| truth.to_true.is_reached()).count() {
            0 => Truth { to_true: nearest(&|truth| truth.to_true), to_false: Distance::REACHED },
            // Either that one becomes false, or another one true.
            1 => Truth {
                to_true: Distance::REACHED,
                to_false: nearest(&|truth| {
                    if truth.to_true.is_reached() { truth.to_false } else { truth.to_true }
                }),
            },
            more => Truth::of(WRONG * (more - 1) as f64, 0.0),
        }
    }
}
