//! Reads a view: its rows, the fields they are found by, and what each event does to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Scope, Template, Type, Value, suggest};

use super::aggregate::{fixed, object};
use super::definitions::{Definitions, Imports};
use super::mend::mend;
use super::rules::{Rules, fits};
use super::sight::Sight;
use super::{Fields, SchemaFiles, Sink, stem};
use crate::aggregate::{Aggregate, FOLD_EPOCH};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Key, Node, Tree};
use crate::view::{Change, Source, View};

/// The aggregates whose events a view can read.
pub(crate) struct EventSources<'a> {
    pub(crate) aggregates: &'a BTreeMap<String, Arc<Aggregate>>,
    /// Whether some aggregate could not be read: it may be the one that has an event.
    pub(crate) some_unreadable: bool,
}

/// None if anything is wrong with it: contracts are not judged against half a view.
pub(crate) fn read_view(
    tree: &Tree,
    file: FileId,
    files: &Files,
    sources: &EventSources<'_>,
    definitions: &Definitions,
    schemas: &mut SchemaFiles<'_>,
    sink: &Sink,
) -> Option<View> {
    let problems_before = sink.count();
    let fields = Fields::of(tree, "a view", file, sink)?;
    let rules = Rules::new(files, file, sink);
    let imports = Imports::read(&fields, definitions, &|_| false);
    let name = fields.name("view", stem(files.path(file)));
    let row = fields
        .required("row", "{type: object, …}")
        .and_then(|tree| object(schemas.compile(tree, file)?, "a row", &fields, tree));
    let index = read_index(&fields, row.as_ref());
    let mut from = BTreeMap::new();
    let mut unknown = false;
    fields.required("from", "{OrderPlaced: {key: …, put: {…}}}");
    for (key, tree) in fields.entries("from") {
        let aggregate = find_event(&key.name, rules.at(key.span.clone()), sources, sink);
        unknown |= aggregate.is_none();
        if let Some(source) = read_source(key, tree, aggregate, row.as_ref(), &imports.scope, &rules) {
            from.insert(key.name.clone(), source);
        }
    }
    let declared = schemas.closed(&tree.value(), file);
    let place = fields.place();
    fields.finish();
    definitions.note_calls(&rules);
    if unknown || !imports.whole || sink.count() != problems_before {
        return None;
    }
    // What an event of an older version becomes may change with the aggregate.
    let aggregates = from.iter().map(|(kind, source): (&String, &Source)| {
        let aggregate = &source.aggregate;
        let evolved = aggregate.events.get(kind).is_some_and(|event| !event.was.is_empty());
        let digest = if evolved { format!(" {}", aggregate.digest) } else { String::new() };
        (kind.as_str(), Value::text(format!("{}{digest}", aggregate.name)))
    });
    let mut folded = vec![
        ("view", declared),
        ("aggregates", Value::object(aggregates)),
        ("epoch", Value::Int(FOLD_EPOCH)),
    ];
    folded.extend(rules.definitions().map(|called| ("definitions", called)));
    let digest = Value::object(folded).digest();
    Some(View { name: name?.to_owned(), row: row?, index, from, digest, place })
}

/// The fields that rows are found by: each a scalar of one kind, so that every store finds the same.
fn read_index(fields: &Fields<'_, '_>, row: Option<&Schema>) -> Vec<String> {
    let mut index: Vec<String> = Vec::new();
    for tree in fields.items("index") {
        let Some(text) = tree.as_text() else {
            let field = row.and_then(first_field).unwrap_or("orderId");
            let hint = Some(format!("write `index: [{field}]`"));
            fields.wrong_type("index", "a list of the row's fields", tree, hint);
            continue;
        };
        if index.contains(&text.text) {
            let message = format!("`{}` is there twice", text.text);
            let hint = Some("name each field once".to_owned());
            fields.sink.error(Code::DuplicateName, fields.at(tree), message, hint);
        } else if row.is_none_or(|row| scalar_field(&text.text, row, fields.at(tree), fields.sink).is_some())
        {
            index.push(text.text.clone());
        }
    }
    index
}

