//! Reads a publisher and compiles its law: which events it follows, which messages it makes of them, where they go.
//!
//! A publisher is a function whose input is an event that happened, with its `meta`, and whose output is a list of
//! messages: the schemas of both are built here, so that whatever judges, generates or shrinks needs no more.

use std::sync::Arc;

use mote_expr::schema::{Field, Format, Pattern, Schema, Shape, TextShape};
use mote_expr::{Digest, Type, Value, suggest};

use super::contract::{Head, Said, Surroundings};
use super::definitions::Imports;
use super::examples::{Events, Examples};
use super::rules::Rules;
use super::settings::{read_budget, read_isolation, read_verify};
use super::sight::{Sight, publisher_scope};
use super::view::{EventSources, find_event};
use super::{Fields, SchemaFiles};
use crate::aggregate::{Aggregate, EVENTS_MAX};
use crate::contract::{CaseKind, Cases, Contract, Kind};
use crate::diagnostic::{Code, Place};
use crate::law::{Freedom, Law, Publishing, Subscription};
use crate::system::SinkKind;
use crate::tree::Tree;

/// The longest name of a stream: an aggregate's name, a slash and a key, in characters.
const STREAM_LENGTH_MAX: u64 = 60 + 1 + 512;
/// The longest id of an event: its stream, an `@` and a version of up to 16 digits.
const ID_LENGTH_MAX: u64 = STREAM_LENGTH_MAX + 17;
/// The longest type of a message.
const MESSAGE_LENGTH_MAX: usize = 100;

/// Keys of other contracts that mean nothing here: why not, and what to write instead.
const NOT_HERE: [(&str, &str, &str); 11] = [
    (
        "implementation",
        "a publisher's messages are made by code",
        "leave `implementation` out, and write its service",
    ),
    ("input", "the input of a publisher is the event", "leave `input` out: rules see `event` and `meta`"),
    ("output", "a publisher answers messages", "declare them: `publishes: {order.placed.v1: {…}}`"),
    (
        "aggregate",
        "a publisher changes no aggregate",
        "say which events it follows: `subscribes: [OrderPlaced]`",
    ),
    ("key", "a publisher changes no aggregate", "leave `key` out: `meta.stream` says whose event it is"),
    ("emits", "a publisher emits no events", "declare its messages: `publishes: {order.placed.v1: {…}}`"),
    ("reads", "a publisher sees the event alone", "put what its messages need into the event"),
    ("triggers", "events start a publisher, nobody calls it", "say which: `subscribes: [OrderPlaced]`"),
    ("allow", "events start a publisher, nobody calls it", "leave `allow` out"),
    (
        "requires",
        "what happened cannot be refused",
        "leave `requires` out: a publisher may answer no messages",
    ),
    ("errors", "what happened cannot be refused", "leave `errors` out: a publisher may answer no messages"),
];

/// A type of message and the schema of its data.
struct Message {
    name: String,
    data: Schema,
    /// The hash of the schema with everything it refers to.
    digest: Digest,
    place: Place,
}

