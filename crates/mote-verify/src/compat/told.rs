//! What a contract tells besides its output: the data of errors, and whose rows it answers from.
//! Owns when a change of those lets somebody down. Expressions are not compared on paper: another
//! text may be another value, so it breaks.

use mote_contract::{Law, Reads};
use mote_expr::{Template, Value};

use super::Change;

/// The data of an error: what was told is told, and means the same.
pub(super) fn data(part: &str, before: Option<&Template>, now: Option<&Template>, changes: &mut Vec<Change>) {
    match (before, now) {
        (None, None) => {}
        (Some(_), None) => changes.push(Change::breaking(part, "carried data, carries none")),
        (None, Some(_)) => changes.push(Change::harmless(part, "carries data, carried none")),
        (Some(before), Some(now)) => at(&format!("{part}/data"), before, now, changes),
    }
}

fn at(part: &str, before: &Template, now: &Template, changes: &mut Vec<Change>) {
    let (Some(old), Some(new)) = (fields(before), fields(now)) else {
        let (was, is) = (told(&before.source()), told(&now.source()));
        let (kind, other) = (before.ty().to_string(), now.ty().to_string());
        if kind != other {
            changes.push(Change::breaking(part, format!("was {kind}, is {other}")));
        } else if was != is {
            changes.push(Change::breaking(part, format!("was `{was}`, is `{is}`")));
        }
        return;
    };
    for (name, field) in &old {
        let part = format!("{part}/{name}");
        match new.iter().find(|(known, _)| known == name) {
            None => changes.push(Change::breaking(part, "is gone")),
            Some((_, known)) => at(&part, field, known, changes),
        }
    }
    for (name, _) in new.iter().filter(|(name, _)| old.iter().all(|(known, _)| known != name)) {
        changes.push(Change::harmless(format!("{part}/{name}"), "is new"));
    }
}

/// The fields of an object, each of which is compared by itself.
fn fields(template: &Template) -> Option<Vec<(String, Template)>> {
    match template {
        Template::Object(fields) => Some(fields.clone()),
        Template::Fixed(Value::Object(object)) => Some(
            object.iter().map(|(name, value)| (name.to_owned(), Template::Fixed(value.clone()))).collect(),
        ),
        _ => None,
    }
}

/// What is read: other rows are another answer, whatever the rules say of it. More of them may be read.
pub(super) fn reads(before: &Law, now: &Law, changes: &mut Vec<Change>) {
    let (old, new) = match (&before.reads, &now.reads) {
        (None, None) => return,
        (Some(_), None) => return changes.push(Change::harmless("reads", "reads no view any more")),
        (None, Some(new)) => {
            let message = format!("reads the view `{}`", new.view.name);
            return changes.push(Change::harmless("reads", message));
        }
        (Some(old), Some(new)) => (old, new),
    };
    let (was, is) = (old.parts(), new.parts());
    for name in was.keys().chain(is.keys().filter(|name| !was.contains_key(*name))) {
        let (part, text) = (format!("reads/{name}"), |part: Option<&Value>| part.map(told));
        let change = match (text(was.get(name)), text(is.get(name))) {
            (Some(a), Some(b)) if a == b => continue,
            (Some(a), Some(b)) => {
                let message = format!("was `{a}`, is `{b}`");
                if more(name, old, new) {
                    Change::harmless(part, message)
                } else {
                    Change::breaking(part, message)
                }
            }
            (Some(a), None) => Change::breaking(part, format!("was `{a}`, is gone")),
            (None, Some(b)) => Change::breaking(part, format!("is new: `{b}`")),
            (None, None) => continue,
        };
        changes.push(change);
    }
}

/// Whether only as many rows as before, or more, may be read: of too many the call fails.
fn more(part: &str, old: &Reads, new: &Reads) -> bool {
    use mote_contract::Bound::Limit;
    matches!((part, old.bound, new.bound), ("limit", Limit(old), Limit(new)) if new > old)
}

fn told(value: &Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), str::to_owned)
}