/// The type of a field of `row` that rows can be found or ordered by. Otherwise it is reported.
pub(super) fn scalar_field(name: &str, row: &Schema, place: Place, sink: &Sink) -> Option<Type> {
    let Some(field) = row.field(name) else {
        unknown_field(name, row, place, sink);
        return None;
    };
    let ty = Type::of(&field.schema);
    if matches!(ty.non_null(), Type::Bool | Type::Int | Type::Float | Type::Text { .. }) {
        return Some(ty);
    }
    let message = format!("rows are not found by `{name}`, which is {ty}");
    let hint = Some("name a field that is a string, a number or a boolean".to_owned());
    sink.error(Code::Index, place, message, hint);
    None
}

fn unknown_field(name: &str, row: &Schema, place: Place, sink: &Sink) {
    let known = if let Type::Object(known) = Type::of(row) { known } else { Vec::new().into() };
    let near = suggest(name, known.iter().map(|field| field.name.as_str()));
    let names: Vec<_> = known.iter().map(|field| format!("`{}`", field.name)).collect();
    let hint = near.map_or_else(
        || format!("its fields are {}", names.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    sink.error(Code::UnknownName, place, format!("the row has no field `{name}`"), Some(hint));
}

/// The aggregate that has the event. None where there is none, or more than one.
pub(super) fn find_event(
    name: &str,
    place: Place,
    sources: &EventSources<'_>,
    sink: &Sink,
) -> Option<Arc<Aggregate>> {
    let has = |aggregate: &&Arc<Aggregate>| aggregate.events.contains_key(name);
    let found: Vec<_> = sources.aggregates.values().filter(has).collect();
    match found.as_slice() {
        [only] => return Some((*only).clone()),
        [] if sources.some_unreadable => {}
        [] => {
            let events: Vec<&str> = sources
                .aggregates
                .values()
                .flat_map(|aggregate| aggregate.events.keys().map(String::as_str))
                .collect();
            let hint = match suggest(name, events.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if events.is_empty() => "declare it: `aggregates/order.yaml` with `events:`".to_owned(),
                None => format!("the events are `{}`", events.join("`, `")),
            };
            let message = format!("no aggregate has an event `{name}`");
            sink.error(Code::Event, place, message, Some(hint));
        }
        [first, second, ..] => {
            let message = format!("both `{}` and `{}` have an event `{name}`", first.name, second.name);
            let hint = Some("give the events names that tell them apart".to_owned());
            sink.error(Code::Event, place, message, hint);
        }
    }
    None
}

fn read_source(
    key: &Key,
    tree: &Tree,
    aggregate: Option<Arc<Aggregate>>,
    row: Option<&Schema>,
    functions: &Scope,
    rules: &Rules<'_>,
) -> Option<Source> {
    let fields = Fields::of(tree, "an event of a view", rules.file, rules.sink)?;
    let event_type = aggregate.as_ref().and_then(|aggregate| aggregate.events.get(&key.name));
    let data = event_type.map_or(Type::Dyn, |event| Type::of(&event.data));
    let row_type = row.map_or(Type::Dyn, Type::of);
    let changes: Vec<_> = ["put", "set", "delete"]
        .into_iter()
        .filter_map(|what| Some((what, fields.optional(what)?)))
        .collect();
    let is_set = matches!(changes.as_slice(), [("set", _)]);
    let mut scope = functions.clone();
    let event_slot = scope.bind("event", Type::object([("type", Type::TEXT), ("data", data)]))?;
    // Where a row is put there may be none yet.
    let row_slot =
        scope.bind("row", if is_set { row_type.clone() } else { Type::Nullable(row_type.into()) })?;
    let key_tree = fields.required("key", "${event.data.orderId}");
    let key_template = key_tree.and_then(|tree| read_row_key(tree, &scope, event_slot, rules));
    let change = match changes.as_slice() {
        [("delete", tree)] => read_delete(&fields, tree),
        [(what, tree)] => read_fields(tree, what, row, &scope, rules),
        [] => {
            let hint =
                Some("say what becomes of the row: `put: {…}`, `set: {…}` or `delete: true`".to_owned());
            let message = format!("nothing becomes of the row with `{}`", key.name);
            rules.sink.error(Code::MissingKey, fields.place(), message, hint);
            None
        }
        [(first, _), (second, tree), ..] => {
            let message = format!("`{second}` does not go with `{first}`");
            let hint = Some("one event does one thing to a row: leave one of them out".to_owned());
            rules.sink.error(Code::Kind, fields.at(tree), message, hint);
            None
        }
    };
    fields.finish();
    Some(Source { aggregate: aggregate?, key: key_template?, change: change?, scope, event_slot, row_slot })
}

fn read_row_key(
    tree: &Tree,
    scope: &Scope,
    event_slot: mote_expr::Slot,
    rules: &Rules<'_>,
) -> Option<Template> {
    let sight = Sight {
        scope,
        known: mote_expr::Uses::of(event_slot),
        because: "the key says which row it is",
        instead: "take the key from the event: `key: ${event.data.orderId}`",
    };
    let key = rules.template(tree, &sight)?;
    let ty = key.ty();
    if matches!(ty, Type::Text { .. } | Type::Int | Type::Bool | Type::Dyn) {
        return Some(key);
    }
    let hint = Some("write a string, an integer or a boolean: `key: ${event.data.orderId}`".to_owned());
    let message = format!("`key` is a string, an integer or a boolean, this is {ty}");
    rules.sink.error(Code::DataType, rules.at(tree.headline()), message, hint);
    None
}

fn read_delete(fields: &Fields<'_, '_>, tree: &Tree) -> Option<Change> {
    if let Node::Scalar(Value::Bool(true)) = tree.node {
        return Some(Change::Delete);
    }
    fields.wrong_type("delete", "`true`", tree, Some("write `delete: true`, or leave it out".to_owned()));
    None
}

/// The fields that `put` or `set` gives a row, each of its field's type.
fn read_fields(
    tree: &Tree,
    what: &str,
    row: Option<&Schema>,
    scope: &Scope,
    rules: &Rules<'_>,
) -> Option<Change> {
    let Some(entries) = tree.as_map() else {
        let message = format!("`{what}` is a map of the row's fields, this is {}", tree.kind());
        let field = row.and_then(first_field).unwrap_or("orderId");
        let hint = Some(format!("write `{what}: {{{field}: …}}`"));
        rules.sink.error(Code::WrongType, rules.at(tree.headline()), message, hint);
        return None;
    };
    let (row, sight) = (row?, Sight::everything(scope));
    let mut fields = Vec::with_capacity(entries.len());
    for (key, tree) in entries {
        let Some(field) = row.field(&key.name) else {
            unknown_field(&key.name, row, rules.at(key.span.clone()), rules.sink);
            continue;
        };
        let Some(template) = rules.typed_template(key, tree, &sight, &Type::of(&field.schema)) else {
            continue;
        };
        if let Some(value) = fixed(&template) {
            for violation in field.schema.violations(&value) {
                let message = format!("`{}` {violation}", key.name);
                let hint = mend(&field.schema, &value, &violation);
                rules.sink.error(Code::DataType, rules.at(tree.place(&violation.at)), message, hint);
            }
        }
        fields.push((key.name.clone(), template));
    }
    if what == "set" {
        return Some(Change::Set(fields));
    }
    let Type::Object(known) = Type::of(row) else { return None };
    let missing = known.iter().filter(|field| {
        let defaulted = row.field(&field.name).is_some_and(|field| field.schema.default.is_some());
        field.present && !defaulted && !entries.iter().any(|(key, _)| key.name == field.name)
    });
    let missing: Vec<_> = missing.map(|field| format!("`{}`", field.name)).collect();
    if !missing.is_empty() {
        let message = format!("`put` makes a whole row, this leaves out {}", missing.join(", "));
        let hint =
            Some("add it, give the field a default, or `set` fields of the row that is there".to_owned());
        rules.sink.error(Code::PartialRow, rules.at(tree.headline()), message, hint);
        return None;
    }
    Some(Change::Put(fields))
}

/// The name of a field, for what to type.
fn first_field(row: &Schema) -> Option<&str> {
    let mote_expr::schema::Shape::Object(fields) = &row.shape else { return None };
    fields.first().map(|field| field.name.as_str())
}

/// Whether a value of `ty` can be compared with a field of type `field`; what is dynamic is looked at then.
pub(super) fn comparable(ty: &Type, field: &Type) -> bool {
    let numbers = |ty: &Type| matches!(ty, Type::Int | Type::Float);
    fits(ty.non_null(), field.non_null())
        || *ty == Type::Null
        || (numbers(ty.non_null()) && numbers(field.non_null()))
}
