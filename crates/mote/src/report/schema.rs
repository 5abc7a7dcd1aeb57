//! Schemas as tables: a row for each field, with what it accepts in words.
//! Owns the words for shapes and bounds. Every bound is shown, those too that a file leaves out.

use maud::{Markup, html};
use mote_expr::schema::{Schema, Shape, TextShape};
use mote_expr::{INT_MAX, Value};

use super::words::{code, count, grouped, grouped_int, spaced};

/// How deep fields are shown.
const DEPTH_MAX: usize = 8;

/// One row: where a value is, and what it looks like.
struct Row<'s> {
    /// The path to what holds it, and its own name.
    parent: String,
    name: String,
    schema: &'s Schema,
    /// Whether it must be there; none for what has no name of its own.
    required: Option<bool>,
}

/// The fields of `schema`, which is called `what`.
pub(super) fn table(what: &str, schema: &Schema) -> Markup {
    let mut rows = Vec::new();
    match &schema.shape {
        Shape::Object(fields) if fields.is_empty() => {}
        Shape::Object(_) => inner(schema, "", 0, &mut rows),
        _ => {
            rows.push(Row { parent: String::new(), name: what.to_owned(), schema, required: None });
            inner(schema, what, 0, &mut rows);
        }
    }
    html! {
        @if rows.is_empty() { p.dim { "Nothing." } }
        @else {
            table.fields {
                thead { tr { th { "Field" } th { "What it is" } th { "Bounds" } } }
                tbody { @for row in &rows { (shown(row)) } }
            }
        }
    }
}

fn shown(row: &Row<'_>) -> Markup {
    let schema = row.schema;
    html! {
        tr {
            td.name {
                code { span.parent { (row.parent) } (row.name) }
                @if schema.default.is_none() && row.required == Some(false) { " " span.tag { "optional" } }
                @if schema.sensitive { " " span.tag.warn { "sensitive" } }
            }
            td {
                (kind(schema))
                @if schema.nullable { ", or " code { "null" } }
                @if let Some(text) = &schema.description { p.dim { (text) } }
            }
            td {
                (bounds(&schema.shape))
                @if let Some(default) = &schema.default { p.dim { "left out, it is " (code(spaced(default))) } }
            }
        }
    }
}

/// The rows of what `schema` is made of.
fn inner<'s>(schema: &'s Schema, path: &str, depth: usize, rows: &mut Vec<Row<'s>>) {
    if depth == DEPTH_MAX {
        return;
    }
    let mut unnamed = |schema: &'s Schema, mark: &str| {
        let path = format!("{path}{mark}");
        if !matches!(schema.shape, Shape::Object(_)) {
            rows.push(Row { parent: String::new(), name: path.clone(), schema, required: None });
        }
        inner(schema, &path, depth + 1, rows);
    };
    match &schema.shape {
        Shape::List { item, .. } => unnamed(item, "[]"),
        Shape::Map { value, .. } => unnamed(value, "{}"),
        Shape::Object(fields) => {
            let parent = if path.is_empty() { String::new() } else { format!("{path}.") };
            for field in fields {
                let row = Row {
                    parent: parent.clone(),
                    name: field.name.clone(),
                    schema: &field.schema,
                    required: Some(field.required),
                };
                rows.push(row);
                inner(&field.schema, &format!("{parent}{}", field.name), depth + 1, rows);
            }
        }
        Shape::OneOf { variants, .. } => {
            for (tag, variant) in variants {
                inner(variant, &format!("{path}⟨{tag}⟩"), depth + 1, rows);
            }
        }
        Shape::Json { .. } | Shape::Bool | Shape::Int { .. } | Shape::Number { .. } => {}
        Shape::Text(_) | Shape::Enum(_) => {}
    }
}

fn kind(schema: &Schema) -> Markup {
    match &schema.shape {
        Shape::Json { .. } => html! { "any JSON" },
        Shape::Bool => html! { "true or false" },
        Shape::Int { .. } => html! { "integer" },
        Shape::Number { .. } => html! { "number" },
        Shape::Text(TextShape { format: Some(format), .. }) => html! { (format.name()) },
        Shape::Text(_) => html! { "text" },
        Shape::Enum(values) => html! {
            "one of "
            @for (at, value) in values.iter().enumerate() {
                @if at > 0 { ", " }
                (code(scalar(value)))
            }
        },
        Shape::List { .. } => html! { "list" },
        Shape::Object(_) => html! { "object" },
        Shape::Map { .. } => html! { "map" },
        Shape::OneOf { tag, variants } => html! {
            "one of " (count(variants.len() as u64, "object")) ", told apart by " (code(tag))
        },
    }
}

fn bounds(shape: &Shape) -> Markup {
    match shape {
        Shape::Json { bytes_max } => html! { "at most " (count(*bytes_max, "byte")) },
        Shape::Int { min, max, multiple_of } => html! {
            @match (*min == -INT_MAX, *max == INT_MAX) {
                (true, true) => { "any" }
                (true, false) => { "at most " (grouped_int(*max)) }
                (false, true) => { "at least " (grouped_int(*min)) }
                (false, false) => { (grouped_int(*min)) " to " (grouped_int(*max)) }
            }
            @if let Some(of) = multiple_of { ", a multiple of " (grouped_int(*of)) }
        },
        Shape::Number { min, max } => html! { (min) " to " (max) },
        Shape::Text(TextShape { min, max, pattern, .. }) => html! {
            (range(*min, *max, "character"))
            @if let Some(pattern) = pattern { br; (code(&pattern.text)) }
        },
        Shape::List { min, max, unique, .. } => html! {
            (range(*min, *max, "item"))
            @if *unique { ", no two equal" }
        },
        Shape::Map { max, .. } => html! { "at most " (count(*max, "key")) },
        Shape::Bool | Shape::Enum(_) | Shape::Object(_) | Shape::OneOf { .. } => html! {},
    }
}

fn range(min: u64, max: u64, what: &str) -> String {
    match (min, max) {
        (0, max) => format!("at most {}", count(max, what)),
        (min, max) if min == max => format!("exactly {}", count(max, what)),
        (min, max) => format!("{} to {}", grouped(min), count(max, what)),
    }
}

fn scalar(value: &Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), str::to_owned)
}
