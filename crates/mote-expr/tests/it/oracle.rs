//! The `jsonschema` crate as the oracle: on the common subset, both accept the same values.
//! What differs on purpose is handed to the oracle in its own words: our closed objects as
//! `additionalProperties: false`, our default bounds as keywords.

use mote_expr::{Schema, Value, parse};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// A schema in our words, and what its oracle is told.
#[derive(Clone, Debug)]
struct Pair {
    ours: Json,
    theirs: Json,
}

impl Pair {
    fn same(schema: Json) -> Pair {
        Pair { theirs: schema.clone(), ours: schema }
    }

    /// Both with another keyword.
    fn with(mut self, key: &str, value: Json) -> Pair {
        self.ours[key] = value.clone();
        self.theirs[key] = value;
        self
    }

    fn nullable(mut self) -> Pair {
        for schema in [&mut self.ours, &mut self.theirs] {
            let kind = schema["type"].clone();
            schema["type"] = json!([kind, "null"]);
        }
        self
    }
}

fn texts() -> impl Strategy<Value = Pair> {
    let bounds = (0u64..4, 0u64..4)
        .prop_map(|(a, b)| json!({"type": "string", "minLength": a.min(b), "maxLength": a.max(b)}));
    let patterns =
        prop::sample::select(vec!["^a", "b$", "^[a-c]{1,2}$", "a|é", "^(ab)*$", "[^a]", "^.?$", "^a+b?$"])
            .prop_map(|pattern| json!({"type": "string", "pattern": pattern}));
    prop_oneof![bounds, patterns].prop_map(Pair::same)
}

fn numbers() -> impl Strategy<Value = Pair> {
    let ints = (-4i64..4, -4i64..4, 1i64..4).prop_map(|(a, b, step)| json!({"type": "integer", "minimum": a.min(b), "maximum": a.max(b), "multipleOf": step}));
    let floats = (-8i64..8, -8i64..8).prop_map(|(a, b)| json!({"type": "number", "minimum": a.min(b) as f64 / 2.0, "maximum": a.max(b) as f64 / 2.0}));
    let open =
        prop::sample::select(vec!["integer", "number", "boolean"]).prop_map(|kind| json!({"type": kind}));
    prop_oneof![ints, floats, open].prop_map(Pair::same)
}

fn enums() -> impl Strategy<Value = Pair> {
    let lists = vec![json!(["a", "b"]), json!([1, 2.5]), json!([true]), json!(["", 0, false])];
    let listed = prop::sample::select(lists).prop_map(|list| json!({"enum": list}));
    let fixed = prop::sample::select(vec![json!("a"), json!(1), json!(false)])
        .prop_map(|value| json!({"const": value}));
    prop_oneof![listed, fixed].prop_map(Pair::same)
}

fn variants(fields: Vec<Pair>) -> Pair {
    let variant = |(at, field): (usize, &Pair)| {
        let ours = json!({"type": "object", "required": ["k"], "properties": {"k": {"const": format!("v{at}")}, "x": field.ours}});
        let mut theirs = ours.clone();
        theirs["properties"]["x"] = field.theirs.clone();
        theirs["additionalProperties"] = json!(false);
        (ours, theirs)
    };
    let (ours, theirs): (Vec<_>, Vec<_>) = fields.iter().enumerate().map(variant).unzip();
    Pair { ours: json!({"discriminator": "k", "oneOf": ours}), theirs: json!({"oneOf": theirs}) }
}

