//! Problem details (RFC 9457): how a refusal looks over HTTP.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use mote_contract::{Outcome, Refusal};
use mote_expr::Value;

/// A problem, before it is a response.
pub(super) struct Problem<'p> {
    pub(super) status: StatusCode,
    pub(super) code: &'p str,
    pub(super) detail: &'p str,
    /// The id of the call.
    pub(super) id: Option<&'p str>,
    pub(super) refusal: Option<&'p Refusal>,
    /// Whether what the judge saw is told. It quotes the answer, so only the owner may see it.
    pub(super) with_breach: bool,
}

impl Default for Problem<'_> {
    fn default() -> Self {
        Problem {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "",
            detail: "",
            id: None,
            refusal: None,
            with_breach: false,
        }
    }
}

impl<'p> Problem<'p> {
    /// The problem that `refusal` is to a caller.
    pub(super) fn of(refusal: &'p Refusal, id: &'p str, with_breach: bool) -> Problem<'p> {
        Problem {
            status: StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: &refusal.code,
            detail: &refusal.detail,
            id: Some(id),
            refusal: Some(refusal),
            with_breach,
        }
    }

    pub(super) fn respond(&self) -> Response {
        let mut response = Response::new(Body::from(self.value().canonical()));
        *response.status_mut() = self.status;
        let json = header::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }

    fn value(&self) -> Value {
        let mut fields = vec![
            ("type", Value::text(format!("urn:mote:problem:{}", self.code))),
            ("title", Value::text(self.code.replace('-', " "))),
            ("status", Value::Int(i64::from(self.status.as_u16()))),
            ("detail", Value::text(self.detail)),
            ("code", Value::text(self.code)),
        ];
        fields.extend(self.id.map(|id| ("instance", Value::text(format!("urn:uuid:{id}")))));
        if let Some(refusal) = self.refusal {
            fields.push(("outcome", Value::text(refusal.outcome.to_string())));
            fields.extend(refusal.clause.as_ref().map(|clause| ("clause", Value::text(clause))));
            fields.extend(refusal.data.as_ref().map(|data| ("data", data.clone())));
            if !refusal.violations.is_empty() {
                let violations = refusal.violations.iter().map(|violation| {
                    Value::object([
                        ("at", Value::text(violation.at.to_string())),
                        ("message", Value::text(&violation.message)),
                    ])
                });
                fields.push(("violations", Value::list(violations)));
            }
            if let (true, Outcome::Breach, Some(breach)) =
                (self.with_breach, refusal.outcome, &refusal.breach)
            {
                let values = breach.values.iter().map(|(name, value)| (name.as_str(), value.clone()));
                let mut seen =
                    vec![("message", Value::text(&breach.message)), ("values", Value::object(values))];
                seen.extend(breach.expression.as_ref().map(|text| ("expression", Value::text(text))));
                fields.push(("breach", Value::object(seen)));
            }
        }
        Value::object(fields)
    }
}
