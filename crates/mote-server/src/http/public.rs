//! The public listener: the routes that triggers declare, and nothing else.

use std::sync::Arc;

use axum::Router as App;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use mote_engine::{Answer, Caller, Origin, Router};

use super::answer::Success;
use super::front::Front;
use super::problem::Problem;
use super::routes::NoMatch;
use super::{answer, body};

/// The public application.
pub fn public<R: Router + 'static>(front: Arc<Front<R>>) -> App {
    App::new().fallback(handle::<R>).with_state(front)
}

async fn handle<R: Router + 'static>(State(front): State<Arc<Front<R>>>, request: Request) -> Response {
    let (head, sent) = request.into_parts();
    let routes = front.routes();
    let found = match routes.find(&head.method, head.uri.path()) {
        Ok(found) => found,
        Err(why) => return front.refused(no_route(&why, head.method.as_str(), head.uri.path())),
    };
    let sent = match body::read(sent).await {
        Ok(sent) => sent,
        Err(response) => return front.refused(*response),
    };
    let input = match found.input(head.uri.query(), sent) {
        Ok(input) => input,
        Err(detail) => {
            let status = StatusCode::BAD_REQUEST;
            let problem = Problem { status, code: "invalid-input", detail: &detail, ..Problem::default() };
            return front.refused(problem.respond());
        }
    };
    let operation = &found.law.contract.name;
    let success = Success { status: found.status, content: found.law.contract.content.as_deref() };
    let Some(release) = front.router.serving(operation) else {
        let answer = Answer::unavailable(format!("nothing serves `{operation}` at the moment"));
        return front.refused(answer::respond(&answer, "", success, false));
    };
    let (id, given) = front.call(release, input, &head.headers, Caller::anonymous(), Origin::Http).await;
    answer::respond(&given, &id, success, false)
}

fn no_route(why: &NoMatch, method: &str, path: &str) -> Response {
    match why {
        NoMatch::Path => {
            let detail = format!("no trigger answers `{path}`");
            Problem {
                status: StatusCode::NOT_FOUND,
                code: "not-found",
                detail: &detail,
                ..Problem::default()
            }
            .respond()
        }
        NoMatch::Method(methods) => {
            let allowed = methods.join(", ");
            let detail = format!("`{path}` takes {allowed}, not {method}");
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let mut response =
                Problem { status, code: "not-found", detail: &detail, ..Problem::default() }.respond();
            if let Ok(value) = HeaderValue::try_from(allowed) {
                response.headers_mut().insert(header::ALLOW, value);
            }
            response
        }
    }
}
