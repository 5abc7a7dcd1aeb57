//! Which calls are recorded: every breach, and of all others enough to have some of each kind.
//!
//! Owns the choice. It follows from the calls alone, their ids and times among them, so that the same calls
//! are always chosen. Never keeps a call.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use mote_expr::Digest;

use super::Decided;

/// How many releases are told apart. Those of one table, and of the tables before it for a while.
const RELEASES_MAX: usize = 10_000;

/// How many calls are recorded that broke nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// The first so many of each operation and ending, under each release.
    pub first: u64,
    /// The share of those after them, from 0 to 1.
    pub share: f64,
    /// The shortest time between two of those of one operation and ending.
    pub pause: SignedDuration,
}

impl Default for Sampling {
    fn default() -> Sampling {
        Sampling { first: 32, share: 0.01, pause: SignedDuration::from_secs(1) }
    }
}

/// Chooses calls.
#[derive(Debug)]
pub struct Sampler {
    sampling: Sampling,
    /// How often each release's calls ended in each way. There are as many ways as a contract has clauses.
    met: HashMap<Digest, Vec<Met>>,
}

#[derive(Debug)]
struct Met {
    ending: String,
    calls: u64,
    /// When one was chosen last.
    chosen: Timestamp,
}

impl Sampler {
    /// A sampler that has met no call.
    pub fn new(sampling: Sampling) -> Sampler {
        Sampler { sampling, met: HashMap::new() }
    }

    /// Whether `call` is recorded.
    pub fn chooses<C>(&mut self, call: &Decided<'_, C>) -> bool {
        // An answer that is given again was not decided now.
        if call.answer.replayed {
            return false;
        }
        if call.is_breach() {
            return true;
        }
        let release = call.release.name.digest;
        if self.met.len() >= RELEASES_MAX && !self.met.contains_key(&release) {
            self.met.clear();
        }
        let (met, now) = (self.met.entry(release).or_default(), call.envelope.now);
        let ending = call.ending();
        let at = met.iter().position(|met| met.ending == ending).unwrap_or_else(|| {
            met.push(Met { ending: ending.to_owned(), calls: 0, chosen: Timestamp::MIN });
            met.len() - 1
        });
        // It was found, or pushed just now.
        let Some(met) = met.get_mut(at) else { return false };
        met.calls += 1;
        let Sampling { first, share, pause } = self.sampling;
        if met.calls > first {
            let rested = now.duration_since(met.chosen) >= pause;
            if !rested || !drawn(&call.envelope.id, share) {
                return false;
            }
        }
        met.chosen = now;
        true
    }
}

/// Whether the call with this id is one of `share`: an id that nobody chose falls anywhere.
fn drawn(id: &str, share: f64) -> bool {
    let Digest([a, b, c, d, ..]) = Digest::of(id.as_bytes());
    f64::from(u32::from_be_bytes([a, b, c, d])) < share * (f64::from(u32::MAX) + 1.0)
}
