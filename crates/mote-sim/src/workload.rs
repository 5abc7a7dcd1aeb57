//! What clients do: they greet and sign guestbooks, lose patience, and ask again.
//!
//! Owns only the outside: a client knows its wishes and what it was told. A call with a key is asked
//! until its answer is definite; one without a key is asked once, since nobody could tell two apart.

use jiff::{SignedDuration, Timestamp};
use mote_contract::Outcome;
use mote_engine::{Answer, Caller, Envelope, Origin};

use crate::history::{Call, History, Wish};
use crate::process::Door;
use crate::system::{GREET, SIGN};
use crate::world::World;

/// How many clients a world has.
pub(crate) const CLIENTS: u64 = 5;

/// How many wishes each of them has.
const WISHES: u64 = 30;

/// The first is the busiest.
const BOOKS: [&str; 4] = ["lobby", "attic", "cellar", "garden"];

/// Few enough that some sign twice.
const GUESTS: u64 = 60;

/// How often one call is asked. Every fault is rare, so this many in a row are a fault of the engine.
const ATTEMPTS_MAX: u64 = 200;

/// One client, from its first wish to its last answer.
pub(crate) async fn client(world: World, history: History, door: Door, number: u64) {
    let client = Client { world, history, door, name: format!("user:{number}") };
    let mut kept = Vec::new();
    for wish in 0..WISHES {
        client.world.pass(50..3_000).await;
        let call = client.next(wish, &kept);
        if call.key.is_some() && !kept.contains(&call) {
            kept.push(call.clone());
        }
        client.fulfil(&call, wish).await;
    }
}

struct Client {
    world: World,
    history: History,
    door: Door,
    name: String,
}

impl Client {
    /// What to ask next; sometimes what was asked before.
    fn next(&self, number: u64, kept: &[Call]) -> Call {
        let world = &self.world;
        let caller = self.name.clone();
        if !kept.is_empty() && world.happens(150) {
            return world.pick(kept).clone();
        }
        if world.happens(80) {
            return Call { wish: Wish::Greet { name: format!("Guest {number}") }, caller, key: None };
        }
        let book = if world.happens(500) { BOOKS[0] } else { world.pick(&BOOKS) };
        let wish = Wish::Sign {
            book: book.to_owned(),
            guest: format!("guest-{}", world.below(GUESTS)),
            message: format!("the {number}th of {caller}"),
        };
        let key = match world.below(10) {
            // A mistake of the client: a key that it used for something else.
            0 if !kept.is_empty() => world.pick(kept).key.clone(),
            1..8 => Some(format!("key-{number}")),
            _ => None,
        };
        Call { wish, caller, key }
    }

    /// Ask until the answer is definite, or once without a key.
    async fn fulfil(&self, call: &Call, number: u64) {
        let mut envelope: Option<(String, Timestamp)> = None;
        for attempt in 0..ATTEMPTS_MAX {
            // Who asks again mostly sends what it sent before, and sometimes writes it anew.
            let anew = self.world.happens(200);
            let (id, now) = match envelope.take() {
                Some(same) if !anew => same,
                _ => (format!("{}-{number}-{attempt}", self.name), self.world.now()),
            };
            envelope = Some((id.clone(), now));
            if let Some(answer) = self.ask(call, &id, now).await
                && is_definite(&answer)
            {
                return;
            }
            if call.key.is_none() {
                return;
            }
            self.world.pass(20..4_000).await;
        }
    }

    async fn ask(&self, call: &Call, id: &str, now: Timestamp) -> Option<Answer> {
        let operation = match call.wish {
            Wish::Greet { .. } => GREET,
            Wish::Sign { .. } => SIGN,
        };
        let envelope = Envelope {
            release: self.door.release(operation)?,
            input: call.wish.input().canonical(),
            key: call.key.clone(),
            caller: Caller::named(&call.caller),
            deadline: now.saturating_add(SignedDuration::from_secs(60)).unwrap_or(now),
            traceparent: None,
            origin: Origin::Simulation,
            now,
            id: id.to_owned(),
        };
        let key = call.key.as_deref().unwrap_or("no key");
        self.world.tell(format!("{id} asks {} with {key}", call.wish.input()));
        let number = self.history.began(call, id, now);
        let answer = self.door.invoke(&self.world, envelope).await;
        match &answer {
            Some(answer) => {
                self.world.tell(format!("{id} is told {}", told(answer)));
                self.history.ended(number, answer.clone());
            }
            None => self.world.tell(format!("{id} hears nothing")),
        }
        answer
    }
}

/// Whether asking again cannot change anything. A breach can: the code lied, and may not lie again.
pub(crate) fn is_definite(answer: &Answer) -> bool {
    matches!(answer.outcome(), None | Some(Outcome::Invalid | Outcome::Declared))
}

/// An answer in a line.
pub(crate) fn told(answer: &Answer) -> String {
    let what = match &answer.result {
        Ok(output) => format!("{output}"),
        Err(refusal) => format!("{} {}: {}", refusal.outcome, refusal.code, refusal.detail),
    };
    let position = answer.position.map_or(String::new(), |position| format!(" @{}", position.ordinal()));
    format!("{what}{position}{}", if answer.replayed { ", again" } else { "" })
}
