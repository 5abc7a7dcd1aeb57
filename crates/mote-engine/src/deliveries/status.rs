//! What can be known of a publisher from outside.

use jiff::Timestamp;
use mote_expr::Digest;
use mote_log::{Position, StreamName, Version};

use super::{Deliveries, Doing};

/// How far a publisher is, and what keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The publisher's name.
    pub name: String,
    /// The hash of the release that serves.
    pub release: Digest,
    /// The stream that takes its messages.
    pub sink: StreamName,
    /// Everything up to here is told of, but for what is held.
    pub reached: Position,
    /// The streams that wait.
    pub held: Vec<HeldStream>,
    /// Why it does nothing at the moment, and when it goes on.
    pub paused: Option<(String, Timestamp)>,
}

/// A stream that waits because one of its events cannot be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldStream {
    /// Which.
    pub stream: StreamName,
    /// The event that keeps it.
    pub version: Version,
    /// Since when.
    pub since: Timestamp,
    /// What came of the last try.
    pub why: String,
    /// When the next one is.
    pub next_try: Timestamp,
}

impl Deliveries {
    /// How far it is now.
    pub fn status(&self) -> Status {
        let held = self.reached.iter().flat_map(|reached| &reached.held).map(|(stream, held)| HeldStream {
            stream: stream.clone(),
            version: held.version,
            since: held.since,
            why: held.why.clone(),
            next_try: held.next_try,
        });
        Status {
            name: self.publisher.name().to_owned(),
            release: self.publisher.release(),
            sink: self.publisher.sink().clone(),
            reached: match (&self.doing, &self.reached) {
                // What is on its way to the log is not told of yet.
                (Doing::Appending { told, .. }, _) => *told,
                (_, Some(reached)) => reached.position,
                // Until the checkpoint is loaded again it is where it was stored last.
                (_, None) => self.saved,
            },
            held: held.collect(),
            paused: self.paused.as_ref().map(|(why, _, until)| (why.clone(), *until)),
        }
    }
}
