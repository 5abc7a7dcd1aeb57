//! What the publisher told, against what happened: everything, once, in the order of each book.

use std::collections::{BTreeMap, HashMap};

use mote_contract::delivery_id;
use mote_expr::{Value, parse};
use mote_log::{StoredCommit, StoredEvent, StreamName};

use crate::code::told_data;
use crate::system::{ANNOUNCE, SINK};

/// What was told so far.
#[derive(Default)]
pub(super) struct Told {
    /// What happened, by the id of the one call that tells of it.
    happened: HashMap<String, StoredEvent>,
    /// The last version of each book that happened, and that was told.
    books: BTreeMap<StreamName, (u64, u64)>,
    /// How many messages the sink holds.
    messages: u64,
}

impl Told {
    /// An event that is to be told of.
    pub(super) fn happens(&mut self, event: &StoredEvent) {
        let id = delivery_id(ANNOUNCE, &format!("{}@{}", event.stream, event.version));
        self.happened.insert(id, event.clone());
        self.books.entry(event.stream.clone()).or_default().0 = event.version.0;
    }

    /// A commit of the publisher.
    pub(super) fn tells(&mut self, commit: &StoredCommit) -> Result<(), String> {
        let at = commit.position.ordinal();
        let [message] = commit.events.as_slice() else {
            return Err(format!("commit {at} tells {} messages", commit.events.len()));
        };
        self.messages += 1;
        if message.stream.as_str() != SINK || message.version.0 != self.messages {
            return Err(format!("commit {at} tells event {} of {}", message.version, message.stream));
        }
        let event = self.happened.get(&commit.cause.invocation);
        let event = event.ok_or_else(|| format!("commit {at} tells of what did not happen before it"))?;
        let (_, told) = self.books.entry(event.stream.clone()).or_default();
        *told += 1;
        if event.version.0 != *told {
            return Err(format!(
                "commit {at} tells of event {} of {}, not {told}",
                event.version, event.stream
            ));
        }
        let data = parse(&event.data).map_err(|error| error.to_string())?;
        // As both shapes of the event have it.
        let guest = data.field("guest").or_else(|| data.field("name")).and_then(Value::as_text);
        let expected = told_data(event.stream.as_str(), guest.unwrap_or_default()).canonical();
        if message.data != expected || message.kind != "guest.signed.v1" || message.at != event.at {
            return Err(format!("commit {at} tells {}", String::from_utf8_lossy(&message.data)));
        }
        Ok(())
    }

    /// Check that nothing is left to tell of.
    pub(super) fn check_finished(&self) -> Result<(), String> {
        match self.books.iter().find(|(_, (happened, told))| happened != told) {
            Some((book, (happened, told))) => Err(format!("of {happened} events of {book} {told} were told")),
            None => Ok(()),
        }
    }
}
