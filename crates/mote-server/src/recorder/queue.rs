//! What is to be recorded and is not yet: bounded, breaches apart from the rest.
//! Owns the bounds and the counts. What finds no room is lost and counted; nobody waits for any.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use mote_contract::{Law, Recording};

/// How many breaches wait at most, and how many other calls.
const WAITING_MAX: usize = 256;
/// How many bytes of inputs and answers wait at most, of breaches and of other calls. States and rows are
/// shared with what serves.
const WAITING_BYTES_MAX: usize = 8 << 20;

/// A recording that is neither masked nor kept yet.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) law: Arc<Law>,
    pub(super) recording: Recording,
    /// How many bytes its input and its answer have.
    pub(super) weight: usize,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: Mutex<Lines>,
    changed: Condvar,
    kept: AtomicU64,
    lost: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Lines {
    breaches: Line,
    calls: Line,
    ended: bool,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

impl Lines {
    /// Where breaches wait, or the others, if there is room for `weight`.
    fn room(&mut self, breach: bool, weight: usize) -> Option<&mut Line> {
        let line = if breach { &mut self.breaches } else { &mut self.calls };
        let fits = line.waiting.len() < WAITING_MAX && line.bytes + weight <= WAITING_BYTES_MAX;
        (fits && !self.ended).then_some(line)
    }
}

impl Line {
    fn take(&mut self) -> Option<Waiting> {
        let next = self.waiting.pop_front()?;
        self.bytes -= next.weight;
        Some(next)
    }
}

impl Queue {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more of `weight` bytes may wait. If not, it is counted as lost.
    pub(super) fn has_room(&self, breach: bool, weight: usize) -> bool {
        let room = self.lines().room(breach, weight).is_some();
        if !room {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        room
    }

    /// Have `waiting` kept soon.
    pub(super) fn push(&self, waiting: Waiting) {
        let mut lines = self.lines();
        // Others may have come since there was room.
        match lines.room(waiting.recording.is_breach(), waiting.weight) {
            Some(line) => {
                line.bytes += waiting.weight;
                line.waiting.push_back(waiting);
            }
            None => {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        drop(lines);
        self.changed.notify_one();
    }

    /// The next one, breaches first; waits for it. None when it has ended and is empty.
    pub(super) fn next(&self) -> Option<Waiting> {
        let mut lines = self.lines();
        loop {
            if let Some(next) = lines.breaches.take().or_else(|| lines.calls.take()) {
                return Some(next);
            }
            if lines.ended {
                return None;
            }
            lines = self.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Take nothing more.
    pub(super) fn end(&self) {
        self.lines().ended = true;
        self.changed.notify_all();
    }

    /// Count one that was kept, or lost; `bytes` is what all take now.
    pub(super) fn count(&self, kept: bool, bytes: u64) {
        let counter = if kept { &self.kept } else { &self.lost };
        counter.fetch_add(1, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// How many were kept, how many lost, and what is on disk.
    pub(super) fn counts(&self) -> (u64, u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.kept), read(&self.lost), read(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use mote_contract::{Ended, Files, Kind, Outcome, check};
    use mote_expr::{Digest, Value};

    use super::*;

    /// `count` recordings of a weight each, breaches or not: how many of them find room.
    fn fill(queue: &Queue, count: usize, breach: bool, weight: usize) -> usize {
        let mut files = Files::new();
        files.add("mote.yaml", "system: test\nowner: us\n");
        files.add(
            "contracts/ping.yaml",
            "contract: ping\nkind: function\ninput: {type: object}\noutput: {type: object}\n",
        );
        let law = check(&files).system.map(|system| system.laws["ping"].clone()).expect("it has no errors");
        let ended = Ended {
            outcome: Outcome::Breach,
            code: String::new(),
            clause: None,
            message: String::new(),
            data: None,
        };
        let recording = Recording {
            id: String::new(),
            operation: "ping".to_owned(),
            kind: Kind::Function,
            version: "1.0.0".to_owned(),
            contract: Digest([0; 32]),
            release: Digest([0; 32]),
            artifact: Digest([0; 32]),
            context: Value::Null,
            input: None,
            state: None,
            rows: None,
            answer: None,
            refusal: breach.then_some(ended),
            position: None,
            masked: false,
        };
        let before = queue.counts().1;
        for _ in 0..count {
            if queue.has_room(breach, weight) {
                queue.push(Waiting { law: law.clone(), recording: recording.clone(), weight });
            }
        }
        count - usize::try_from(queue.counts().1 - before).expect("it is small")
    }

    #[test]
    fn what_finds_no_room_is_lost_at_once_and_breaches_have_room_of_their_own() {
        let queue = Queue::default();
        assert_eq!(fill(&queue, 300, false, 10), WAITING_MAX);
        assert_eq!(fill(&queue, 10, true, 1 << 20), 8, "eight megabytes");
        assert!(queue.next().is_some_and(|next| next.recording.is_breach()), "breaches first");
        assert_eq!(fill(&queue, 10, true, 1 << 20), 1, "what was taken makes room");
        queue.end();
        assert_eq!(fill(&queue, 10, true, 0), 0);
        let rest = std::iter::from_fn(|| queue.next()).count();
        assert_eq!(rest, WAITING_MAX + 8, "what was taken before the end is kept");
    }
}
