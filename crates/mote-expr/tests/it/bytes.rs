//! Canonical bytes: one way to write a value, whatever else is in the build.

use std::str::FromStr;

use mote_expr::{Digest, DigestError, Value, parse};
use proptest::prelude::*;

use crate::sample;

#[track_caller]
fn check(text: &str, expected: &str) {
    let value = parse(text.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(value.canonical()).unwrap(), expected);
}

/// RFC 8785, section 3.2.3.
#[test]
fn keys_are_sorted_by_utf16() {
    let text = r#"{
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"
    }"#;
    let value = parse(text.as_bytes()).unwrap();
    let keys: Vec<&str> = value.as_object().unwrap().iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["\r", "1", "\u{80}", "ö", "€", "😀", "\u{fb33}"]);
}

/// RFC 8785, section 3.2.2, with the one number that a value does not hold left out.
#[test]
fn the_sample_object_of_rfc_8785() {
    check(
        r#"{
          "numbers": [4.50, 2e-3, 0.000000000000000000000000001],
          "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
          "literals": [null, true, false]
        }"#,
        r#"{"literals":[null,true,false],"numbers":[4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#,
    );
}

#[test]
fn texts_are_escaped_only_where_they_must_be() {
    check(r#""\b\t\n\f\r\"\\\/""#, r#""\b\t\n\f\r\"\\/""#);
    check(r#""\u0001\u001f\u007f\u2028é""#, "\"\\u0001\\u001f\u{7f}\u{2028}é\"");
}

#[test]
fn the_later_of_two_entries_wins() {
    let value = Value::object([("a", Value::Int(1)), ("b", Value::Null), ("a", Value::Int(2))]);
    assert_eq!(value.to_string(), r#"{"a":2,"b":null}"#);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in sample::value()) {
        let bytes = value.canonical();
        let read = parse(&bytes).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(read.canonical(), bytes);
    }

    #[test]
    fn keys_have_the_order_of_utf16(a in sample::text(), b in sample::text()) {
        let value = Value::object([(&a, Value::Null), (&b, Value::Null)]);
        let keys: Vec<&str> = value.as_object().unwrap().iter().map(|(key, _)| key).collect();
        let mut expected = vec![a.as_str(), b.as_str()];
        expected.sort_by_key(|key| key.encode_utf16().collect::<Vec<_>>());
        expected.dedup();
        prop_assert_eq!(keys, expected);
    }

    /// Another reader of JSON understands our bytes as the same value, and any bytes at all end
    /// in a value or an error.
    #[test]
    fn other_readers_agree(value in sample::value(), noise in prop::collection::vec(any::<u8>(), 0..40)) {
        let theirs: serde_json::Value = serde_json::from_slice(&value.canonical()).unwrap();
        let back = parse(serde_json::to_string_pretty(&theirs).unwrap().as_bytes()).unwrap();
        prop_assert_eq!(back.canonical(), value.canonical());
        let _ = parse(&noise);
    }
}

/// In this test build `serde_json` keeps the order of keys, as `oxc_resolver` makes it do in ours.
#[test]
fn features_of_other_crates_change_nothing() {
    let text = r#"{"b":1.0,"a":{"d":1e2,"c":2}}"#;
    let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
    assert!(theirs.to_string().starts_with(r#"{"b""#), "the feature is not on: this test shows nothing");
    check(text, r#"{"a":{"c":2,"d":100},"b":1}"#);
}

/// The shipped crate cannot be changed by a feature of a JSON crate, because it uses none.
#[test]
fn no_json_crate_is_used() {
    let manifest = include_str!("../../Cargo.toml");
    let shipped = manifest.split("[dev-dependencies]").next().unwrap();
    for name in ["serde", "json", "indexmap"] {
        let line = shipped.lines().find(|line| !line.starts_with("description") && line.contains(name));
        assert_eq!(line, None, "`{name}` is a dependency of what writes the bytes");
    }
}

#[test]
fn digests_have_one_text() {
    let digest = Digest::of(b"abc");
    let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(digest.to_string(), text);
    assert_eq!(digest.short(), "ba7816bf");
    assert_eq!(format!("{digest:?}"), format!("Digest({text})"));
    assert_eq!(Digest::from_str(text), Ok(digest));
    assert_eq!(parse(br#"{"b":1,"a":2}"#).unwrap().digest(), Digest::of(br#"{"a":2,"b":1}"#));
    for wrong in ["", "ba7816bf", &text[1..], &format!("{text}0"), &text.replace('b', "g"), &"é".repeat(32)]
    {
        assert_eq!(Digest::from_str(wrong), Err(DigestError), "{wrong}");
    }
}

/// A digest is a name: two spellings of it would be two names.
#[test]
fn digests_are_lower_case() {
    let text = Digest::of(b"abc").to_string();
    assert_eq!(Digest::from_str(&text.to_uppercase()), Err(DigestError));
}

#[test]
fn pointers_are_rfc_6901() {
    let value = parse(br#"{"a/b":[{"m~n":7}]}"#).unwrap();
    let at = mote_expr::Pointer::root().key("a/b").index(0).key("m~n");
    assert_eq!(at.to_string(), "/a~1b/0/m~0n");
    assert_eq!(at.find(&value), Some(&Value::Int(7)));
    assert_eq!(at.key("x").find(&value), None);
    assert_eq!(mote_expr::Pointer::root().to_string(), "");
}
