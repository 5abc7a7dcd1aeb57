//! The strict parser: what it reads, and where it stops.

use mote_expr::value::ParseErrorKind;
use mote_expr::{Value, parse};

/// `expected` is the canonical text, or the error's message.
#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &str) {
    let found = match parse(text.as_ref()) {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{}", String::from_utf8_lossy(text.as_ref()));
}

#[test]
fn scalars() {
    check("null", "null");
    check(" true ", "true");
    check("\t\r\n false", "false");
    check("\"a\"", "\"a\"");
    check("[]", "[]");
    check("{}", "{}");
    check("[1, [2], {\"a\": {}}]", "[1,[2],{\"a\":{}}]");
}

#[test]
fn words_are_exact() {
    check("nul", "unexpected 'n' at byte 0");
    check("True", "unexpected 'T' at byte 0");
    check("nullx", "more text after the value at byte 4");
    check("NaN", "unexpected 'N' at byte 0");
    check("-Infinity", "unexpected 'I' at byte 1");
    check("undefined", "unexpected 'u' at byte 0");
}

#[test]
fn integral_numbers_are_integers() {
    check("1.0", "1");
    check("1e2", "100");
    check("100e-2", "1");
    check("-0", "0");
    check("-0.0", "0");
    check("0e0", "0");
    check("9007199254740991", "9007199254740991");
    check("-9007199254740991.0", "-9007199254740991");
    assert_eq!(parse(b"1.0").unwrap(), Value::Int(1));
    assert_eq!(parse(b"-0").unwrap(), Value::Int(0));
}

#[test]
fn numbers_that_would_be_rounded_are_refused() {
    const LARGE: &str = "a number beyond 9007199254740991, which is not exact in every language at byte ";
    check("9007199254740992", &format!("{LARGE}0"));
    check("-9007199254740992", &format!("{LARGE}0"));
    check("[1, 9007199254740992.0]", &format!("{LARGE}4"));
    check("18446744073709551617", &format!("{LARGE}0"));
    check("1e400", &format!("{LARGE}0"));
    check("-1e400", &format!("{LARGE}0"));
    check("1e999999999999", &format!("{LARGE}0"));
    check(format!("1{}", "0".repeat(500)), &format!("{LARGE}0"));
    // Too small to matter is not too large.
    check("1e-400", "0");
    check("5e-324", "5e-324");
}

#[test]
fn numbers_have_one_grammar() {
    check("01", "more text after the value at byte 1");
    check("-01", "more text after the value at byte 2");
    check("+1", "unexpected '+' at byte 0");
    check(".5", "unexpected '.' at byte 0");
    check("1.", "the text ends too early at byte 2");
    check("1.e1", "unexpected 'e' at byte 2");
    check("1e", "the text ends too early at byte 2");
    check("1e+", "the text ends too early at byte 3");
    check("-", "the text ends too early at byte 1");
    check("0x10", "more text after the value at byte 1");
    check("1_000", "more text after the value at byte 1");
}

#[test]
fn strings() {
    check(r#""\"\\\/\b\f\n\r\t""#, r#""\"\\/\b\f\n\r\t""#);
    check(r#""\u0041\u00e9\uD83D\uDE00""#, "\"Aé😀\"");
    check(r#""\u0000""#, r#""\u0000""#);
    check("\"\u{7f}\u{2028}\"", "\"\u{7f}\u{2028}\"");
    check("\"a", "the text ends too early at byte 2");
    check("\"a\\", "the text ends too early at byte 2");
    check("\"a\\n", "the text ends too early at byte 4");
    check("'a'", "unexpected '\\'' at byte 0");
}

#[test]
fn control_characters_are_escaped_or_refused() {
    check("\"a\u{1}b\"", "a control character inside a string at byte 2");
    check("\"a\nb\"", "a control character inside a string at byte 2");
    check("\"\\n\tb\"", "a control character inside a string at byte 3");
}

#[test]
fn escapes_are_exact() {
    check(r#""\x41""#, "an unknown escape in a string at byte 1");
    check(r#""\u12""#, "an unknown escape in a string at byte 1");
    check(r#""\u12é4""#, "an unknown escape in a string at byte 1");
    check(r#""\u"#, "an unknown escape in a string at byte 1");
    check("\"\\é\"", "an unknown escape in a string at byte 1");
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    for text in [
        r#""\uD83D""#,
        r#""\uDE00""#,
        r#""\uD83Dx""#,
        r#""\uD83D\n""#,
        r#""\uD83D\u0041""#,
        r#""\uD83D\uD83D""#,
    ] {
        check(text, "half of a surrogate pair in a string at byte 1");
    }
}

#[test]
fn duplicate_keys_are_refused() {
    check(r#"{"a":1,"b":2,"a":1}"#, "the key \"a\" appears twice at byte 13");
    check(r#"{"a":1,"\u0061":2}"#, "the key \"a\" appears twice at byte 7");
    check(r#"[{"x":{"é":1,"é":2}}]"#, "the key \"é\" appears twice at byte 14");
    check(r#"{ "b" : {"c":[]} , "a" :1, "a":1}"#, "the key \"a\" appears twice at byte 27");
    check(r#"{"a":1,"A":2}"#, r#"{"A":2,"a":1}"#);
}

#[test]
fn structure() {
    check("", "the text ends too early at byte 0");
    check("  ", "the text ends too early at byte 2");
    check("[1,]", "unexpected ']' at byte 3");
    check("[1 2]", "unexpected '2' at byte 3");
    check("[,1]", "unexpected ',' at byte 1");
    check("{\"a\" 1}", "unexpected '1' at byte 5");
    check("{a: 1}", "unexpected 'a' at byte 1");
    check("{\"a\":1,}", "unexpected '}' at byte 7");
    check("{\"a\":}", "unexpected '}' at byte 5");
    check("[", "the text ends too early at byte 1");
    check("{", "the text ends too early at byte 1");
    check("]", "unexpected ']' at byte 0");
    check("1 2", "more text after the value at byte 2");
    check("[é]", "unexpected 'é' at byte 1");
    check("[1] // note", "more text after the value at byte 4");
    check("\u{feff}1", "unexpected '\\u{feff}' at byte 0");
    check("\u{a0}1", "unexpected '\\u{a0}' at byte 0");
}

#[test]
fn texts_are_utf8() {
    check(b"\"a\xff\"", "the text is not UTF-8 at byte 2");
    check(b"[\"\xed\xa0\x80\"]", "the text is not UTF-8 at byte 2");
    check(b"\"\xc0\xaf\"", "the text is not UTF-8 at byte 1");
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "1" + &close.repeat(depth);
    assert!(parse(nested("[", "]", 64).as_bytes()).is_ok());
    assert!(parse(nested("{\"a\":", "}", 64).as_bytes()).is_ok());
    check(nested("[", "]", 65), "more than 64 levels of nesting at byte 64");
    // Hostile depths end as early as mild ones.
    check(nested("[", "]", 10_000), "more than 64 levels of nesting at byte 64");
    check("[".repeat(1_000_000), "more than 64 levels of nesting at byte 64");
    check(nested("{\"a\":", "}", 10_000), "more than 64 levels of nesting at byte 320");
    // Siblings do not add up.
    assert!(parse(format!("[{}1]", "[[]],".repeat(1_000)).as_bytes()).is_ok());
}

#[test]
fn errors_can_be_acted_on() {
    let error = parse(b"{\"a\":1,\"a\":2}").unwrap_err();
    assert_eq!(error.kind, ParseErrorKind::DuplicateKey("a".to_owned()));
    assert_eq!(error.offset, 7);
}
