//! What schemas have in common: one that accepts what either does, and one of what is there once defaults are.
//!
//! Owns the bounds that values have whatever their shape: integers of a few values or of a range, lengths of texts and
//! lists. Errs towards accepting more.

use super::{Completed, Field, Schema, Shape, TextShape, gaps};
use crate::value::{INT_MAX, Value};

impl Schema {
    /// What the values of this look like once defaults are filled in: what has one is always there.
    #[must_use]
    pub fn completed(&self) -> Schema {
        let shape = match &self.shape {
            Shape::Object(fields) => Shape::Object(
                fields
                    .iter()
                    .map(|field| Field {
                        name: field.name.clone(),
                        schema: field.schema.completed().into(),
                        required: field.required || field.schema.default.is_some(),
                    })
                    .collect(),
            ),
            Shape::List { item, min, max, unique } => {
                Shape::List { item: item.completed().into(), min: *min, max: *max, unique: *unique }
            }
            Shape::Map { value, max } => Shape::Map { value: value.completed().into(), max: *max },
            Shape::OneOf { tag, variants } => Shape::OneOf {
                tag: tag.clone(),
                variants: variants
                    .iter()
                    .map(|(name, variant)| (name.clone(), variant.completed().into()))
                    .collect(),
            },
            other => other.clone(),
        };
        Schema { shape, ..self.clone() }
    }

    /// A schema that accepts what either does. None where no shape is both.
    pub fn joined(&self, other: &Schema) -> Option<Schema> {
        if gaps(self, other, Completed::Before).is_empty() {
            return Some(other.clone());
        }
        if gaps(other, self, Completed::Before).is_empty() {
            return Some(self.clone());
        }
        let null = |schema: &Schema| matches!(&schema.shape, Shape::Enum(values) if *values == [Value::Null]);
        if null(self) || null(other) {
            let inner = if null(self) { other } else { self };
            return Some(Schema { nullable: true, ..inner.clone() });
        }
        let shape = match (&self.shape, &other.shape) {
            (Shape::Enum(a), Shape::Enum(b)) => {
                let more = b.iter().filter(|value| !a.contains(value));
                Shape::Enum(a.iter().chain(more).cloned().collect())
            }
            (Shape::Int { min: a, max: b, .. }, Shape::Int { min: c, max: d, .. }) => {
                Shape::Int { min: *a.min(c), max: *b.max(d), multiple_of: None }
            }
            (Shape::Number { min: a, max: b }, Shape::Number { min: c, max: d }) => {
                Shape::Number { min: a.min(*c), max: b.max(*d) }
            }
            (Shape::Text(a), Shape::Text(b)) => Shape::Text(TextShape {
                min: a.min.min(b.min),
                max: a.max.max(b.max),
                pattern: None,
                format: a.format.filter(|format| b.format == Some(*format)),
            }),
            (Shape::List { item: a, min, max, .. }, Shape::List { item: b, min: least, max: most, .. }) => {
                Shape::List {
                    item: a.joined(b)?.into(),
                    min: *min.min(least),
                    max: *max.max(most),
                    unique: false,
                }
            }
            // One of a few values, and a range.
            _ => match (range(self), range(other), lengths(self), lengths(other)) {
                (Some((a, b)), Some((c, d)), ..) => int(a.min(c), b.max(d)).shape,
                (.., Some((a, b)), Some((c, d))) if self.is_text() && other.is_text() => {
                    text(a.min(c), b.max(d))
                }
                _ => return None,
            },
        };
        Some(Schema { nullable: self.nullable || other.nullable, ..Schema::of(shape) })
    }

    /// Whether all its values are texts.
    pub(crate) fn is_text(&self) -> bool {
        match &self.shape {
            Shape::Text(_) => true,
            Shape::Enum(values) => values.iter().all(|value| matches!(value, Value::Text(_))),
            _ => false,
        }
    }
}

/// The integers that values of `schema` are, if they are integers.
pub(crate) fn range(schema: &Schema) -> Option<(i128, i128)> {
    match &schema.shape {
        Shape::Int { min, max, .. } if !schema.nullable => Some((i128::from(*min), i128::from(*max))),
        Shape::Enum(values) => {
            let ints: Option<Vec<i64>> = values.iter().map(Value::as_int).collect();
            let ints = ints?;
            Some((i128::from(*ints.iter().min()?), i128::from(*ints.iter().max()?)))
        }
        _ => None,
    }
}

/// Integers of a range; what is beyond what values can hold is an error when evaluated.
pub(crate) fn int(min: i128, max: i128) -> Schema {
    let bound = |n: i128| n.clamp(-i128::from(INT_MAX), i128::from(INT_MAX)) as i64;
    Schema::of(Shape::Int { min: bound(min), max: bound(max), multiple_of: None })
}

/// The lengths of texts, or of lists.
pub(crate) fn lengths(schema: &Schema) -> Option<(u64, u64)> {
    let count = |value: &Value| value.as_text().map(|text| text.chars().count() as u64);
    match &schema.shape {
        _ if schema.nullable => None,
        Shape::Text(text) => Some((text.min, text.max)),
        Shape::List { min, max, .. } => Some((*min, *max)),
        Shape::Map { max, .. } => Some((0, *max)),
        Shape::Enum(values) => {
            let counts: Option<Vec<u64>> = values.iter().map(count).collect();
            let counts = counts?;
            Some((*counts.iter().min()?, *counts.iter().max()?))
        }
        _ => None,
    }
}

/// Texts of so many characters.
pub(crate) fn text(min: u64, max: u64) -> Shape {
    Shape::Text(TextShape { min, max, pattern: None, format: None })
}
