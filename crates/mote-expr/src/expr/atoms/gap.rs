//! How far two values are from being equal.
//! Owns the measure for every kind of value: numbers by their difference, texts by what must be
//! typed, lists and objects by their parts. 0 means equal, and nothing else does.

use crate::value::Value;

/// The gap between two values of different kinds.
const OTHER_KIND: f64 = 64.0;
/// The gap of a part that one side does not have.
const MISSING: f64 = 2.0;

/// What must change for the values to be equal.
pub(super) fn gap(a: &Value, b: &Value) -> f64 {
    if a == b {
        return 0.0;
    }
    let gap = match (a, b) {
        (Value::Text(a), Value::Text(b)) => texts(a, b),
        (Value::List(a), Value::List(b)) => {
            let shared: f64 = a.iter().zip(b.iter()).map(|(a, b)| near(gap(a, b))).sum();
            shared + MISSING * a.len().abs_diff(b.len()) as f64
        }
        (Value::Object(a), Value::Object(b)) => {
            let here: f64 = a.iter().map(|(key, a)| b.get(key).map_or(MISSING, |b| near(gap(a, b)))).sum();
            here + MISSING * b.iter().filter(|(key, _)| !a.contains(key)).count() as f64
        }
        (a, b) => match difference(a, b) {
            Some(difference) => difference.abs(),
            None if a.kind() == b.kind() => 1.0,
            None => OTHER_KIND,
        },
    };
    // Two values that differ by less than a float can say are still not equal.
    gap.max(f64::MIN_POSITIVE)
}

/// How much more the left number is. None unless both are numbers.
pub(super) fn difference(a: &Value, b: &Value) -> Option<f64> {
    let number = |value: &Value| match value {
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    };
    Some(number(a)? - number(b)?)
}

/// A gap of any size as a part of 1, so that no part outweighs the number of parts that differ.
/// Growing throughout: a step of 1 shows even in the largest integers that matter.
pub(super) fn near(gap: f64) -> f64 {
    // ln(2^54) is 37.4.
    gap.ln_1p() / 40.0
}

/// Characters that differ, and how far apart; then those that one side has more.
fn texts(a: &str, b: &str) -> f64 {
    let (mut a, mut b) = (a.chars(), b.chars());
    let mut gap = 0.0;
    loop {
        match (a.next(), b.next()) {
            (None, None) => return gap,
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => gap += 1.0 + near(f64::from(u32::from(a).abs_diff(u32::from(b)))),
            (Some(_), None) | (None, Some(_)) => gap += MISSING,
        }
    }
}
