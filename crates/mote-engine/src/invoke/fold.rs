//! Brings a stream's state up to date: the cached head, then the events after it.

use mote_contract::{Aggregate, Event, Refusal};
use mote_expr::{Value, parse};
use mote_log::{Codec, Log, Position, StoredEvent, StreamName, Version};

use crate::heads::Head;
use crate::ports::Ports;

/// How many events one read of the log returns.
const EVENTS_PER_READ: usize = 1_000;

/// Why a state could not be had.
pub(super) enum FoldFailure {
    /// The log could not be read.
    Unavailable(String),
    /// A stored event cannot be folded any more: the aggregate's files are wrong.
    Refused(Box<Refusal>),
}

/// A head that a call holds, and puts back when it has decided.
pub(super) struct Held {
    pub(super) head: Head,
    /// A commit that nobody waits for any more may still move the stream on from this version.
    doubt: Option<Version>,
}

impl Held {
    /// The head after `count` more events, whose commit is at `position` and left the state `after`.
    pub(super) fn moved(mut self, count: u64, position: Position, after: Option<Value>) -> Held {
        if count > 0 {
            self.head.version.0 += count;
            self.head.position = position;
        }
        if let Some(after) = after {
            self.head.state = after;
        }
        self
    }

    /// Put the head back, unless it may be overtaken unseen.
    pub(super) fn put<P: Ports>(self, ports: &P, stream: &StreamName) {
        if self.doubt.is_none_or(|doubt| self.head.version > doubt) {
            ports.heads().put(stream.clone(), self.head);
        }
    }
}

/// The head of `stream`. The caller holds its lane, so a cached head is current.
pub(super) async fn head<P: Ports>(
    ports: &P,
    aggregate: &Aggregate,
    stream: &StreamName,
) -> Result<Held, FoldFailure> {
    // Before anything is read: a doubt that ends while we read is one for what we read.
    let doubt = ports.heads().doubt(stream);
    if let Some(head) = ports.heads().take(stream, aggregate.digest) {
        return Ok(Held { head, doubt });
    }
    let mut head = Head {
        version: Version(0),
        position: Position::START,
        state: aggregate.initial.clone(),
        aggregate: aggregate.digest,
    };
    loop {
        let read = ports.log().stream(stream, head.version, EVENTS_PER_READ).await;
        let events = read.map_err(|error| FoldFailure::Unavailable(error.to_string()))?;
        for stored in &events {
            head.state = fold(aggregate, &head.state, stored).map_err(FoldFailure::Refused)?;
            head.version = stored.version;
            head.position = stored.position;
        }
        if events.len() < EVENTS_PER_READ {
            return Ok(Held { head, doubt });
        }
    }
}

fn fold(aggregate: &Aggregate, state: &Value, stored: &StoredEvent) -> Result<Value, Box<Refusal>> {
    let clause = || format!("events/{}", stored.kind);
    let data = match stored.codec {
        Codec::Json => parse(&stored.data).map_err(|error| {
            Refusal::contract_fault(
                clause(),
                format!("event {} of {} is damaged: {error}", stored.version, stored.stream),
            )
        })?,
    };
    let event = Event { kind: stored.kind.clone(), data };
    aggregate.fold(state, &event).map_err(|error| {
        Refusal::contract_fault(clause(), format!("event {} of {}: {error}", stored.version, stored.stream))
            .into()
    })
}
