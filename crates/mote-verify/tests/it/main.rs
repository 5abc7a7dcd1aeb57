//! Verification against native subjects.

// A test that cannot read its own material fails; that is what it is for.
#![allow(clippy::unwrap_used)]

mod boundaries;
mod compat;
mod conduct;
mod derived;
mod generator;
mod ordering;
mod publishers;
mod recorded;
mod rejections;
mod relations;
mod rows;
mod sealed;
mod sequences;
mod shop;
mod strength;
mod system;
mod verdicts;
mod written;
