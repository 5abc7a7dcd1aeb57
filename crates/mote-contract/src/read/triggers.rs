//! Reads triggers: `- {http: POST /orders, status: 201}`.

use mote_expr::schema::{Schema, Shape};
use mote_expr::suggest;

use super::Fields;
use crate::contract::{Method, Route, Segment};
use crate::diagnostic::Code;
use crate::tree::Tree;

pub(crate) fn read_route(tree: &Tree, input: &Schema, contract: &Fields<'_, '_>) -> Option<Route> {
    let fields = Fields::of(tree, "a trigger", contract.file, contract.sink)?;
    let http = fields.required("http", "POST /orders");
    let status = fields.int("status", 200, 299).unwrap_or(200);
    let route = http.and_then(|tree| {
        let text = tree.as_text().map_or("", |text| &text.text);
        route(text, status as u16, input)
            .map_err(|(message, hint)| {
                contract.sink.error(Code::Trigger, contract.at(tree), message, hint);
            })
            .ok()
    });
    fields.finish();
    route
}

type Wrong = (String, Option<String>);

fn route(text: &str, status: u16, input: &Schema) -> Result<Route, Wrong> {
    let form = || Some("write a method and a path: `http: POST /orders`".to_owned());
    let (method, path) = text.split_once(' ').ok_or_else(|| (format!("`{text}` is not a route"), form()))?;
    let known = Method::ALL.iter().find(|(name, _)| *name == method);
    let (_, method) = known.ok_or_else(|| {
        let near = suggest(method, Method::ALL.iter().map(|(name, _)| *name));
        (format!("`{method}` is not a method"), near.map(|near| format!("did you mean `{near}`?")))
    })?;
    let rest = path.trim().strip_prefix('/').ok_or_else(|| (format!("`{path}` is not a path"), form()))?;
    let mut segments = Vec::new();
    for part in rest.split('/').filter(|_| !rest.is_empty()) {
        segments.push(segment(part, input)?);
    }
    Ok(Route { method: *method, path: segments, status })
}

fn segment(part: &str, input: &Schema) -> Result<Segment, Wrong> {
    if let Some(name) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let Some(field) = input.field(name) else {
            let near = match &input.shape {
                Shape::Object(fields) => suggest(name, fields.iter().map(|field| field.name.as_str())),
                _ => None,
            };
            let hint = near.map(|near| format!("did you mean `{{{near}}}`?"));
            return Err((format!("the input has no field `{name}`"), hint));
        };
        let scalar =
            matches!(field.schema.shape, Shape::Text(_) | Shape::Int { .. } | Shape::Bool | Shape::Enum(_));
        return if scalar {
            Ok(Segment::Field(name.to_owned()))
        } else {
            Err((
                format!("`{name}` is not a string, an integer or a boolean, so a path cannot carry it"),
                None,
            ))
        };
    }
    let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    if plain {
        Ok(Segment::Fixed(part.to_owned()))
    } else {
        Err((format!("`{part}` is not a segment of a path"), None))
    }
}
