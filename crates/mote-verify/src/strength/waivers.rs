//! What a waiver was said about: the schema of an element and the rules that mention it.
//! Owns the short hash that binds a waiver to that, so that it expires when either changes.

use mote_contract::{Element, Law, Root};
use mote_expr::schema::{Schema, Shape};
use mote_expr::{Digest, Value};

use super::operators::{Edit, Operator};

/// How many letters of the hash are written down: enough to notice a change, short enough to type.
const SHOWN: usize = 8;

/// The hash of what `operator` is about.
pub(super) fn covers(law: &Law, operator: &Operator) -> String {
    let schema = match &operator.edit {
        Edit::Part(element, _) => schema_of(law, element).map_or(Value::Null, outline),
        _ => Value::list(law.contract.emits.iter().map(Value::text)),
    };
    let rules = mentioning(law, operator).into_iter().map(|(name, text)| {
        // Layout means nothing.
        Value::list([Value::text(name), Value::text(text.split_whitespace().collect::<Vec<_>>().join(" "))])
    });
    let parts = Value::object([
        ("about", Value::text(&operator.about)),
        ("schema", schema),
        ("rules", Value::list(rules)),
    ]);
    let Digest(hash) = Digest::of(&parts.canonical());
    // Letters alone: YAML takes digits for numbers, even with an `e` among them.
    hash.iter().take(SHOWN).map(|byte| char::from(b'a' + byte % 26)).collect()
}

/// The rules and `let`s that mention what `operator` is about: name and text.
pub(super) fn mentioning<'l>(law: &'l Law, operator: &Operator) -> Vec<(&'l str, &'l str)> {
    let word = match &operator.edit {
        Edit::Part(element, _) => element.name(),
        Edit::Events(_) => "events",
        Edit::Raise(code) | Edit::Swallow(code) => code,
        Edit::Earlier => law.answered(),
        Edit::Joint(_) | Edit::Asked(_) => {
            operator.about.rsplit('.').next().unwrap_or_default().trim_end_matches(['[', ']', '{', '}'])
        }
    };
    let rules = law.ensures.iter().map(|rule| (rule.name.as_str(), rule.expr.source()));
    let lets = law.lets().map(|(name, expr, _)| (name, expr.source()));
    rules.chain(lets).filter(|(_, text)| mentions(text, word)).collect()
}

/// Whether `word` stands in `text` as a word.
pub(super) fn mentions(text: &str, word: &str) -> bool {
    let part = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !part(text[..at].chars().next_back()) && !part(text[at + word.len()..].chars().next())
        })
}

fn schema_of<'l>(law: &'l Law, element: &Element) -> Option<&'l Schema> {
    let root = match &element.root {
        Root::Output | Root::Messages => &law.output,
        Root::Event(kind) => &law.event_type(kind)?.data,
    };
    let found =
        Element::all(element.root.clone(), root).into_iter().find(|found| found.element == *element)?;
    Some(found.schema)
}

/// What a schema asks of a value, one level deep.
fn outline(schema: &Schema) -> Value {
    let numbers = |numbers: &[i64]| Value::list(numbers.iter().map(|number| Value::Int(*number)));
    let count = |count: u64| i64::try_from(count).unwrap_or(mote_expr::INT_MAX);
    let (kind, bounds) = match &schema.shape {
        Shape::Json { bytes_max } => ("json", numbers(&[count(*bytes_max)])),
        Shape::Bool => ("boolean", Value::Null),
        Shape::Int { min, max, multiple_of } => ("integer", numbers(&[*min, *max, multiple_of.unwrap_or(1)])),
        Shape::Number { min, max } => ("number", Value::text(format!("{min} {max}"))),
        Shape::Text(text) => {
            let pattern = text.pattern.as_ref().map_or(Value::Null, |pattern| Value::text(&pattern.text));
            let format = text.format.map_or(Value::Null, |format| Value::text(format!("{format:?}")));
            ("string", Value::list([numbers(&[count(text.min), count(text.max)]), pattern, format]))
        }
        Shape::Enum(values) => ("enum", Value::list(values.iter().cloned())),
        Shape::List { min, max, unique, .. } => {
            ("array", Value::list([numbers(&[count(*min), count(*max)]), Value::Bool(*unique)]))
        }
        Shape::Object(fields) => ("object", Value::list(fields.iter().map(|field| Value::text(&field.name)))),
        Shape::Map { max, .. } => ("map", numbers(&[count(*max)])),
        Shape::OneOf { variants, .. } => {
            ("oneOf", Value::list(variants.iter().map(|(name, _)| Value::text(name))))
        }
    };
    Value::list([Value::text(kind), bounds, Value::Bool(schema.nullable)])
}