pub(super) fn read_publisher(
    head: Head<'_>,
    tree: &Tree,
    fields: Fields<'_, '_>,
    rules: &Rules<'_>,
    around: &Surroundings<'_>,
    schemas: &mut SchemaFiles<'_>,
) -> Option<(Said, Option<Law>)> {
    let file = fields.file;
    let problems_before = fields.sink.count();
    for (key, why, instead) in NOT_HERE {
        fields.refuse(key, why, instead);
    }
    let (followed, all_found) = read_subscribes(&fields, around);
    let messages = read_publishes(&fields, schemas);
    let to = read_to(&fields, around);
    let event = tagged(followed.iter().map(|(aggregate, kind)| {
        (
            kind.as_str(),
            aggregate.events.get(kind).map_or_else(Schema::empty_object, |event| event.data.clone()),
        )
    }));
    let message = tagged(messages.iter().map(|message| (message.name.as_str(), message.data.clone())));
    let output = Schema::of(Shape::List { item: Arc::new(message), min: 0, max: EVENTS_MAX, unique: false });
    let meta = meta_schema(&followed);
    // Of what could not be read nothing is known, so that its rules are not reported too.
    let known = |known: bool, schema: &Schema| if known { tagged_type(schema) } else { Type::Dyn };
    let item = known(!messages.is_empty(), item_of(&output));
    let messages_type = Type::List { item: Arc::new(item), max: EVENTS_MAX };
    let imports = Imports::read(&fields, around.definitions, &|_| false);
    let types = (known(all_found, &event), Type::of(&meta), messages_type);
    let (scope, slots) = publisher_scope(rules, &fields, types, &imports.scope)?;
    let ensures = rules.named(&fields, "ensures", &Sight::everything(&scope));
    let readable = all_found && imports.whole && fields.sink.count() == problems_before;
    let input = Schema::of(Shape::Object(vec![required("event", event), required("meta", meta)]));
    let reader = Examples {
        kind: CaseKind::Example,
        file,
        sink: fields.sink,
        input: input.field("event").filter(|_| readable).map(|event| &*event.schema),
        output: readable.then_some(&output),
        events: Events::Never,
        view: None,
        view_unreadable: false,
    };
    let follows: Vec<_> =
        followed.iter().map(|(aggregate, kind)| (aggregate.name.as_str(), kind.as_str())).collect();
    let entries = fields.entries("examples").iter();
    let examples = entries
        .filter_map(|(key, tree)| {
            reader.read_delivery(&key.name, reader.at(key), reader.fields(tree)?, &follows)
        })
        .collect();

    let budget = read_budget(&fields, false);
    let isolation = read_isolation(&fields);
    let verify = read_verify(&fields);
    let place = Place { file, span: fields.place().span };
    let service_place = fields.optional("service").map_or(place.clone(), |tree| fields.at(tree));
    fields.finish();

    around.definitions.note_calls(rules);
    let said = Said {
        name: head.name.unwrap_or_default().to_owned(),
        service: head.service.map(|service| (service.to_owned(), service_place)),
        unused_lets: rules.unused_lets(tree, &scope),
        to: to.clone().map(|(name, _, place)| (name, place)),
        publishes: messages.iter().map(|m| (m.name.clone(), m.digest, m.place.clone())).collect(),
        ..Said::default()
    };
    let (Some(name), Some(service), Some((sink, Some(kind), _)), true) =
        (head.name, head.service, to, readable)
    else {
        return Some((said, None));
    };
    let aggregates =
        followed.iter().map(|(aggregate, kind)| (kind, Value::text(aggregate.digest.to_string())));
    let mut closure = vec![
        ("contract", schemas.closed(&tree.value(), file)),
        ("events", Value::object(aggregates)),
        ("sink", Value::text(kind.name())),
    ];
    closure.extend(rules.definitions().map(|called| ("definitions", called)));
    let contract = Contract {
        name: name.to_owned(),
        version: head.version,
        kind: Kind::Publisher,
        owner: head.owner,
        summary: head.summary,
        capability: head.capability,
        service: service.to_owned(),
        aggregate: None,
        routes: Vec::new(),
        content: None,
        emits: Vec::new(),
        budget,
        isolation,
        freedom: Freedom::default(),
        relations: Vec::new(),
        verify,
        examples,
        place,
    };
    let publishing = Publishing {
        subscribes: followed
            .into_iter()
            .map(|(aggregate, event)| Subscription { aggregate, event })
            .collect(),
        publishes: messages.into_iter().map(|message| message.name).collect(),
        sink,
        kind,
    };
    let law = Law {
        contract,
        digest: Value::object(closure).digest(),
        cases: Cases::default(),
        aggregate: None,
        reads: None,
        publishing: Some(publishing),
        completes_input: input.has_defaults(),
        completes_output: output.has_defaults(),
        input,
        output,
        errors: Vec::new(),
        requires: Vec::new(),
        ensures,
        key: None,
        allow: None,
        scope,
        slots,
        derivation: None,
    };
    Some((said, Some(law)))
}

/// The events that are named and each one's aggregate, and whether all of them were found.
fn read_subscribes(
    fields: &Fields<'_, '_>,
    around: &Surroundings<'_>,
) -> (Vec<(Arc<Aggregate>, String)>, bool) {
    let sources =
        EventSources { aggregates: around.aggregates, some_unreadable: !around.unreadable.is_empty() };
    let named = fields.required("subscribes", "[OrderPlaced]");
    let mut found: Vec<(Arc<Aggregate>, String)> = Vec::new();
    let mut all = named.is_some();
    for tree in fields.items("subscribes") {
        let Some(text) = tree.as_text() else {
            fields.wrong_type("subscribes", "a list of event types", tree, None);
            all = false;
            continue;
        };
        if found.iter().any(|(_, kind)| *kind == text.text) {
            let hint = Some("name each event once".to_owned());
            let message = format!("`{}` is there twice", text.text);
            fields.sink.error(Code::DuplicateName, fields.at(tree), message, hint);
            continue;
        }
        match find_event(&text.text, fields.at(tree), &sources, fields.sink) {
            Some(aggregate) => found.push((aggregate, text.text.clone())),
            None => all = false,
        }
    }
    if let (Some(tree), true, true) = (named, found.is_empty(), all)
        && tree.as_list().is_some()
    {
        let hint = Some("name the events: `subscribes: [OrderPlaced]`".to_owned());
        fields.sink.error(Code::MissingKey, fields.at(tree), "this publisher follows no event", hint);
    }
    let all = all && !found.is_empty();
    (found, all)
}

