//! Whether cases leave nothing open: whatever their conditions come to, one of them applies.

use mote_expr::expr::Condition;

/// How many different conditions are tried in all combinations.
const CONDITIONS_MAX: usize = 12;

/// Whether one of `cases` applies whatever its conditions come to.
pub(super) fn covered(cases: &[Vec<Condition>]) -> bool {
    split(cases, CONDITIONS_MAX)
}

fn split(cases: &[Vec<Condition>], left: usize) -> bool {
    if cases.iter().any(Vec::is_empty) {
        return true;
    }
    let Some(condition) = cases.first().and_then(|case| case.first()) else { return false };
    left > 0
        && [true, false].into_iter().all(|truth| {
            let known = Condition { truth, ..condition.clone() };
            split(&assuming(cases, &known), left - 1)
        })
}

/// What is left of the cases where `known` holds: those that contradict it are gone.
pub(super) fn assuming(cases: &[Vec<Condition>], known: &Condition) -> Vec<Vec<Condition>> {
    let agree = |case: &&Vec<Condition>| {
        !case.iter().any(|condition| condition.of == known.of && condition.truth != known.truth)
    };
    let rest = |case: &Vec<Condition>| case.iter().filter(|condition| *condition != known).cloned().collect();
    cases.iter().filter(agree).map(rest).collect()
}
