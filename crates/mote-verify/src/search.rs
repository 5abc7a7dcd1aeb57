//! The search for situations that chance does not meet.
//!
//! Owns climbing: a situation is changed step by step, and what is not farther from the goal is
//! kept. Goals are outcomes ([`Aim`]) and boundaries ([`Goals`]). Every search has a bound, and a seed
//! means the same search for ever. Never asks a service: what is found is for the stages to put to it.

mod alter;
mod change;
mod climb;
mod goals;
mod hunt;
mod outcome;
mod schemas;
mod situations;

pub(crate) use goals::Goals;
pub(crate) use hunt::{Hunt, Hunted};
pub(crate) use outcome::Aim;
pub(crate) use situations::{Made, Situations, hints, names, roles};
