//! An answer of the router as a response.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use mote_engine::Answer;

use super::problem::Problem;

/// The response that carries `answer`. `status` is that of a success.
pub(super) fn respond(answer: &Answer, id: &str, status: u16, with_breach: bool) -> Response {
    let mut response = match &answer.result {
        Ok(output) => {
            let mut response = Response::new(Body::from(output.canonical()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(refusal) => Problem::of(refusal, id, with_breach).respond(),
    };
    let headers = response.headers_mut();
    if let Some(position) =
        answer.position.and_then(|position| HeaderValue::try_from(position.to_string()).ok())
    {
        headers.insert("mote-position", position);
    }
    if answer.replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
