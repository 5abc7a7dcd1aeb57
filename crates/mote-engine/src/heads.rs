//! The states that were folded last, so that a call reads only what is new.
//!
//! Owns a bounded cache. Losing an entry costs a read, never a wrong answer: whoever decides takes
//! the head out, and puts it back only when it is known to be current. A call that is dropped while
//! its commit is on the way leaves a doubt: what is read of its stream may be overtaken by that
//! commit, so no head of that age is kept until the commit's fate shows.

use std::collections::HashMap;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use mote_expr::{Digest, Value};
use mote_log::{Position, StreamName, Version};

/// A stream's state and how far it has been folded.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The version of the last event that was folded.
    pub version: Version,
    /// The position of the commit that it came with.
    pub position: Position,
    /// The state.
    pub state: Value,
    /// The hash of the aggregate that folded: another aggregate folds anew.
    pub aggregate: Digest,
    /// The version of the newest snapshot of it; 0 where there is none.
    pub kept: Version,
}

/// The heads of the streams that were used last.
#[derive(Debug)]
pub struct Heads {
    inner: Mutex<Inner>,
    events_per_snapshot: u64,
}

#[derive(Debug)]
struct Inner {
    cache: LruCache<StreamName, Head>,
    /// The streams on which an append was dropped before its fate was known.
    doubts: HashMap<StreamName, Doubt>,
    /// How many appends have begun.
    appends: u64,
}

#[derive(Debug)]
struct Doubt {
    /// The version that the append expects: once the stream has moved on, it was stored or never will be.
    expected: Version,
    /// How many appends had begun when it was dropped.
    since: u64,
}

impl Heads {
    /// After how many events a stream gets a new snapshot: folding as many takes a few milliseconds.
    pub const EVENTS_PER_SNAPSHOT: NonZeroU64 = NonZeroU64::new(1_000).expect("it is not zero");

    /// A cache of at most `capacity` heads.
    pub fn new(capacity: NonZeroUsize) -> Heads {
        let inner = Inner { cache: LruCache::new(capacity), doubts: HashMap::new(), appends: 0 };
        Heads { inner: Mutex::new(inner), events_per_snapshot: Self::EVENTS_PER_SNAPSHOT.get() }
    }

    /// Have a snapshot made after as many events, instead of [`Heads::EVENTS_PER_SNAPSHOT`].
    pub fn with_snapshots_each(self, events: NonZeroU64) -> Heads {
        Heads { events_per_snapshot: events.get(), ..self }
    }

    /// Whether it is time for a snapshot of `head`.
    pub(crate) fn is_snapshot_due(&self, head: &Head) -> bool {
        head.version.0.saturating_sub(head.kept.0) >= self.events_per_snapshot
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Every change is one operation, so a panic elsewhere leaves it whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Take the head of `stream` out, if `aggregate` folded it.
    pub fn take(&self, stream: &StreamName, aggregate: Digest) -> Option<Head> {
        self.inner().cache.pop(stream).filter(|head| head.aggregate == aggregate)
    }

    /// Put back a head that is current.
    pub fn put(&self, stream: StreamName, head: Head) {
        self.inner().cache.put(stream, head);
    }

    /// The version at which `stream` may still be overtaken by an append that was dropped. Ask before
    /// reading the stream: what is read at a later version is safe to keep.
    pub(crate) fn doubt(&self, stream: &StreamName) -> Option<Version> {
        self.inner().doubts.get(stream).map(|doubt| doubt.expected)
    }

    /// An append to `stream` begins. Dropping what is returned leaves a doubt.
    pub(crate) fn begin<'h>(&'h self, stream: &'h StreamName, expected: Version) -> Appending<'h> {
        let mut inner = self.inner();
        inner.appends += 1;
        Appending { heads: self, stream, expected, number: inner.appends, over: false }
    }
}

/// An append whose fate is not known yet.
pub(crate) struct Appending<'h> {
    heads: &'h Heads,
    stream: &'h StreamName,
    expected: Version,
    number: u64,
    over: bool,
}

impl Appending<'_> {
    /// The log answered after looking at the streams. Commits are taken in the order in which they
    /// were brought, so what was dropped before this append began is over too.
    pub(crate) fn passed(mut self) {
        self.over = true;
        let mut inner = self.heads.inner();
        inner.doubts.retain(|_, doubt| doubt.since >= self.number);
    }

    /// The log took nothing.
    pub(crate) fn refused(mut self) {
        self.over = true;
    }
}

impl Drop for Appending<'_> {
    fn drop(&mut self) {
        if !self.over {
            let mut inner = self.heads.inner();
            let doubt = Doubt { expected: self.expected, since: inner.appends };
            inner.doubts.insert(self.stream.clone(), doubt);
        }
    }
}
