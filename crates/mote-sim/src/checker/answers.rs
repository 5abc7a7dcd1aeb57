//! What callers were told, against the record.
//! Owns what an answer promises: what was acknowledged is there, and every refusal was right where it
//! says that it was decided.

use std::collections::BTreeMap;

use mote_contract::{Outcome, Refusal};
use mote_engine::Answer;
use mote_expr::Value;
use mote_log::Position;

use super::record::{Record, digest, stream};
use crate::history::{Attempt, Facts, Wish};
use crate::workload::{is_definite, told};

/// Check every answer that arrived.
pub(super) fn check(record: &Record<'_>, facts: &Facts) -> Result<(), String> {
    for attempt in &facts.attempts {
        if let Some((_, answer)) = &attempt.ended {
            check_answer(record, facts, attempt, answer)
                .map_err(|why| format!("{} was told {}: {why}", attempt.invocation, told(answer)))?;
        }
    }
    for foreign in &facts.foreign {
        if record.invocations.get(&foreign.invocation) != Some(&foreign.position) {
            return Err(format!("{} was acknowledged and is not there", foreign.invocation));
        }
    }
    check_order(facts)
}

/// Check that nobody with a key is left without a definite answer.
pub(super) fn check_finished(facts: &Facts) -> Result<(), String> {
    let mut definite: BTreeMap<(&str, &str, &Wish), bool> = BTreeMap::new();
    for Attempt { call, ended, .. } in &facts.attempts {
        let Some(key) = &call.key else { continue };
        let answered = ended.as_ref().is_some_and(|(_, answer)| is_definite(answer));
        *definite.entry((&call.caller, key, &call.wish)).or_default() |= answered;
    }
    match definite.into_iter().find(|(_, answered)| !answered) {
        Some(((caller, key, _), _)) => Err(format!("{caller} never got a definite answer with {key}")),
        None => Ok(()),
    }
}

fn check_answer(
    record: &Record<'_>,
    facts: &Facts,
    attempt: &Attempt,
    answer: &Answer,
) -> Result<(), String> {
    match (&attempt.call.wish, &answer.result) {
        (Wish::Greet { name }, Ok(output)) => check_greeting(name, output, answer),
        (Wish::Sign { .. }, Ok(output)) => check_signed(record, attempt, answer, output),
        (_, Err(refusal)) => check_refusal(record, facts, attempt, answer, refusal),
    }
}

fn check_greeting(name: &str, output: &Value, answer: &Answer) -> Result<(), String> {
    let greeting = format!("Hello, {name}!");
    let length = Value::Int(greeting.chars().count() as i64);
    let expected = Value::object([("greeting", Value::text(greeting)), ("length", length)]);
    let plain = answer.position.is_none() && !answer.replayed;
    if *output == expected && plain { Ok(()) } else { Err("a greeting is otherwise".to_owned()) }
}

fn check_signed(
    record: &Record<'_>,
    attempt: &Attempt,
    answer: &Answer,
    output: &Value,
) -> Result<(), String> {
    let Wish::Sign { book, guest, .. } = &attempt.call.wish else { return Ok(()) };
    let position = answer.position.ok_or("it names no position")?;
    let commit = record.commits.get(&position).ok_or("there is no commit at its position")?;
    let own = commit.cause.invocation == attempt.invocation;
    let scope = attempt.call.key.clone().map(|key| (attempt.call.caller.clone(), key));
    let same_key = scope.is_some_and(|scope| record.keys.get(&scope) == Some(&position));
    if !(own || answer.replayed && same_key) {
        return Err(format!("the commit at its position belongs to {}", commit.cause.invocation));
    }
    let guests = record.guests(&stream(book)?, position).ok_or("the commit is in another book")?;
    let thanks = Value::text(format!("Thank you, {guest}!"));
    let place = Value::Int(guests.len() as i64);
    if guests.last() != Some(guest) || *output != Value::object([("place", place), ("thanks", thanks)]) {
        return Err(format!("the book says that place {} is {:?}", guests.len(), guests.last()));
    }
    Ok(())
}

fn check_refusal(
    record: &Record<'_>,
    facts: &Facts,
    attempt: &Attempt,
    answer: &Answer,
    refusal: &Refusal,
) -> Result<(), String> {
    let keyed = attempt.call.key.clone().map(|key| (attempt.call.caller.clone(), key));
    if refusal.clause.as_deref() == Some("idempotency-key") {
        let kept = answer.position.and_then(|position| record.commits.get(&position));
        let kept = kept.ok_or("no commit is at its position")?;
        let same = keyed.is_some_and(|scope| record.keys.get(&scope) == Some(&kept.position));
        let other = kept.cause.input != digest(&attempt.call);
        return if same && other { Ok(()) } else { Err("the key was not used for another input".to_owned()) };
    }
    let guests = match (&attempt.call.wish, answer.position) {
        (_, None) => &[],
        (Wish::Greet { .. }, Some(_)) => return Err("a function has no position".to_owned()),
        (Wish::Sign { book, .. }, Some(position)) => {
            record.guests(&stream(book)?, position).ok_or("its position is none of the book's")?
        }
    };
    let right = match (refusal.outcome, refusal.code.as_str(), &attempt.call.wish) {
        (Outcome::Declared, code, Wish::Sign { guest, .. }) => {
            let own = keyed.and_then(|scope| record.keys.get(&scope)).and_then(|at| record.commits.get(at));
            if own.is_some_and(|own| {
                own.cause.input == digest(&attempt.call) && Some(own.position) <= answer.position
            }) {
                return Err("its own commit is why".to_owned());
            }
            answer.position.is_some()
                && match code {
                    "already-signed" => guests.contains(guest),
                    "book-full" => guests.len() >= 100,
                    _ => false,
                }
        }
        (Outcome::Breach, ..) => facts.lied.contains(&attempt.invocation),
        (Outcome::Unavailable, ..) => true,
        _ => false,
    };
    if right { Ok(()) } else { Err("there is no reason for it".to_owned()) }
}

/// Check that time does not run backwards: whoever asks after somebody was told a position of a book is
/// not decided at an earlier one.
fn check_order(facts: &Facts) -> Result<(), String> {
    for attempt in &facts.attempts {
        // A kept answer was decided when it was given first.
        let Some((_, position, book)) = decided(attempt).filter(|_| !is_kept(attempt)) else { continue };
        let earlier = facts.attempts.iter().find(|earlier| {
            decided(earlier)
                .is_some_and(|(ended, seen, other)| other == book && ended < attempt.began && seen > position)
        });
        if let Some(earlier) = earlier {
            let (asked, position) = (&attempt.invocation, position.ordinal());
            return Err(format!(
                "{asked} was decided at {position}, before what {} had been told",
                earlier.invocation
            ));
        }
    }
    Ok(())
}

/// When somebody was told a position of a book, which position, and which book.
fn decided(attempt: &Attempt) -> Option<(u64, Position, &str)> {
    let (ended, answer) = attempt.ended.as_ref()?;
    let Wish::Sign { book, .. } = &attempt.call.wish else { return None };
    // Where a key was used for something else, the position is that of the other book.
    let foreign = clause(answer) == Some("idempotency-key");
    (!foreign).then_some((*ended, answer.position?, book.as_str()))
}

fn is_kept(attempt: &Attempt) -> bool {
    attempt.ended.as_ref().is_some_and(|(_, answer)| answer.replayed)
}

fn clause(answer: &Answer) -> Option<&str> {
    answer.result.as_ref().err()?.clause.as_deref()
}
