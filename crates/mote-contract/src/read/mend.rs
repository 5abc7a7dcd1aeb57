//! What to write instead of data that does not fit its schema.

use mote_expr::schema::{Format, Schema, Shape, Violation};
use mote_expr::{Pointer, Step, Type, Value, suggest};

/// What to type where `value` breaks `schema`.
pub(super) fn mend(schema: &Schema, value: &Value, violation: &Violation) -> Option<String> {
    if let Some(name) = violation.message.strip_prefix("has no `") {
        let name = name.trim_end_matches('`');
        let sample = find(schema, &violation.at)
            .and_then(|object| object.field(name))
            .map_or("…".to_owned(), |field| sample(&field.schema));
        return Some(format!("add `{name}: {sample}`"));
    }
    let last = violation.at.0.last();
    if violation.message == "is not a known field" {
        let (Some(Step::Key(name)), Some(outer)) = (last, outer(schema, &violation.at)) else { return None };
        let Shape::Object(fields) = &outer.shape else { return None };
        let names = || fields.iter().map(|field| field.name.as_str());
        return Some(match suggest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its fields are `{}`", names().collect::<Vec<_>>().join("`, `")),
        });
    }
    // The schema of a variant is not looked up, but the message says what it takes.
    if let (Some((_, listed)), Some(Value::Text(text))) =
        (violation.message.split_once(", not one of "), violation.at.find(value))
    {
        let listed: Vec<&str> = listed.split(", ").map(|value| value.trim_matches('"')).collect();
        let near = suggest(text, listed.iter().copied()).or(listed.first().copied())?;
        return Some(format!("did you mean `{near}`?"));
    }
    let Some(wanted) = find(schema, &violation.at) else {
        return Some("write what the schema takes, or change the schema".to_owned());
    };
    let sample = sample(wanted);
    Some(match last {
        Some(Step::Key(name)) => format!("for example `{name}: {sample}`"),
        _ => format!("for example `{sample}`"),
    })
}

fn outer<'s>(schema: &'s Schema, at: &Pointer) -> Option<&'s Schema> {
    let (_, outer) = at.0.split_last()?;
    find(schema, &Pointer(outer.to_vec()))
}

/// The schema of what stands at `at`. None where variants differ.
fn find<'s>(schema: &'s Schema, at: &Pointer) -> Option<&'s Schema> {
    at.0.iter().try_fold(schema, |schema, step| match (&schema.shape, step) {
        (Shape::Object(_), Step::Key(name)) => schema.field(name).map(|field| &*field.schema),
        (Shape::Map { value, .. }, Step::Key(_)) => Some(&**value),
        (Shape::List { item, .. }, Step::Index(_)) => Some(&**item),
        _ => None,
    })
}

/// A value that is of the right kind, as YAML writes it.
fn sample(schema: &Schema) -> String {
    match &schema.shape {
        Shape::Json { .. } => "{}".to_owned(),
        Shape::Bool => "true".to_owned(),
        Shape::Int { min, max, .. } => 0.clamp(*min, *max).to_string(),
        Shape::Number { min, max } => 0.5_f64.clamp(*min, *max).to_string(),
        Shape::Text(text) => match text.format {
            Some(Format::Date) => "\"2026-01-01\"",
            Some(Format::DateTime) => "\"2026-01-01T00:00:00Z\"",
            Some(Format::Decimal) => "\"12.50\"",
            Some(Format::Uuid) => "\"123e4567-e89b-12d3-a456-426614174000\"",
            Some(Format::Uri) => "\"https://example.com/\"",
            None => "\"…\"",
        }
        .to_owned(),
        Shape::Enum(values) => values.first().map_or("…".to_owned(), Value::to_string),
        Shape::List { .. } => "[…]".to_owned(),
        Shape::Object(_) | Shape::Map { .. } | Shape::OneOf { .. } => "{…}".to_owned(),
    }
}

/// What to type for a field of type `wanted`.
pub(super) fn mend_type(name: &str, wanted: &Type) -> String {
    let sample = match wanted.non_null() {
        Type::Bool => "true",
        Type::Int => "1",
        Type::Float => "0.5",
        Type::Text { .. } => "\"…\"",
        Type::List { .. } => "[…]",
        Type::Object(_) | Type::Map { .. } => "{…}",
        Type::Null | Type::Dyn | Type::Nullable(_) => "…",
    };
    format!("for example `{name}: {sample}`, or an expression of that type: `{name}: ${{…}}`")
}
