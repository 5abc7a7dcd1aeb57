//! Reads an aggregate: state, initial state, events with how they evolve it, invariants.

use std::collections::BTreeMap;

use mote_expr::schema::Schema;
use mote_expr::{Scope, Template, Type, Uses, Value, suggest};

use super::definitions::{Definitions, Imports};
use super::mend::mend;
use super::rules::{Rules, camel_case};
use super::shapes::read_was;
use super::sight::Sight;
use super::{Fields, SchemaFiles, Sink, stem};
use crate::aggregate::{Aggregate, EVENTS_MAX, EventType, FOLD_EPOCH, FoldError};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Key, Tree};

/// None if anything is wrong with it: contracts are not judged against half an aggregate.
pub(crate) fn read_aggregate(
    tree: &Tree,
    file: FileId,
    files: &Files,
    definitions: &Definitions,
    schemas: &mut SchemaFiles<'_>,
    sink: &Sink,
) -> Option<Aggregate> {
    let problems_before = sink.count();
    let fields = Fields::of(tree, "an aggregate", file, sink)?;
    let name = fields.name("aggregate", stem(files.path(file)));
    let rules = Rules::new(files, file, sink);
    let imports = Imports::read(&fields, definitions, &|_| false);
    let state = fields
        .required("state", "{type: object, …}")
        .and_then(|tree| object(schemas.compile(tree, file)?, "a state", &fields, tree));
    let initial = fields.required("initial", "{…}");
    let mut events = BTreeMap::new();
    for (key, tree) in fields.entries("events") {
        if !is_event_name(&key.name) {
            let better = camel_case(&key.name, true);
            let hint = Some(format!("an event is named for what happened: `{better}`"));
            let message = format!("`{}` is not an event's name", key.name);
            sink.error(Code::BadName, rules.at(key.span.clone()), message, hint);
        }
        if let Some(event) = read_event(&key.name, tree, state.as_ref(), &imports.scope, schemas, &rules) {
            events.insert(key.name.clone(), event);
        }
    }
    let mut scope = imports.scope.clone();
    let state_slot = scope.bind("state", state.as_ref().map_or(Type::Dyn, Type::of))?;
    let sight = Sight {
        scope: &scope,
        known: Uses::of(state_slot),
        because: "an invariant is about the state",
        instead: "",
    };
    let invariants = rules.named(&fields, "invariants", &sight);
    let declared = schemas.closed(&tree.value(), file);
    let mut folded = vec![("aggregate", declared), ("epoch", Value::Int(FOLD_EPOCH))];
    folded.extend(rules.definitions().map(|called| ("definitions", called)));
    let digest = Value::object(folded).digest();
    definitions.note_calls(&rules);
    fields.finish();
    if !imports.whole {
        return None;
    }
    let (state, initial_tree) = (state?, initial?);
    let aggregate = Aggregate {
        name: name?.to_owned(),
        initial: state.normalise(initial_tree.value()),
        state,
        events,
        invariants,
        scope,
        state_slot,
        digest,
    };
    check_initial(&aggregate, initial_tree, file, sink);
    (sink.count() == problems_before).then_some(aggregate)
}

fn check_initial(aggregate: &Aggregate, initial: &Tree, file: FileId, sink: &Sink) {
    let violations = aggregate.state.violations(&aggregate.initial);
    for violation in &violations {
        let message = format!("the initial state does not fit: {violation}");
        let hint = mend(&aggregate.state, &aggregate.initial, violation);
        sink.error(Code::Initial, Place { file, span: initial.place(&violation.at) }, message, hint);
    }
    if violations.is_empty()
        && let Err(error) = aggregate.permits(&aggregate.initial)
    {
        let values = match &error {
            FoldError::Invariant(breach) => breach.listed(),
            _ => String::new(),
        };
        let message = match error {
            FoldError::Invariant(breach) => {
                let rule = breach.expression.as_deref().unwrap_or("");
                format!("the initial state breaks `{}`: {rule}{values}", breach.clause)
            }
            error => format!("the initial state cannot be judged: {error}"),
        };
        let hint = "the aggregate is in this state before its first event: change it, or the invariant";
        sink.error(Code::Initial, Place { file, span: initial.headline() }, message, Some(hint.to_owned()));
    }
}

