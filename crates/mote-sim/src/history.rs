//! What callers did and were told, in the order in which it happened.
//! Owns only facts that somebody outside the process knows. Never looks into the log.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mote_engine::Answer;
use mote_expr::Value;
use mote_log::Position;

/// What somebody wants done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    /// To be greeted.
    Greet {
        /// By which name.
        name: String,
    },
    /// To sign a guestbook.
    Sign {
        /// Which.
        book: String,
        /// Under which name.
        guest: String,
        /// With these words.
        message: String,
    },
}

impl Wish {
    /// The input that says so.
    pub(crate) fn input(&self) -> Value {
        match self {
            Wish::Greet { name } => Value::object([("name", Value::text(name)), ("language", "en".into())]),
            Wish::Sign { book, guest, message } => Value::object([
                ("book", Value::text(book)),
                ("guest", Value::text(guest)),
                ("message", Value::text(message)),
            ]),
        }
    }
}

/// A wish with whoever has it, and the key that makes it one and the same however often it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) wish: Wish,
    pub(crate) caller: String,
    pub(crate) key: Option<String>,
}

/// One try of a call. Tries of one envelope have one invocation.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) call: Call,
    pub(crate) invocation: String,
    /// The time in its envelope.
    pub(crate) now: Timestamp,
    /// When it was sent, counted in things that happened.
    pub(crate) began: u64,
    /// When its answer arrived, and what it says; none where it was lost.
    pub(crate) ended: Option<(u64, Answer)>,
}

/// An event that somebody appended without the engine, and was told to be durable.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub(crate) invocation: String,
    pub(crate) position: Position,
}

/// Everything that happened. A clone is another handle on the same history.
#[derive(Clone, Default)]
pub(crate) struct History(Arc<Mutex<Facts>>);

/// The facts of a history.
#[derive(Default)]
pub(crate) struct Facts {
    happened: u64,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) foreign: Vec<Foreign>,
    /// The invocations whose code answered wrongly or stopped by its own fault.
    pub(crate) lied: BTreeSet<String>,
    /// How far the publisher says that everything was told of.
    pub(crate) told: Option<Position>,
}

impl Facts {
    fn tick(&mut self) -> u64 {
        self.happened += 1;
        self.happened
    }
}

impl History {
    /// The facts, as long as the guard is held.
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A try was sent; the number it has here.
    pub(crate) fn began(&self, call: &Call, invocation: &str, now: Timestamp) -> usize {
        let mut facts = self.facts();
        let began = facts.tick();
        let (call, invocation) = (call.clone(), invocation.to_owned());
        facts.attempts.push(Attempt { call, invocation, now, began, ended: None });
        facts.attempts.len() - 1
    }

    /// The answer to a try arrived.
    pub(crate) fn ended(&self, number: usize, answer: Answer) {
        let mut facts = self.facts();
        let tick = facts.tick();
        facts.attempts[number].ended = Some((tick, answer));
    }
}
