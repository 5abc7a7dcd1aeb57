//! The AsyncAPI document.

use mote_contract::{System, asyncapi};
use serde_json::Value as Json;

use super::{check_expected, check_shape, json, laws, root, system};

fn document(system: &System) -> Json {
    let document = json(&asyncapi(&system.manifest.name, laws(system)));
    check_shape(include_str!("asyncapi.shape.json"), &document);
    check_references(&document);
    document
}

/// What a shape cannot say: that every reference leads somewhere, that an operation's messages are its channel's, and
/// that a payload is a schema. Without a format of its own it is read as draft 7, of which the AsyncAPI's is a superset.
#[track_caller]
fn check_references(document: &Json) {
    let mut waiting = vec![document];
    while let Some(part) = waiting.pop() {
        if let Some(to) = part.get("$ref").and_then(Json::as_str) {
            let found = document.pointer(to.strip_prefix('#').unwrap());
            assert!(found.is_some(), "{to} leads nowhere");
        }
        match part {
            Json::Object(fields) => waiting.extend(fields.values()),
            Json::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    for (name, operation) in document["operations"].as_object().unwrap() {
        let channel = operation["channel"]["$ref"].as_str().unwrap();
        for message in operation["messages"].as_array().unwrap() {
            let message = message["$ref"].as_str().unwrap();
            assert!(message.starts_with(&format!("{channel}/messages/")), "{name}: {message}");
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::draft7::meta::is_valid(schema), "{name}: {schema}");
    }
}

#[test]
fn every_message_of_the_examples_is_told() {
    for example in ["hello", "shop"] {
        let system = system(&root().join("examples").join(example));
        let document = document(&system);
        let mut published = 0;
        for (law, publishing) in laws(&system).filter_map(|law| Some((law, law.publishing.as_ref()?))) {
            let channel = &document["channels"][format!("{}.{}", publishing.sink, law.contract.name)];
            assert_eq!(channel["address"], format!("sink.{}/{}", publishing.sink, law.contract.name));
            for message in &publishing.publishes {
                let at = channel["messages"][message]["$ref"].as_str().unwrap();
                assert_eq!(document.pointer(&at[1..]).unwrap()["name"], *message);
                published += 1;
            }
        }
        assert_eq!(published > 0, example == "shop");
    }
}

#[test]
fn a_system_as_subscribers_read_it() {
    let folder = root().join("cases/asyncapi");
    check_expected(&folder, &document(&system(&folder)));
}
