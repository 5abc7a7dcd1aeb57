//! What a schema accepts: our subset of JSON Schema 2020-12, closed and bounded.
//!
//! Owns the model, the reader that refuses every keyword outside the subset with its place, and
//! the validator. Never fetches anything: a `$ref` is answered by the caller. Start at [`Schema`],
//! then `compile`.

mod compile;
mod format;
mod inclusion;
pub(crate) mod join;
mod mask;
mod pattern;
mod render;
mod validate;

pub use compile::{Refs, SchemaError};
pub use format::Format;
pub use inclusion::{Completed, Gap, gaps};
pub use mask::Mask;
pub use pattern::Pattern;
pub use validate::Violation;

use std::sync::Arc;

use crate::Value;

/// How long a string may be where the schema does not say, in characters.
pub const TEXT_MAX_DEFAULT: u64 = 1_000;
/// How many items a list may have where the schema does not say.
pub const ITEMS_MAX_DEFAULT: u64 = 100;
/// How many properties a map may have where the schema does not say.
pub const PROPERTIES_MAX_DEFAULT: u64 = 100;
/// How long a `mote:json` value may be where the schema does not say, in canonical bytes.
pub const JSON_BYTES_MAX_DEFAULT: u64 = 16 * 1024;

/// A compiled schema.
#[derive(Clone, Debug)]
pub struct Schema {
    /// What the value looks like when it is not null.
    pub shape: Shape,
    /// Whether `null` is accepted too.
    pub nullable: bool,
    /// What stands in for the value where it is left out.
    pub default: Option<Value>,
    /// Whether recordings and logs mask the value.
    pub sensitive: bool,
    /// What it means, for people and for generated types.
    pub description: Option<String>,
}

/// The shapes of the subset. Every bound is set: where a file says nothing, a default applies.
#[derive(Clone, Debug)]
pub enum Shape {
    /// `format: mote:json`: any value up to a size in canonical bytes; dynamic in expressions.
    Json {
        /// The size limit, in bytes.
        bytes_max: u64,
    },
    /// `true` or `false`.
    Bool,
    /// An integer.
    Int {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
        /// The value is a multiple of this, if set.
        multiple_of: Option<i64>,
    },
    /// A number, with or without a fraction.
    Number {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// A string.
    Text(TextShape),
    /// One of a list of scalars.
    Enum(Vec<Value>),
    /// A list.
    List {
        /// What each item looks like.
        item: Arc<Schema>,
        /// The fewest items.
        min: u64,
        /// The most items.
        max: u64,
        /// Whether no two items are equal.
        unique: bool,
    },
    /// An object with known fields and no others.
    Object(Vec<Field>),
    /// An object with any keys.
    Map {
        /// What each value looks like.
        value: Arc<Schema>,
        /// The most properties.
        max: u64,
    },
    /// One of several objects, told apart by the value of one field.
    OneOf {
        /// The field that tells.
        tag: String,
        /// The tag's value and the object that goes with it.
        variants: Vec<(String, Arc<Schema>)>,
    },
}

/// What a string looks like.
#[derive(Clone, Debug)]
pub struct TextShape {
    /// The fewest characters.
    pub min: u64,
    /// The most characters.
    pub max: u64,
    /// The regular expression it matches somewhere (anchor it with `^` and `$`).
    pub pattern: Option<Arc<Pattern>>,
    /// The format it has.
    pub format: Option<Format>,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What its value looks like.
    pub schema: Arc<Schema>,
    /// Whether it must be there. A field with a default is there after [`Schema::normalise`].
    pub required: bool,
}

impl Schema {
    /// A schema of this shape: not null, no default.
    pub fn of(shape: Shape) -> Schema {
        Schema { shape, nullable: false, default: None, sensitive: false, description: None }
    }

    /// A closed object without fields.
    pub fn empty_object() -> Schema {
        Schema::of(Shape::Object(Vec::new()))
    }

    /// The field `name` of an object.
    pub fn field(&self, name: &str) -> Option<&Field> {
        match &self.shape {
            Shape::Object(fields) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// Fill in the defaults of fields that are left out. The value has been checked before or is
    /// checked after: what does not fit is left alone.
    pub fn normalise(&self, value: Value) -> Value {
        match (&self.shape, value) {
            (Shape::Object(fields), Value::Object(object)) => {
                let mut object = Arc::unwrap_or_clone(object);
                for field in fields {
                    if let Some(inner) = object.get_mut(&field.name) {
                        if field.schema.has_defaults() {
                            *inner = field.schema.normalise(std::mem::replace(inner, Value::Null));
                        }
                    } else if let Some(default) = &field.schema.default {
                        object.insert(&field.name, default.clone());
                    }
                }
                Value::Object(Arc::new(object))
            }
            (Shape::List { item, .. }, Value::List(items)) if item.has_defaults() => {
                Value::list(items.iter().map(|inner| item.normalise(inner.clone())))
            }
            (Shape::Map { value: inner, .. }, Value::Object(object)) if inner.has_defaults() => {
                Value::object(object.iter().map(|(key, value)| (key, inner.normalise(value.clone()))))
            }
            (Shape::OneOf { tag, variants }, value @ Value::Object(_)) => {
                let chosen = value.field(tag).and_then(Value::as_text).map(str::to_owned);
                match variants.iter().find(|(name, _)| Some(name) == chosen.as_ref()) {
                    Some((_, variant)) => variant.normalise(value),
                    None => value,
                }
            }
            (_, value) => value,
        }
    }

    /// Whether [`Schema::normalise`] can change anything.
    pub fn has_defaults(&self) -> bool {
        match &self.shape {
            Shape::Object(fields) => {
                fields.iter().any(|field| field.schema.default.is_some() || field.schema.has_defaults())
            }
            Shape::List { item, .. } => item.has_defaults(),
            Shape::Map { value, .. } => value.has_defaults(),
            Shape::OneOf { variants, .. } => variants.iter().any(|(_, variant)| variant.has_defaults()),
            _ => false,
        }
    }
}
