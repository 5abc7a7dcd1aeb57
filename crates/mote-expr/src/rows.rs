//! Rows by key: which of them are asked for, in which order, and where the next page begins.
//!
//! Owns what equality, order and a cursor mean, once for everything that keeps rows: a store that
//! answers otherwise than [`Selection::select`] is wrong. Never knows where rows come from. Start
//! reading at [`Selection`].

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::value::{Value, parse};

/// A row as it is kept under its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The row; where it is marked, as much of it as is known.
    pub value: Value,
    /// Why the row cannot be relied on, if something that changed it failed.
    pub mark: Option<String>,
}

impl Row {
    /// A row that can be relied on.
    pub fn sound(value: Value) -> Row {
        Row { value, mark: None }
    }

    /// The field that a selection looks at; one that is left out is like `null`.
    pub fn field(&self, name: &str) -> &Value {
        self.value.field(name).unwrap_or(&Value::Null)
    }
}

/// A field that rows are ordered by. `null` comes first, then as scalars compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The field.
    pub field: String,
    /// Whether the order is turned around.
    pub descending: bool,
}

/// Which rows are asked for. Rows that are equal in all of `order` are in the order of their keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The fields that must have these values: a scalar, or one of a list of scalars.
    pub matching: Vec<(String, Value)>,
    /// The fields that decide the order, the first first.
    pub order: Vec<Order>,
    /// Only what comes after this place.
    pub after: Option<Cursor>,
    /// The most rows.
    pub count: usize,
}

/// A place between two rows of a selection. Opaque outside: a token that an answer gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// The values of the fields of the order, in the row before it.
    pub values: Vec<Value>,
    /// The key of the row before it.
    pub key: String,
}

/// Why a text is not a [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is a token that an earlier answer of the same query gave")]
pub struct CursorError;

/// A marked row that a selection would meet: nothing can be told of the selection then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the row {key:?} cannot be relied on: {mark}")]
pub struct Marked {
    /// The row's key.
    pub key: String,
    /// Why.
    pub mark: String,
}

impl Selection {
    /// The rows that are asked for, with their keys, from all there are.
    pub fn select<'r>(
        &self,
        rows: impl IntoIterator<Item = (&'r str, &'r Row)>,
    ) -> Result<Vec<(String, Value)>, Marked> {
        let mut found: Vec<(&str, &Row)> = Vec::new();
        for (key, row) in rows {
            match &row.mark {
                Some(mark) if self.may_match(row) => {
                    return Err(Marked { key: key.to_owned(), mark: mark.clone() });
                }
                None if self.matches(row) => found.push((key, row)),
                Some(_) | None => {}
            }
        }
        if let Some(after) = &self.after {
            found
                .retain(|(key, row)| self.compare(&self.cursor(key, &row.value), after) == Ordering::Greater);
        }
        found.sort_by(|(a_key, a), (b_key, b)| {
            self.compare(&self.cursor(a_key, &a.value), &self.cursor(b_key, &b.value))
        });
        Ok(found.into_iter().take(self.count).map(|(key, row)| (key.to_owned(), row.value.clone())).collect())
    }

    /// Whether `row` has the values that are asked for.
    pub fn matches(&self, row: &Row) -> bool {
        self.matching.iter().all(|(name, wanted)| meets(row.field(name), wanted))
    }

    /// Whether a marked row might have them: a field that is not known could hold anything.
    pub fn may_match(&self, row: &Row) -> bool {
        self.matching.iter().all(|(name, wanted)| match row.field(name) {
            Value::Null => *wanted != Value::list([]),
            known => meets(known, wanted),
        })
    }

    /// The place after the row `value` with `key`.
    pub fn cursor(&self, key: &str, value: &Value) -> Cursor {
        let values = self.order.iter().map(|order| value.field(&order.field).cloned().unwrap_or(Value::Null));
        Cursor { values: values.collect(), key: key.to_owned() }
    }

    /// Which of two places of this selection comes first.
    fn compare(&self, a: &Cursor, b: &Cursor) -> Ordering {
        let fields = self.order.iter().zip(a.values.iter().zip(&b.values)).map(|(order, (a, b))| {
            let ascending = scalar_order(a, b);
            if order.descending { ascending.reverse() } else { ascending }
        });
        fields.fold(Ordering::Equal, Ordering::then).then_with(|| a.key.cmp(&b.key))
    }
}

/// Whether a field has the value that is wanted, or one of them.
fn meets(field: &Value, wanted: &Value) -> bool {
    wanted.as_list().map_or_else(|| field == wanted, |any| any.contains(field))
}

/// The order of two scalars of a field: `null` first. Values of one field are of one kind.
fn scalar_order(a: &Value, b: &Value) -> Ordering {
    let is_there = |value: &Value| *value != Value::Null;
    a.order(b).unwrap_or_else(|| is_there(a).cmp(&is_there(b)))
}

impl fmt::Display for Cursor {
    /// The canonical bytes of its parts, in hexadecimal digits: a token that any URL can carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.values.iter().cloned().chain([Value::text(&self.key)]);
        Value::list(parts).canonical().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Cursor, CursorError> {
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(CursorError),
        };
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Ok(nibble(*high)? * 16 + nibble(*low)?),
            _ => Err(CursorError),
        });
        let parts = parse(&pairs.collect::<Result<Vec<u8>, _>>()?).map_err(|_| CursorError)?;
        let (key, values) = parts.as_list().and_then(<[Value]>::split_last).ok_or(CursorError)?;
        let scalar = |value: &Value| !matches!(value, Value::List(_) | Value::Object(_));
        match key.as_text() {
            Some(key) if values.iter().all(scalar) => {
                Ok(Cursor { values: values.to_vec(), key: key.to_owned() })
            }
            _ => Err(CursorError),
        }
    }
}
