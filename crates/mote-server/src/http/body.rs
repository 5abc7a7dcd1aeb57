//! Reads a request's body, bounded in size and time.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::StatusCode;
use axum::response::Response;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::front::BODY_BYTES_MAX;
use super::problem::Problem;

/// How long a client may take to send its body.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// The whole body, or the response that refuses it.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Box<Response>> {
    let refuse = |status, code: &str, detail: String| {
        Err(Box::new(Problem { status, code, detail: &detail, ..Problem::default() }.respond()))
    };
    let too_long = || {
        let detail = format!("a body has at most {BODY_BYTES_MAX} bytes");
        refuse(StatusCode::PAYLOAD_TOO_LARGE, "invalid-input", detail)
    };
    // What says that it is too long is refused before any of it has arrived.
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return too_long();
    }
    match tokio::time::timeout(BODY_TIME_MAX, Limited::new(body, BODY_BYTES_MAX).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => too_long(),
        Ok(Err(error)) => {
            refuse(StatusCode::BAD_REQUEST, "invalid-input", format!("the body could not be read: {error}"))
        }
        Err(_) => {
            refuse(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive in time".to_owned())
        }
    }
}
