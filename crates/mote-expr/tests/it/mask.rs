//! What is sensitive is masked: of the same kind, of the same schema where that can be, and not told.

use mote_expr::schema::Mask;
use mote_expr::{Schema, Value, parse};
use proptest::prelude::*;

use crate::sample;

const MASK: [u8; 32] = [7; 32];

fn schema(text: &str) -> Schema {
    Schema::compile(&parse(text.as_bytes()).unwrap(), &mut ()).unwrap()
}

fn value(text: &str) -> Value {
    parse(text.as_bytes()).unwrap()
}

/// Mask `plain` by `schema`; it must still fit, and be masked alike every time.
#[track_caller]
fn check(text: &str, plain: &str, expected: &str) {
    let (schema, plain) = (schema(text), value(plain));
    let masked = schema.mask(&plain, &Mask::new(MASK));
    assert_eq!(masked.to_string(), expected);
    assert!(schema.accepts(&masked), "{:?}", schema.violations(&masked));
    assert_eq!(masked, schema.mask(&plain, &Mask::new(MASK)), "equal values look equal");
    if schema.has_sensitive() {
        assert_ne!(masked, schema.mask(&plain, &Mask::new([8; 32])), "another key, another look");
    }
}

#[test]
fn what_is_not_sensitive_stays() {
    check(
        r#"{"type":"object","properties":{"name":{"type":"string"}}}"#,
        r#"{"name":"Ada"}"#,
        r#"{"name":"Ada"}"#,
    );
}

#[test]
fn masked_values_fit_their_schema() {
    let of = |keywords: &str| {
        format!(
            r#"{{"type":"object","properties":{{"it":{{{keywords},"sensitive":true}},"seen":{{"type":"integer"}}}}}}"#
        )
    };
    for (keywords, plain) in [
        (r#""type":"string""#, r#""hunter2""#),
        (r#""type":"string","maxLength":5"#, r#""ab""#),
        (r#""type":"string","minLength":30"#, r#""it is at least thirty characters long""#),
        (r#""type":"string","pattern":"^[A-Z]{2}[0-9]{2}-[a-z]+$""#, r#""DE44-abc""#),
        (r#""type":"string","format":"date","maxLength":10"#, r#""1980-01-31""#),
        (r#""type":"string","format":"date-time""#, r#""1980-01-31T12:00:00Z""#),
        (r#""type":"string","format":"decimal""#, r#""12.50""#),
        (r#""type":"string","format":"uuid""#, r#""123e4567-e89b-12d3-a456-426614174000""#),
        (r#""type":"string","format":"uri""#, r#""https://example.com/ada""#),
        (r#""type":"integer","minimum":-50,"maximum":1000000,"multipleOf":7"#, "49"),
        (r#""type":"integer""#, "42"),
        (r#""type":"number","minimum":0,"maximum":1"#, "0.25"),
        (r#""type":["string","null"]"#, r#""secret""#),
        (r#""type":"array","items":{"type":"string"}"#, r#"["one","two"]"#),
        (
            r#""type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}"#,
            r#"{"a":"x","b":1}"#,
        ),
        (r#""type":"object","additionalProperties":{"type":"integer"}"#, r#"{"ada":1,"bob":2}"#),
        (r#""format":"mote:json""#, r#"{"ada":[1,2.5,"three",null]}"#),
    ] {
        let schema = schema(&of(keywords));
        let plain = value(&format!(r#"{{"it":{plain},"seen":3}}"#));
        assert!(schema.accepts(&plain), "{keywords}: {:?}", schema.violations(&plain));
        let masked = schema.mask(&plain, &Mask::new(MASK));
        assert!(schema.accepts(&masked), "{keywords}: {masked}: {:?}", schema.violations(&masked));
        assert_ne!(masked.field("it"), plain.field("it"), "{keywords}");
        assert_eq!(masked.field("seen"), Some(&Value::Int(3)), "what is beside it stays");
        assert_eq!(masked, schema.mask(&plain, &Mask::new(MASK)), "{keywords}: equal values look equal");
    }
}

#[test]
fn a_text_does_not_tell_its_length() {
    let schema = schema(r#"{"type":"string","sensitive":true}"#);
    let length = |text: &str| {
        let masked = schema.mask(&Value::text(text), &Mask::new(MASK));
        masked.as_text().unwrap().chars().count()
    };
    assert_eq!(["", "a", "abcd", "abcde", "abcdefgh", "abcdefghi"].map(length), [0, 4, 4, 8, 8, 16]);
    assert_eq!(length(&"x".repeat(900)), 64);
}

#[test]
fn nothing_says_that_there_is_nothing() {
    check(r#"{"type":["string","null"]}"#, "null", "null");
    let schema = schema(r#"{"type":["string","null"],"sensitive":true}"#);
    assert_eq!(schema.mask(&Value::Null, &Mask::new(MASK)), Value::Null);
}

#[test]
fn what_is_not_known_beside_a_secret_is_masked_too() {
    let schema = schema(
        r#"{"type":"object","properties":{"password":{"type":"string","sensitive":true},"user":{"type":"string"}}}"#,
    );
    let masked = schema.mask(&value(r#"{"passwrod":"hunter2","user":"ada"}"#), &Mask::new(MASK)).to_string();
    assert!(!masked.contains("hunter2") && masked.contains(r#""user":"ada""#), "{masked}");
    let wrong_kind = schema.mask(&value(r#"["hunter2"]"#), &Mask::new(MASK)).to_string();
    assert!(!wrong_kind.contains("hunter2"), "{wrong_kind}");
}

#[test]
fn a_violation_does_not_quote_a_secret() {
    for (text, plain, expected) in [
        (
            r#"{"type":"integer","maximum":9,"sensitive":true}"#,
            "4711",
            "is sensitive and not told, the most is 9",
        ),
        (
            r#"{"type":"string","maxLength":3,"sensitive":true}"#,
            r#""hunter2""#,
            "is sensitive and not told, the most is 3",
        ),
        (
            r#"{"enum":["a","b"],"sensitive":true}"#,
            r#""hunter2""#,
            r#"is sensitive and not told, not one of "a", "b""#,
        ),
        (
            r#"{"type":"object","properties":{"n":{"type":"integer","maximum":9}},"sensitive":true}"#,
            r#"{"n":4711}"#,
            "/n is sensitive and not told, the most is 9",
        ),
        (r#"{"type":"integer","sensitive":true}"#, r#""hunter2""#, "is a string, expected an integer"),
    ] {
        let found = schema(text).violations(&value(plain));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, [expected], "{text}");
    }
    let beside = schema(
        r#"{"type":"object","properties":{"s":{"type":"string","sensitive":true},"n":{"type":"integer","maximum":9}}}"#,
    );
    assert_eq!(beside.violations(&value(r#"{"s":"x","n":10}"#))[0].message, "is 10, the most is 9");
}

proptest! {
    #[test]
    fn no_text_of_four_letters_or_more_is_left(plain in sample::value()) {
        let masked = Mask::new(MASK).any(&plain).to_string();
        let mut texts = Vec::new();
        collect(&plain, &mut texts);
        for text in texts.into_iter().filter(|text| text.chars().count() >= 4) {
            prop_assert!(!masked.contains(&text), "{text} is in {masked}");
        }
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Text(text) => texts.push(text.to_string()),
        Value::List(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            texts.push(key.to_owned());
            collect(value, texts);
        }),
        _ => {}
    }
}
