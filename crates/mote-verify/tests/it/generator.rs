//! What the cases are made of.

use mote_expr::{Schema, Value, parse};
use mote_verify::cases::{Known, Values};
use mote_verify::{Random, Seed, verify};

use super::system::{Native, greet, law, plan, sign};

fn schema(source: &str) -> Schema {
    Schema::compile(&parse(source.as_bytes()).unwrap(), &mut ()).unwrap()
}

/// Five hundred values of `source`, all of which fit.
#[track_caller]
fn check(source: &str) -> Vec<Value> {
    let schema = schema(source);
    let values = Values::of([&schema]);
    let mut known = Known::new();
    known.learn(&parse(br#"{"guests": ["Ada", "Zo\u00e9"], "count": 7}"#).unwrap());
    let make = |index| values.value(&schema, &known, &mut Random::of(&Seed::from(5), "test", index)).unwrap();
    let made: Vec<Value> = (0..500).map(make).collect();
    for value in &made {
        assert_eq!(schema.violations(value), [], "{value}");
    }
    assert_eq!(made, (0..500).map(make).collect::<Vec<_>>(), "one seed, one sequence");
    made
}

#[track_caller]
fn meets(values: &[Value], what: &str, test: impl Fn(&Value) -> bool) {
    assert!(values.iter().any(test), "{what} was not made");
}

#[test]
fn integers_meet_their_bounds() {
    let made = check(r#"{"type": "integer", "minimum": -3, "maximum": 100}"#);
    for bound in [-3, -2, 0, 99, 100] {
        meets(&made, "a bound", |value| value.as_int() == Some(bound));
    }
    meets(&made, "a known number", |value| value.as_int() == Some(7));
    check(r#"{"type": "integer"}"#);
    let made = check(r#"{"type": "integer", "minimum": 5, "maximum": 22, "multipleOf": 5}"#);
    meets(&made, "the greatest multiple", |value| value.as_int() == Some(20));
    check(r#"{"type": "number", "minimum": 0.5, "maximum": 0.75}"#);
    check(r#"{"type": "number"}"#);
}

#[test]
fn texts_are_of_all_lengths_and_alphabets() {
    let made = check(r#"{"type": "string", "maxLength": 40}"#);
    meets(&made, "the empty text", |value| value.as_text() == Some(""));
    meets(&made, "the longest text", |value| value.as_text().unwrap().chars().count() == 40);
    meets(&made, "an astral character", |value| value.as_text().unwrap().chars().any(|c| c > '\u{ffff}'));
    meets(&made, "a space at an end", |value| value.as_text().unwrap().starts_with(' '));
    meets(&made, "a known text", |value| value.as_text() == Some("Ada"));
}

#[test]
fn texts_match_their_patterns() {
    for pattern in [
        r"^[a-z0-9-]{1,20}$",
        r"^(?:ORD|INV)-\\d{4,6}$",
        r"^\\w+@\\w+\\.[a-z]{2,}$",
        r"^[^/]+$",
        r"colou?r",
        r"^\\S+( \\S+)*$",
        r"^[A-Zé-ü]\\d?$",
        r"^\\+?[1-9]\\d{1,14}$",
    ] {
        let made = check(&format!(r#"{{"type": "string", "maxLength": 30, "pattern": "{pattern}"}}"#));
        let different: std::collections::BTreeSet<_> = made.iter().map(Value::to_string).collect();
        assert!(different.len() > 15, "{pattern} has only {different:?}");
    }
    for format in ["date", "date-time", "decimal", "uuid", "uri"] {
        check(&format!(r#"{{"type": "string", "format": "{format}"}}"#));
    }
}

#[test]
fn lists_and_objects_meet_their_bounds() {
    let made = check(r#"{"type": "array", "minItems": 2, "maxItems": 9, "items": {"enum": ["a", "b", 3]}}"#);
    for length in [2, 3, 9] {
        meets(&made, "a length", |value| value.as_list().unwrap().len() == length);
    }
    check(
        r#"{"type": "array", "minItems": 3, "maxItems": 3, "uniqueItems": true, "items": {"enum": [1, 2, 3]}}"#,
    );
    let made = check(
        r#"{"type": "object", "required": ["a"], "properties": {
            "a": {"type": ["string", "null"], "maxLength": 3}, "b": {"type": "boolean"},
            "c": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 4},
            "d": {"format": "mote:json"}}}"#,
    );
    for field in ["b", "c", "d"] {
        meets(&made, "an optional field", |value| value.field(field).is_some());
        meets(&made, "no optional field", |value| value.field(field).is_none());
    }
    meets(&made, "null", |value| value.field("a") == Some(&Value::Null));
    let made = check(
        r#"{"discriminator": "kind", "oneOf": [
            {"type": "object", "required": ["kind", "radius"], "properties": {"kind": {"const": "circle"}, "radius": {"type": "integer"}}},
            {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "point"}}}]}"#,
    );
    meets(&made, "each variant", |value| value.field("radius").is_some());
    meets(&made, "each variant", |value| value.field("radius").is_none());
}

#[test]
fn the_number_of_threads_does_not_show() {
    let wrong =
        Native(
            |call: &Value| {
                if super::system::guests(call) == 3 { super::system::error("oops") } else { sign(call) }
            },
        );
    let right = Native(sign);
    for subject in [&wrong as &dyn mote_verify::Subject, &right] {
        let law = law("sign-guestbook");
        let of = |threads| {
            let verification = verify(&law, subject, &plan(300, threads), &|_| ());
            (verification.feedback(&law).to_string(), verification.figures().clone())
        };
        assert_eq!(of(1), of(4));
    }
}

#[test]
fn right_services_pass_and_every_outcome_is_reached() {
    let law = law("sign-guestbook");
    let verification = verify(&law, &Native(sign), &plan(500, 2), &|_| ());
    assert_eq!(verification.rejection(), None);
    let reached = &verification.figures().reached;
    let refused: Vec<&str> = reached.refused.keys().map(String::as_str).collect();
    assert_eq!(refused, ["errors/already-signed", "errors/book-full", "requires/no-blank-name"]);
    assert!(verification.figures().generated >= 500, "{reached:?}");

    let law = super::system::law("greet");
    let verification = verify(&law, &Native(greet), &plan(500, 2), &|_| ());
    assert_eq!(verification.rejection(), None);
    assert_eq!(verification.figures().generated, 500);
}

#[test]
fn callers_have_the_roles_that_the_contract_names() {
    let contract = r#"
contract: stamp
version: 1.0.0
kind: function
allow: "'clerk' in caller.roles && caller.id == input.owner"
input: {type: object, required: [owner], properties: {owner: {type: string, maxLength: 20}}}
output: {type: object, properties: {}}
"#;
    let law = super::system::law_of(&[("contracts/stamp.yaml", contract.to_owned())], "stamp");
    let stamp = Native(|_: &Value| super::system::ok(Value::object::<&str>([]), vec![]));
    let verification = verify(&law, &stamp, &plan(200, 2), &|_| ());
    assert_eq!(verification.rejection(), None);
    assert!(verification.figures().generated > 190, "{:?}", verification.figures());
}
