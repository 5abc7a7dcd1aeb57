//! An object's fields, sorted as canonical JSON sorts them.
//! Owns lookup, insertion and the order of keys. Never holds a key twice.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Value;

/// Among how many keys one is found sooner by looking at each than by order: most differ in length already.
const FEW: usize = 8;

/// The fields of an object, in canonical order (RFC 8785: by UTF-16 code units).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    fields: Vec<(Arc<str>, Value)>,
}

impl Object {
    /// An object without fields.
    pub fn new() -> Object {
        Object::default()
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        if self.fields.len() <= FEW {
            return self.fields.iter().find(|(at, _)| **at == *key).map(|(_, value)| value);
        }
        self.find(key).ok().map(|at| &self.fields[at].1)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.find(key).ok().map(|at| &mut self.fields[at].1)
    }

    /// Whether `key` has a value.
    pub fn contains(&self, key: &str) -> bool {
        self.find(key).is_ok()
    }

    /// Set `key`, and return what it was.
    pub fn insert(&mut self, key: &str, value: Value) -> Option<Value> {
        match self.find(key) {
            Ok(at) => Some(std::mem::replace(&mut self.fields[at].1, value)),
            Err(at) => {
                self.fields.insert(at, (Arc::from(key), value));
                None
            }
        }
    }

    /// Remove `key`, and return what it was.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.find(key).ok().map(|at| self.fields.remove(at).1)
    }

    /// The fields in canonical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.fields.iter().map(|(key, value)| (&**key, value))
    }

    /// Take fields in any order. The error is a key that is there twice.
    pub(super) fn from_fields(mut fields: Vec<(Arc<str>, Value)>) -> Result<Object, Arc<str>> {
        let sorted = fields.windows(2).all(|pair| key_order(&pair[0].0, &pair[1].0) == Ordering::Less);
        if !sorted {
            fields.sort_by(|a, b| key_order(&a.0, &b.0));
            if let Some(pair) = fields.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(pair[0].0.clone());
            }
        }
        Ok(Object { fields })
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(at, _)| key_order(at, key))
    }
}

/// The order of keys by UTF-16 code units, decided on UTF-8 bytes.
///
/// The two orders differ only where one side holds a surrogate pair (first byte from 0xF0) and the
/// other a character from U+E000 to U+FFFF (first byte 0xEE or 0xEF): pairs come first in UTF-16.
pub(super) fn key_order(a: &str, b: &str) -> Ordering {
    // Nearly all keys: where one side has no such byte, the orders are the same.
    if a.is_ascii() || b.is_ascii() {
        return a.cmp(b);
    }
    let differing = a.bytes().zip(b.bytes()).find(|(x, y)| x != y);
    match differing {
        Some((x, y)) if x >= 0xF0 && (0xEE..0xF0).contains(&y) => Ordering::Less,
        Some((x, y)) if y >= 0xF0 && (0xEE..0xF0).contains(&x) => Ordering::Greater,
        Some((x, y)) => x.cmp(&y),
        None => a.len().cmp(&b.len()),
    }
}
