//! Whether every value of one schema is a value of another.
//!
//! Owns the proof for our subset of JSON Schema: closed objects and bounds everywhere make it a walk
//! of both. Finds every place where a value of `narrow` may be none of `wide`; what it cannot decide,
//! such as one pattern within another, is such a place too.

use super::{Field, Schema, Shape, TextShape};
use crate::Value;

/// A place where a value of the one schema may be none of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where in the value, as a JSON pointer; `*` is any key or item.
    pub at: String,
    /// What may stand there.
    pub narrow: String,
    /// What would be taken there.
    pub wide: String,
    /// Whether nothing that may stand there is ever taken.
    pub never: bool,
}

/// When defaults are filled in, which decides what is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// By whoever takes the value: what callers leave out.
    After,
    /// Before anybody sees it: outputs, and events as they are stored.
    Before,
}

/// All places where a value of `narrow` may be none of `wide`.
pub fn gaps(narrow: &Schema, wide: &Schema, completed: Completed) -> Vec<Gap> {
    let mut walk = Walk { completed, at: String::new(), gaps: Vec::new() };
    walk.schema(narrow, wide);
    walk.gaps
}

struct Walk {
    completed: Completed,
    at: String,
    gaps: Vec<Gap>,
}

/// Integers of a range up to this size are tried one by one.
const TRIED_MAX: i64 = 1_000;
/// What one character may take in canonical JSON: `\u0000`.
const CHARACTER_BYTES: u64 = 6;

impl Walk {
    fn gap(&mut self, narrow: impl Into<String>, wide: impl Into<String>) {
        self.push(narrow.into(), wide.into(), false);
    }

    /// A place where no value of the one is a value of the other.
    fn never(&mut self, narrow: impl Into<String>, wide: impl Into<String>) {
        self.push(narrow.into(), wide.into(), true);
    }

    fn push(&mut self, narrow: String, wide: String, never: bool) {
        self.gaps.push(Gap { at: self.at.clone(), narrow, wide, never });
    }

    fn within(&mut self, step: &str, visit: impl FnOnce(&mut Walk)) {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(&step.replace('~', "~0").replace('/', "~1"));
        visit(self);
        self.at.truncate(length);
    }

    /// A bound that is wider than it may be.
    fn bounds<N: PartialOrd + std::fmt::Display>(&mut self, what: &str, narrow: (N, N), wide: (N, N)) {
        if narrow.0 < wide.0 || narrow.1 > wide.1 {
            let apart = narrow.1 < wide.0 || narrow.0 > wide.1;
            let words = |(min, max): (N, N)| format!("{min} to {max}{what}");
            self.push(words(narrow), words(wide), apart);
        }
    }

    fn schema(&mut self, narrow: &Schema, wide: &Schema) {
        let null_taken =
            wide.nullable || matches!(wide.shape, Shape::Json { .. }) || enumerates(wide, &Value::Null);
        if narrow.nullable && !null_taken {
            self.gap("nullable", "never null");
        }
        match (&narrow.shape, &wide.shape) {
            (Shape::Enum(values), _) => {
                let none = !values.iter().any(|value| wide.accepts(value));
                for value in values.iter().filter(|value| !wide.accepts(value)) {
                    self.push(format!("{value} too"), format!("never {value}"), none);
                }
            }
            (_, Shape::Json { bytes_max }) => {
                let most = bytes(narrow);
                if most.is_none_or(|most| most > *bytes_max) {
                    let size = most.map_or("any size".to_owned(), |most| format!("{most} bytes"));
                    self.gap(size, format!("{bytes_max} bytes"));
                }
            }
            (Shape::Bool, Shape::Enum(_)) => self.tried([true, false].map(Value::Bool), wide),
            (Shape::Bool, Shape::Bool) => {}
            (Shape::Int { min, max, .. }, Shape::Enum(_)) if max.saturating_sub(*min) <= TRIED_MAX => {
                let ints = (*min..=*max).map(Value::Int).filter(|int| narrow.accepts(int));
                self.tried(ints.collect::<Vec<_>>(), wide);
            }
            (
                Shape::Int { min, max, multiple_of },
                Shape::Int { min: least, max: most, multiple_of: step },
            ) => {
                self.bounds("", (*min, *max), (*least, *most));
                if let Some(step) = step.filter(|step| multiple_of.is_none_or(|own| own % step != 0)) {
                    self.gap(
                        multiple_of.map_or("any integer".to_owned(), |own| format!("a multiple of {own}")),
                        format!("a multiple of {step}"),
                    );
                }
            }
            (Shape::Int { min, max, .. }, Shape::Number { min: least, max: most }) => {
                self.bounds("", (*min as f64, *max as f64), (*least, *most));
            }
            (Shape::Number { min, max }, Shape::Number { min: least, max: most }) => {
                self.bounds("", (*min, *max), (*least, *most));
            }
            (Shape::Text(narrow), Shape::Text(wide)) => self.text(narrow, wide),
            (
                Shape::List { item, min, max, unique },
                Shape::List { item: taken, min: least, max: most, unique: alone },
            ) => {
                self.bounds(" items", (*min, *max), (*least, *most));
                if *alone && !unique && *max > 1 {
                    self.gap("any items", "no two items that are equal");
                }
                if *max > 0 {
                    self.within("*", |walk| walk.schema(item, taken));
                }
            }
            (Shape::Object(fields), Shape::Object(taken)) => self.object(fields, taken),
            (Shape::Object(fields), Shape::Map { value, max }) => {
                self.bounds(" properties", (0, fields.len() as u64), (0, *max));
                for field in fields {
                    self.within(&field.name, |walk| walk.schema(&field.schema, value));
                }
            }
            (Shape::Map { value, max }, Shape::Map { value: taken, max: most }) => {
                self.bounds(" properties", (0, *max), (0, *most));
                if *max > 0 {
                    self.within("*", |walk| walk.schema(value, taken));
                }
            }
            (Shape::OneOf { variants, .. }, _) => {
                for (name, variant) in variants {
                    self.variant(name, variant, wide);
                }
            }
            (Shape::Object(fields), Shape::OneOf { tag, .. }) => {
                let tagged = fields.iter().find(|field| field.name == *tag).map(|field| &field.schema.shape);
                match tagged {
                    Some(Shape::Enum(names)) if names.len() == 1 => {
                        self.variant(names[0].as_text().unwrap_or(""), narrow, wide);
                    }
                    _ => self.gap("any object", format!("an object told by `{tag}`")),
                }
            }
            // Any JSON may be what is taken, a number may be whole, and what is free may be one of a list.
            (Shape::Json { .. }, taken)
            | (Shape::Number { .. }, taken @ Shape::Int { .. })
            | (_, taken @ Shape::Enum(_)) => {
                self.gap(narrow.shape.name(), taken.name());
            }
            (_, taken) => self.never(narrow.shape.name(), taken.name()),
        }
    }

