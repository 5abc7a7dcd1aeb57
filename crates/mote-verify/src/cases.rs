//! The cases that a service is tried with.
//!
//! Owns the making of values, states and whole situations out of chance. Every value that leaves
//! here fits its schema, every state is reached by events that may happen. Never asks a service.

mod formats;
mod known;
mod numbers;
mod pattern;
mod situations;
mod states;
mod texts;
mod values;

pub use known::Known;
pub use values::Values;

pub(crate) use formats::simplest as simplest_text;
pub(crate) use situations::{Aim, Made, Situations};
