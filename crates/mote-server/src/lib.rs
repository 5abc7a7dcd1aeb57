//! The shell: serves releases over HTTP and performs what the engine decides.
//!
//! Owns the clock, the sockets and the tasks. Never decides what an answer is: it carries bytes to
//! the router and answers back. Start reading at [`Server`], then `http/public.rs`.

mod clock;
mod guest;
pub mod http;
mod log;
mod metrics;
mod ports;
mod publishers;
mod recorder;
mod server;
mod views;

pub use clock::{deadline_after, new_id, now};
pub use guest::{Guest, release};
pub use log::WatchedLog;
pub use metrics::Gauge;
pub use ports::ServerPorts;
pub use publishers::{Progress, PublisherKeeper};
pub use recorder::{Recorded, Recorder, Recordings, recordings};
pub use server::{Listen, ListenError, Server};
pub use views::{Freshness, KeepError, ViewKeeper};
