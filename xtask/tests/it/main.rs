//! The house rules that a compiler does not check.

mod house;
mod layers;
