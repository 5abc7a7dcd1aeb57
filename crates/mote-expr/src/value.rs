//! What a value is: JSON with exact integers, cheap to clone and in one order.
//!
//! Owns [`Value`], its parser and its canonical bytes. A value that exists can be written and read
//! back to the same bytes in every language we serve: no duplicate keys, no lone surrogates, no
//! integer that JavaScript would round. Start reading at [`Value`], then `parse`.

mod canonical;
mod object;
mod parse;
mod pointer;

pub use object::Object;
pub use parse::{ParseError, ParseErrorKind, parse};
pub use pointer::{Pointer, Step};

use std::cmp::Ordering;
use std::sync::Arc;

/// The largest magnitude of an integer: 2^53 - 1, beyond which JavaScript rounds.
pub const INT_MAX: i64 = (1 << 53) - 1;

/// A JSON value. Cloning costs one counter; changing a clone copies only what changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer within ±[`INT_MAX`], however it was written (`1`, `1.0`, `1e0`).
    Int(i64),
    /// A finite number with a fraction. Never integral: those are [`Value::Int`].
    Float(f64),
    /// A text of Unicode scalar values.
    Text(Arc<str>),
    /// An array.
    List(Arc<Vec<Value>>),
    /// An object, its keys in canonical order.
    Object(Arc<Object>),
}

impl Value {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Arc::from(text.as_ref()))
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
        Value::List(Arc::new(items.into_iter().collect()))
    }

    /// An object; of two entries with one key the later wins.
    pub fn object<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        let mut object = Object::new();
        for (key, value) in entries {
            object.insert(key.as_ref(), value);
        }
        Value::Object(Arc::new(object))
    }

    /// The value of a finite float, as an integer where it is one. None outside what a value can hold.
    pub fn number(number: f64) -> Option<Value> {
        if !number.is_finite() {
            None
        } else if number.fract() != 0.0 {
            Some(Value::Float(number))
        } else if number.abs() <= INT_MAX as f64 {
            // Exact: integral and within 53 bits.
            Some(Value::Int(number as i64))
        } else {
            None
        }
    }

    /// What kind of value this is, in the words of JSON Schema.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Int(_) => "integer",
            Value::Float(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// The field of an object. None for anything else.
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The integer, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(int) = self { Some(*int) } else { None }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(bool) = self { Some(*bool) } else { None }
    }

    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(items) = self { Some(items) } else { None }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// The order of two scalars of one kind; numbers compare with numbers. None where there is none.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            // Exact: every integer of a value fits a float.
            (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
            (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

// A value holds no NaN: `number` and the parser are the only ways to a float.
impl Eq for Value {}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::text(text)
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Value {
        Value::Bool(bool)
    }
}
