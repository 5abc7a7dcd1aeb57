//! What an answer becomes when it is wrong in one way.
//! Owns the edits. An edit that has nothing to change gives nothing; whether what it gives is another
//! answer at all is asked by who judges it.

use mote_contract::{Element, Event, Inner, Root};
use mote_expr::{INT_MAX, Value};

use super::answers::{Answer, Recording};
use super::operators::{Change, Edit, EventsChange};

/// How many other cases are looked at for another value.
const DONORS_MAX: usize = 12;

/// The answer of the recording `at`, wrong by `edit`. `asked` is what the service answered when a
/// part of the call was another.
///
/// Of several parts that are wrong at once, `joint` says in which way.
pub(super) fn wrong(
    edit: &Edit,
    all: &[Recording],
    at: usize,
    asked: Option<&Answer>,
    joint: usize,
) -> Option<Answer> {
    let answer = &all[at].answer;
    match edit {
        Edit::Part(element, change) => part(element, change, answer, all, at),
        Edit::Joint(joints) => joints
            .get(joint)?
            .iter()
            .try_fold(answer.clone(), |answer, (element, change)| part(element, change, &answer, all, at)),
        Edit::Events(change) => events(change, all, at),
        Edit::Raise(code) => match answer {
            Answer::Raised(other) if other == code => None,
            _ => Some(Answer::Raised(code.clone())),
        },
        Edit::Swallow(code) => match answer {
            Answer::Raised(raised) if raised == code => {
                donors(all, at).find(|other| matches!(other.answer, Answer::Success { .. }))
            }
            _ => None,
        }
        .map(|other| other.answer.clone()),
        Edit::Earlier => donors(all, at).next().map(|other| other.answer.clone()),
        Edit::Asked(_) => asked.cloned(),
    }
}

/// Other cases, the one before first.
fn donors(all: &[Recording], at: usize) -> impl Iterator<Item = &Recording> {
    (1..all.len().min(DONORS_MAX + 1)).map(move |back| &all[(at + all.len() - back) % all.len()])
}

fn part(element: &Element, change: &Change, answer: &Answer, all: &[Recording], at: usize) -> Option<Answer> {
    let Answer::Success { output, events } = answer else { return None };
    let other = || donors(all, at).filter_map(|other| found(&other.answer, element, at));
    let edit = |value: Option<&Value>| changed(change, value, other().filter(|other| Some(other) != value));
    match &element.root {
        Root::Output | Root::Messages => {
            let output = within(Some(output), &element.steps, at, &edit)??;
            Some(Answer::Success { output, events: events.clone() })
        }
        Root::Event(kind) => {
            let place = nth_of(events, kind, at)?;
            let data = within(Some(&events[place].data), &element.steps, at, &edit)??;
            let mut events = events.clone();
            events[place].data = data;
            Some(Answer::Success { output: output.clone(), events })
        }
    }
}

/// The place of one event of this type: which of several depends on the case, so that all are met.
fn nth_of(events: &[Event], kind: &str, pick: usize) -> Option<usize> {
    let places: Vec<usize> =
        events.iter().enumerate().filter(|(_, event)| event.kind == kind).map(|(at, _)| at).collect();
    places.get(pick.checked_rem(places.len())?).copied()
}

/// What stands at `element` in an answer.
pub(super) fn found(answer: &Answer, element: &Element, pick: usize) -> Option<Value> {
    let Answer::Success { output, events } = answer else { return None };
    let root = match &element.root {
        Root::Output | Root::Messages => output,
        Root::Event(kind) => &events[nth_of(events, kind, pick)?].data,
    };
    let mut here = root;
    for step in &element.steps {
        here = match (step, here) {
            (Inner::Field(name), _) => here.field(name)?,
            (Inner::Items, Value::List(items)) => items.get(pick.checked_rem(items.len())?)?,
            (Inner::Values, Value::Object(object)) => object.iter().nth(pick.checked_rem(object.len())?)?.1,
            _ => return None,
        };
    }
    Some(here.clone())
}

