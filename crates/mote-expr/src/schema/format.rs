//! The formats of strings: which texts are a date, a decimal, a UUID, a URI.

use std::str::FromStr;

/// A format of the subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `2026-01-31`
    Date,
    /// `2026-01-31T12:00:00Z`, RFC 3339
    DateTime,
    /// `12.50`: digits, optionally a sign and a fraction; no exponent
    Decimal,
    /// `123e4567-e89b-12d3-a456-426614174000`
    Uuid,
    /// An absolute URI: a scheme, a colon, and no spaces
    Uri,
}

impl Format {
    /// All formats, with their names in a schema.
    pub const ALL: [(&'static str, Format); 5] = [
        ("date", Format::Date),
        ("date-time", Format::DateTime),
        ("decimal", Format::Decimal),
        ("uuid", Format::Uuid),
        ("uri", Format::Uri),
    ];

    /// The format's name in a schema.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Whether `text` has this format.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Format::Date => text.len() == 10 && jiff::civil::Date::from_str(text).is_ok(),
            Format::DateTime => is_rfc3339(text),
            Format::Decimal => is_decimal(text),
            Format::Uuid => is_uuid(text),
            Format::Uri => is_uri(text),
        }
    }
}

/// jiff reads more than RFC 3339 allows (a space for `T`, no seconds), so the skeleton is checked first.
fn is_rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && bytes[16] == b':'
        && !text.contains('[')
        && jiff::Timestamp::from_str(text).is_ok()
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}
