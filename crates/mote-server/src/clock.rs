//! The time and the ids that envelopes carry: read here, at the edge, and nowhere below.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time of the machine.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The moment `wait` after `now`.
pub fn deadline_after(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_hours(1));
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// An id that nobody else has: a UUID of version 7, which sorts by time.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
