//! Masks what a schema calls sensitive, so that a value can be shown and kept without saying it.
//!
//! Owns what a masked value looks like: of the same kind, where possible of the same schema, equal where
//! values are equal, and not to be read back without the key. Never tells a text's length or an order.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Format, Schema, Shape, TextShape};
use crate::value::{Object, Value};

/// A secret that masks values: under another key the same value looks otherwise.
#[derive(Clone)]
pub struct Mask {
    key: [u8; 32],
}

impl Schema {
    /// Whether anything of its values is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.sensitive
            || match &self.shape {
                Shape::Object(fields) => fields.iter().any(|field| field.schema.has_sensitive()),
                Shape::List { item, .. } => item.has_sensitive(),
                Shape::Map { value, .. } => value.has_sensitive(),
                Shape::OneOf { variants, .. } => variants.iter().any(|(_, variant)| variant.has_sensitive()),
                _ => false,
            }
    }

    /// `value` with everything sensitive masked. What does not fit is masked too, where it stands beside
    /// something sensitive: it may be the same under a wrong name.
    pub fn mask(&self, value: &Value, mask: &Mask) -> Value {
        if self.sensitive { self.masked(value, mask) } else { self.walk(value, mask, false) }
    }

    fn masked(&self, value: &Value, mask: &Mask) -> Value {
        let drawn = match (&self.shape, value) {
            // That there is nothing is no secret worth a kind that does not fit.
            (_, Value::Null) => return Value::Null,
            (Shape::Int { min, max, multiple_of }, Value::Int(_)) => {
                mask.number(value).integer(*min, *max, multiple_of.unwrap_or(1))
            }
            (Shape::Number { min, max }, Value::Int(_) | Value::Float(_)) => {
                mask.number(value).fraction(*min, *max)
            }
            (Shape::Enum(values), _) => {
                values.get(mask.number(value).below(values.len() as u64) as usize).cloned()
            }
            (Shape::Text(shape), Value::Text(text)) => Some(Value::text(mask.text_of(shape, text))),
            (Shape::Object(_) | Shape::List { .. } | Shape::Map { .. } | Shape::OneOf { .. }, _) => {
                Some(self.walk(value, mask, true))
            }
            _ => None,
        };
        drawn.unwrap_or_else(|| mask.any(value))
    }

    /// Mask what is inside `value`; `all` of it, or what is sensitive.
    fn walk(&self, value: &Value, mask: &Mask, all: bool) -> Value {
        let inner = |schema: &Schema, value: &Value| match all {
            true => schema.masked(value, mask),
            false => schema.mask(value, mask),
        };
        let unknown =
            |value: &Value| if all || self.has_sensitive() { mask.any(value) } else { value.clone() };
        match (&self.shape, value) {
            (Shape::Object(fields), Value::Object(object)) => {
                Value::object(object.iter().map(|(key, value)| {
                    let field = fields.iter().find(|field| field.name == key);
                    (key, field.map_or_else(|| unknown(value), |field| inner(&field.schema, value)))
                }))
            }
            (Shape::List { item, .. }, Value::List(items)) => {
                Value::list(items.iter().map(|value| inner(item, value)))
            }
            (Shape::Map { value: schema, .. }, Value::Object(object)) => {
                let key = |key: &str| if all { mask.plain(key) } else { key.to_owned() };
                Value::object(object.iter().map(|(name, value)| (key(name), inner(schema, value))))
            }
            (Shape::OneOf { tag, variants }, Value::Object(_)) => {
                let name = value.field(tag).and_then(Value::as_text);
                let Some((name, variant)) =
                    variants.iter().find(|(variant, _)| Some(variant.as_str()) == name)
                else {
                    return unknown(value);
                };
                let masked = variant.walk(value, mask, all);
                // The tag says which fields there are anyway.
                let mut object = masked.as_object().cloned().unwrap_or_default();
                object.insert(tag, Value::text(name));
                Value::Object(object.into())
            }
            (_, value) => unknown(value),
        }
    }
}

impl Mask {
    /// The mask of this key.
    pub fn new(key: [u8; 32]) -> Mask {
        Mask { key }
    }

    /// `value` masked whole, where no schema says what it may look like. Keys are masked too.
    pub fn any(&self, value: &Value) -> Value {
        match value {
            Value::Null => Value::Null,
            Value::Bool(_) => Value::Bool(self.number(value).below(2) == 1),
            Value::Int(_) => self.number(value).integer(0, 999_999, 1).unwrap_or(Value::Int(0)),
            Value::Float(_) => self.number(value).fraction(0.0, 1.0).unwrap_or(Value::Int(0)),
            Value::Text(text) => Value::text(self.plain(text)),
            Value::List(items) => Value::list(items.iter().map(|item| self.any(item))),
            Value::Object(object) => {
                let mut masked = Object::new();
                for (key, value) in object.iter() {
                    masked.insert(&self.plain(key), self.any(value));
                }
                Value::Object(masked.into())
            }
        }
    }

