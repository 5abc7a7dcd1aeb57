//! Stored events as rules see them: read, and brought to the shape that is declared now.

use std::fmt;

use mote_contract::{Aggregate, Event, ShapeError};
use mote_expr::parse;
use mote_log::{Codec, StoredEvent};

/// Why a stored event cannot be read. It names the event.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// Its shape is newer than what is declared: with newer files it can be read.
    Newer(String),
    /// Its bytes or an `upcast` are wrong: the clause and a sentence.
    Wrong(String, String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Unreadable::Newer(why) | Unreadable::Wrong(_, why)) = self;
        f.write_str(why)
    }
}

/// The event that `stored` is, as `aggregate` declares it.
pub(crate) fn read(aggregate: &Aggregate, stored: &StoredEvent) -> Result<Event, Unreadable> {
    let named = |what: &dyn fmt::Display| format!("event {} of {} {what}", stored.version, stored.stream);
    let data = match stored.codec {
        Codec::Json => parse(&stored.data).map_err(|error| {
            let why = named(&format!("is damaged: {error}"));
            Unreadable::Wrong(format!("events/{}", stored.kind), why)
        })?,
    };
    aggregate.read(&stored.kind, stored.shape, data).map_err(|error| {
        let why = named(&format!("cannot be read: {error}"));
        match error {
            ShapeError::Newer { .. } => Unreadable::Newer(why),
            ShapeError::Upcast { clause, .. } => Unreadable::Wrong(clause, why),
        }
    })
}
