//! Reads an aggregate: state, initial state, events with how they evolve it, invariants.

use std::collections::BTreeMap;

use mote_expr::schema::Schema;
use mote_expr::{Scope, Template, Type, Uses, suggest};

use super::rules::{Rules, Sight, all};
use super::{Fields, SchemaFiles, Sink};
use crate::aggregate::{Aggregate, EventType};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::Tree;

pub(crate) fn read_aggregate(
    tree: &Tree,
    file: FileId,
    files: &Files,
    schemas: &mut SchemaFiles<'_>,
    sink: &Sink,
) -> Option<Aggregate> {
    let fields = Fields::of(tree, "an aggregate", file, sink)?;
    let name = fields.name("aggregate", "order");
    let rules = Rules { files, file, sink };
    let state = fields
        .required("state", "{type: object, …}")
        .and_then(|tree| object(schemas.compile(tree, file)?, &fields, tree));
    let initial = fields.required("initial", "{…}");
    let mut events = BTreeMap::new();
    for (key, tree) in fields.entries("events") {
        if !is_event_name(&key.name) {
            let hint = Some("an event is named for what happened, such as `OrderPlaced`".to_owned());
            let message = format!("`{}` is not an event's name", key.name);
            sink.error(Code::BadName, rules.at(key.span.clone()), message, hint);
        }
        if let Some(event) = state.as_ref().and_then(|state| read_event(tree, state, schemas, &rules)) {
            events.insert(key.name.clone(), event);
        }
    }
    let mut scope = Scope::new();
    let state_slot = scope.bind("state", state.as_ref().map_or(Type::Dyn, Type::of))?;
    let sight =
        Sight { scope: &scope, known: Uses::of(state_slot), because: "an invariant is about the state" };
    let invariants =
        fields.entries("invariants").iter().filter_map(|(key, tree)| rules.rule(key, tree, &sight)).collect();
    let digest = schemas.closed(&tree.value(), file).digest();
    let errors_before = sink.count();
    fields.finish();
    let aggregate = Aggregate {
        name: name?.to_owned(),
        state: state?,
        initial: initial?.value(),
        events,
        invariants,
        scope,
        state_slot,
        digest,
    };
    if let (Some(initial), Err(error), true) =
        (initial, aggregate.permits(&aggregate.initial), sink.count() == errors_before)
    {
        let message = format!("the initial state is not one this aggregate may have: {error}");
        sink.error(Code::Initial, Place { file, span: initial.headline() }, message, None);
    }
    Some(aggregate)
}

/// A state is an object: `evolve` sets its fields.
fn object(schema: Schema, fields: &Fields<'_, '_>, tree: &Tree) -> Option<Schema> {
    if matches!(Type::of(&schema), Type::Object(_)) {
        return Some(schema);
    }
    fields.sink.error(Code::Schema, fields.at(tree), "a state is an object with properties", None);
    None
}

fn read_event(
    tree: &Tree,
    state: &Schema,
    schemas: &mut SchemaFiles<'_>,
    rules: &Rules<'_>,
) -> Option<EventType> {
    let fields = Fields::of(tree, "an event", rules.file, rules.sink)?;
    let data =
        fields.required("data", "{type: object, …}").and_then(|tree| schemas.compile(tree, rules.file));
    let shape = fields.int("version", 1, 1_000).unwrap_or(1);
    let mut scope = Scope::new();
    let state_slot = scope.bind("state", Type::of(state))?;
    let event = Type::object([("type", Type::TEXT), ("data", data.as_ref().map_or(Type::Dyn, Type::of))]);
    let event_slot = scope.bind("event", event)?;
    let sight = Sight { scope: &scope, known: all(&scope), because: "" };
    let evolve: Vec<(String, Template)> = fields
        .entries("evolve")
        .iter()
        .filter_map(|(key, tree)| {
            let Some(field) = state.field(&key.name) else {
                let known = if let Type::Object(known) = Type::of(state) { known } else { Vec::new().into() };
                let near = suggest(&key.name, known.iter().map(|field| field.name.as_str()));
                let message = format!("the state has no field `{}`", key.name);
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                rules.sink.error(Code::UnknownName, rules.at(key.span.clone()), message, hint);
                return None;
            };
            // A fixed value is checked against the schema itself, which knows bounds and enums.
            let value = tree.value();
            let template = rules.typed_template(tree, &sight, &Type::of(&field.schema))?;
            if let (Template::Fixed(_), Some(violation)) =
                (&template, field.schema.violations(&value).first())
            {
                let message = format!("`{}` {violation}", key.name);
                rules.sink.error(Code::DataType, rules.at(tree.headline()), message, None);
            }
            Some((key.name.clone(), template))
        })
        .collect();
    fields.finish();
    Some(EventType {
        data: data?,
        // A number up to a thousand.
        shape: u32::try_from(shape).unwrap_or(1),
        evolve,
        scope,
        state_slot,
        event_slot,
    })
}

fn is_event_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The type of a list of these events, as rules see it.
pub(super) fn events_type(aggregate: &Aggregate, emits: &[String]) -> Type {
    let data = emits.iter().filter_map(|kind| aggregate.events.get(kind)).map(|event| Type::of(&event.data));
    let data = data.reduce(|a, b| a.join(&b).unwrap_or(Type::Dyn)).unwrap_or(Type::Dyn);
    let item = Type::object([("type", Type::TEXT), ("data", data)]);
    Type::List { item: item.into(), max: EVENTS_MAX }
}

/// How many events one call may emit, for the cost of rules that loop over them.
const EVENTS_MAX: u64 = 100;

/// What a rule reads of a value that is only known when evaluated.
pub(super) fn context_type() -> Type {
    let caller = caller_type();
    Type::object([("now", Type::Text { max: 30 }), ("id", Type::Text { max: 64 }), ("caller", caller)])
}

pub(super) fn caller_type() -> Type {
    let roles = Type::List { item: Type::Text { max: 100 }.into(), max: 100 };
    Type::object([("id", Type::Text { max: 200 }), ("roles", roles), ("claims", Type::Dyn)])
}
