//! What two contracts promise on paper: shapes, codes, routes, budgets.
//! Owns what may grow and what may shrink. Every finding about shapes is tried with a thousand values
//! as well: a value that shows it is the best message, and rules of ours that overlooked one are wrong.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use mote_contract::{Aggregate, Contract, EventType, Law, Route};
use mote_expr::schema::{Completed, Gap, gaps};
use mote_expr::{Schema, Value};

use super::{Change, told};
use crate::cases::{Known, Values};
use crate::random::{Random, Seed};

/// How many values of the one side are tried on the other.
const VALUES_TRIED: u64 = 1_000;

pub(super) fn compare(before: &Law, now: &Law, seed: &Seed) -> Vec<Change> {
    let mut changes = Vec::new();
    identity(&before.contract, &now.contract, &mut changes);
    shapes(
        &Shapes { part: "input", grows: true, before: &before.input, now: &now.input },
        seed,
        &mut changes,
    );
    shapes(
        &Shapes { part: "output", grows: false, before: &before.output, now: &now.output },
        seed,
        &mut changes,
    );
    errors(before, now, &mut changes);
    told::reads(before, now, &mut changes);
    events(before, now, seed, &mut changes);
    routes(&before.contract.routes, &now.contract.routes, &mut changes);
    budgets(&before.contract, &now.contract, &mut changes);
    allow(before, now, &mut changes);
    changes
}

fn identity(before: &Contract, now: &Contract, changes: &mut Vec<Change>) {
    if before.kind != now.kind {
        let message = format!("was a {}, is a {}", before.kind.name(), now.kind.name());
        changes.push(Change::breaking("kind", message));
    }
    if before.aggregate != now.aggregate {
        let name = |aggregate: &Option<String>| aggregate.clone().unwrap_or_else(|| "none".to_owned());
        let message = format!("was {}, is {}", name(&before.aggregate), name(&now.aggregate));
        changes.push(Change::breaking("aggregate", message));
    }
}

/// One schema of a contract, before and now.
struct Shapes<'s> {
    part: &'s str,
    /// Whether it may take more than before: what is sent to the service. Else it may hold less.
    grows: bool,
    before: &'s Schema,
    now: &'s Schema,
}

fn shapes(shapes: &Shapes<'_>, seed: &Seed, changes: &mut Vec<Change>) {
    let Shapes { part, grows, before, now } = *shapes;
    let (narrow, wide) = if grows { (before, now) } else { (now, before) };
    let completed = if grows { Completed::After } else { Completed::Before };
    let lost = misfit(narrow, wide, completed, seed);
    let words = |gap: &Gap| {
        let (was, is) = if grows { (&gap.narrow, &gap.wide) } else { (&gap.wide, &gap.narrow) };
        let at = if gap.at.is_empty() { String::new() } else { format!("{} ", gap.at) };
        format!("{at}was {was}, is {is}")
    };
    let found = gaps(narrow, wide, completed);
    match (&found[..], lost) {
        ([], Some(value)) => {
            let message = "there are values that fit only one of the two";
            changes.push(Change::breaking(part, message).shown_by(value));
        }
        (found, lost) => {
            let mut breaking: Vec<Change> =
                found.iter().map(|gap| Change::breaking(part, words(gap))).collect();
            // One value for all that is said of this shape: it shows at least one of them.
            if let Some(first) = breaking.first_mut() {
                first.shown_by = lost;
            }
            changes.extend(breaking);
        }
    }
    let places: BTreeSet<&str> = found.iter().map(|gap| gap.at.as_str()).collect();
    let turned = gaps(wide, narrow, completed);
    let harmless = turned.into_iter().filter(|gap| !places.contains(gap.at.as_str()));
    changes.extend(harmless.map(|Gap { at, narrow, wide, never }| {
        Change::harmless(part, words(&Gap { at, narrow: wide, wide: narrow, never }))
    }));
}

/// The smallest value of `narrow` that was found to be none of `wide`.
fn misfit(narrow: &Schema, wide: &Schema, completed: Completed, seed: &Seed) -> Option<Value> {
    let values = Values::of([narrow]);
    let found = (0..VALUES_TRIED).filter_map(|index| {
        let mut random = Random::of(seed, "compat", index);
        let value = values.value(narrow, &Known::new(), &mut random)?;
        let fits = match completed {
            Completed::After => wide.accepts(&wide.normalise(value.clone())),
            Completed::Before => wide.accepts(&narrow.normalise(value.clone())),
        };
        (!fits).then_some(value)
    });
    found.min_by_key(|value| value.canonical().len())
}

fn errors(before: &Law, now: &Law, changes: &mut Vec<Change>) {
    for error in &now.errors {
        let part = format!("errors/{}", error.code);
        match before.errors.iter().find(|known| known.code == error.code) {
            None => changes.push(Change::breaking(part, "is new: callers do not handle it")),
            Some(known) => {
                if known.status != error.status {
                    let message = format!("its status was {}, is {}", known.status, error.status);
                    changes.push(Change::breaking(&part, message));
                }
                told::data(&part, known.data.as_ref(), error.data.as_ref(), changes);
            }
        }
    }
    for error in before.errors.iter().filter(|error| now.errors.iter().all(|known| known.code != error.code))
    {
        changes.push(Change::harmless(format!("errors/{}", error.code), "is gone"));
    }
}

