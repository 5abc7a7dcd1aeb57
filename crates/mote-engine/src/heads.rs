//! The states that were folded last, so that a call reads only what is new.
//! Owns a bounded cache. Losing an entry costs a read, never a wrong answer: whoever decides takes
//! the head out, and puts it back only when it is known to be current.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

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
}

/// The heads of the streams that were used last.
#[derive(Debug)]
pub struct Heads {
    cache: Mutex<LruCache<StreamName, Head>>,
}

impl Heads {
    /// A cache of at most `capacity` heads.
    pub fn new(capacity: NonZeroUsize) -> Heads {
        Heads { cache: Mutex::new(LruCache::new(capacity)) }
    }

    /// Take the head of `stream` out, if `aggregate` folded it.
    pub fn take(&self, stream: &StreamName, aggregate: Digest) -> Option<Head> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.pop(stream).filter(|head| head.aggregate == aggregate)
    }

    /// Put back a head that is current.
    pub fn put(&self, stream: StreamName, head: Head) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(stream, head);
    }
}
