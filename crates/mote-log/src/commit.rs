//! The unit of the log: what one decision changes, why, and what was answered.
//! Owns the shapes of what goes in and what comes out. Never looks inside an event.

use jiff::Timestamp;
use mote_expr::Digest;

use crate::{AppendError, Position, StreamName, Version};

/// Everything one decision stores, atomically. At least one append or an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// What is appended; each stream at most once, each with at least one event.
    pub appends: Vec<Append>,
    /// Why it happened.
    pub cause: Cause,
    /// The answer to keep under an idempotency key, if the caller sent one.
    pub answer: Option<KeptAnswer>,
    /// How far the follower that appends this has come with it, if a follower does.
    pub checkpoint: Option<Checkpoint>,
}

impl Commit {
    /// Refuse a commit that makes no sense in itself: the first check of every log.
    pub fn check_form(&self) -> Result<(), AppendError> {
        let malformed = |what| Err(AppendError::Malformed(what));
        if self.appends.is_empty() && self.answer.is_none() {
            return malformed("it holds neither events nor an answer");
        }
        for (index, append) in self.appends.iter().enumerate() {
            if append.events.is_empty() {
                return malformed("an append holds no events");
            }
            if append.events.iter().any(|event| event.kind.is_empty()) {
                return malformed("an event has no type");
            }
            // A commit touches a handful of streams, so comparing pairs beats building a set.
            if self.appends[..index].iter().any(|earlier| earlier.stream == append.stream) {
                return malformed("a stream is named twice");
            }
        }
        if self.answer.as_ref().is_some_and(|answer| answer.scope.key.is_empty()) {
            return malformed("an idempotency key is empty");
        }
        self.checkpoint.as_ref().map_or(Ok(()), Checkpoint::check_form)
    }
}

/// How far a follower of the log has come: where it goes on, whatever happened to its process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The follower's name.
    pub follower: String,
    /// Everything up to here is done, as far as `rest` does not say otherwise.
    pub position: Position,
    /// What else the follower goes on from, as bytes that only it reads.
    pub rest: Vec<u8>,
}

impl Checkpoint {
    /// Refuse a checkpoint of nobody: the first check of every log.
    pub fn check_form(&self) -> Result<(), AppendError> {
        if self.follower.is_empty() {
            return Err(AppendError::Malformed("a checkpoint names no follower"));
        }
        Ok(())
    }
}

/// Events for one stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    /// Which stream.
    pub stream: StreamName,
    /// Where the decision saw the stream; any other version is a conflict.
    pub expected: Version,
    /// The events, in order.
    pub events: Vec<NewEvent>,
}

/// An event to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// The event's type, as the aggregate names it.
    pub kind: String,
    /// The version of the type's shape.
    pub shape: u32,
    /// How `data` is written.
    pub codec: Codec,
    /// The event's data.
    pub data: Vec<u8>,
}

/// How stored bytes are written. A number in storage, so that later codecs can join.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    /// Canonical JSON (RFC 8785).
    Json,
}

impl Codec {
    /// The number that stands for the codec in storage.
    pub fn number(self) -> u8 {
        match self {
            Codec::Json => 1,
        }
    }

    /// The codec of a stored number, unless a newer Mote wrote it.
    pub fn from_number(number: u8) -> Option<Codec> {
        (number == 1).then_some(Codec::Json)
    }
}

/// Why a commit exists: enough to find the code that decided and to ask it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// The invocation's id.
    pub invocation: String,
    /// The operation that decided.
    pub operation: String,
    /// The release whose law judged.
    pub release: Digest,
    /// The artifact that answered; none where the contract itself did.
    pub artifact: Option<Digest>,
    /// Who called.
    pub caller: String,
    /// The hash of the admitted input.
    pub input: Digest,
    /// When the call was admitted, as its envelope says.
    pub at: Timestamp,
    /// The trace that the call belongs to (W3C `traceparent`).
    pub traceparent: Option<String>,
}

/// Whose idempotency key: the same key of another caller or another service is another key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct KeyScope {
    /// The operation that was called.
    pub operation: String,
    /// Who called.
    pub caller: String,
    /// The key as the caller sent it.
    pub key: String,
}

/// An answer that a repeated call gets again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptAnswer {
    /// Under which key.
    pub scope: KeyScope,
    /// The hash of the admitted input: another body under the same key is refused.
    pub input: Digest,
    /// The answer, as bytes that only the engine reads.
    pub body: Vec<u8>,
}

/// An event as it was stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEvent {
    /// The stream it belongs to.
    pub stream: StreamName,
    /// Its number in the stream, from 1.
    pub version: Version,
    /// The position of its commit.
    pub position: Position,
    /// When its commit was decided.
    pub at: Timestamp,
    /// The event's type.
    pub kind: String,
    /// The version of the type's shape.
    pub shape: u32,
    /// How `data` is written.
    pub codec: Codec,
    /// The event's data.
    pub data: Vec<u8>,
}

/// A commit as it was stored, without its kept answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredCommit {
    /// Its place.
    pub position: Position,
    /// Why it happened.
    pub cause: Cause,
    /// All its events, in the order of its appends.
    pub events: Vec<StoredEvent>,
}
