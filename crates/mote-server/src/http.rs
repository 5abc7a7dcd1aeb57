//! HTTP in, envelopes through the router, HTTP out.

mod admin;
mod answer;
mod body;
mod front;
mod problem;
mod public;
mod publishers;
mod routes;

pub use admin::admin;
pub use front::{Front, Health};
pub use public::public;
