//! How schemas refer to each other, what is noted beside a reference, and the bounds that no page
//! example is large enough to show.

use std::sync::Arc;

use mote_expr::schema::{Refs, Shape};
use mote_expr::{Schema, Type, Value, parse};

/// One schema under every name that ends in `.yaml`.
struct OneFile(Arc<Schema>);

impl Refs for OneFile {
    fn resolve(&mut self, reference: &str) -> Result<Arc<Schema>, String> {
        if reference.ends_with(".yaml") {
            Ok(self.0.clone())
        } else {
            Err(format!("there is no `{reference}`"))
        }
    }
}

fn compile(source: &str) -> Result<Schema, String> {
    let line = parse(br#"{"type":"string","maxLength":3,"description":"A line.","default":"abc"}"#).unwrap();
    let mut refs = OneFile(Arc::new(Schema::compile(&line, &mut ()).unwrap()));
    Schema::compile(&parse(source.as_bytes()).unwrap(), &mut refs).map_err(|errors| {
        errors.iter().map(|error| format!("{} {}", error.at, error.message)).collect::<Vec<_>>().join("; ")
    })
}

#[test]
fn a_reference_is_the_schema_it_names() {
    let schema = compile(r#"{"type":"object","properties":{"line":{"$ref":"line.yaml"}}}"#).unwrap();
    let line = &schema.field("line").unwrap().schema;
    assert_eq!(line.description.as_deref(), Some("A line."));
    assert_eq!(schema.normalise(parse(b"{}").unwrap()).to_string(), r#"{"line":"abc"}"#);
    assert_eq!(
        schema.violations(&parse(br#"{"line":"abcd"}"#).unwrap())[0].to_string(),
        "/line has 4 characters, the most is 3"
    );
}

#[test]
fn what_stands_beside_a_reference_acts() {
    let schema =
        compile(r#"{"$ref":"line.yaml","default":"x","sensitive":true,"description":"Mine."}"#).unwrap();
    assert_eq!(schema.default, Some(Value::text("x")));
    assert!(schema.sensitive);
    assert_eq!(schema.description.as_deref(), Some("Mine."));
    assert_eq!(
        compile(r#"{"$ref":"line.yaml","default":"long"}"#).unwrap_err(),
        "/default the default does not fit: has 4 characters, the most is 3"
    );
    assert_eq!(
        compile(r#"{"$ref":"line.yaml","maxLength":9}"#).unwrap_err(),
        "/maxLength `maxLength` is not in the schema subset here"
    );
    assert_eq!(compile(r#"{"$ref":"nowhere"}"#).unwrap_err(), "/$ref there is no `nowhere`");
}

#[test]
fn a_default_is_filled_in_itself() {
    let schema = compile(r#"{"type":"object","properties":{"a":{"type":"object","default":{},"properties":{"n":{"type":"integer","default":1}}}}}"#).unwrap();
    assert_eq!(schema.normalise(parse(b"{}").unwrap()).to_string(), r#"{"a":{"n":1}}"#);
    // What does not fit is left alone: the violations name it.
    assert_eq!(schema.normalise(parse(br#"{"a":3,"b":4}"#).unwrap()).to_string(), r#"{"a":3,"b":4}"#);
}

#[test]
fn every_bound_has_a_default() {
    let shape = |source: &str| compile(source).unwrap().shape;
    assert!(matches!(shape(r#"{"type":"string"}"#), Shape::Text(text) if text.max == 1_000));
    assert!(matches!(shape(r#"{"type":"string","minLength":2000}"#), Shape::Text(text) if text.max == 2_000));
    assert!(matches!(shape(r#"{"type":"array","items":{"type":"boolean"}}"#), Shape::List { max: 100, .. }));
    assert!(matches!(
        shape(r#"{"type":"object","additionalProperties":{"type":"boolean"}}"#),
        Shape::Map { max: 100, .. }
    ));
    assert!(matches!(shape(r#"{"format":"mote:json"}"#), Shape::Json { bytes_max: 16_384 }));
    assert!(matches!(
        shape(r#"{"type":"integer"}"#),
        Shape::Int { min: -9007199254740991, max: 9007199254740991, .. }
    ));
}

#[test]
fn a_field_with_a_default_is_always_there() {
    let schema = compile(r#"{"type":"object","required":["a"],"properties":{"a":{"type":"integer"},"b":{"type":"integer","default":1},"c":{"type":"integer"}}}"#).unwrap();
    let Type::Object(fields) = Type::of(&schema) else { panic!("an object") };
    let present: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.present)).collect();
    assert_eq!(present, [("a", true), ("b", true), ("c", false)]);
}

#[test]
fn ten_violations_are_enough() {
    let schema = compile(r#"{"type":"array","items":{"type":"integer"}}"#).unwrap();
    assert_eq!(schema.violations(&Value::list((0..50).map(|_| Value::Null))).len(), 10);
    let object = Value::object((0..1_000).map(|at| (at.to_string(), Value::Null)));
    assert_eq!(Schema::empty_object().violations(&object).len(), 10);
}

/// A hundred thousand items that differ: comparing all pairs would take minutes.
#[test]
fn long_lists_are_compared_in_time() {
    let schema =
        compile(r#"{"type":"array","maxItems":1000000,"uniqueItems":true,"items":{"type":"integer"}}"#)
            .unwrap();
    let mut items: Vec<Value> = (0..100_000).map(Value::Int).collect();
    assert!(schema.accepts(&Value::list(items.clone())));
    items.push(Value::Int(7));
    assert_eq!(schema.violations(&Value::list(items))[0].to_string(), "/100000 repeats an earlier item");
}

#[test]
fn any_json_is_bounded_in_depth() {
    let schema = compile(r#"{"format":"mote:json"}"#).unwrap();
    let nested = |depth: usize| parse(("[".repeat(depth) + &"]".repeat(depth)).as_bytes()).unwrap();
    assert!(schema.accepts(&nested(32)));
    assert_eq!(schema.violations(&nested(33))[0].to_string(), "nests deeper than 32 levels");
}

/// Schemas come from files too: their nesting is what the parser lets through.
#[test]
fn schemas_nest() {
    let deep = (0..30).fold(r#"{"type":"integer"}"#.to_owned(), |inner, _| {
        format!(r#"{{"type":"array","items":{inner}}}"#)
    });
    let schema = compile(&deep).unwrap();
    let value = (0..30).fold(Value::Int(1), |inner, _| Value::list([inner]));
    assert!(schema.accepts(&value));
}