    fn tried(&mut self, values: impl IntoIterator<Item = Value>, wide: &Schema) {
        if let Some(value) = values.into_iter().find(|value| !wide.accepts(value)) {
            self.gap(format!("{value} too"), format!("never {value}"));
        }
    }

    /// One variant of a choice, where another schema would take it.
    fn variant(&mut self, name: &str, variant: &Schema, wide: &Schema) {
        match &wide.shape {
            Shape::OneOf { variants, .. } => match variants.iter().find(|(known, _)| known == name) {
                Some((_, known)) => self.schema(variant, known),
                None => self.gap(format!("the variant `{name}`"), "no such variant"),
            },
            _ => self.schema(variant, wide),
        }
    }

    fn text(&mut self, narrow: &TextShape, wide: &TextShape) {
        self.bounds(" characters", (narrow.min, narrow.max), (wide.min, wide.max));
        let pattern = |shape: &TextShape| shape.pattern.as_ref().map(|pattern| pattern.text.clone());
        if let Some(taken) = pattern(wide).filter(|taken| pattern(narrow).as_ref() != Some(taken)) {
            let own = pattern(narrow).map_or("any text".to_owned(), |own| format!("`{own}`"));
            self.gap(own, format!("`{taken}`"));
        }
        if let Some(format) = wide.format.filter(|format| narrow.format != Some(*format)) {
            self.gap(narrow.format.map_or("any text", |own| own.name()), format.name());
        }
    }

    fn object(&mut self, fields: &[Field], taken: &[Field]) {
        let filled = |field: &Field| field.schema.default.is_some();
        for field in fields {
            match taken.iter().find(|known| known.name == field.name) {
                Some(known) => self.within(&field.name, |walk| walk.schema(&field.schema, &known.schema)),
                None => self.within(&field.name, |walk| {
                    walk.push("a field".to_owned(), "no field".to_owned(), field.required)
                }),
            }
        }
        for known in taken {
            let (needed, field) =
                (known.required || filled(known), fields.iter().find(|field| field.name == known.name));
            let lacking = match self.completed {
                Completed::After => {
                    known.required && !filled(known) && field.is_none_or(|field| !field.required)
                }
                Completed::Before => needed && field.is_none_or(|field| !field.required && !filled(field)),
            };
            if lacking {
                let without = if field.is_some() { "optional" } else { "no field" };
                let never = field.is_none();
                self.within(&known.name, |walk| walk.push(without.to_owned(), "required".to_owned(), never));
            }
        }
    }
}

fn enumerates(schema: &Schema, value: &Value) -> bool {
    matches!(&schema.shape, Shape::Enum(values) if values.contains(value))
}

/// The most bytes that a value may take as canonical JSON. None where it is past counting.
fn bytes(schema: &Schema) -> Option<u64> {
    let many = |each: u64, count: u64| each.checked_add(1)?.checked_mul(count)?.checked_add(2);
    let most = match &schema.shape {
        Shape::Json { bytes_max } => *bytes_max,
        Shape::Bool => 5,
        Shape::Int { .. } => 17,
        Shape::Number { .. } => 25,
        Shape::Text(text) => text.max.checked_mul(CHARACTER_BYTES)?.checked_add(2)?,
        Shape::Enum(values) => values.iter().map(|value| value.canonical().len() as u64).max().unwrap_or(0),
        Shape::List { item, max, .. } => many(bytes(item)?, *max)?,
        Shape::Object(fields) => fields.iter().try_fold(2u64, |sum, field| {
            sum.checked_add(bytes(&field.schema)?)?.checked_add(CHARACTER_BYTES * field.name.len() as u64 + 4)
        })?,
        // Its keys may be of any length.
        Shape::Map { .. } => return None,
        Shape::OneOf { variants, .. } => variants
            .iter()
            .map(|(_, variant)| bytes(variant))
            .try_fold(0, |most, bytes| Some(bytes?.max(most)))?,
    };
    Some(if schema.nullable { most.max(4) } else { most })
}
