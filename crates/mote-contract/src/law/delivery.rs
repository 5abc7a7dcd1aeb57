//! What a publisher is called with: an event that happened, and everything that follows from it.
//!
//! Owns the input and the context of a delivery. Both are functions of the stored event alone, so that delivering
//! again asks the same question for ever. Never sends a message.

use std::sync::Arc;

use mote_expr::schema::{Schema, Violation};
use mote_expr::{Digest, Object, Pointer, Value};

use super::{Law, context};
use crate::aggregate::{Aggregate, Event, event_value};
use crate::element::Root;
use crate::system::SinkKind;

/// What a publisher follows, and where its messages go.
#[derive(Clone, Debug)]
pub struct Publishing {
    /// The events that it tells of.
    pub subscribes: Vec<Subscription>,
    /// The types of its messages.
    pub publishes: Vec<String>,
    /// The name of the sink that takes them.
    pub sink: String,
    /// What that sink is.
    pub kind: SinkKind,
}

/// One type of event that a publisher follows.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The aggregate whose event it is.
    pub aggregate: Arc<Aggregate>,
    /// The event's type.
    pub event: String,
}

impl Publishing {
    /// The stream of the log that takes the messages of `publisher`, in two parts as streams have.
    pub fn stream<'p>(&self, publisher: &'p str) -> (String, &'p str) {
        (format!("sink.{}", self.sink), publisher)
    }

    /// Whether events of this type of this aggregate are told of.
    pub fn follows(&self, aggregate: &str, kind: &str) -> bool {
        self.aggregate_of(kind).is_some_and(|of| of.name == aggregate)
    }

    /// The aggregate whose event of this type is followed.
    pub fn aggregate_of(&self, kind: &str) -> Option<&Aggregate> {
        let found = self.subscribes.iter().find(|subscription| subscription.event == kind);
        found.map(|subscription| &*subscription.aggregate)
    }
}

/// The parts of a publisher's input.
const PARTS: [&str; 2] = ["event", "meta"];

/// Who calls a publisher.
const CALLER: &str = "mote";

/// How many characters of a hash make an id: as many as a UUID holds.
const ID_LENGTH: usize = 32;

/// The id of the one call of publisher `operation` about the event with the id `event`.
pub fn delivery_id(operation: &str, event: &str) -> String {
    let mut id = Digest::of(format!("{operation} {event}").as_bytes()).to_string();
    id.truncate(ID_LENGTH);
    id
}

impl Law {
    /// The input of a publisher about event number `version` of `stream`, which happened at `time`.
    pub fn delivery(event: &Event, time: &str, stream: &str, version: i64) -> Value {
        let meta =
            [("time", Value::text(time)), ("stream", Value::text(stream)), ("version", Value::Int(version))];
        identified(Value::object([("event", event_value(event)), ("meta", Value::object(meta))]))
    }

    /// The context of a call with `input`: of a publisher it follows from the event, otherwise it is `asked`.
    pub fn context_of(&self, input: &Value, asked: impl FnOnce() -> Value) -> Value {
        if self.publishing.is_none() {
            return asked();
        }
        let meta = |name| input.field("meta").and_then(|meta| meta.field(name)).and_then(Value::as_text);
        let id = delivery_id(&self.contract.name, meta("id").unwrap_or(""));
        context(meta("time").unwrap_or(""), &id, CALLER, &[], Value::Object(Object::new().into()))
    }

    /// The parts of an input that rules and services see, by name: the input, or what a publisher is told.
    pub fn asked<'v>(&self, input: &'v Value) -> Vec<(&'static str, &'v Value)> {
        match self.publishing {
            None => vec![("input", input)],
            Some(_) => PARTS.iter().filter_map(|name| Some((*name, input.field(name)?))).collect(),
        }
    }

    /// The schemas of those parts.
    pub fn asked_schemas(&self) -> Vec<(&'static str, &Schema)> {
        let part = |name: &&'static str| Some((*name, &*self.input.field(name)?.schema));
        match self.publishing {
            None => vec![("input", &self.input)],
            Some(_) => PARTS.iter().filter_map(part).collect(),
        }
    }

    /// What a success consists of besides events: `output`, or the `messages` of a publisher.
    pub fn answered(&self) -> &'static str {
        if self.publishing.is_some() { "messages" } else { "output" }
    }

    /// Where elements of what is answered besides events begin.
    pub fn answered_root(&self) -> Root {
        if self.publishing.is_some() { Root::Messages } else { Root::Output }
    }

    /// Why an input that fits its schema is no event that can be delivered.
    pub(super) fn undeliverable(&self, input: &Value) -> Option<Violation> {
        let part = |outer, inner| input.field(outer).and_then(|outer| outer.field(inner)?.as_text());
        let aggregate = self.publishing.as_ref()?.aggregate_of(part("event", "type")?)?.name.as_str();
        let stream = part("meta", "stream")?;
        if stream.split_once('/').is_some_and(|(of, key)| of == aggregate && !key.is_empty()) {
            return None;
        }
        let at = Pointer::root().key("meta").key("stream");
        let message = format!("is \"{stream}\", the event is one of the aggregate `{aggregate}`");
        Some(Violation { at, message })
    }
}

/// `input` with the event's id, which follows from its stream and version.
pub(super) fn identified(input: Value) -> Value {
    let meta = input.field("meta").and_then(Value::as_object);
    let place = meta.and_then(|meta| Some((meta.get("stream")?.as_text()?, meta.get("version")?.as_int()?)));
    let (Some(meta), Some((stream, version)), Some(object)) = (meta, place, input.as_object()) else {
        return input;
    };
    let (mut meta, mut object) = (meta.clone(), object.clone());
    meta.insert("id", Value::text(format!("{stream}@{version}")));
    object.insert("meta", Value::Object(meta.into()));
    Value::Object(object.into())
}
