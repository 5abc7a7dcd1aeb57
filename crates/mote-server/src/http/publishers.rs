//! How far publishers are, as JSON.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use mote_engine::deliveries::Status;
use mote_expr::Value;
use mote_log::Position;

use crate::publishers::Progress;

/// The response that tells how far each publisher is.
pub(super) fn respond(progress: Option<&Progress>) -> Response {
    let (states, end) = progress.map_or((Vec::new(), Position::START), Progress::states);
    let body = Value::list(states.iter().map(|status| state(status, end)));
    let mut response = Response::new(Body::from(body.canonical()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn state(status: &Status, end: Position) -> Value {
    // A log of so many commits outlives everybody.
    let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(mote_expr::INT_MAX));
    let held = status.held.iter().map(|held| {
        Value::object([
            ("stream", Value::text(held.stream.as_str())),
            ("version", number(held.version.0)),
            ("since", Value::text(format!("{:.3}", held.since))),
            ("why", Value::text(&held.why)),
            ("nextTry", Value::text(format!("{:.3}", held.next_try))),
        ])
    });
    let paused = status.paused.as_ref().map(|(why, until)| {
        Value::object([("why", Value::text(why)), ("until", Value::text(format!("{until:.3}")))])
    });
    Value::object([
        ("name", Value::text(&status.name)),
        ("release", Value::text(status.release.to_string())),
        ("sink", Value::text(status.sink.as_str())),
        ("reached", Value::text(status.reached.to_string())),
        ("behind", number(end.ordinal().saturating_sub(status.reached.ordinal()))),
        ("held", Value::list(held)),
        ("paused", paused.unwrap_or(Value::Null)),
    ])
}
