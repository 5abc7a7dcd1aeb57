//! Everything that an invocation is a function of, captured once at the edge.

use jiff::Timestamp;
use mote_contract::context;
use mote_expr::{Object, Value};

use crate::release::ReleaseName;

/// One call of one release. A call that is decided again (after a conflict, in a replay) is decided
/// from the same envelope, so it meets the same time and the same ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// What is called.
    pub release: ReleaseName,
    /// The body, as it arrived.
    pub input: Vec<u8>,
    /// The caller's idempotency key, 1 to [`Envelope::KEY_BYTES_MAX`] bytes.
    pub key: Option<String>,
    /// Who calls.
    pub caller: Caller,
    /// When the caller gives up.
    pub deadline: Timestamp,
    /// The trace that the call belongs to (W3C `traceparent`).
    pub traceparent: Option<String>,
    /// What started it.
    pub origin: Origin,
    /// The time of the call: `context.now`.
    pub now: Timestamp,
    /// The id of the call: `context.id`.
    pub id: String,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// A name that is stable for this caller; idempotency keys are its own.
    pub id: String,
    /// What the caller may act as.
    pub roles: Vec<String>,
    /// What else is known of the caller, an object.
    pub claims: Value,
}

impl Caller {
    /// Somebody of whom nothing is known.
    pub fn anonymous() -> Caller {
        Caller::named("anonymous")
    }

    /// A caller without roles and claims.
    pub fn named(id: &str) -> Caller {
        Caller { id: id.to_owned(), roles: Vec::new(), claims: Value::Object(Object::new().into()) }
    }
}

/// What started a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A route of the public listener.
    Http,
    /// The admin listener, which the command line uses too.
    Admin,
    /// Another process of the same system.
    Peer,
    /// The simulator.
    Simulation,
    /// An event that a publisher follows.
    Delivery,
}

impl Origin {
    /// All origins, with their names.
    pub const ALL: [(&'static str, Origin); 5] = [
        ("http", Origin::Http),
        ("admin", Origin::Admin),
        ("peer", Origin::Peer),
        ("simulation", Origin::Simulation),
        ("delivery", Origin::Delivery),
    ];

    /// The origin's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, origin)| *origin == self).map_or("", |(name, _)| name)
    }
}

impl Envelope {
    /// The longest idempotency key, in bytes: it is kept as long as its answer.
    pub const KEY_BYTES_MAX: usize = 255;

    /// The context as rules and services see it.
    pub fn context(&self) -> Value {
        let caller = &self.caller;
        context(&time_text(self.now), &self.id, &caller.id, &caller.roles, caller.claims.clone())
    }
}

/// A time as services see it: RFC 3339 in UTC with milliseconds, so that texts sort as times do.
pub(crate) fn time_text(time: Timestamp) -> String {
    format!("{time:.3}")
}
