//! The neighbour that passes: what to change in a counterexample for the service to be right.
//! Owns how near two cases are. Failing and passing side by side show where a bound lies.

use mote_expr::{Pointer, Value};

use crate::asked::Case;
use crate::counterexample::given_value;

/// A neighbour with more differences than this explains nothing.
const CHANGES_MAX: usize = 2;

/// What differs between `case` and the nearest of `passing`: where, and what stands there.
pub(super) fn change(case: &Case, passing: &[Case]) -> Vec<(Pointer, Value)> {
    let whole = |case: &Case| {
        Value::object([
            ("context", case.situation.context.clone()),
            ("given", given_value(&case.given)),
            ("input", case.situation.input.clone()),
        ])
    };
    let from = whole(case);
    let near = passing.iter().map(whole).min_by_key(|to| distance(&from, to));
    let mut changes = Vec::new();
    if let Some(to) = near {
        differences(&Pointer::root(), &from, &to, &mut changes);
    }
    if changes.len() > CHANGES_MAX { Vec::new() } else { changes }
}

/// How far apart two values are: small steps of a number are near, lost parts are far.
fn distance(a: &Value, b: &Value) -> u64 {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.abs_diff(*b).min(500),
        (Value::Text(a), Value::Text(b)) if a == b => 0,
        (Value::Text(a), Value::Text(b)) => {
            1 + 10 * a.chars().count().abs_diff(b.chars().count()) as u64
                + a.chars().zip(b.chars()).filter(|(a, b)| a != b).count() as u64
        }
        (Value::List(a), Value::List(b)) => {
            let shared: u64 = a.iter().zip(b.iter()).map(|(a, b)| distance(a, b)).sum();
            shared.saturating_add(100 * a.len().abs_diff(b.len()) as u64)
        }
        (Value::Object(a), Value::Object(b)) => {
            let here: u64 = a
                .iter()
                .map(|(key, a)| b.get(key).map_or(100, |b| distance(a, b)))
                .fold(0, u64::saturating_add);
            let there = b.iter().filter(|(key, _)| !a.contains(key)).count() as u64;
            here.saturating_add(100 * there)
        }
        (a, b) if a == b => 0,
        _ => 50,
    }
}

/// Where `to` differs from `from`, as deep as both have the same shape. What is gone is `null`.
fn differences(at: &Pointer, from: &Value, to: &Value, out: &mut Vec<(Pointer, Value)>) {
    match (from, to) {
        (from, to) if from == to => {}
        (Value::Object(a), Value::Object(b)) => {
            for (key, a) in a.iter() {
                differences(&at.key(key), a, b.get(key).unwrap_or(&Value::Null), out);
            }
            for (key, b) in b.iter().filter(|(key, _)| !a.contains(key)) {
                out.push((at.key(key), b.clone()));
            }
        }
        (Value::List(a), Value::List(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                differences(&at.index(index), a, b, out);
            }
        }
        (Value::List(a), Value::List(b)) if left_out(a, b).is_some() => {
            out.extend(left_out(a, b).map(|index| (at.index(index), Value::Null)));
        }
        (_, to) => out.push((at.clone(), to.clone())),
    }
}

/// The item of `a` without which it is `b`.
fn left_out(a: &[Value], b: &[Value]) -> Option<usize> {
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    (a.len() == b.len() + 1 && a[at + 1..] == b[at..]).then_some(at)
}
