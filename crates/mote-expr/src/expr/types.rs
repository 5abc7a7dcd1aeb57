//! The types of expressions: what a schema says, seen from a rule.
//! Owns how types join and what can be compared. Sizes are part of a type, since cost needs them.

use std::fmt;
use std::sync::Arc;

use crate::schema::{Schema, Shape};
use crate::value::Value;

/// A type, with the bounds that cost is computed from.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Known only when evaluated: `mote:json`, and items of an empty list.
    Dyn,
    /// Only `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// An integer.
    Int,
    /// A number that may have a fraction.
    Float,
    /// A string of at most `max` characters.
    Text {
        /// The most characters.
        max: u64,
    },
    /// A list of at most `max` items.
    List {
        /// The items' type.
        item: Arc<Type>,
        /// The most items.
        max: u64,
    },
    /// An object with known fields.
    Object(Arc<Vec<FieldType>>),
    /// An object with any keys.
    Map {
        /// The values' type.
        value: Arc<Type>,
        /// The most keys.
        max: u64,
    },
    /// The type or `null`.
    Nullable(Arc<Type>),
}

/// A field of an object type.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldType {
    /// Its name.
    pub name: String,
    /// The type of its value.
    pub ty: Type,
    /// Whether every object of the type has it.
    pub present: bool,
}

impl Type {
    /// A string of any length that values can have.
    pub const TEXT: Type = Type::Text { max: crate::schema::TEXT_MAX_DEFAULT };

    /// The type of the values that `schema` accepts.
    pub fn of(schema: &Schema) -> Type {
        let ty = match &schema.shape {
            Shape::Json { .. } => return Type::Dyn,
            Shape::Bool => Type::Bool,
            Shape::Int { .. } => Type::Int,
            Shape::Number { .. } => Type::Float,
            Shape::Text(text) => Type::Text { max: text.max },
            Shape::Enum(values) => values
                .iter()
                .map(Type::of_value)
                .reduce(|a, b| a.join(&b).unwrap_or(Type::Dyn))
                .unwrap_or(Type::Dyn),
            Shape::List { item, max, .. } => Type::List { item: Arc::new(Type::of(item)), max: *max },
            Shape::Map { value, max } => Type::Map { value: Arc::new(Type::of(value)), max: *max },
            Shape::Object(fields) => Type::Object(Arc::new(
                fields
                    .iter()
                    .map(|field| FieldType {
                        name: field.name.clone(),
                        ty: Type::of(&field.schema),
                        present: field.required || field.schema.default.is_some(),
                    })
                    .collect(),
            )),
            Shape::OneOf { variants, .. } => variants
                .iter()
                .map(|(_, variant)| Type::of(variant))
                .reduce(|a, b| a.join(&b).unwrap_or(Type::Dyn))
                .unwrap_or(Type::Dyn),
        };
        if schema.nullable { Type::Nullable(Arc::new(ty)) } else { ty }
    }

    /// The narrowest type of one value.
    pub fn of_value(value: &Value) -> Type {
        match value {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Text(text) => Type::Text { max: text.chars().count() as u64 },
            Value::List(items) => {
                let item = items.iter().map(Type::of_value).reduce(|a, b| a.join(&b).unwrap_or(Type::Dyn));
                Type::List { item: Arc::new(item.unwrap_or(Type::Dyn)), max: items.len() as u64 }
            }
            Value::Object(object) => {
                Type::object(object.iter().map(|(key, value)| (key, Type::of_value(value))))
            }
        }
    }

