//! Masks recordings and puts them into their rings; waits a while after the disk refused.
//! Time is that of the calls.

use jiff::{SignedDuration, Timestamp};
use mote_store::{Ring, RingBound, RingError};

use super::Recorded;
use super::queue::Waiting;

/// The rings: of calls that broke their contract, and of all others. Neither takes room from the other.
pub(super) const RINGS: [&str; 2] = ["breaches", "calls"];

/// Which share of all bytes breaches have.
const BREACHES_SHARE: u64 = 4;
/// How many recordings of each operation and ending outlive a flood of others.
const OF_EACH: usize = 16;
/// How long nothing is tried after the disk refused: a full disk is not freed in a millisecond.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// Keeps recordings.
pub(super) struct Keeper {
    recorded: Recorded,
    /// Opened by the first that comes, and again after the disk refused to.
    rings: [Option<Ring>; 2],
    /// The time of the first call that is tried again.
    again: Timestamp,
}

impl Keeper {
    pub(super) fn new(recorded: Recorded) -> Keeper {
        Keeper { recorded, rings: [None, None], again: Timestamp::MIN }
    }

    /// Keep one. Whether it could be.
    pub(super) fn keep(&mut self, waiting: &Waiting) -> bool {
        let now: Timestamp = waiting.recording.now().parse().unwrap_or(Timestamp::MAX);
        if now < self.again {
            return false;
        }
        match self.push(waiting) {
            Ok(()) => true,
            Err(RingError::Access { .. }) => {
                self.again = now.checked_add(AGAIN_AFTER).unwrap_or(now);
                false
            }
            // One that is too large says nothing of the next.
            Err(RingError::TooLarge { .. } | RingError::Lines) => false,
        }
    }

    fn push(&mut self, waiting: &Waiting) -> Result<(), RingError> {
        let Waiting { law, recording, .. } = waiting;
        let breach = recording.is_breach();
        let of_breaches = self.recorded.bytes / BREACHES_SHARE;
        let (at, bytes) = if breach { (0, of_breaches) } else { (1, self.recorded.bytes - of_breaches) };
        let ring = match &mut self.rings[at] {
            Some(ring) => ring,
            none => {
                let folder = self.recorded.folder.join(RINGS[at]);
                none.insert(Ring::open(&folder, RingBound { bytes, of_each: OF_EACH })?)
            }
        };
        // From here on it can be seen by whoever reads the disk.
        let masked = law.masked(recording, &self.recorded.mask);
        ring.push(&masked.label(), &masked.to_value().canonical())
    }

    /// What the rings take on the disk, as far as they were opened.
    pub(super) fn bytes(&self) -> u64 {
        self.rings.iter().flatten().map(Ring::bytes).sum()
    }
}
