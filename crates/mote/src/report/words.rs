//! Numbers, values and names as the report writes them.
//! Owns no sentence about a contract: what is said of it is said where it is shown.

use maud::{Markup, html};
use mote_contract::{Kind, Law};
use mote_expr::Value;

/// How wide a value may be on one line, in characters.
const WIDTH: usize = 68;

/// A name or an expression of a file.
pub(super) fn code(text: impl AsRef<str>) -> Markup {
    html! { code { (text.as_ref()) } }
}

/// An expression in a block of its own, as it is laid out in its file.
pub(super) fn expression(text: &str) -> Markup {
    html! { pre.expression { (text.trim()) } }
}

/// A sentence, in which names and expressions stand between backticks.
pub(super) fn sentence(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is a backtick.
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (at, part) in parts.into_iter().enumerate() {
            @if at % 2 == 1 { (code(part)) } @else { (part) }
        }
    }
}

/// A value in a block of its own.
pub(super) fn block(value: &Value) -> Markup {
    html! { pre { (laid_out(value, 0)) } }
}

/// A value as JSON, on several lines where one would be too long.
pub(super) fn laid_out(value: &Value, depth: usize) -> String {
    let flat = value.to_string();
    if flat.chars().count() + 2 * depth <= WIDTH {
        return spaced(value);
    }
    let (indent, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Value::Object(object) if !object.is_empty() => {
            let fields = object
                .iter()
                .map(|(key, field)| format!("{indent}{}: {}", Value::text(key), laid_out(field, depth + 1)));
            format!("{{\n{}\n{end}}}", fields.collect::<Vec<_>>().join(",\n"))
        }
        Value::List(items) if !items.is_empty() => {
            let items = items.iter().map(|item| format!("{indent}{}", laid_out(item, depth + 1)));
            format!("[\n{}\n{end}]", items.collect::<Vec<_>>().join(",\n"))
        }
        _ => flat,
    }
}

/// A value on one line, with room after commas and colons.
pub(super) fn spaced(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let fields = object.iter().map(|(key, field)| format!("{}: {}", Value::text(key), spaced(field)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::List(items) => {
            format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// `1 case`, `1 000 cases`.
pub(super) fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", grouped(number)) }
}

/// A number with its digits in threes.
pub(super) fn grouped(number: u64) -> String {
    digits(&number.to_string())
}

/// The same for one that may be negative.
pub(super) fn grouped_int(number: i64) -> String {
    if number < 0 {
        format!("\u{2212}{}", grouped(number.unsigned_abs()))
    } else {
        grouped(number.unsigned_abs())
    }
}

fn digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && text.len() > 4 && (text.len() - at).is_multiple_of(3) {
            // A narrow space that no line breaks at.
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A share, rounded down: what is nearly enough is not shown as enough.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}\u{202f}%", (share * 100.0 + 1e-9).floor())
}

/// The day and the minute of an RFC 3339 time.
pub(super) fn day(time: &str) -> String {
    let minutes = time.get(..16).unwrap_or(time).replace('T', " ");
    if time.ends_with('Z') { format!("{minutes} UTC") } else { minutes }
}

/// What a contract is.
pub(super) fn kind(law: &Law) -> &'static str {
    match (law.contract.kind, law.is_derived()) {
        (Kind::Function, false) => "function",
        (Kind::Function, true) => "function without code",
        (Kind::Command, false) => "command",
        (Kind::Command, true) => "command without code",
        (Kind::Query, false) => "query",
        (Kind::Query, true) => "query without code",
        (Kind::Publisher, _) => "publisher",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_in_threes() {
        for (number, text) in [(7, "7"), (1000, "1000"), (10_000, "10 000"), (1_234_567, "1 234 567")] {
            assert_eq!(grouped(number).replace('\u{202f}', " "), text);
        }
        assert_eq!(grouped_int(-5), "\u{2212}5");
    }

    #[test]
    fn a_value_is_laid_out_where_it_is_long() {
        let value = |text: &str| mote_expr::parse(text.as_bytes()).expect("it is JSON");
        assert_eq!(laid_out(&value(r#"{"a":[1,2]}"#), 0), r#"{"a": [1, 2]}"#);
        let long = format!(r#"{{"a":[1],"b":"{}"}}"#, "x".repeat(80));
        let expected = format!("{{\n  \"a\": [1],\n  \"b\": \"{}\"\n}}", "x".repeat(80));
        assert_eq!(laid_out(&value(&long), 0), expected);
    }

    #[test]
    fn names_in_a_sentence_are_set_apart() {
        let cases = [
            ("`a` is not true", "<code>a</code> is not true"),
            ("no name", "no name"),
            ("an odd ` and <b>", "an odd ` and &lt;b&gt;"),
        ];
        for (text, shown) in cases {
            assert_eq!(sentence(text).into_string(), shown);
        }
    }
}