/// `value` with `edit` made where `steps` lead. None: there is no such place, or nothing to change;
/// Some(None): the place is left out.
pub(crate) fn within(
    value: Option<&Value>,
    steps: &[Inner],
    pick: usize,
    edit: &dyn Fn(Option<&Value>) -> Option<Option<Value>>,
) -> Option<Option<Value>> {
    let Some((first, rest)) = steps.split_first() else { return edit(value) };
    Some(Some(match (first, value?) {
        (Inner::Field(name), Value::Object(object)) => {
            let inner = within(object.get(name), rest, pick, edit)?;
            let mut object = (**object).clone();
            match inner {
                Some(inner) => drop(object.insert(name, inner)),
                None => drop(object.remove(name)),
            }
            Value::Object(object.into())
        }
        (Inner::Items, Value::List(items)) => {
            let at = pick.checked_rem(items.len())?;
            let mut items = (**items).clone();
            items[at] = within(Some(&items[at]), rest, pick, edit)??;
            Value::list(items)
        }
        (Inner::Values, Value::Object(object)) => {
            let (key, inner) = object.iter().nth(pick.checked_rem(object.len())?)?;
            let (key, inner) = (key.to_owned(), within(Some(inner), rest, pick, edit)??);
            let mut object = (**object).clone();
            object.insert(&key, inner);
            Value::Object(object.into())
        }
        _ => return None,
    }))
}

fn changed(
    change: &Change,
    value: Option<&Value>,
    mut others: impl Iterator<Item = Value>,
) -> Option<Option<Value>> {
    if *change == Change::Put {
        let absent = value.is_none_or(|value| *value == Value::Null);
        return others.find(|other| *other != Value::Null).filter(|_| absent).map(Some);
    }
    let value = value?;
    let new = match change {
        Change::Drop => return Some(None),
        Change::Null => Value::Null,
        Change::Become(new) => new.clone(),
        Change::Other => others.find(|other| *other != Value::Null)?,
        _ => of_kind(change, value)?,
    };
    (new != *value).then_some(Some(new))
}

/// The changes that depend on what the value is.
fn of_kind(change: &Change, value: &Value) -> Option<Value> {
    let int = |int: i64| (int.abs() <= INT_MAX).then_some(Value::Int(int));
    Some(match (change, value) {
        (Change::Add(by), Value::Int(number)) => int(number + by)?,
        (Change::Add(by), Value::Float(number)) => Value::number(number + *by as f64)?,
        (Change::Double, Value::Int(number)) => int(number * 2)?,
        (Change::Double, Value::Float(number)) => Value::number(number * 2.0)?,
        (Change::Zero, Value::Int(_) | Value::Float(_)) => Value::Int(0),
        (Change::Empty, Value::Text(_)) => Value::text(""),
        (Change::Append, Value::Text(text)) => Value::text(format!("{text}x")),
        (Change::Flip, Value::Bool(bool)) => Value::Bool(!bool),
        (Change::DropFirst, Value::List(items)) if items.len() > 1 => Value::list(items[1..].to_vec()),
        (Change::DropLast, Value::List(items)) if !items.is_empty() => {
            Value::list(items[..items.len() - 1].to_vec())
        }
        // Of one item, dropping the last is the same.
        (Change::Clear, Value::List(items)) if items.len() > 1 => Value::list([]),
        (Change::Clear, Value::Object(_)) => Value::object::<&str>([]),
        (Change::RepeatLast, Value::List(items)) => Value::list(items.iter().chain(items.last()).cloned()),
        (Change::Reverse, Value::List(items)) => Value::list(items.iter().rev().cloned()),
        (Change::Extra, Value::Object(object)) => {
            let mut object = (**object).clone();
            object.insert("nobodyAskedForThis", Value::Bool(true));
            Value::Object(object.into())
        }
        _ => return None,
    })
}

fn events(change: &EventsChange, all: &[Recording], at: usize) -> Option<Answer> {
    let Answer::Success { output, events } = &all[at].answer else { return None };
    let (last, others) = (events.last(), events.len().saturating_sub(1));
    let events: Vec<Event> = match change {
        EventsChange::None => last.map(|_| Vec::new())?,
        EventsChange::Twice => events.iter().chain([last?]).cloned().collect(),
        EventsChange::DropLast if others > 0 => events[..others].to_vec(),
        EventsChange::DropLast => return None,
        EventsChange::Reverse => events.iter().rev().cloned().collect(),
        EventsChange::Other => donors(all, at).find_map(|other| match &other.answer {
            Answer::Success { events: theirs, .. } if theirs != events && !theirs.is_empty() => {
                Some(theirs.clone())
            }
            _ => None,
        })?,
        EventsChange::Become(kind) => {
            // With data that such an event had: an event without its shape would be told from the others by that.
            let data = donors(all, at).find_map(|other| match &other.answer {
                Answer::Success { events, .. } => {
                    events.iter().find(|event| event.kind == *kind).map(|event| event.data.clone())
                }
                Answer::Raised(_) => None,
            });
            let data = data.unwrap_or_else(|| last.map_or(Value::Null, |last| last.data.clone()));
            let become_ = Event { kind: kind.clone(), data };
            last.filter(|last| last.kind != *kind)?;
            events[..others].iter().cloned().chain([become_]).collect()
        }
    };
    Some(Answer::Success { output: output.clone(), events })
}
