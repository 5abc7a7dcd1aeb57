//! Names and places in a log: which stream, how far in it, how far in the whole.
//! Owns their text forms. Never gives out a number that means more than its order.

use std::fmt;
use std::str::FromStr;

/// One stream: an aggregate's name and the key of its instance, written `order/42`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct StreamName(String);

/// Why a text cannot name a stream.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stream is named `aggregate/key`, with a key of 1 to {} bytes and no control characters",
    StreamName::KEY_BYTES_MAX
)]
pub struct NameError;

impl StreamName {
    /// The longest key of an instance, in bytes: names are index keys in every store.
    pub const KEY_BYTES_MAX: usize = 512;

    /// Name the instance `key` of `aggregate`. The aggregate's name holds no `/`; the key may.
    pub fn new(aggregate: &str, key: &str) -> Result<StreamName, NameError> {
        let fits = !aggregate.is_empty()
            && !aggregate.contains('/')
            && !key.is_empty()
            && key.len() <= Self::KEY_BYTES_MAX
            && !key.chars().chain(aggregate.chars()).any(char::is_control);
        if fits { Ok(StreamName(format!("{aggregate}/{key}"))) } else { Err(NameError) }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The aggregate's name: what stands before the first `/`.
    pub fn aggregate(&self) -> &str {
        self.0.split_once('/').map_or("", |(aggregate, _)| aggregate)
    }

    /// The instance's key: what stands after the first `/`.
    pub fn key(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, key)| key)
    }
}

impl FromStr for StreamName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<StreamName, NameError> {
        let (aggregate, key) = text.split_once('/').ok_or(NameError)?;
        StreamName::new(aggregate, key)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many events a stream holds; also the number of its last event. An empty stream is at 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Version(pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place in the log, between two commits. Opaque outside: a token that can be kept and compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Position(u64);

/// Why a text is not a [`Position`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position is a token that an earlier answer gave, such as `p000000000000002a`")]
pub struct PositionError;

impl Position {
    /// Before the first commit.
    pub const START: Position = Position(0);

    /// The place after the commit with this ordinal, for a store that numbers commits from 1.
    pub fn from_ordinal(ordinal: u64) -> Position {
        Position(ordinal)
    }

    /// The commit's ordinal, for the store that made this position.
    pub fn ordinal(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Position {
    /// A token of fixed width, so that tokens sort as positions do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{:016x}", self.0)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Position, PositionError> {
        let digits = text.strip_prefix('p').filter(|digits| digits.len() == 16).ok_or(PositionError)?;
        if !digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(PositionError);
        }
        u64::from_str_radix(digits, 16).map(Position).map_err(|_| PositionError)
    }
}
