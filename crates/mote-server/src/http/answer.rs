//! An answer of the router as a response.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use mote_engine::Answer;
use mote_expr::Value;

use super::problem::Problem;

/// How a success looks.
#[derive(Clone, Copy)]
pub(super) struct Success<'c> {
    pub(super) status: u16,
    /// The media type of an output that is the whole body. None: JSON.
    pub(super) content: Option<&'c str>,
}

impl Success<'_> {
    /// JSON with the status 200.
    pub(super) const JSON: Success<'static> = Success { status: 200, content: None };

    fn respond(self, output: &Value) -> Response {
        let mut response = match (self.content, output) {
            (Some(content), Value::Text(text)) => {
                let mut response = Response::new(Body::from(text.to_string()));
                // A browser that guesses otherwise would run what is only shown.
                let as_told = HeaderValue::from_static("nosniff");
                response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, as_told);
                if let Ok(content) = HeaderValue::try_from(format!("{content}; charset=utf-8")) {
                    response.headers_mut().insert(header::CONTENT_TYPE, content);
                }
                response
            }
            _ => {
                let mut response = Response::new(Body::from(output.canonical()));
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                response
            }
        };
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        response
    }
}

/// The response that carries `answer`.
pub(super) fn respond(answer: &Answer, id: &str, success: Success<'_>, with_breach: bool) -> Response {
    let mut response = match &answer.result {
        Ok(output) => success.respond(output),
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
