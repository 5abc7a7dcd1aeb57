//! The house rules that a compiler does not check.

mod layers;
mod house;
