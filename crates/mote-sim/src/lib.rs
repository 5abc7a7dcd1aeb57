//! Simulates a system from a seed: one number makes the time, the order, the crashes and the faults.
//!
//! Owns a world in which the engine's own `invoke` and the real store meet bad days, and a checker
//! that reads what is left on disk against what callers were told. Never part of anything that
//! ships, and never reads a clock: the same seed is the same run, byte for byte. Start reading at
//! [`run`], then `workload.rs` for what happens and `checker.rs` for what must hold.

mod chance;
mod checker;
mod code;
mod disk;
mod files;
mod history;
mod ports;
mod process;
mod simulation;
mod system;
mod workload;
mod world;

pub use simulation::{Failure, Options, Report, Sabotage, run};