/// A state and a row are objects: events set their fields.
pub(super) fn object(schema: Schema, what: &str, fields: &Fields<'_, '_>, tree: &Tree) -> Option<Schema> {
    if matches!(Type::of(&schema), Type::Object(_)) {
        return Some(schema);
    }
    let hint = Some("write `{type: object, properties: {…}}`, so that events can set its fields".to_owned());
    fields.sink.error(Code::Schema, fields.at(tree), format!("{what} is an object with properties"), hint);
    None
}

fn read_event(
    name: &str,
    tree: &Tree,
    state: Option<&Schema>,
    functions: &Scope,
    schemas: &mut SchemaFiles<'_>,
    rules: &Rules<'_>,
) -> Option<EventType> {
    let fields = Fields::of(tree, "an event", rules.file, rules.sink)?;
    let data =
        fields.required("data", "{type: object, …}").and_then(|tree| schemas.compile(tree, rules.file));
    // A number up to a thousand.
    let shape = fields.int("version", 1, 1_000).and_then(|shape| u32::try_from(shape).ok()).unwrap_or(1);
    let was = read_was(name, &fields, shape, data.as_ref(), functions, schemas, rules);
    let mut scope = functions.clone();
    let state_slot = scope.bind("state", state.map_or(Type::Dyn, Type::of))?;
    let event = Type::object([("type", Type::TEXT), ("data", data.as_ref().map_or(Type::Dyn, Type::of))]);
    let event_slot = scope.bind("event", event)?;
    let sight = Sight::everything(&scope);
    let entries = fields.entries("evolve").iter();
    let evolve: Vec<(String, Template)> = entries
        .filter_map(|(key, tree)| Some((key.name.clone(), read_evolve(key, tree, state?, &sight, rules)?)))
        .collect();
    fields.finish();
    let data = data?;
    Some(EventType {
        completed: data.has_defaults(),
        data,
        shape,
        was: was?,
        evolve,
        scope,
        state_slot,
        event_slot,
    })
}

fn read_evolve(
    key: &Key,
    tree: &Tree,
    state: &Schema,
    sight: &Sight<'_>,
    rules: &Rules<'_>,
) -> Option<Template> {
    let Some(field) = state.field(&key.name) else {
        let known = if let Type::Object(known) = Type::of(state) { known } else { Vec::new().into() };
        let near = suggest(&key.name, known.iter().map(|field| field.name.as_str()));
        let message = format!("the state has no field `{}`", key.name);
        let names: Vec<_> = known.iter().map(|field| format!("`{}`", field.name)).collect();
        let hint = near.map_or_else(
            || format!("its fields are {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        rules.sink.error(Code::UnknownName, rules.at(key.span.clone()), message, Some(hint));
        return None;
    };
    let template = rules.typed_template(key, tree, sight, &Type::of(&field.schema))?;
    // Fixed data is checked against the schema itself, which knows bounds and enums.
    if let Some(value) = fixed(&template) {
        for violation in field.schema.violations(&value) {
            let message = format!("`{}` {violation}", key.name);
            let hint = mend(&field.schema, &value, &violation);
            rules.sink.error(Code::DataType, rules.at(tree.place(&violation.at)), message, hint);
        }
    }
    Some(template)
}

/// The value of a template without expressions.
pub(super) fn fixed(template: &Template) -> Option<Value> {
    match template {
        Template::Fixed(value) => Some(value.clone()),
        Template::List(items) => items.iter().map(fixed).collect::<Option<Vec<_>>>().map(Value::list),
        Template::Object(fields) => {
            let fields = fields.iter().map(|(key, field)| Some((key, fixed(field)?)));
            fields.collect::<Option<Vec<_>>>().map(Value::object)
        }
        Template::Expr(_) | Template::Text(_) => None,
    }
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

/// What a rule reads of a value that is only known when evaluated.
pub(super) fn context_type() -> Type {
    let caller = caller_type();
    Type::object([("now", Type::Text { max: 30 }), ("id", Type::Text { max: 64 }), ("caller", caller)])
}

pub(super) fn caller_type() -> Type {
    let roles = Type::List { item: Type::Text { max: 100 }.into(), max: 100 };
    Type::object([("id", Type::Text { max: 200 }), ("roles", roles), ("claims", Type::Dyn)])
}
