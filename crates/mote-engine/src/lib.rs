//! Decides what an invocation does.
//!
//! Owns the one way to invoke anything: an [`Envelope`] goes in, an [`Answer`] comes out, whatever
//! stands behind (one process or many, a real log or a simulated one). Never reads a clock, a disk
//! or a socket, and brings no runtime: effects go through [`Ports`], time is in the envelope.
//! Start reading at [`invoke`], then `invoke/command.rs`.

mod answer;
pub mod deliveries;
mod envelope;
mod follower;
mod heads;
mod invoke;
mod lanes;
mod ports;
mod recorded;
mod release;
mod router;
pub mod runs;
mod stored;
pub mod wire;

pub use answer::Answer;
pub use deliveries::{Deliveries, Publisher};
pub use envelope::{Caller, Envelope, Origin};
pub use follower::{FollowError, Follower, Step, project, touched, view_id};
pub use heads::{Head, Heads};
pub use invoke::invoke;
pub use lanes::{Lane, Lanes};
pub use ports::{Ports, Stop};
pub use recorded::{Decided, Sampler, Sampling};
pub use release::{Release, ReleaseName, Table};
pub use router::{LocalRouter, Router, WireRouter};