    /// An object type whose fields are all present.
    pub fn object<'n>(fields: impl IntoIterator<Item = (&'n str, Type)>) -> Type {
        let field = |(name, ty): (&str, Type)| FieldType { name: name.to_owned(), ty, present: true };
        Type::Object(Arc::new(fields.into_iter().map(field).collect()))
    }

    /// The narrowest type that both belong to. None if no value could be of both.
    pub fn join(&self, other: &Type) -> Option<Type> {
        self.join_where(other, false)
    }

    /// As `join`, but refuses what would hide how large a value can get: a container of dynamic
    /// values seen as one dynamic value, which could be put into the next container, and so on.
    pub(super) fn merge(&self, other: &Type) -> Option<Type> {
        self.join_where(other, true)
    }

    fn join_where(&self, other: &Type, bounded: bool) -> Option<Type> {
        Some(match (self, other) {
            (Type::Dyn, Type::Dyn) => Type::Dyn,
            (Type::Dyn, ty) | (ty, Type::Dyn) if bounded && ty.holds_dyn() => return None,
            (Type::Dyn, _) | (_, Type::Dyn) => Type::Dyn,
            (Type::Null, Type::Null) => Type::Null,
            (Type::Null, ty @ Type::Nullable(_)) | (ty @ Type::Nullable(_), Type::Null) => ty.clone(),
            (Type::Null, ty) | (ty, Type::Null) => Type::Nullable(Arc::new(ty.clone())),
            (Type::Nullable(a), Type::Nullable(b)) => Type::Nullable(Arc::new(a.join_where(b, bounded)?)),
            (Type::Nullable(a), b) | (b, Type::Nullable(a)) => {
                Type::Nullable(Arc::new(a.join_where(b, bounded)?))
            }
            (Type::Bool, Type::Bool) => Type::Bool,
            (Type::Int, Type::Int) => Type::Int,
            (Type::Int | Type::Float, Type::Int | Type::Float) => Type::Float,
            (Type::Text { max: a }, Type::Text { max: b }) => Type::Text { max: *a.max(b) },
            (Type::List { item: a, max: m }, Type::List { item: b, max: n }) => {
                Type::List { item: Arc::new(a.join_where(b, bounded)?), max: *m.max(n) }
            }
            (Type::Map { value: a, max: m }, Type::Map { value: b, max: n }) => {
                Type::Map { value: Arc::new(a.join_where(b, bounded)?), max: *m.max(n) }
            }
            (Type::Object(a), Type::Object(b)) => join_objects(a, b, bounded)?,
            (Type::Map { value, max }, Type::Object(fields))
            | (Type::Object(fields), Type::Map { value, max }) => {
                let all = fields
                    .iter()
                    .try_fold((**value).clone(), |joined, field| joined.join_where(&field.ty, bounded))?;
                Type::Map { value: Arc::new(all), max: *max.max(&(fields.len() as u64)) }
            }
            _ => return None,
        })
    }

    fn holds_dyn(&self) -> bool {
        match self {
            Type::Dyn => true,
            Type::List { item: inner, max } | Type::Map { value: inner, max } => {
                *max > 0 && inner.holds_dyn()
            }
            Type::Object(fields) => fields.iter().any(|field| field.ty.holds_dyn()),
            Type::Nullable(inner) => inner.holds_dyn(),
            Type::Null | Type::Bool | Type::Int | Type::Float | Type::Text { .. } => false,
        }
    }

    /// The type without `null`.
    pub fn non_null(&self) -> &Type {
        if let Type::Nullable(inner) = self { inner } else { self }
    }

    /// How many parts a value has at most, seen from whatever walks through all of it.
    pub(super) fn size(&self) -> u64 {
        let inside = match self {
            Type::List { item: inner, max } | Type::Map { value: inner, max } => {
                max.saturating_mul(inner.size())
            }
            // Comparing or copying 64 characters takes about as long as one part of another kind.
            Type::Text { max } => max / 64,
            Type::Object(fields) => {
                fields.iter().fold(0, |sum: u64, field| sum.saturating_add(field.ty.size()))
            }
            Type::Nullable(inner) => return inner.size(),
            Type::Dyn => 1_000,
            Type::Null | Type::Bool | Type::Int | Type::Float => 0,
        };
        inside.saturating_add(1)
    }

    /// How many things a function that goes through the whole value must touch, one level deep.
    pub fn extent(&self) -> u64 {
        match self {
            Type::List { max, .. } | Type::Map { max, .. } => *max,
            // Sixteen characters are looked at about as fast as one node is evaluated.
            Type::Text { max } => max / 16,
            Type::Object(fields) => fields.len() as u64,
            Type::Nullable(inner) => inner.extent(),
            Type::Dyn => 100,
            Type::Null | Type::Bool | Type::Int | Type::Float => 0,
        }
    }
}

fn join_objects(a: &[FieldType], b: &[FieldType], bounded: bool) -> Option<Type> {
    let mut fields = Vec::with_capacity(a.len());
    for field in a {
        fields.push(match b.iter().find(|other| other.name == field.name) {
            Some(other) => FieldType {
                name: field.name.clone(),
                ty: field.ty.join_where(&other.ty, bounded)?,
                present: field.present && other.present,
            },
            None => FieldType { present: false, ..field.clone() },
        });
    }
    for field in b.iter().filter(|field| a.iter().all(|other| other.name != field.name)) {
        fields.push(FieldType { present: false, ..field.clone() });
    }
    Some(Type::Object(Arc::new(fields)))
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn => f.write_str("any JSON"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("a boolean"),
            Type::Int => f.write_str("an integer"),
            Type::Float => f.write_str("a number"),
            Type::Text { .. } => f.write_str("a string"),
            Type::List { .. } => f.write_str("a list"),
            Type::Object(_) => f.write_str("an object"),
            Type::Map { .. } => f.write_str("a map"),
            Type::Nullable(inner) => write!(f, "{inner} or null"),
        }
    }
}
