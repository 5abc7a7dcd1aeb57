//! Reads examples: given, input, then.

use mote_expr::{Object, Value};

use super::{Fields, Sink};
use crate::contract::{Example, Then};
use crate::diagnostic::{Code, Place};
use crate::files::FileId;
use crate::law::context;
use crate::tree::{Key, Tree};

pub(crate) fn read_example(key: &Key, tree: &Tree, file: FileId, sink: &Sink) -> Option<Example> {
    let place = Place { file, span: key.span.clone() };
    let fields = Fields::of(tree, "an example", file, sink)?;
    let (mut given, mut surroundings) = (Vec::new(), default_context());
    if let Some(tree) = fields.optional("given")
        && let Some(fields) = Fields::of(tree, "`given`", file, sink)
    {
        given = fields.items("events").iter().filter_map(|tree| read_event(tree, file, sink)).collect();
        if let Some(tree) = fields.optional("context") {
            surroundings = read_context(tree, file, sink);
        }
        fields.finish();
    }
    let input = fields.required("input", "{…}").map(Tree::value);
    let then = fields.required("then", "{output: {…}}").and_then(|tree| read_then(tree, file, sink));
    fields.finish();
    Some(Example { name: key.name.clone(), given, context: surroundings, input: input?, then: then?, place })
}

fn read_event(tree: &Tree, file: FileId, sink: &Sink) -> Option<(String, Value)> {
    let fields = Fields::of(tree, "an event", file, sink)?;
    let kind = fields.required("type", "OrderPlaced").and_then(Tree::as_text);
    let data = fields.optional("data").map_or(Value::Object(Object::new().into()), Tree::value);
    fields.finish();
    Some((kind?.text.clone(), data))
}

fn read_then(tree: &Tree, file: FileId, sink: &Sink) -> Option<Then> {
    let fields = Fields::of(tree, "`then`", file, sink)?;
    let error = fields.text("error").map(str::to_owned);
    let output = fields.optional("output").map(Tree::value);
    let events = fields
        .optional("events")
        .and_then(Tree::as_list)
        .map(|items| items.iter().filter_map(|tree| read_event(tree, file, sink)).collect());
    let place = fields.place();
    fields.finish();
    match error {
        Some(_) if output.is_some() || events.is_some() => {
            sink.error(Code::Example, place, "either an error or an output, not both", None);
            None
        }
        Some(code) => Some(Then::Error(code)),
        None => Some(Then::Ok { output, events }),
    }
}

/// Time, id and caller of an example that does not say.
fn default_context() -> Value {
    context("2026-01-01T00:00:00Z", "example", "someone", &[], Value::Object(Object::new().into()))
}

fn read_context(tree: &Tree, file: FileId, sink: &Sink) -> Value {
    let Some(fields) = Fields::of(tree, "a context", file, sink) else { return default_context() };
    let now = fields.text("now").unwrap_or("2026-01-01T00:00:00Z");
    let id = fields.text("id").unwrap_or("example");
    let mut caller = ("someone", Vec::new(), Value::Object(Object::new().into()));
    if let Some(tree) = fields.optional("caller")
        && let Some(fields) = Fields::of(tree, "a caller", file, sink)
    {
        caller.0 = fields.text("id").unwrap_or(caller.0);
        caller.1 =
            fields.items("roles").iter().filter_map(|tree| Some(tree.as_text()?.text.clone())).collect();
        caller.2 = fields.optional("claims").map_or(caller.2, Tree::value);
        fields.finish();
    }
    fields.finish();
    context(now, id, caller.0, &caller.1, caller.2)
}
