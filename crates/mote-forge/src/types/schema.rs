//! A schema as a TypeScript type. What a type cannot say, such as a bound, is said in its comment.

use mote_expr::Value;
use mote_expr::schema::{Field, Schema, Shape};

use super::docs::{bounds, comment, doc};
use super::quoted;

/// Who fills in the defaults of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The host has: a field with a default is always there.
    Given,
    /// The host will: the code may leave it out.
    Answered,
}

/// The type of the values that `schema` accepts. Its lines but the first are indented by `depth` levels.
pub(super) fn type_of(schema: &Schema, side: Side, depth: usize) -> String {
    let ty = match &schema.shape {
        Shape::Json { .. } => "import(\"mote\").Json".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Int { .. } | Shape::Number { .. } => "number".to_owned(),
        Shape::Text(_) => "string".to_owned(),
        Shape::Enum(values) => union(values.iter().map(Value::to_string)),
        Shape::List { item, .. } => match &item.shape {
            Shape::Bool | Shape::Int { .. } | Shape::Number { .. } | Shape::Text(_) if !item.nullable => {
                format!("{}[]", type_of(item, side, depth))
            }
            _ => format!("Array<{}>", type_of(item, side, depth)),
        },
        Shape::Object(fields) => object(fields, side, depth),
        Shape::Map { value, .. } => format!("{{ [key: string]: {} }}", type_of(value, side, depth)),
        Shape::OneOf { variants, .. } => {
            union(variants.iter().map(|(_, variant)| type_of(variant, side, depth)))
        }
    };
    if schema.nullable { format!("{ty} | null") } else { ty }
}

fn union(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" | ")
}

fn object(fields: &[Field], side: Side, depth: usize) -> String {
    if fields.is_empty() {
        // `{}` would be a type that fits nearly everything.
        return "{ [key: string]: never }".to_owned();
    }
    let mut text = String::from("{\n");
    for field in fields {
        let has_default = field.schema.default.is_some();
        let present = match side {
            Side::Given => field.required || has_default,
            Side::Answered => field.required && !has_default,
        };
        let name = if is_identifier(&field.name) { field.name.clone() } else { quoted(&field.name) };
        let ty = type_of(&field.schema, side, depth + 1);
        text.push_str(&comment(&doc(&field.schema, ""), depth + 1));
        let mark = if present { "" } else { "?" };
        text.push_str(&format!("{}{name}{mark}: {ty};\n", indent(depth + 1)));
    }
    text + &indent(depth) + "}"
}

/// Two spaces a level.
pub(super) fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// Whether a field of this name needs no quotes.
fn is_identifier(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    name.chars().all(fits) && name.starts_with(|c: char| !c.is_ascii_digit())
}

/// What is said of a value's items, for the comment of the value.
pub(super) fn inner_bounds(schema: &Schema) -> Option<String> {
    let (Shape::List { item: inner, .. } | Shape::Map { value: inner, .. }) = &schema.shape else {
        return None;
    };
    let bounds = bounds(inner);
    (!bounds.is_empty()).then(|| format!("each: {}", bounds.join(", ")))
}
