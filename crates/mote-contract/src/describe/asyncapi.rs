//! What a system publishes, as an AsyncAPI 3.0 document: a channel for each publisher, a message for each type.
//!
//! Owns the document's names. A channel is named by its sink and its publisher, since each publisher has a stream of
//! its own; a message by its sink and its type, which has one shape there, whoever publishes it.

use std::collections::BTreeMap;

use mote_expr::Value;
use mote_expr::schema::{Schema, Shape};

use super::info;
use crate::contract::Contract;
use crate::law::{Law, Publishing};
use crate::system::SinkKind;

/// The document about the publishers among `laws`, which belong to the system `name`.
pub fn asyncapi<'l>(name: &str, laws: impl IntoIterator<Item = &'l Law>) -> Value {
    let mut publishers = Vec::new();
    for law in laws {
        publishers.extend(law.publishing.as_ref().map(|publishing| (law, publishing)));
    }
    let (mut channels, mut operations) = (BTreeMap::new(), BTreeMap::new());
    let (mut messages, mut schemas) = (BTreeMap::new(), BTreeMap::new());
    for (law, publishing) in &publishers {
        channels.insert(channel_id(law, publishing), channel(law, publishing));
        operations.insert(law.contract.name.clone(), operation(law, publishing));
        for (kind, data) in publishing.publishes.iter().filter_map(|kind| Some((kind, data_of(law, kind)?))) {
            let id = message_id(publishing, kind);
            messages.insert(id.clone(), message(&id, kind, data));
            schemas.insert(id, data.to_json_schema());
        }
    }
    let components = [("messages", Value::object(messages)), ("schemas", Value::object(schemas))];
    Value::object([
        ("asyncapi", Value::text("3.0.0")),
        ("info", info(name, publishers.iter().map(|(law, _)| &law.contract))),
        ("defaultContentType", Value::text("application/json")),
        ("channels", Value::object(channels)),
        ("operations", Value::object(operations)),
        ("components", Value::object(components)),
    ])
}

fn channel_id(law: &Law, publishing: &Publishing) -> String {
    format!("{}.{}", publishing.sink, law.contract.name)
}

fn message_id(publishing: &Publishing, kind: &str) -> String {
    format!("{}.{kind}", publishing.sink)
}

fn reference(to: String) -> Value {
    Value::object([("$ref", Value::text(to))])
}

/// What the messages of type `kind` carry.
fn data_of<'l>(law: &'l Law, kind: &str) -> Option<&'l Schema> {
    let Shape::List { item, .. } = &law.output.shape else { return None };
    let Shape::OneOf { variants, .. } = &item.shape else { return None };
    let (_, variant) = variants.iter().find(|(tag, _)| tag == kind)?;
    variant.field("data").map(|data| &*data.schema)
}

fn channel(law: &Law, publishing: &Publishing) -> Value {
    let messages = publishing.publishes.iter().map(|kind| {
        let id = message_id(publishing, kind);
        (kind.clone(), reference(format!("#/components/messages/{id}")))
    });
    let (aggregate, key) = publishing.stream(&law.contract.name);
    let where_it_is = match publishing.kind {
        SinkKind::Log => {
            "A stream of the system's own log. What was published of one stream of events is in its order."
        }
    };
    Value::object([
        ("address", Value::text(format!("{aggregate}/{key}"))),
        ("description", Value::text(where_it_is)),
        ("messages", Value::object(messages)),
    ])
}

fn operation(law: &Law, publishing: &Publishing) -> Value {
    let Contract { capability, summary, .. } = &law.contract;
    let channel = format!("#/channels/{}", channel_id(law, publishing));
    let messages = publishing.publishes.iter().map(|kind| reference(format!("{channel}/messages/{kind}")));
    let events: Vec<String> =
        publishing.subscribes.iter().map(|followed| format!("`{}`", followed.event)).collect();
    let mut parts = vec![
        ("action", Value::text("send")),
        ("description", Value::text(format!("Tells of {}.", events.join(", ")))),
        ("messages", Value::list(messages)),
        ("channel", reference(channel)),
    ];
    parts.extend(summary.as_ref().map(|summary| ("summary", Value::text(summary))));
    if !capability.is_empty() {
        parts.push(("tags", Value::list([Value::object([("name", Value::text(capability))])])));
    }
    Value::object(parts)
}

fn message(id: &str, kind: &str, data: &Schema) -> Value {
    let mut parts =
        vec![("name", Value::text(kind)), ("payload", reference(format!("#/components/schemas/{id}")))];
    parts.extend(data.description.as_ref().map(|text| ("summary", Value::text(text))));
    Value::object(parts)
}
