//! Everything that `invoke` promises, asked through a router: once within one process, once as bytes
//! on the way to another.

#![allow(clippy::unwrap_used)] // A test whose ground gives way fails.

mod bench;
mod conflicts;
mod deliveries;
mod drops;
mod faults;
mod keys;
mod lanes;
mod log;
mod outcomes;
mod recorded;
mod runs;
mod sensitive;
mod services;
mod shapes;
mod snapshots;
mod swaps;
mod views;
mod wire;
