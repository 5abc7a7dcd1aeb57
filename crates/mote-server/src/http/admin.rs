//! The admin listener: every operation by name, health, metrics, and what others may know. For loopback.

use std::sync::Arc;

use axum::Router as App;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use mote_engine::{Answer, Caller, Origin, Router};

use super::answer::Success;
use super::front::{Front, text};
use super::problem::Problem;
use super::{answer, body, publishers};
use crate::publishers::Progress;

/// The admin application.
pub fn admin<R: Router + 'static>(front: Arc<Front<R>>) -> App {
    App::new()
        .route("/call/{operation}", post(call::<R>))
        .route("/healthz", get(health::<R>))
        .route("/readyz", get(health::<R>))
        .route("/metrics", get(metrics::<R>))
        .route("/openapi.json", get(openapi::<R>))
        .route("/asyncapi.json", get(asyncapi::<R>))
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
        Err(response) => return front.refused(*response),
    };
    let Some(release) = front.router.serving(&operation) else {
        return front.refused(answer::respond(&Answer::not_found(&operation), "", Success::JSON, true));
    };
    let (id, given) = front.call(release, sent, &head.headers, caller(&head.headers), Origin::Admin).await;
    answer::respond(&given, &id, Success::JSON, true)
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
        None => said("application/json", "{\"status\":\"ok\"}"),
        Some(why) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem { status, code: "unavailable", detail: &why, ..Problem::default() }.respond()
        }
    }
}

async fn progress<R: Router + 'static>(State(front): State<Arc<Front<R>>>) -> Response {
    publishers::respond(front.progress())
}

async fn metrics<R: Router + 'static>(State(front): State<Arc<Front<R>>>) -> Response {
    let publishers = front.progress().map(Progress::states);
    let publishers = publishers.as_ref().map(|(states, end)| (states.as_slice(), *end));
    let text = front.metrics.text(&front.health.gauges(), publishers);
    said("text/plain; version=0.0.4; charset=utf-8", text)
}

async fn openapi<R: Router + 'static>(State(front): State<Arc<Front<R>>>) -> Response {
    let routes = front.routes();
    said("application/json", mote_contract::openapi(&front.system, routes.laws()).canonical())
}

async fn asyncapi<R: Router + 'static>(State(front): State<Arc<Front<R>>>) -> Response {
    let routes = front.routes();
    said("application/json", mote_contract::asyncapi(&front.system, routes.laws()).canonical())
}

fn said(content: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    response
}

async fn nothing(request: Request) -> Response {
    let detail = format!(
        "there is no `{}` here: try POST /call/<name>, GET /healthz, /metrics, /publishers, /openapi.json, /asyncapi.json",
        request.uri().path()
    );
    Problem { status: StatusCode::NOT_FOUND, code: "not-found", detail: &detail, ..Problem::default() }
        .respond()
}
