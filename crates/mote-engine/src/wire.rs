//! Envelopes and answers as bytes, for the way between processes.
//!
//! A frame is a head in canonical JSON and a body that is passed through untouched: four bytes of
//! the head's length (big-endian), the head, the body. An unknown field is refused: both sides of
//! a system run the same version.

mod answer;
mod envelope;

pub use answer::{decode_answer, encode_answer};
pub(crate) use answer::{decode_refusal, encode_refusal};
pub use envelope::{decode_envelope, encode_envelope};

use mote_expr::{Object, Value, parse};

/// Why bytes are not a frame of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame cannot be read: {0}")]
pub struct WireError(String);

impl WireError {
    pub(crate) fn of(why: impl Into<String>) -> WireError {
        WireError(why.into())
    }
}

fn frame(head: Value, body: &[u8]) -> Vec<u8> {
    let head = head.canonical();
    // A head holds names and a caller: far below four gigabytes.
    let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(4 + head.len() + body.len());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(body);
    bytes
}

fn unframe(bytes: &[u8]) -> Result<(Reader, &[u8]), WireError> {
    let short = || WireError("it ends too early".to_owned());
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(short)?;
    let length = u32::from_be_bytes(*length) as usize;
    let (head, body) = rest.split_at_checked(length).ok_or_else(short)?;
    match parse(head) {
        Ok(Value::Object(object)) => Ok((Reader { object: (*object).clone() }, body)),
        Ok(_) => Err(WireError("its head is not an object".to_owned())),
        Err(error) => Err(WireError(error.to_string())),
    }
}

/// Takes the fields of an object one by one; what is left at the end is unknown.
pub(crate) struct Reader {
    object: Object,
}

impl Reader {
    pub(crate) fn of(value: Value) -> Result<Reader, WireError> {
        match value {
            Value::Object(object) => Ok(Reader { object: (*object).clone() }),
            other => Err(WireError(format!("expected an object, found {}", other.kind()))),
        }
    }

    pub(crate) fn optional(&mut self, key: &str) -> Option<Value> {
        self.object.remove(key)
    }

    pub(crate) fn take(&mut self, key: &str) -> Result<Value, WireError> {
        self.optional(key).ok_or_else(|| WireError(format!("it has no `{key}`")))
    }

    pub(crate) fn text(&mut self, key: &str) -> Result<String, WireError> {
        let value = self.take(key)?;
        value.as_text().map(str::to_owned).ok_or_else(|| WireError(format!("`{key}` is not a string")))
    }

    pub(crate) fn optional_text(&mut self, key: &str) -> Result<Option<String>, WireError> {
        if self.object.contains(key) { self.text(key).map(Some) } else { Ok(None) }
    }

    pub(crate) fn parsed<T: std::str::FromStr>(&mut self, key: &str) -> Result<T, WireError> {
        self.text(key)?.parse().map_err(|_| WireError(format!("`{key}` is malformed")))
    }

    pub(crate) fn list(&mut self, key: &str) -> Result<Vec<Value>, WireError> {
        match self.take(key)? {
            Value::List(items) => Ok(items.to_vec()),
            other => Err(WireError(format!("`{key}` is a list, this is {}", other.kind()))),
        }
    }

    pub(crate) fn finish(self) -> Result<(), WireError> {
        match self.object.iter().next() {
            Some((key, _)) => Err(WireError(format!("it has an unknown field `{key}`"))),
            None => Ok(()),
        }
    }
}

/// A value from outside, as a text of its own: nested in the head it could exceed what the parser of
/// the head takes, and a call would end otherwise than within one process.
pub(crate) fn packed(value: &Value) -> Value {
    Value::text(String::from_utf8_lossy(&value.canonical()))
}

pub(crate) fn unpacked(value: &Value) -> Result<Value, WireError> {
    let text = value.as_text().ok_or_else(|| WireError("a packed value is a string".to_owned()))?;
    parse(text.as_bytes()).map_err(|error| WireError(error.to_string()))
}

/// The named one of a closed list.
pub(crate) fn named<T: Copy>(
    all: impl IntoIterator<Item = (&'static str, T)>,
    name: &str,
) -> Result<T, WireError> {
    let found = all.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value).ok_or_else(|| WireError(format!("there is no `{name}`")))
}
