//! Services built as the platform builds them, and called in the sandbox that serves them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod artifacts;
mod corpus;
mod lock;
mod template;
mod types;
mod typescript;
