//! A stream that waits because one of its events could not be delivered.
//! Owns how long it waits before the next try.

use jiff::{SignedDuration, Timestamp};
use mote_log::Version;

/// The pause after the first try that failed; each one after it is twice as long.
const PAUSE_FIRST: SignedDuration = SignedDuration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// A stream that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The first of its events that was not delivered; all after it wait too.
    pub(super) version: Version,
    /// Since when.
    pub(super) since: Timestamp,
    /// What came of the last try.
    pub(super) why: String,
    /// How often that event was tried since the process began.
    pub(super) tries: u32,
    pub(super) next_try: Timestamp,
}

impl Held {
    /// The stream after another try, of its event `version`, that came to nothing.
    pub(super) fn again(held: Option<Held>, version: Version, why: String, now: Timestamp) -> Held {
        let same = held.filter(|held| held.version == version);
        let tries = same.as_ref().map_or(0, |held| held.tries).saturating_add(1);
        let since = same.map_or(now, |held| held.since);
        Held { version, since, why, tries, next_try: after_tries(now, tries) }
    }
}

/// When to try again what came to nothing `tries` times.
pub(crate) fn after_tries(now: Timestamp, tries: u32) -> Timestamp {
    let doubled = 1_i32.checked_shl(tries.saturating_sub(1).min(30)).unwrap_or(i32::MAX);
    let pause = PAUSE_FIRST.checked_mul(doubled).unwrap_or(PAUSE_MAX).min(PAUSE_MAX);
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
