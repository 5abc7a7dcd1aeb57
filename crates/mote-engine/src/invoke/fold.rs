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

/// The head of `stream`. The caller holds its lane, so a cached head is current.
pub(super) async fn head<P: Ports>(
    ports: &P,
    aggregate: &Aggregate,
    stream: &StreamName,
) -> Result<Head, FoldFailure> {
    if let Some(head) = ports.heads().take(stream, aggregate.digest) {
        return Ok(head);
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
            return Ok(head);
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
