//! How far the tests of the language are from being true and from being false: comparisons,
//! membership, uniqueness. Owns what is near where a plain answer would say only yes or no.

use super::distance::{ABSENT, Truth};
use super::gap::{difference, gap, near};
use crate::expr::node::Comparison;
use crate::value::Value;

/// A comparison of any two values.
pub(super) fn compared(comparison: Comparison, left: &Value, right: &Value) -> Truth {
    let equal = || {
        let apart = near(gap(left, right));
        Truth::of(apart, if apart == 0.0 { near(1.0) } else { 0.0 })
    };
    let by = match difference(left, right) {
        Some(by) => by,
        // Texts in their order: how far apart they are, with the sign of their order.
        None => match left.order(right) {
            Some(order) => gap(left, right) * f64::from(order as i8),
            None if matches!(comparison, Comparison::Equal | Comparison::NotEqual) => 1.0,
            None => return Truth::ERRED,
        },
    };
    let less = |by: f64| if by < 0.0 { Truth::of(0.0, near(-by)) } else { Truth::of(near(by + 1.0), 0.0) };
    match comparison {
        Comparison::Equal => equal(),
        Comparison::NotEqual => equal().negated(),
        Comparison::Less => less(by),
        Comparison::GreaterOrEqual => less(by).negated(),
        Comparison::Greater => less(-by),
        Comparison::LessOrEqual => less(-by).negated(),
    }
}

/// `item in container`.
pub(super) fn contained(item: &Value, container: &Value) -> Truth {
    let nearest = match (container, item) {
        (Value::List(items), item) => items.iter().map(|other| gap(item, other)).min_by(f64::total_cmp),
        (Value::Object(object), Value::Text(_)) => {
            object.iter().map(|(key, _)| gap(item, &Value::text(key))).min_by(f64::total_cmp)
        }
        _ => return Truth::ERRED,
    };
    match nearest {
        None => Truth::of(ABSENT, 0.0),
        Some(gap) if gap > 0.0 => Truth::of(near(gap), 0.0),
        Some(_) => Truth::of(0.0, near(1.0)),
    }
}

/// `unique(items)`: how many items repeat others, or how near two of them are to being equal.
pub(super) fn unique(items: &[Value]) -> Truth {
    /// Up to so many items every pair is looked at.
    const PAIRS_OF: usize = 64;
    let shown = &items[..items.len().min(PAIRS_OF)];
    let pairs = shown.iter().enumerate().flat_map(|(at, a)| shown[at + 1..].iter().map(move |b| gap(a, b)));
    let (mut repeated, mut nearest) = (0u32, f64::INFINITY);
    for gap in pairs {
        nearest = nearest.min(gap);
        repeated += u32::from(gap == 0.0);
    }
    match repeated {
        0 if nearest.is_finite() => Truth::of(0.0, near(nearest)),
        0 => Truth::of(0.0, ABSENT),
        more => Truth::of(near(f64::from(more)), 0.0),
    }
}
