//! Values, schemas and expressions: the language that contracts are written in.
//!
//! Owns what a value is, how it is read and written, what a schema accepts, and what an
//! expression means. Never does I/O, never waits, never reads a clock: time is a value.

mod digest;

pub use digest::{Digest, DigestError};