/// Stored events are read for ever; events that the contract emits are read by whoever follows them.
fn events(before: &Law, now: &Law, seed: &Seed, changes: &mut Vec<Change>) {
    let (Some(old), Some(new)) = (&before.aggregate, &now.aggregate) else { return };
    for (kind, event) in &old.events {
        let part = format!("events/{kind}");
        let Some(known) = new.events.get(kind) else {
            changes.push(Change::breaking(part, "is gone: what was stored could no longer be read"));
            continue;
        };
        let stored = unreadable(kind, event, known, new, seed);
        if !stored.is_empty() {
            changes.extend(stored);
            continue;
        }
        if before.contract.emits.contains(kind) && now.contract.emits.contains(kind) {
            let told = Shapes { part: &part, grows: false, before: &event.data, now: &known.data };
            shapes(&told, seed, changes);
        }
    }
    emits_of(before, now, changes);
}

/// Where data that was stored as `old` could not be read as `known` of the aggregate `now`.
fn unreadable(kind: &str, old: &EventType, known: &EventType, now: &Aggregate, seed: &Seed) -> Vec<Change> {
    let part = format!("events/{kind}");
    // A newer shape says what was before it, and how it becomes the next.
    let read_as = match known.shape.cmp(&old.shape) {
        Ordering::Equal => Some(&known.data),
        Ordering::Greater => known.was.get(old.shape.saturating_sub(1) as usize).map(|was| &was.data),
        Ordering::Less => None,
    };
    let Some(read_as) = read_as else {
        let message = format!("stored data has the shape {}, which is declared no more", old.shape);
        return vec![Change::breaking(part, message)];
    };
    let stored = gaps(&old.data, read_as, Completed::Before);
    let shown = if stored.is_empty() { None } else { misfit(&old.data, read_as, Completed::Before, seed) };
    let mut changes: Vec<Change> = stored
        .iter()
        .enumerate()
        .map(|(at, gap)| {
            let message =
                format!("stored data could not be read: {} was {}, is {}", gap.at, gap.narrow, gap.wide);
            Change { shown_by: shown.clone().filter(|_| at == 0), ..Change::breaking(&part, message) }
        })
        .collect();
    if changes.is_empty() && known.shape != old.shape {
        let values = Values::of([&old.data]);
        let failed = (0..VALUES_TRIED).find_map(|index| {
            let mut random = Random::of(seed, "compat", index);
            let data = old.data.normalise(values.value(&old.data, &Known::new(), &mut random)?);
            let error = now.read(kind, old.shape, data.clone()).err()?;
            Some(Change::breaking(&part, format!("stored data could not be read: {error}")).shown_by(data))
        });
        changes.extend(failed);
    }
    changes
}

fn emits_of(before: &Law, now: &Law, changes: &mut Vec<Change>) {
    let emits = |contract: &Contract, other: &Contract| {
        contract.emits.iter().filter(|kind| !other.emits.contains(kind)).cloned().collect::<Vec<_>>()
    };
    for kind in emits(&before.contract, &now.contract) {
        changes.push(Change::breaking("emits", format!("`{kind}` is no longer emitted")));
    }
    for kind in emits(&now.contract, &before.contract) {
        changes.push(Change::harmless("emits", format!("`{kind}` is new")));
    }
}

fn routes(before: &[Route], now: &[Route], changes: &mut Vec<Change>) {
    let text = |route: &Route| format!("{} {}", route.method.name(), route.path_text());
    for route in before {
        match now.iter().find(|known| known.method == route.method && known.path == route.path) {
            None => changes.push(Change::breaking("triggers", format!("`{}` is gone", text(route)))),
            Some(known) if known.status != route.status => {
                let message =
                    format!("`{}` answered {}, answers {}", text(route), route.status, known.status);
                changes.push(Change::breaking("triggers", message));
            }
            Some(_) => {}
        }
    }
    for route in now
        .iter()
        .filter(|route| before.iter().all(|known| known.method != route.method || known.path != route.path))
    {
        changes.push(Change::harmless("triggers", format!("`{}` is new", text(route))));
    }
}

fn budgets(before: &Contract, now: &Contract, changes: &mut Vec<Change>) {
    let (old, new) = (before.budget, now.budget);
    let parts = [
        ("budget/memory", "bytes", old.memory, new.memory),
        ("budget/fuel", "units", old.fuel, new.fuel),
        ("budget/answer", "bytes", old.answer, new.answer),
        ("budget/timeout", "ms", old.timeout_ms, new.timeout_ms),
    ];
    for (part, unit, old, new) in parts.into_iter().filter(|(_, _, old, new)| old != new) {
        let message = format!("was {old} {unit}, is {new} {unit}");
        changes.push(if new > old {
            Change::breaking(part, message)
        } else {
            Change::harmless(part, message)
        });
    }
}

fn allow(before: &Law, now: &Law, changes: &mut Vec<Change>) {
    let text = |law: &Law| law.allow().map(|allow| allow.source().trim().to_owned());
    match (text(before), text(now)) {
        (Some(_), None) => changes.push(Change::harmless("allow", "is gone: everybody may ask")),
        (None, Some(rule)) => {
            changes.push(Change::breaking("allow", format!("everybody could ask, now who `{rule}`")));
        }
        (Some(old), Some(new)) if old != new => {
            changes.push(Change::breaking("allow", format!("was `{old}`, is `{new}`")));
        }
        _ => {}
    }
}
