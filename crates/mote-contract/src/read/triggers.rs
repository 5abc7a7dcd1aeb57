//! Reads triggers: `- {http: POST /orders, status: 201}`.

use mote_expr::schema::{Schema, Shape};
use mote_expr::suggest;

use super::Fields;
use crate::contract::{Method, Route, Segment};
use crate::diagnostic::{Code, Place};
use crate::tree::Tree;

pub(super) fn read_route(
    tree: &Tree,
    input: Option<&Schema>,
    contract: &Fields<'_, '_>,
) -> Option<(Route, Place)> {
    let fields = Fields::of(tree, "a trigger", contract.file, contract.sink)?;
    let http = fields.required("http", "POST /orders");
    let text = fields.text("http");
    let status = fields.int("status", 200, 299).unwrap_or(200);
    fields.finish();
    let place = contract.at(http?);
    match route(text?, u16::try_from(status).unwrap_or(200), input) {
        Ok(route) => Some((route, place)),
        Err((message, hint)) => {
            contract.sink.error(Code::Trigger, place, message, hint);
            None
        }
    }
}

type Wrong = (String, Option<String>);

/// `input` is None where it could not be read: its fields are not looked for then.
fn route(text: &str, status: u16, input: Option<&Schema>) -> Result<Route, Wrong> {
    let form = || Some("write a method and a path: `http: POST /orders`".to_owned());
    let (method, path) = text.split_once(' ').ok_or_else(|| (format!("`{text}` is not a route"), form()))?;
    let known = Method::ALL.iter().find(|(name, _)| *name == method);
    let (_, method) = known.ok_or_else(|| {
        let names: Vec<_> = Method::ALL.iter().map(|(name, _)| *name).collect();
        let near = suggest(method, names.iter().copied());
        let hint = near.map_or_else(
            || format!("the methods are {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        (format!("`{method}` is not a method"), Some(hint))
    })?;
    let rest = path.trim().strip_prefix('/').ok_or_else(|| (format!("`{path}` is not a path"), form()))?;
    let mut segments = Vec::new();
    for part in rest.split('/').filter(|_| !rest.is_empty()) {
        let segment = segment(part, input)?;
        if let Segment::Field(name) = &segment
            && segments.contains(&segment)
        {
            return Err((format!("`{name}` is in the path twice"), Some("name each field once".to_owned())));
        }
        segments.push(segment);
    }
    Ok(Route { method: *method, path: segments, status })
}

fn segment(part: &str, input: Option<&Schema>) -> Result<Segment, Wrong> {
    if let Some(name) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let Some(input) = input else { return Ok(Segment::Field(name.to_owned())) };
        let Some(field) = input.field(name) else {
            let near = match &input.shape {
                Shape::Object(fields) => suggest(name, fields.iter().map(|field| field.name.as_str())),
                _ => None,
            };
            let hint = near.map_or_else(
                || format!("add `{name}` to the properties of `input`"),
                |near| format!("did you mean `{{{near}}}`?"),
            );
            return Err((format!("the input has no field `{name}`"), Some(hint)));
        };
        let scalar =
            matches!(field.schema.shape, Shape::Text(_) | Shape::Int { .. } | Shape::Bool | Shape::Enum(_));
        let hint = Some("leave it in the body: a path carries a string, an integer or a boolean".to_owned());
        return if scalar {
            Ok(Segment::Field(name.to_owned()))
        } else {
            Err((format!("a path cannot carry `{name}`"), hint))
        };
    }
    let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    if plain {
        return Ok(Segment::Fixed(part.to_owned()));
    }
    let hint = if let Some(name) = part.strip_prefix(':') {
        format!("write `{{{name}}}`")
    } else if part.is_empty() {
        "write single slashes, and none at the end".to_owned()
    } else {
        "a segment is letters, digits, `-`, `.`, `_`, `~`, or a field of the input such as `{orderId}`"
            .to_owned()
    };
    let message = if part.is_empty() {
        "a segment of the path is empty".to_owned()
    } else {
        format!("`{part}` is not a segment of a path")
    };
    Err((message, Some(hint)))
}
