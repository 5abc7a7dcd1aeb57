//! A schema as plain JSON Schema 2020-12, with every default filled in: what it really accepts.

use super::{Field, Schema, Shape, TextShape};
use crate::{INT_MAX, Object, Value};

impl Schema {
    /// This schema for any validator of JSON Schema 2020-12: bounds that the file leaves out are written
    /// out, and references are resolved.
    pub fn to_json_schema(&self) -> Value {
        let mut fields = shape(&self.shape);
        if self.nullable {
            match fields.iter_mut().find(|(name, _)| *name == "type") {
                Some((_, kind)) => *kind = Value::list([kind.clone(), Value::text("null")]),
                None => fields = vec![("anyOf", Value::list([Value::object(fields), null()]))],
            }
        }
        fields.extend(self.description.as_ref().map(|text| ("description", Value::text(text))));
        fields.extend(self.default.as_ref().map(|default| ("default", default.clone())));
        Value::object(fields)
    }
}

fn null() -> Value {
    Value::object([("type", Value::text("null"))])
}

fn count(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(INT_MAX))
}

fn shape(shape: &Shape) -> Vec<(&'static str, Value)> {
    let kind = |name: &str| ("type", Value::text(name));
    match shape {
        // Any JSON: its size is the one bound that JSON Schema cannot say.
        Shape::Json { bytes_max } => {
            vec![("$comment", Value::text(format!("any JSON of at most {bytes_max} bytes")))]
        }
        Shape::Bool => vec![kind("boolean")],
        Shape::Int { min, max, multiple_of } => {
            let mut fields =
                vec![kind("integer"), ("minimum", Value::Int(*min)), ("maximum", Value::Int(*max))];
            fields.extend(multiple_of.map(|step| ("multipleOf", Value::Int(step))));
            fields
        }
        Shape::Number { min, max } => {
            let number = |bound: f64| Value::number(bound).unwrap_or(Value::Null);
            vec![kind("number"), ("minimum", number(*min)), ("maximum", number(*max))]
        }
        Shape::Text(text) => text_shape(text),
        Shape::Enum(values) => vec![("enum", Value::list(values.iter().cloned()))],
        Shape::List { item, min, max, unique } => {
            let mut fields = vec![kind("array"), ("items", item.to_json_schema()), ("maxItems", count(*max))];
            fields.extend((*min > 0).then(|| ("minItems", count(*min))));
            fields.extend(unique.then_some(("uniqueItems", Value::Bool(true))));
            fields
        }
        Shape::Object(fields) => object(fields),
        Shape::Map { value, max } => vec![
            kind("object"),
            ("additionalProperties", value.to_json_schema()),
            ("maxProperties", count(*max)),
        ],
        Shape::OneOf { variants, .. } => {
            vec![("oneOf", Value::list(variants.iter().map(|(_, variant)| variant.to_json_schema())))]
        }
    }
}

fn text_shape(text: &TextShape) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("type", Value::text("string")), ("maxLength", count(text.max))];
    fields.extend((text.min > 0).then(|| ("minLength", count(text.min))));
    fields.extend(text.pattern.as_ref().map(|pattern| ("pattern", Value::text(&pattern.text))));
    fields.extend(text.format.map(|format| ("format", Value::text(format.name()))));
    fields
}

fn object(fields: &[Field]) -> Vec<(&'static str, Value)> {
    let mut properties = Object::new();
    for field in fields {
        properties.insert(&field.name, field.schema.to_json_schema());
    }
    let required = fields.iter().filter(|field| field.required).map(|field| Value::text(&field.name));
    let required: Vec<Value> = required.collect();
    let mut schema = vec![
        ("type", Value::text("object")),
        ("properties", Value::Object(properties.into())),
        ("additionalProperties", Value::Bool(false)),
    ];
    schema.extend((!required.is_empty()).then(|| ("required", Value::list(required))));
    schema
}
