//! Brings a stream's state up to date: the cached head or the newest snapshot, then the events after it.
//! Owns when a snapshot is believed, and when a new one is made. Never waits for one to be kept.

use mote_contract::{Aggregate, Refusal};
use mote_expr::Value;
use mote_log::{Log, Position, Snapshot, Snapshots, StoredEvent, StreamName, Version};

use crate::heads::Head;
use crate::ports::Ports;
use crate::stored::{self, Unreadable};

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

    /// Put the head back, unless it may be overtaken unseen, and have a snapshot of it made if it is
    /// time for one. Nobody waits for that, and where it fails the next one is made after as many events.
    pub(super) fn put<P: Ports>(mut self, ports: &P, stream: &StreamName) {
        if self.doubt.is_some_and(|doubt| self.head.version <= doubt) {
            return;
        }
        if ports.heads().is_snapshot_due(&self.head) {
            self.head.kept = self.head.version;
            drop(ports.log().keep_snapshot(Snapshot {
                stream: stream.clone(),
                fold: self.head.aggregate,
                version: self.head.version,
                state: self.head.state.clone(),
            }));
        }
        ports.heads().put(stream.clone(), self.head);
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
    let mut events = Vec::new();
    let mut head = match from_snapshot(ports, aggregate, stream, &mut events).await? {
        Some(head) => head,
        None => {
            events = read(ports, stream, Version(0)).await?;
            Head {
                version: Version(0),
                position: Position::START,
                state: aggregate.initial.clone(),
                aggregate: aggregate.digest,
                kept: Version(0),
            }
        }
    };
    loop {
        for stored in &events {
            // What was read from a snapshot on begins with the event that the snapshot ends with.
            if stored.version <= head.version {
                continue;
            }
            head.state = fold(aggregate, &head.state, stored)?;
            head.version = stored.version;
            head.position = stored.position;
        }
        if events.len() < EVENTS_PER_READ {
            return Ok(Held { head, doubt });
        }
        events = read(ports, stream, head.version).await?;
    }
}

fn fold(aggregate: &Aggregate, state: &Value, stored: &StoredEvent) -> Result<Value, FoldFailure> {
    let event = stored::read(aggregate, stored).map_err(|error| match error {
        Unreadable::Newer(why) => FoldFailure::Unavailable(why),
        Unreadable::Wrong(clause, why) => FoldFailure::Refused(Refusal::contract_fault(clause, why).into()),
    })?;
    aggregate.fold(state, &event).map_err(|error| {
        let why = format!("event {} of {}: {error}", stored.version, stored.stream);
        FoldFailure::Refused(Refusal::contract_fault(format!("events/{}", stored.kind), why).into())
    })
}

async fn read<P: Ports>(
    ports: &P,
    stream: &StreamName,
    after: Version,
) -> Result<Vec<StoredEvent>, FoldFailure> {
    let read = ports.log().stream(stream, after, EVENTS_PER_READ).await;
    read.map_err(|error| FoldFailure::Unavailable(error.to_string()))
}

/// The head that the newest snapshot tells, with the `events` from its last one on. None if there is no
/// snapshot that can be believed: its state must be one of this aggregate, its last event one of the stream.
async fn from_snapshot<P: Ports>(
    ports: &P,
    aggregate: &Aggregate,
    stream: &StreamName,
    events: &mut Vec<StoredEvent>,
) -> Result<Option<Head>, FoldFailure> {
    // What cannot be read here may still be read from the events.
    let Ok(Some(Snapshot { version, state, .. })) = ports.log().snapshot(stream, aggregate.digest).await
    else {
        return Ok(None);
    };
    let Some(before) = version.0.checked_sub(1) else { return Ok(None) };
    if !aggregate.state.violations(&state).is_empty() {
        return Ok(None);
    }
    *events = read(ports, stream, Version(before)).await?;
    let last = events.first().filter(|event| event.version == version);
    Ok(last.map(|last| Head {
        version,
        position: last.position,
        state,
        aggregate: aggregate.digest,
        kept: version,
    }))
}
