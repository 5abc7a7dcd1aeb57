//! What cases are made of.
//!
//! Owns the making of values, of histories and of the states they lead to, out of chance. Every value
//! that leaves here fits its schema, every state is reached by events that may happen. Never asks a
//! service. What chance seldom meets is for `search` to find.

mod draft;
mod formats;
mod history;
mod known;
mod numbers;
mod pattern;
mod states;
mod texts;
mod values;

pub use known::Known;
pub use values::Values;

pub(crate) use draft::Draft;
pub(crate) use formats::{now, simplest as simplest_text};
pub(crate) use history::History;
pub(crate) use states::{Histories, event, learn, longest};
