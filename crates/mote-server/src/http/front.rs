//! What both listeners share: the router, the routes, the limits.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::response::Response;
use mote_contract::{Law, Outcome, PlatformError, Refusal};
use mote_engine::{Answer, Caller, Envelope, Origin, ReleaseName, Router};
use mote_log::Position;

use super::routes::Routes;
use crate::clock::{deadline_after, new_id, now};
use crate::metrics::{Gauge, Metrics};
use crate::publishers::Progress;
use crate::views::Freshness;

/// The longest body of a request, in bytes.
pub(super) const BODY_BYTES_MAX: usize = 1 << 20;
/// How long a call may take from its first byte to its answer.
pub(super) const CALL_TIME_MAX: Duration = Duration::from_secs(30);
/// The longest idempotency key, in bytes.
const KEY_BYTES_MAX: usize = 200;
/// How long a call waits for the views to reach what it has seen.
const FRESH_TIME_MAX: Duration = Duration::from_secs(5);

/// Whether the process can do its work.
pub trait Health: Send + Sync {
    /// Why it can do nothing more, if so: the process ends.
    fn failure(&self) -> Option<String>;

    /// What it can tell of itself in numbers.
    fn gauges(&self) -> Vec<Gauge>;
}

/// What both listeners answer with.
pub struct Front<R> {
    pub(super) router: Arc<R>,
    pub(super) health: Box<dyn Health>,
    pub(super) metrics: Metrics,
    /// The system's name.
    pub(super) system: String,
    freshness: Freshness,
    progress: Option<Progress>,
    routes: RwLock<Arc<Routes>>,
}

impl<R: Router> Front<R> {
    /// Answer with `router` on the routes of `laws`, which belong to `system`; `freshness` is that of the views
    /// it reads.
    pub fn new<'l>(
        system: &str,
        router: Arc<R>,
        laws: impl IntoIterator<Item = &'l Arc<Law>>,
        freshness: Freshness,
        health: Box<dyn Health>,
    ) -> Front<R> {
        let routes = RwLock::new(Arc::new(Routes::new(laws)));
        Front {
            router,
            health,
            metrics: Metrics::default(),
            system: system.to_owned(),
            freshness,
            progress: None,
            routes,
        }
    }

    /// The same, which can tell how far publishers are.
    #[must_use]
    pub fn with_progress(self, progress: Progress) -> Front<R> {
        Front { progress: Some(progress), ..self }
    }

    pub(super) fn progress(&self) -> Option<&Progress> {
        self.progress.as_ref()
    }

    /// Answer on the routes of `laws` from the next request on.
    pub fn route<'l>(&self, laws: impl IntoIterator<Item = &'l Arc<Law>>) {
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Routes::new(laws));
    }

    pub(super) fn routes(&self) -> Arc<Routes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `response` to a request that is refused before anything is called, counted.
    pub(super) fn refused(&self, response: Response) -> Response {
        self.metrics.refused(response.status().as_u16());
        response
    }

    /// Carry `input` to the router; the answer comes with the id of the call.
    pub(super) async fn call(
        &self,
        release: ReleaseName,
        input: Vec<u8>,
        headers: &HeaderMap,
        caller: Caller,
        origin: Origin,
    ) -> (String, Answer) {
        let (since, operation) = (Instant::now(), release.operation.clone());
        let in_flight = self.metrics.begin();
        let (id, answer) = self.answer(release, input, headers, caller, origin).await;
        drop(in_flight);
        self.metrics.answered(&operation, answer.outcome(), since.elapsed());
        (id, answer)
    }

    async fn answer(
        &self,
        release: ReleaseName,
        input: Vec<u8>,
        headers: &HeaderMap,
        caller: Caller,
        origin: Origin,
    ) -> (String, Answer) {
        let now = now();
        let id = new_id();
        let key = match key(headers) {
            Ok(key) => key,
            Err(answer) => return (id, *answer),
        };
        if let Err(answer) = self.fresh(headers).await {
            return (id, *answer);
        }
        let envelope = Envelope {
            release,
            input,
            key,
            caller,
            deadline: deadline_after(now, CALL_TIME_MAX),
            traceparent: text(headers, "traceparent").filter(|trace| trace.len() <= 55).map(str::to_owned),
            origin,
            now,
            id: id.clone(),
        };
        let answer = tokio::time::timeout(CALL_TIME_MAX, self.router.invoke(envelope)).await;
        let answer = answer
            .unwrap_or_else(|_| Answer::unavailable("no answer within 30 s; whether it happened is unknown"));
        (id, answer)
    }

    /// Wait until the views reach what the caller has seen (`Mote-After`).
    async fn fresh(&self, headers: &HeaderMap) -> Result<(), Box<Answer>> {
        let Some(token) = headers.get("mote-after") else { return Ok(()) };
        let position = token.to_str().unwrap_or("").trim().parse::<Position>().map_err(|error| {
            let refusal = Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, error.to_string());
            Box::new(Answer::refused(refusal.by("mote-after"), None))
        })?;
        if self.freshness.reaches(position, FRESH_TIME_MAX).await {
            return Ok(());
        }
        let why = self.freshness.failure().map_or_else(String::new, |why| format!(": {why}"));
        Err(Box::new(Answer::unavailable(format!("the views do not reach {position} yet{why}"))))
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Box<Answer>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().unwrap_or("").trim();
    if (1..=KEY_BYTES_MAX).contains(&key.len()) {
        return Ok(Some(key.to_owned()));
    }
    let detail = format!("an Idempotency-Key is 1 to {KEY_BYTES_MAX} visible characters");
    let refusal = Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, detail);
    Err(Box::new(Answer::refused(refusal.by("idempotency-key"), None)))
}

pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
