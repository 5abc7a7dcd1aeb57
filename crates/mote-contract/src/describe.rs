//! A system as others read it, in the formats that their tools know.
//!
//! Owns how contracts are told to those that never heard of Mote. Never says more than is enforced. Pure: from laws
//! to a value. [`openapi`] tells of the routes that are called, [`asyncapi`] of the messages that are published.

mod asyncapi;
mod openapi;

use mote_expr::Value;

use crate::contract::Contract;

pub use asyncapi::asyncapi;
pub use openapi::openapi;

/// What a document says of itself. A system has no version of its own: the newest of what is described tells that
/// something changed.
fn info<'c>(system: &str, described: impl Iterator<Item = &'c Contract>) -> Value {
    let numbers = |text: &str| text.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
    let newest = described.map(|contract| contract.version.as_str()).max_by_key(|version| numbers(version));
    let version = Value::text(newest.unwrap_or("1.0.0"));
    Value::object([("title", Value::text(system)), ("version", version)])
}
