//! Numbers of chance: often a bound, zero, or what stands in a rule; else of every size.

use mote_expr::{INT_MAX, Value};

use super::known::Known;
use crate::random::Random;

/// An integer from `min` to `max` that is a multiple of `step`, if there is one.
pub(super) fn integer(min: i64, max: i64, step: Option<i64>, random: &mut Random, known: &Known) -> Value {
    let step = step.unwrap_or(1).max(1);
    // The multiples within the range, counted: k * step.
    let (low, high) = (min.div_euclid(step) + i64::from(min.rem_euclid(step) != 0), max.div_euclid(step));
    let to_count = |number: i64| number.div_euclid(step);
    let count = match random.below(100) {
        0..9 => low,
        9..18 => high,
        18..23 => low.saturating_add(1),
        23..28 => high.saturating_sub(1),
        28..32 => to_count(random.within(-1, 1)),
        32..50 => known.any_number(random).map_or(low, to_count),
        50..75 => {
            // Small numbers: from the bound, or from zero where the range holds it.
            let from = low.max(0).min(high);
            from.saturating_add(random.within(0, 20))
        }
        75..90 => {
            let bits = random.below(53);
            let magnitude = random.within(0, 1 << bits);
            if random.chance(50) { magnitude } else { -magnitude }
        }
        _ => random.within(low, high),
    };
    let count = if (low..=high).contains(&count) { count } else { random.within(low, high) };
    Value::Int(count.saturating_mul(step))
}

/// A number from `min` to `max`, with or without a fraction.
pub(super) fn number(min: f64, max: f64, random: &mut Random, known: &Known) -> Value {
    let (low, high) = (min.ceil().max(-(INT_MAX as f64)), max.floor().min(INT_MAX as f64));
    let whole = low <= high;
    let number = match random.below(100) {
        0..8 => min,
        8..16 => max,
        16..60 if whole => {
            // Exact: both lie within 53 bits.
            if let Value::Int(int) = integer(low as i64, high as i64, None, random, known) {
                int as f64
            } else {
                low
            }
        }
        16..85 => min.max(0.0).min(max) + random.within(0, 2_000) as f64 / 8.0,
        _ => {
            let part = random.below(1 << 32) as f64 / (1u64 << 32) as f64;
            min + (max - min) * part
        }
    };
    Value::number(number.clamp(min, max)).unwrap_or(Value::Int(0))
}
