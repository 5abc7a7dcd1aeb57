//! The log on SQLite: it keeps every log's promise, and its failures are those it names.

#![allow(clippy::unwrap_used)] // A test whose ground gives way fails.

mod batch;
mod conformance;
#[cfg(target_os = "linux")]
mod disk;
mod kill;
mod migrate;
mod open;
mod reader;
mod reopen;
mod ring;
mod snapshots;
mod views;

use mote_log::conformance::{append, commit};
use mote_log::{AppendError, Commit, Position};

/// A commit that starts the stream `order/<number>`.
fn order(number: usize) -> Commit {
    commit(vec![append(&format!("order/{number}"), 0, &["OrderPlaced"])])
}

/// What each answer of a batch says: its position's ordinal, or the refusal's sentence.
fn told(answers: Vec<Result<Position, AppendError>>) -> Vec<String> {
    let tell = |answer: Result<Position, AppendError>| match answer {
        Ok(position) => position.ordinal().to_string(),
        Err(refusal) => refusal.to_string(),
    };
    answers.into_iter().map(tell).collect()
}
