//! Values for properties: every shape a value can have, small enough to read in a failure.

use mote_expr::{INT_MAX, Value};
use proptest::prelude::*;

/// A number with or without a fraction.
pub(crate) fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-INT_MAX..=INT_MAX).prop_map(Value::Int),
        (-20i64..20).prop_map(Value::Int),
        any::<f64>().prop_filter_map("not a value", Value::number),
        (-1000i64..1000).prop_filter_map("not a value", |n| Value::number(n as f64 / 8.0)),
    ]
}

/// A text, often with characters whose order differs between UTF-8 and UTF-16.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let char = prop_oneof![
        any::<char>(),
        prop::sample::select(vec!['a', 'b', '"', '\\', '\n', '\u{0}', 'é', '\u{e000}', '\u{ffff}', '😀'])
    ];
    prop::collection::vec(char, 0..6).prop_map(|chars| chars.into_iter().collect())
}

/// Any value.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        text().prop_map(Value::text),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            prop::collection::vec((text(), inner), 0..6).prop_map(Value::object),
        ]
    })
}