    fn number(&self, value: &Value) -> Drawn {
        // A key of this length is always accepted.
        let mac = Hmac::<Sha256>::new_from_slice(&self.key);
        let bytes = mac.map_or([0; 32], |mut mac| {
            mac.update(&value.canonical());
            mac.finalize().into_bytes().into()
        });
        Drawn { bytes }
    }

    /// A text of letters, of the length that all texts of about this length have.
    fn plain(&self, text: &str) -> String {
        self.letters(text, length_class(text.chars().count()))
    }

    fn letters(&self, text: &str, length: usize) -> String {
        let drawn = self.number(&Value::text(text));
        let letter = |byte: &u8| char::from(b'a' + byte % 26);
        drawn.bytes.iter().cycle().take(length).map(letter).collect()
    }

    fn text_of(&self, shape: &TextShape, text: &str) -> String {
        let fits = |text: &String| Schema::of(Shape::Text(shape.clone())).accepts(&Value::text(text));
        let drawn = self.number(&Value::text(text));
        if let Some(format) = shape.format {
            let formatted = drawn.formatted(format);
            if fits(&formatted) {
                return formatted;
            }
        }
        let class = length_class(text.chars().count());
        let length = class.clamp(shape.min as usize, shape.max as usize);
        // A pattern mostly says where which kind of character stands: the same kinds in the same places
        // fit it, at the price of telling the length.
        let tries = [self.letters(text, length), self.alike(text)];
        let found = tries.into_iter().find(fits);
        found.unwrap_or_else(|| self.letters(text, class))
    }

    /// A text with letters for letters and digits for digits.
    fn alike(&self, text: &str) -> String {
        let drawn = self.number(&Value::text(text));
        let substitute = |(char, byte): (char, &u8)| match char {
            'a'..='z' => char::from(b'a' + byte % 26),
            'A'..='Z' => char::from(b'A' + byte % 26),
            '0'..='9' => char::from(b'0' + byte % 10),
            other => other,
        };
        text.chars().zip(drawn.bytes.iter().cycle()).map(substitute).collect()
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask")
    }
}

/// The length that stands for all lengths near it: the next power of two, from 4 to 64.
fn length_class(length: usize) -> usize {
    if length == 0 { 0 } else { length.next_power_of_two().clamp(4, 64) }
}

/// What the key makes of a value.
struct Drawn {
    bytes: [u8; 32],
}

impl Drawn {
    fn word(&self, at: usize) -> u64 {
        let bytes = self.bytes.get(at * 8..at * 8 + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u64::from_be_bytes)
    }

    fn below(&self, bound: u64) -> u64 {
        self.word(0).checked_rem(bound).unwrap_or(0)
    }

    fn integer(&self, min: i64, max: i64, step: i64) -> Option<Value> {
        let first = min.checked_add((-min).rem_euclid(step))?;
        let count = max.checked_sub(first)?.checked_div(step)?.checked_add(1)?;
        let steps = i64::try_from(self.below(u64::try_from(count).ok()?)).ok()?;
        Some(Value::Int(first + steps * step))
    }

    fn fraction(&self, min: f64, max: f64) -> Option<Value> {
        // Bounds that nobody set would only make numbers of three hundred digits.
        let (min, max) = (min.max(-1e6).min(max), max.min(1e6).max(min));
        let share = (self.word(0) >> 11) as f64 / (1_u64 << 53) as f64;
        Value::number(min + (max - min) * share)
    }

    fn formatted(&self, format: Format) -> String {
        let pick = |at: usize, bound: u64| self.word(at) % bound;
        let hex = || self.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let date = || format!("{:04}-{:02}-{:02}", 1970 + pick(0, 80), 1 + pick(1, 12), 1 + pick(2, 28));
        match format {
            Format::Date => date(),
            Format::DateTime => format!("{}T{:02}:{:02}:00Z", date(), pick(3, 24), pick(3, 60)),
            Format::Decimal => format!("{}.{:02}", pick(0, 1_000), pick(1, 100)),
            Format::Uuid => {
                let hex = hex();
                format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
            }
            Format::Uri => format!("masked:{}", &hex()[..16]),
        }
    }
}
