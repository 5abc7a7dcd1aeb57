//! The strict reader of JSON texts.
//!
//! Owns every byte that comes from outside: a caller's body, a service's answer, a stored event.
//! Refuses what two readers could understand differently: duplicate keys, lone surrogates, numbers
//! that would be rounded. Bounded in depth; the length is the caller's to bound.

use std::fmt;
use std::sync::Arc;

use super::{Object, Value};

/// How deep arrays and objects may nest.
pub(super) const DEPTH_MAX: usize = 64;

/// Why a text is not a value, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct ParseError {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What the reader met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// The text is not UTF-8.
    NotUtf8,
    /// The text ends in the middle of a value.
    UnexpectedEnd,
    /// Something that JSON does not allow here.
    Unexpected(char),
    /// The text goes on after the value.
    TrailingText,
    /// More than 64 levels.
    TooDeep,
    /// A key that the object already has.
    DuplicateKey(String),
    /// A control character inside a string.
    ControlCharacter,
    /// `\` and something that is no escape.
    BadEscape,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// A number that cannot be held exactly: beyond ±(2^53 - 1).
    NumberTooLarge,
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the text is not UTF-8"),
            Self::UnexpectedEnd => f.write_str("the text ends too early"),
            Self::Unexpected(found) => write!(f, "unexpected {found:?}"),
            Self::TrailingText => f.write_str("more text after the value"),
            Self::TooDeep => write!(f, "more than {DEPTH_MAX} levels of nesting"),
            Self::DuplicateKey(key) => write!(f, "the key {key:?} appears twice"),
            Self::ControlCharacter => f.write_str("a control character inside a string"),
            Self::BadEscape => f.write_str("an unknown escape in a string"),
            Self::LoneSurrogate => f.write_str("half of a surrogate pair in a string"),
            Self::NumberTooLarge => {
                f.write_str("a number beyond 9007199254740991, which is not exact in every language")
            }
        }
    }
}

/// Read one JSON text.
pub fn parse(bytes: &[u8]) -> Result<Value, ParseError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ParseError { offset: error.valid_up_to(), kind: ParseErrorKind::NotUtf8 })?;
    let mut reader = Reader { text, bytes, at: 0, depth: 0 };
    reader.skip_space();
    let value = reader.value()?;
    reader.skip_space();
    if reader.at < bytes.len() {
        return Err(reader.error(ParseErrorKind::TrailingText));
    }
    Ok(value)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self) -> Result<Value, ParseError> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn nested(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Value, ParseError>,
    ) -> Result<Value, ParseError> {
        if self.depth == DEPTH_MAX {
            return Err(self.error(ParseErrorKind::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value, ParseError> {
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::list(items));
        }
        loop {
            self.skip_space();
            items.push(self.value()?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::List(Arc::new(items)));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        let mut fields = Vec::new();
        if !self.take(b'}') {
            loop {
                self.skip_space();
                if self.peek() != Some(b'"') {
                    return Err(self.unexpected());
                }
                let key = self.string()?;
                self.skip_space();
                self.expect(b':')?;
                self.skip_space();
                fields.push((key, self.value()?));
                self.skip_space();
                if self.take(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        match Object::from_fields(fields) {
            Ok(object) => Ok(Value::Object(Arc::new(object))),
            Err(key) => {
                let offset = self.second(&key, start)?;
                Err(ParseError { offset, kind: ParseErrorKind::DuplicateKey(key.to_string()) })
            }
        }
    }

    /// Where the object whose fields begin at `start` has `key` for the second time. Reads the
    /// object again, so that objects without such a key need no record of where their keys were.
    fn second(&mut self, key: &str, start: usize) -> Result<usize, ParseError> {
        self.at = start;
        let mut met = false;
        loop {
            self.skip_space();
            let at = self.at;
            if *self.string()? == *key && std::mem::replace(&mut met, true) {
                return Ok(at);
            }
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            self.value()?;
            self.skip_space();
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<Arc<str>, ParseError> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                None => return Err(self.error(ParseErrorKind::UnexpectedEnd)),
                Some(b'"') => {
                    let text = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Arc::from(text));
                }
                Some(b'\\') => return self.escaped_string(start),
                Some(0..0x20) => return Err(self.error(ParseErrorKind::ControlCharacter)),
                Some(_) => self.at += 1,
            }
        }
    }

    /// The rest of a string whose first escape stands here.
    fn escaped_string(&mut self, start: usize) -> Result<Arc<str>, ParseError> {
        let mut text = self.text[start..self.at].to_owned();
        loop {
            let plain_from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            text.push_str(&self.text[plain_from..self.at]);
            match self.peek() {
                None => return Err(self.error(ParseErrorKind::UnexpectedEnd)),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Arc::from(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.error(ParseErrorKind::ControlCharacter)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at;
        let wrong = |kind| ParseError { offset: start, kind };
        self.at += 2;
        Ok(match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex().ok_or_else(|| wrong(ParseErrorKind::BadEscape))?;
                let code = if (0xD800..0xDC00).contains(&first) {
                    let second = self.low_surrogate().ok_or_else(|| wrong(ParseErrorKind::LoneSurrogate))?;
                    0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| wrong(ParseErrorKind::LoneSurrogate))?
            }
            Some(_) => return Err(wrong(ParseErrorKind::BadEscape)),
            None => return Err(wrong(ParseErrorKind::UnexpectedEnd)),
        })
    }

    fn low_surrogate(&mut self) -> Option<u32> {
        if !self.bytes[self.at..].starts_with(b"\\u") {
            return None;
        }
        self.at += 2;
        self.hex().filter(|code| (0xDC00..0xE000).contains(code))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        let negative = self.take(b'-');
        let int_from = self.at;
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(self.unexpected()),
        }
        if !matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            let digits = &self.bytes[int_from..self.at];
            // Sixteen digits cannot overflow, and no exact integer has more.
            let magnitude =
                digits.iter().fold(0i64, |sum, d| sum.wrapping_mul(10).wrapping_add(i64::from(d - b'0')));
            return if digits.len() <= 16 && magnitude <= super::INT_MAX {
                Ok(Value::Int(if negative { -magnitude } else { magnitude }))
            } else {
                Err(ParseError { offset: start, kind: ParseErrorKind::NumberTooLarge })
            };
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let too_large = ParseError { offset: start, kind: ParseErrorKind::NumberTooLarge };
        let number: f64 = self.text[start..self.at].parse().map_err(|_| too_large.clone())?;
        Value::number(number).ok_or(too_large)
    }

    fn digits(&mut self) -> Result<(), ParseError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected());
        }
        self.skip_digits();
        Ok(())
    }

    fn skip_digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, ParseError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected())
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn expect(&mut self, byte: u8) -> Result<(), ParseError> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> ParseError {
        match self.text[self.at..].chars().next() {
            Some(found) => self.error(ParseErrorKind::Unexpected(found)),
            None => self.error(ParseErrorKind::UnexpectedEnd),
        }
    }

    fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { offset: self.at, kind }
    }
}
