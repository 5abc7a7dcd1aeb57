//! The admin listener: every operation by name, health, and what serves. For loopback.

use std::sync::Arc;

use axum::Router as App;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use mote_engine::{Answer, Caller, Origin, Router};

use super::front::{Front, text};
use super::problem::Problem;
use super::{answer, body, publishers};

/// The admin application.
pub fn admin<R: Router + 'static>(front: Arc<Front<R>>) -> App {
    App::new()
        .route("/call/{operation}", post(call::<R>))
        .route("/healthz", get(health::<R>))
        .route("/readyz", get(health::<R>))
        .route("/publishers", get(progress::<R>))
        .fallback(nothing)
        .with_state(front)
}

async fn call<R: Router + 'static>(
    State(front): State<Arc<Front<R>>>,
    Path(operation): Path<String>,
    request: Request,
) -> Response {
    let (head, sent) = request.into_parts();
    let sent = match body::read(sent).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let Some(release) = front.router.serving(&operation) else {
        return answer::respond(&Answer::not_found(&operation), "", 200, true);
    };
    let (id, given) = front.call(release, sent, &head.headers, caller(&head.headers), Origin::Admin).await;
    answer::respond(&given, &id, 200, true)
}

/// Who calls: whoever reaches this listener runs the system, and may speak for anybody.
fn caller(headers: &HeaderMap) -> Caller {
    let mut caller = Caller::named(text(headers, "mote-caller").unwrap_or("operator"));
    let roles = text(headers, "mote-roles").unwrap_or("");
    caller.roles =
        roles.split(',').map(str::trim).filter(|role| !role.is_empty()).map(str::to_owned).collect();
    caller
}

async fn health<R: Router + 'static>(State(front): State<Arc<Front<R>>>) -> Response {
    match front.health.failure() {
        None => {
            let mut response = Response::new(Body::from("{\"status\":\"ok\"}"));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Some(why) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem { status, code: "unavailable", detail: &why, ..Problem::default() }.respond()
        }
    }
}

async fn progress<R: Router + 'static>(State(front): State<Arc<Front<R>>>) -> Response {
    publishers::respond(front.progress())
}

async fn nothing(request: Request) -> Response {
    let detail = format!("there is no `{}` here: try POST /call/<name>, GET /healthz", request.uri().path());
    Problem { status: StatusCode::NOT_FOUND, code: "not-found", detail: &detail, ..Problem::default() }
        .respond()
}
