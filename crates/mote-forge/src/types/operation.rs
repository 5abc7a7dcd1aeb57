//! The module `mote/<operation>`: what one operation is given, and what it may answer.

use mote_contract::{Bound, Kind, Law};
use mote_expr::schema::{Schema, Shape};

use super::docs::{comment, doc};
use super::quoted;
use super::schema::{Side, type_of};

/// The text of an operation's declarations.
pub(super) fn module(law: &Law) -> String {
    let contract = &law.contract;
    let (name, version) = (&contract.name, &contract.version);
    let mut module = Module {
        text: format!(
            "// Written by Mote from the contract {name} {version}. Do not edit it: the next check writes it again.\n\n\
             declare module {} {{\n  import type {{ Caller, Context }} from \"mote\";\n  export type {{ Caller, Context }};\n",
            quoted(&format!("mote/{name}"))
        ),
    };
    if law.publishing.is_some() {
        module.declare(&["What happened, told apart by `type`.".to_owned()], "Event", &followed(law));
        let meta = law.input.field("meta").map(|meta| type_of(&meta.schema, Side::Given, 1));
        module.declare(&["What is known of it.".to_owned()], "Meta", &meta.unwrap_or_default());
        let message = messages(law);
        module.declare(&["What is told, by `type`.".to_owned()], "Message", &message);
    } else {
        let output = type_of(&law.output, Side::Answered, 1);
        module.declare(&doc(&law.input, "What is asked."), "Input", &type_of(&law.input, Side::Given, 1));
        module.declare(&doc(&law.output, "What is answered."), "Output", &output);
    }
    if let Some(aggregate) = &law.aggregate {
        let what = format!("The state of the {} before the call.", aggregate.name);
        let state = type_of(&aggregate.state, Side::Given, 1);
        module.declare(&doc(&aggregate.state, &what), "State", &state);
        let events = event(law);
        module.declare(&["What may happen, told apart by `type`.".to_owned()], "Event", &events);
        module.declare(&[], "Events", "Event[]");
    }
    if let Some(reads) = &law.reads {
        let what = format!("A row of the view {}.", reads.view.name);
        let row = type_of(&reads.view.row, Side::Given, 1);
        module.declare(&doc(&reads.view.row, &what), "Row", &row);
    }
    let codes =
        ["The errors that the code may raise: `fail<\"…\">(code)`. All others are the host's.".to_owned()];
    let codes = if raised(law).next().is_some() { &codes[..] } else { &[] };
    module.declare(codes, "ErrorCode", &self::codes(law));
    module.declare(&["What the service is called with.".to_owned()], "Call", &call(law));
    module.declare(&["What the service answers.".to_owned()], "Answer", &answer(law));
    let summary: Vec<String> = contract.summary.iter().map(|summary| summary.trim().to_owned()).collect();
    module.declare(&summary, "Handler", "(call: Call) => Answer");
    module.text.push_str("}\n");
    module.text
}

struct Module {
    text: String,
}

impl Module {
    fn declare(&mut self, doc: &[String], name: &str, ty: &str) {
        let doc = comment(doc, 1);
        let gap = if ty.starts_with('\n') { "" } else { " " };
        self.text.push_str(&format!("\n{doc}  export type {name} ={gap}{ty};\n"));
    }
}

/// The errors that the code may raise: the host decides on those with a condition.
pub(super) fn raised(law: &Law) -> impl Iterator<Item = &str> {
    law.errors.iter().filter(|error| error.condition.is_none()).map(|error| error.code.as_str())
}

/// Those errors as a type.
pub(super) fn codes(law: &Law) -> String {
    let codes: Vec<String> = raised(law).map(quoted).collect();
    if codes.is_empty() { "never".to_owned() } else { codes.join(" | ") }
}

fn call(law: &Law) -> String {
    let mut parts = vec![format!("operation: {}", quoted(&law.contract.name))];
    if law.publishing.is_some() {
        parts.extend(["event: Event", "meta: Meta"].map(str::to_owned));
    } else {
        parts.push("input: Input".to_owned());
    }
    if law.aggregate.is_some() {
        parts.push("state: State".to_owned());
    }
    if let Some(reads) = &law.reads {
        parts.push("rows: Row[]".to_owned());
        if let Bound::Page(_) = reads.bound {
            parts.push("next: string | null".to_owned());
        }
    }
    parts.push("context: Context".to_owned());
    let parts: String = parts.iter().map(|part| format!("\n    {part};")).collect();
    format!("{{{parts}\n  }}")
}

fn answer(law: &Law) -> String {
    if law.publishing.is_some() {
        return "{ messages: Message[] }".to_owned();
    }
    let events =
        if law.aggregate.is_some() && law.contract.kind == Kind::Command { "; events?: Events" } else { "" };
    format!("{{ output: Output{events} }}")
}

/// The events that the contract emits, as a union.
fn event(law: &Law) -> String {
    let types = law.aggregate.as_ref().map(|aggregate| &aggregate.events);
    let emitted = law.contract.emits.iter().filter_map(|kind| Some((kind.as_str(), &types?.get(kind)?.data)));
    union(emitted, Side::Answered)
}

/// The events that a publisher follows, as a union.
fn followed(law: &Law) -> String {
    let event = law.input.field("event").map(|event| &*event.schema);
    event.map_or_else(String::new, |event| union(tagged(event), Side::Given))
}

/// The messages of a publisher, as a union.
fn messages(law: &Law) -> String {
    let Shape::List { item, .. } = &law.output.shape else { return "never".to_owned() };
    union(tagged(item), Side::Answered)
}

/// The variants of a schema whose objects have `type` and `data`: each type with the schema of its data.
fn tagged(schema: &Schema) -> impl Iterator<Item = (&str, &Schema)> {
    let variants = if let Shape::OneOf { variants, .. } = &schema.shape { &variants[..] } else { &[] };
    variants.iter().filter_map(|(kind, variant)| Some((kind.as_str(), &*variant.field("data")?.schema)))
}

fn union<'s>(variants: impl Iterator<Item = (&'s str, &'s Schema)>, side: Side) -> String {
    let variant = |(kind, data): (&str, &Schema)| {
        let (kind, data) = (quoted(kind), type_of(data, side, 4));
        format!("\n    | {{\n        type: {kind};\n        data: {data};\n      }}")
    };
    let variants: Vec<String> = variants.map(variant).collect();
    if variants.is_empty() { "never".to_owned() } else { variants.concat() }
}