fn read_publishes(fields: &Fields<'_, '_>, schemas: &mut SchemaFiles<'_>) -> Vec<Message> {
    let named = fields.required("publishes", "{order.placed.v1: {…}}");
    let entries = fields.entries("publishes");
    if let (Some(tree), []) = (named, entries)
        && tree.as_map().is_some()
    {
        let hint = Some("declare its messages: `publishes: {order.placed.v1: {…}}`".to_owned());
        fields.sink.error(Code::MissingKey, fields.at(tree), "this publisher has no messages", hint);
    }
    let mut messages = Vec::with_capacity(entries.len());
    for (key, tree) in entries {
        let place = Place { file: fields.file, span: key.span.clone() };
        if !is_message_name(&key.name) {
            let hint = "lower-case words joined by dots or hyphens, such as `order.placed.v1`".to_owned();
            let message = format!("`{}` is not the name of a message", key.name);
            fields.sink.error(Code::BadName, place.clone(), message, Some(hint));
        }
        let Some(data) = schemas.compile(tree, fields.file) else { continue };
        let digest = schemas.closed(&tree.value(), fields.file).digest();
        messages.push(Message { name: key.name.clone(), data, digest, place });
    }
    messages
}

/// The sink that is named, and what it is if that can be told.
fn read_to(fields: &Fields<'_, '_>, around: &Surroundings<'_>) -> Option<(String, Option<SinkKind>, Place)> {
    let names = || around.sinks.keys().map(String::as_str);
    let tree = fields.required("to", names().next().unwrap_or("orders"))?;
    let name = fields.text("to")?;
    let kind = around.manifest.sinks.get(name).copied();
    if kind.is_none() && !around.sinks.contains_key(name) {
        let hint = match suggest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it to `mote.yaml`: `sinks: {{{name}: {{kind: log}}}}`"),
        };
        fields.sink.error(
            Code::UnknownName,
            fields.at(tree),
            format!("there is no sink `{name}`"),
            Some(hint),
        );
    }
    Some((name.to_owned(), kind, fields.at(tree)))
}

/// Objects with `type` and `data`, told apart by the former.
fn tagged<'n>(variants: impl Iterator<Item = (&'n str, Schema)>) -> Schema {
    let variant = |(name, data): (&str, Schema)| {
        let kind = Schema::of(Shape::Enum(vec![Value::text(name)]));
        let object = Shape::Object(vec![required("type", kind), required("data", data)]);
        (name.to_owned(), Arc::new(Schema::of(object)))
    };
    Schema::of(Shape::OneOf { tag: "type".to_owned(), variants: variants.map(variant).collect() })
}

/// The type of such an object: its data is dynamic where no type holds that of all variants.
fn tagged_type(schema: &Schema) -> Type {
    let Shape::OneOf { variants, .. } = &schema.shape else { return Type::Dyn };
    let data = variants.iter().filter_map(|(_, variant)| Some(Type::of(&variant.field("data")?.schema)));
    let data = data.reduce(|a, b| a.join(&b).unwrap_or(Type::Dyn)).unwrap_or(Type::Dyn);
    Type::object([("type", Type::TEXT), ("data", data)])
}

fn item_of(list: &Schema) -> &Schema {
    if let Shape::List { item, .. } = &list.shape { item } else { list }
}

/// What is known of an event beside what it says.
pub(super) fn meta_schema(followed: &[(Arc<Aggregate>, String)]) -> Schema {
    let mut aggregates: Vec<&str> = followed.iter().map(|(aggregate, _)| aggregate.name.as_str()).collect();
    aggregates.sort_unstable();
    aggregates.dedup();
    let shortest = aggregates.iter().map(|name| name.len() as u64).min().unwrap_or(0);
    let text = |min: u64, max: u64, pattern: Option<String>, format: Option<Format>| {
        // The names are checked names, so this is an expression of the subset.
        let pattern = pattern.and_then(|pattern| Pattern::new(&pattern).ok()).map(Arc::new);
        Schema::of(Shape::Text(TextShape { min, max, pattern, format }))
    };
    let stream = format!("^({})/.+$", aggregates.join("|"));
    Schema::of(Shape::Object(vec![
        // At least `/x@1` behind the aggregate.
        required("id", text(shortest + 4, ID_LENGTH_MAX, None, None)),
        required("time", text(1, 40, None, Some(Format::DateTime))),
        required("stream", text(shortest + 2, STREAM_LENGTH_MAX, Some(stream), None)),
        required("version", Schema::of(Shape::Int { min: 1, max: mote_expr::INT_MAX, multiple_of: None })),
    ]))
}

fn required(name: &str, schema: Schema) -> Field {
    Field { name: name.to_owned(), schema: Arc::new(schema), required: true }
}

/// `order.placed.v1`.
fn is_message_name(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= MESSAGE_LENGTH_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split(['.', '-']).all(word)
}
