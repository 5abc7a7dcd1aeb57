//! Which operation a request means, and the input that its path and query carry.

use std::sync::Arc;

use axum::http::Method as HttpMethod;
use mote_contract::{Law, Method, Segment};
use mote_expr::schema::{Schema, Shape};
use mote_expr::{Object, Value, parse};
use percent_encoding::percent_decode_str;

/// The contracts, and the routes of all of them.
pub(super) struct Routes {
    laws: Vec<Arc<Law>>,
    routes: Vec<(Arc<Law>, mote_contract::Route)>,
}

/// A request's operation.
pub(super) struct Match<'r> {
    pub(super) law: &'r Arc<Law>,
    /// The status of a success.
    pub(super) status: u16,
    /// Input fields from the path: name and text.
    fields: Vec<(&'r str, String)>,
}

/// Why no route answers.
pub(super) enum NoMatch {
    /// The path means nothing.
    Path,
    /// The path takes other methods.
    Method(Vec<&'static str>),
}

impl Routes {
    pub(super) fn new<'l>(laws: impl IntoIterator<Item = &'l Arc<Law>>) -> Routes {
        let laws: Vec<_> = laws.into_iter().cloned().collect();
        let mut routes: Vec<_> = laws
            .iter()
            .flat_map(|law| law.contract.routes.iter().map(|route| (law.clone(), route.clone())))
            .collect();
        // A fixed segment is told from a field by coming first.
        routes.sort_by_key(|(_, route)| {
            route.path.iter().map(|segment| matches!(segment, Segment::Field(_))).collect::<Vec<_>>()
        });
        Routes { laws, routes }
    }

    /// The contracts, those without routes among them.
    pub(super) fn laws(&self) -> impl Iterator<Item = &Law> {
        self.laws.iter().map(|law| &**law)
    }

    pub(super) fn find(&self, method: &HttpMethod, path: &str) -> Result<Match<'_>, NoMatch> {
        let mut other_methods = Vec::new();
        for (law, route) in &self.routes {
            let Some(fields) = fields(&route.path, path) else { continue };
            if route.method.name() == method.as_str() {
                return Ok(Match { law, status: route.status, fields });
            }
            other_methods.push(Method::name(route.method));
        }
        Err(if other_methods.is_empty() { NoMatch::Path } else { NoMatch::Method(other_methods) })
    }
}

/// The fields that `path` carries, if it has these segments.
fn fields<'s>(segments: &'s [Segment], path: &str) -> Option<Vec<(&'s str, String)>> {
    let mut parts =
        path.strip_prefix('/')?.split('/').filter(|part| !(part.is_empty() && segments.is_empty()));
    let mut fields = Vec::new();
    for segment in segments {
        let part = percent_decode_str(parts.next()?).decode_utf8().ok()?;
        match segment {
            Segment::Fixed(text) if *text == part => {}
            Segment::Fixed(_) => return None,
            Segment::Field(name) => fields.push((name.as_str(), part.into_owned())),
        }
    }
    parts.next().is_none().then_some(fields)
}

impl Match<'_> {
    /// The input: the body as it is, or with what path and query add. The error is a sentence.
    pub(super) fn input(&self, query: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, String> {
        let query = query.unwrap_or("");
        if self.fields.is_empty() && query.is_empty() && !body.is_empty() {
            return Ok(body);
        }
        let mut object = if body.is_empty() {
            Object::new()
        } else {
            match parse(&body).map_err(|error| format!("the body is not JSON as Mote reads it: {error}"))? {
                Value::Object(object) => (*object).clone(),
                // The law says what is wrong with it.
                _ => return Ok(body),
            }
        };
        let decode =
            |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let pairs: Vec<_> = pairs.map(|(name, text)| (decode(name), decode(text))).collect();
        let in_path = self.fields.iter().map(|(name, text)| (*name, text.as_str()));
        for (name, text) in in_path.chain(pairs.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            let value = scalar(&self.law.input, name, text);
            if let Some(before) = object.insert(name, value.clone())
                && before != value
            {
                return Err(format!("`{name}` is given twice, as {before} and as {value}"));
            }
        }
        Ok(Value::Object(object.into()).canonical())
    }
}

/// The value that `text` stands for in the field `name`. What does not fit stays a text, so that the
/// schema's own message tells.
fn scalar(input: &Schema, name: &str, text: &str) -> Value {
    let as_text = || Value::text(text);
    let Some(field) = input.field(name) else { return as_text() };
    match &field.schema.shape {
        Shape::Int { .. } | Shape::Number { .. } | Shape::Bool => match parse(text.as_bytes()) {
            Ok(value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_))) => value,
            _ => as_text(),
        },
        Shape::Enum(values) => {
            values.iter().find(|value| scalar_text(value) == text).cloned().unwrap_or_else(as_text)
        }
        _ => as_text(),
    }
}

fn scalar_text(value: &Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), str::to_owned)
}