fn schemas() -> impl Strategy<Value = Pair> {
    let typed = prop_oneof![texts(), numbers()];
    let leaf = prop_oneof![typed.clone(), typed.prop_map(Pair::nullable), enums()];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let lists = (inner.clone(), 0u64..3, 0u64..4, any::<bool>()).prop_map(|(item, min, more, unique)| {
            let pair = Pair {
                ours: json!({"type": "array", "items": item.ours}),
                theirs: json!({"type": "array", "items": item.theirs}),
            };
            pair.with("minItems", json!(min))
                .with("maxItems", json!(min + more))
                .with("uniqueItems", json!(unique))
        });
        let objects = prop::collection::vec(
            (prop::sample::select(vec!["x", "y", "k", "é"]), inner.clone(), any::<bool>()),
            0..4,
        )
        .prop_map(|fields| {
            let mut ours = json!({"type": "object", "properties": {}});
            let mut theirs = json!({"type": "object", "properties": {}, "additionalProperties": false});
            let mut required: Vec<&str> = Vec::new();
            for (name, field, needed) in &fields {
                ours["properties"][name] = field.ours.clone();
                theirs["properties"][name] = field.theirs.clone();
                if *needed && !required.contains(name) {
                    required.push(name);
                }
            }
            Pair { ours, theirs }.with("required", json!(required))
        });
        let maps = (inner.clone(), 0u64..4).prop_map(|(value, max)| {
            let ours = json!({"type": "object", "additionalProperties": value.ours});
            let theirs = json!({"type": "object", "additionalProperties": value.theirs});
            Pair { ours, theirs }.with("maxProperties", json!(max))
        });
        let variants = prop::collection::vec(inner, 1..3).prop_map(variants);
        prop_oneof![lists, objects.clone(), objects.prop_map(Pair::nullable), maps, variants]
    })
}

/// Values near the schemas above: the same few texts, numbers and keys.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-5i64..6).prop_map(Value::Int),
        (-10i64..10).prop_filter_map("not a value", |n| Value::number(n as f64 / 2.0)),
        prop::sample::select(vec!["", "a", "b", "ab", "abab", "é", "😀😀", "v0", "v1", "abc"])
            .prop_map(Value::text),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let keys = prop::sample::select(vec!["x", "y", "k", "é", "other"]);
        let tag = prop::sample::select(vec!["v0", "v1", "v2"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::list),
            prop::collection::vec((keys, inner.clone()), 0..4).prop_map(Value::object),
            (tag, inner).prop_map(|(tag, x)| Value::object([("k", Value::text(tag)), ("x", x)])),
        ]
    })
}

/// Whether ours and the oracle agree, and on what.
fn check(pair: &Pair, value: &Value) -> bool {
    let source = parse(pair.ours.to_string().as_bytes()).unwrap();
    let schema =
        Schema::compile(&source, &mut ()).unwrap_or_else(|errors| panic!("{} {errors:?}", pair.ours));
    let oracle = jsonschema::draft202012::new(&pair.theirs).unwrap();
    let theirs = oracle.is_valid(&serde_json::from_slice(&value.canonical()).unwrap());
    // What others are told is what is enforced.
    let told = serde_json::from_slice(&schema.to_json_schema().canonical()).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&told), "{told}");
    let told_accepts = jsonschema::draft202012::new(&told)
        .unwrap()
        .is_valid(&serde_json::from_slice(&value.canonical()).unwrap());
    assert_eq!(told_accepts, theirs, "{} {told} {value}", pair.ours);
    let violations = schema.violations(value);
    assert_eq!(violations.is_empty(), theirs, "{} {value} {violations:?}", pair.ours);
    for violation in violations {
        // A place that is reported is a place in the value.
        assert!(violation.at.find(value).is_some(), "{} {value} {violation}", pair.ours);
    }
    theirs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn both_accept_the_same_values(pair in schemas(), values in prop::collection::vec(values(), 8)) {
        for value in &values {
            check(&pair, value);
        }
    }
}

/// Random values seldom fit random schemas: here are pairs that do, and near misses.
#[test]
fn the_oracle_accepts_what_it_should() {
    let mut accepted = 0;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..2_000 {
        let pair = proptest::strategy::ValueTree::current(&schemas().new_tree(&mut runner).unwrap());
        let value = proptest::strategy::ValueTree::current(&values().new_tree(&mut runner).unwrap());
        accepted += usize::from(check(&pair, &value));
    }
    assert!(accepted > 60, "only {accepted} of 2000 values fit");
}

/// `1.0` is an integer for both, and so is `1e0`.
#[test]
fn integral_numbers_are_integers_for_both() {
    for text in ["1", "1.0", "10e-1"] {
        let oracle = jsonschema::draft202012::new(&json!({"type": "integer"})).unwrap();
        assert!(oracle.is_valid(&serde_json::from_str(text).unwrap()), "{text}");
        let schema = Schema::compile(&parse(br#"{"type":"integer"}"#).unwrap(), &mut ()).unwrap();
        assert!(schema.accepts(&parse(text.as_bytes()).unwrap()), "{text}");
    }
}
