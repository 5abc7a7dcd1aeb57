//! The log, read: which commits there are, who caused them, and which state each left.
//! Owns what must hold of the log by itself, whatever anybody was told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mote_contract::Aggregate;
use mote_expr::{Digest, Value, parse};
use mote_log::{Position, StoredCommit, StoredEvent, StreamName};

use super::told::Told;
use crate::code::guest_signed;
use crate::history::{Attempt, Call, Facts, Wish};
use crate::system::{ANNOUNCE, GUESTBOOK, SIGN};

/// What the log says.
pub(super) struct Record<'c> {
    /// All commits, by position.
    pub(super) commits: BTreeMap<Position, &'c StoredCommit>,
    /// The guests of each book after each of its commits.
    books: BTreeMap<StreamName, BTreeMap<Position, Vec<String>>>,
    /// The position of each invocation's commit.
    pub(super) invocations: HashMap<String, Position>,
    /// The position of each keyed call's commit: caller and key.
    pub(super) keys: HashMap<(String, String), Position>,
    /// What was told of the events.
    pub(super) told: Told,
}

impl<'c> Record<'c> {
    /// Read `commits`, and say what is wrong with them.
    pub(super) fn read(
        commits: &'c [StoredCommit],
        aggregate: &Aggregate,
        facts: &Facts,
    ) -> Result<Record<'c>, String> {
        let mut record = Record {
            commits: BTreeMap::new(),
            books: BTreeMap::new(),
            invocations: HashMap::new(),
            keys: HashMap::new(),
            told: Told::default(),
        };
        let strangers: BTreeSet<_> =
            facts.foreign.iter().map(|foreign| foreign.invocation.as_str()).collect();
        let mut attempts: HashMap<&str, &Attempt> = HashMap::new();
        for attempt in &facts.attempts {
            attempts.insert(&attempt.invocation, attempt);
        }
        let mut states: BTreeMap<StreamName, (u64, Value)> = BTreeMap::new();
        for (ordinal, commit) in (1..).zip(commits) {
            let at = commit.position;
            if at.ordinal() != ordinal {
                return Err(format!("commit {ordinal} is at position {}", at.ordinal()));
            }
            let invocation = commit.cause.invocation.as_str();
            if let Some(earlier) = record.invocations.insert(invocation.to_owned(), at) {
                return Err(format!("{invocation} is stored twice, at {} and {ordinal}", earlier.ordinal()));
            }
            if commit.cause.operation == ANNOUNCE {
                record.told.tells(commit)?;
                record.commits.insert(at, commit);
                continue;
            }
            let [event] = commit.events.as_slice() else {
                return Err(format!("commit {ordinal} holds {} events", commit.events.len()));
            };
            match attempts.get(invocation) {
                Some(attempt) => {
                    check_cause(commit, event, attempt)?;
                    if let Some(key) = &attempt.call.key {
                        let scope = (attempt.call.caller.clone(), key.clone());
                        if let Some(earlier) = record.keys.insert(scope, at) {
                            let earlier = earlier.ordinal();
                            return Err(format!(
                                "the call of {invocation} is stored twice, at {earlier} and {ordinal}"
                            ));
                        }
                    }
                }
                None if strangers.contains(invocation) || commit.cause.caller == "stranger" => {}
                None => return Err(format!("commit {ordinal} belongs to {invocation}, which nobody sent")),
            }
            let (version, state) =
                states.entry(event.stream.clone()).or_insert_with(|| (0, aggregate.initial.clone()));
            *version += 1;
            if event.version.0 != *version || event.position != at {
                return Err(format!("event {version} of {} has version {}", event.stream, event.version));
            }
            *state = fold(aggregate, state, event)?;
            let guests = guests(state);
            record.told.happens(event);
            record.books.entry(event.stream.clone()).or_default().insert(at, guests);
            record.commits.insert(at, commit);
        }
        Ok(record)
    }

    /// The guests of `book` after the commit at `position`, which must be one of the book's own.
    pub(super) fn guests(&self, book: &StreamName, position: Position) -> Option<&[String]> {
        if position == Position::START {
            return Some(&[]);
        }
        self.books.get(book)?.get(&position).map(Vec::as_slice)
    }
}

/// The stream of a book.
pub(super) fn stream(book: &str) -> Result<StreamName, String> {
    StreamName::new(GUESTBOOK, book).map_err(|error| error.to_string())
}

/// The hash of a call's input: its wishes have every field, so admission adds none.
pub(super) fn digest(call: &Call) -> Digest {
    call.wish.input().digest()
}

fn fold(aggregate: &Aggregate, state: &Value, event: &StoredEvent) -> Result<Value, String> {
    let wrong = |what: String| format!("event {} of {} {what}", event.version, event.stream);
    let data = parse(&event.data).map_err(|error| wrong(format!("is damaged: {error}")))?;
    let happened = aggregate
        .read(&event.kind, event.shape, data)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    // `evolve` judges the schema and the invariants of the state it leaves.
    aggregate.evolve(state, &happened).map_err(|error| wrong(format!("cannot have happened: {error}")))
}

fn guests(state: &Value) -> Vec<String> {
    let guests = state.field("guests").and_then(Value::as_list).unwrap_or(&[]);
    guests.iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

/// Whether a commit holds what its call wished, and nothing else.
fn check_cause(commit: &StoredCommit, event: &StoredEvent, attempt: &Attempt) -> Result<(), String> {
    let (call, cause) = (&attempt.call, &commit.cause);
    let Wish::Sign { book, guest, message } = &call.wish else {
        return Err(format!("{} only greets, and stored an event", attempt.invocation));
    };
    let data = guest_signed(event.shape, guest, message, &format!("{:.3}", attempt.now)).canonical();
    let as_wished = event.stream == stream(book)?
        && event.kind == "GuestSigned"
        && event.data == data
        && event.at == attempt.now
        && cause.at == attempt.now
        && cause.operation == SIGN
        && cause.caller == call.caller
        && cause.input == digest(call);
    if as_wished {
        Ok(())
    } else {
        let stored = String::from_utf8_lossy(&event.data);
        Err(format!("{} stored what it did not wish: {stored} in {}", attempt.invocation, event.stream))
    }
}
