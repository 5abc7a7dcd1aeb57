//! What a plain scalar means: YAML 1.2's core schema, without octal, hexadecimal, infinity and
//! not-a-number, which are texts. Owns what is refused because two readers would differ.

use mote_expr::{INT_MAX, Value};

pub(super) enum Core {
    Value(Value),
    Text,
    /// Why it is neither.
    Refused(&'static str),
}

/// Whether `text`, without quotes, is that string.
pub(crate) fn is_core_text(text: &str) -> bool {
    matches!(core_scalar(text), Core::Text)
}

pub(super) fn core_scalar(text: &str) -> Core {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Core::Value(Value::Null),
        "true" | "True" | "TRUE" => return Core::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Core::Value(Value::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit())
        || !digits.bytes().all(|b| b.is_ascii_digit() || b"eE.+-".contains(&b))
    {
        return Core::Text;
    }
    let whole = digits.bytes().all(|b| b.is_ascii_digit());
    if whole && digits.len() > 1 && digits.starts_with('0') {
        return Core::Refused("a number with a leading zero is octal to some readers");
    }
    const TOO_LARGE: Core = Core::Refused("a number beyond ±9007199254740991");
    if whole {
        return match text.parse::<i64>() {
            Ok(int) if (-INT_MAX..=INT_MAX).contains(&int) => Core::Value(Value::Int(int)),
            _ => TOO_LARGE,
        };
    }
    match text.parse::<f64>() {
        Ok(number) => Value::number(number).map_or(TOO_LARGE, Core::Value),
        Err(_) => Core::Text,
    }
}
