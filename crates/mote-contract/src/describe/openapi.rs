//! The HTTP routes of a system as an OpenAPI 3.1 document.
//!
//! Owns what is told of a contract to those that call it: every route, parameter, status and error. Start at
//! [`openapi`].

mod responses;

use std::collections::BTreeMap;

use mote_expr::schema::{Field, Schema, Shape};
use mote_expr::{Object, Value};

use super::info;
use crate::contract::{Kind, Method, Route, Segment};
use crate::law::Law;

/// The document about the routes of `laws`, which belong to the system `name`.
pub fn openapi<'l>(name: &str, laws: impl IntoIterator<Item = &'l Law>) -> Value {
    let mut paths: BTreeMap<String, Object> = BTreeMap::new();
    let mut routed = Vec::new();
    for law in laws {
        for route in &law.contract.routes {
            let methods = paths.entry(route.path_text()).or_default();
            methods.insert(&route.method.name().to_ascii_lowercase(), operation(law, route));
        }
        if !law.contract.routes.is_empty() {
            routed.push(&law.contract);
        }
    }
    let paths = paths.into_iter().map(|(path, methods)| (path, Value::Object(methods.into())));
    Value::object([
        ("openapi", Value::text("3.1.0")),
        ("info", info(name, routed.into_iter())),
        ("paths", Value::object(paths)),
        ("components", Value::object([("schemas", Value::object([("Problem", responses::problem())]))])),
    ])
}

fn operation(law: &Law, route: &Route) -> Value {
    let contract = &law.contract;
    let mut parts = vec![
        ("operationId", Value::text(operation_id(law, route))),
        ("responses", responses::responses(law, route)),
    ];
    parts.extend(contract.summary.as_ref().map(|summary| ("summary", Value::text(summary))));
    if !contract.capability.is_empty() {
        parts.push(("tags", Value::list([Value::text(&contract.capability)])));
    }
    let (carried, sent) = carriers(law, route);
    let mut parameters: Vec<Value> =
        carried.into_iter().map(|(place, field)| parameter(place, field)).collect();
    parameters.extend(headers(contract.kind, law.reads.is_some()));
    if !parameters.is_empty() {
        parts.push(("parameters", Value::list(parameters)));
    }
    if !sent.is_empty() {
        let required = sent.iter().any(|field| field.required);
        let schema = Schema::of(Shape::Object(sent.into_iter().cloned().collect())).to_json_schema();
        let media = Value::object([("application/json", Value::object([("schema", schema)]))]);
        parts.push(("requestBody", Value::object([("content", media), ("required", Value::Bool(required))])));
    } else if !matches!(law.input.shape, Shape::Object(_)) {
        let media =
            Value::object([("application/json", Value::object([("schema", law.input.to_json_schema())]))]);
        parts.push(("requestBody", Value::object([("content", media), ("required", Value::Bool(true))])));
    }
    Value::object(parts)
}

/// The contract's name; with the method and the path where it has several routes.
fn operation_id(law: &Law, route: &Route) -> String {
    let contract = &law.contract;
    if contract.routes.first() == Some(route) {
        return contract.name.clone();
    }
    let at = contract.routes.iter().position(|other| other == route).unwrap_or(0);
    format!("{}-{}", contract.name, at + 1)
}

/// What carries each field of the input: the path, the query, or the body.
fn carriers<'l>(law: &'l Law, route: &Route) -> (Vec<(&'static str, &'l Field)>, Vec<&'l Field>) {
    let Shape::Object(fields) = &law.input.shape else { return (Vec::new(), Vec::new()) };
    let in_path = |field: &Field| route.path.contains(&Segment::Field(field.name.clone()));
    // Clients send no body with these.
    let without_body = matches!(route.method, Method::Get | Method::Delete);
    let (mut carried, mut sent) = (Vec::new(), Vec::new());
    for field in fields {
        if in_path(field) {
            carried.push(("path", field));
        } else if without_body && is_scalar(&field.schema) {
            carried.push(("query", field));
        } else {
            sent.push(field);
        }
    }
    (carried, sent)
}

fn is_scalar(schema: &Schema) -> bool {
    matches!(
        schema.shape,
        Shape::Text(_) | Shape::Int { .. } | Shape::Number { .. } | Shape::Bool | Shape::Enum(_)
    )
}

fn parameter(place: &str, field: &Field) -> Value {
    let required = field.required || place == "path";
    let mut parts = vec![
        ("name", Value::text(&field.name)),
        ("in", Value::text(place)),
        ("required", Value::Bool(required)),
        ("schema", field.schema.to_json_schema()),
    ];
    parts.extend(field.schema.description.as_ref().map(|text| ("description", Value::text(text))));
    Value::object(parts)
}

/// The headers that change what a call does.
fn headers(kind: Kind, reads: bool) -> Vec<Value> {
    let header = |name: &str, description: &str, bound: i64| {
        let schema = [("type", Value::text("string")), ("maxLength", Value::Int(bound))];
        Value::object([
            ("name", Value::text(name)),
            ("in", Value::text("header")),
            ("required", Value::Bool(false)),
            ("description", Value::text(description)),
            ("schema", Value::object(schema)),
        ])
    };
    let mut headers = Vec::new();
    if kind == Kind::Command {
        let description =
            "Asked again under the same key, the same answer is given and nothing happens twice.";
        headers.push(header("Idempotency-Key", description, 200));
    }
    if reads {
        let description = "The `Mote-Position` of an earlier answer: what is read is at least as fresh.";
        headers.push(header("Mote-After", description, 17));
    }
    headers
}
