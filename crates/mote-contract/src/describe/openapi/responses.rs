//! The answers of a route: its success, and every refusal that a call of it can end in, by status.

use std::collections::BTreeMap;

use mote_expr::{Object, Value};

use crate::contract::{Kind, Route};
use crate::law::Law;
use crate::outcome::{Outcome, PlatformError};

/// How a refusal looks: problem details (RFC 9457), and what Mote adds to them.
pub(super) fn problem() -> Value {
    let text = || Value::object([("type", Value::text("string"))]);
    let outcomes = Value::list(Outcome::ALL.iter().map(|(_, name)| Value::text(*name)));
    let violation = Value::object([
        ("type", Value::text("object")),
        ("properties", Value::object([("at", text()), ("message", text())])),
        ("required", Value::list([Value::text("at"), Value::text("message")])),
    ]);
    let violations = Value::object([("type", Value::text("array")), ("items", violation)]);
    let described = |description: &str| {
        Value::object([("type", Value::text("string")), ("description", Value::text(description))])
    };
    let properties = [
        ("type", text()),
        ("title", text()),
        ("status", Value::object([("type", Value::text("integer"))])),
        ("detail", described("What happened, in a sentence.")),
        ("instance", described("Which call it was.")),
        ("code", described("The error to handle it by.")),
        ("outcome", Value::object([("enum", outcomes)])),
        ("clause", described("The clause of the contract that decided.")),
        (
            "data",
            Value::object([("description", Value::text("What a declared error tells besides its code."))]),
        ),
        ("violations", violations),
    ];
    let required = ["type", "title", "status", "detail", "code"].map(Value::text);
    Value::object([
        ("type", Value::text("object")),
        ("properties", Value::object(properties)),
        ("required", Value::list(required)),
    ])
}

/// All responses, by status.
pub(super) fn responses(law: &Law, route: &Route) -> Value {
    let mut responses = Object::new();
    responses.insert(&route.status.to_string(), success(law));
    for (status, codes) in refusals(law) {
        responses.insert(&status.to_string(), refusal(&codes));
    }
    Value::Object(responses.into())
}

fn success(law: &Law) -> Value {
    let media = law.contract.content.as_deref().unwrap_or("application/json");
    let content = Value::object([(media, Value::object([("schema", law.output.to_json_schema())]))]);
    let mut parts = vec![
        ("description", Value::text(law.output.description.as_deref().unwrap_or("Success"))),
        ("content", content),
    ];
    if law.contract.kind != Kind::Function {
        let schema = Value::object([("type", Value::text("string"))]);
        let position = Value::object([
            ("description", Value::text("How far the log was when this was decided.")),
            ("schema", schema),
        ]);
        parts.push(("headers", Value::object([("Mote-Position", position)])));
    }
    Value::object(parts)
}

/// The codes of every refusal that a call can end in, by status.
fn refusals(law: &Law) -> BTreeMap<u16, Vec<String>> {
    let mut codes: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for error in &law.errors {
        codes.entry(error.status).or_default().push(error.code.clone());
    }
    let command = law.contract.kind == Kind::Command;
    let can_end_in = |error: PlatformError| match error {
        PlatformError::InvalidInput
        | PlatformError::Unavailable
        | PlatformError::Timeout
        | PlatformError::Breached
        | PlatformError::ContractError => true,
        // An idempotency key that was used for another input ends in it too.
        PlatformError::RequirementFailed => command || !law.requires.is_empty(),
        PlatformError::Forbidden => law.allow().is_some(),
        PlatformError::Conflict => command,
        PlatformError::NotFound | PlatformError::Quarantined | PlatformError::Cancelled => false,
    };
    for (error, code, status) in PlatformError::ALL {
        if can_end_in(error) {
            codes.entry(status).or_default().push(code.to_owned());
        }
    }
    // What a body can be refused for before it is read to its end.
    codes.entry(413).or_default().push(PlatformError::InvalidInput.code().to_owned());
    codes.entry(408).or_default().push(PlatformError::Timeout.code().to_owned());
    codes
}

fn refusal(codes: &[String]) -> Value {
    let mut distinct: Vec<&String> = Vec::new();
    for code in codes {
        if !distinct.contains(&code) {
            distinct.push(code);
        }
    }
    let listed: Vec<String> = distinct.iter().map(|code| format!("`{code}`")).collect();
    let code = Value::object([("enum", Value::list(distinct.into_iter().map(Value::text)))]);
    let only = Value::object([("properties", Value::object([("code", code)]))]);
    let problem = Value::object([("$ref", Value::text("#/components/schemas/Problem"))]);
    let schema = Value::object([("allOf", Value::list([problem, only]))]);
    let media = Value::object([("application/problem+json", Value::object([("schema", schema)]))]);
    Value::object([("description", Value::text(listed.join(", "))), ("content", media)])
}
