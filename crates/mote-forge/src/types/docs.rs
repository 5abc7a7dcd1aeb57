//! What an editor shows beside a type: the author's description, and the bounds that the type cannot say.

use mote_expr::schema::{Schema, Shape, TextShape};
use mote_expr::{INT_MAX, Value};

use super::schema::{indent, inner_bounds};

/// The lines about a schema; `otherwise` is the first where its author wrote none.
pub(super) fn doc(schema: &Schema, otherwise: &str) -> Vec<String> {
    let description = schema.description.as_deref().map_or(otherwise, str::trim);
    let mut lines: Vec<String> = description.lines().map(|line| line.trim_end().to_owned()).collect();
    let mut facts = bounds(schema);
    facts.extend(inner_bounds(schema));
    facts.extend(schema.default.as_ref().map(|default| format!("`{default}` if it is left out")));
    facts.extend(schema.sensitive.then(|| "masked in logs and recordings".to_owned()));
    if !facts.is_empty() {
        let facts = facts.join("; ");
        let (first, rest) = facts.split_at(facts.chars().next().map_or(0, char::len_utf8));
        lines.push(format!("{}{rest}.", first.to_uppercase()));
    }
    lines
}

/// These lines as a comment before a declaration, or nothing for no lines.
pub(super) fn comment(lines: &[String], depth: usize) -> String {
    let indent = indent(depth);
    // A description may say anything, but not end its comment.
    let lines: Vec<String> = lines.iter().map(|line| line.replace("*/", "*\\/")).collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String =
                lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

/// The bounds of a value, without those of what it holds.
pub(super) fn bounds(schema: &Schema) -> Vec<String> {
    match &schema.shape {
        Shape::Json { bytes_max } => vec![format!("at most {bytes_max} bytes of JSON")],
        Shape::Bool | Shape::Enum(_) | Shape::Object(_) | Shape::OneOf { .. } => Vec::new(),
        Shape::Int { min, max, multiple_of } => {
            let mut bounds = vec!["an integer".to_owned()];
            let written = |bound: i64| (bound.abs() < INT_MAX).then(|| bound.to_string());
            bounds.extend(range(written(*min), written(*max)));
            bounds.extend(multiple_of.map(|step| format!("a multiple of {step}")));
            vec![bounds.join(", ")]
        }
        Shape::Number { min, max } => {
            let written =
                |bound: f64| (bound.abs() < INT_MAX as f64).then(|| Value::Float(bound).to_string());
            range(written(*min), written(*max)).into_iter().collect()
        }
        Shape::Text(text) => text_bounds(text),
        Shape::List { min, max, unique, .. } => {
            let mut bounds = vec![count(*min, *max, "item", "items")];
            bounds.extend(unique.then(|| "no two equal".to_owned()));
            vec![bounds.join(", ")]
        }
        Shape::Map { max, .. } => vec![count(0, *max, "entry", "entries")],
    }
}

fn text_bounds(text: &TextShape) -> Vec<String> {
    let mut bounds = Vec::new();
    bounds.extend(text.format.map(|format| format!("a {}", format.name())));
    bounds.push(count(text.min, text.max, "character", "characters"));
    bounds.extend(text.pattern.as_ref().map(|pattern| format!("matches `{}`", pattern.text)));
    bounds
}

fn count(min: u64, max: u64, one: &str, many: &str) -> String {
    let unit = if max == 1 { one } else { many };
    match (min, max) {
        (min, max) if min == max => format!("exactly {max} {unit}"),
        (0, max) => format!("at most {max} {unit}"),
        (min, max) => format!("{min} to {max} {unit}"),
    }
}

fn range(min: Option<String>, max: Option<String>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(format!("exactly {min}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}
