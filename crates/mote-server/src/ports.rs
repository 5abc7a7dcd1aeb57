//! The engine's effects, performed: the sandbox, the log on disk, the clock's limits.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use mote_contract::{Budget, Isolation};
use mote_engine::{Decided, Envelope, Heads, Lanes, Ports, Stop};
use mote_expr::rows::Selection;
use mote_host::Trap;
use mote_log::{Found, SelectError, ViewId, Views as _};
use mote_store::{SqliteLog, SqliteViews};
use mote_verify::{Derived, Mode, Subject as _, Verified};

use crate::clock::now;
use crate::guest::Guest;
use crate::log::WatchedLog;
use crate::recorder::Recorder;

/// How many folded states are kept: at a kilobyte each, a hundred megabytes at most.
const HEADS_MAX: NonZeroUsize = NonZeroUsize::new(100_000).expect("it is not zero");

/// The ports of a serving process.
pub struct ServerPorts {
    log: WatchedLog<SqliteLog>,
    views: SqliteViews,
    heads: Heads,
    lanes: Lanes,
    recorder: Option<Arc<Recorder>>,
}

impl ServerPorts {
    /// Ports over `log` and the rows in `views`.
    pub fn new(log: WatchedLog<SqliteLog>, views: SqliteViews) -> ServerPorts {
        ServerPorts { log, views, heads: Heads::new(HEADS_MAX), lanes: Lanes::new(), recorder: None }
    }

    /// The same, with calls recorded by `recorder`.
    #[must_use]
    pub fn recorded_by(self, recorder: Arc<Recorder>) -> ServerPorts {
        ServerPorts { recorder: Some(recorder), ..self }
    }
}

impl Ports for ServerPorts {
    type Code = Verified<Guest>;
    type Log = WatchedLog<SqliteLog>;

    fn log(&self) -> &WatchedLog<SqliteLog> {
        &self.log
    }

    fn heads(&self) -> &Heads {
        &self.heads
    }

    fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    async fn rows(&self, view: &ViewId, selection: &Selection) -> Result<Found, SelectError> {
        self.views.select(view, selection).await
    }

    async fn ask(
        &self,
        code: &Verified<Guest>,
        call: Vec<u8>,
        budget: &Budget,
        isolation: Isolation,
        envelope: &Envelope,
    ) -> Result<Vec<u8>, Stop> {
        let component = match &**code {
            Guest::Component(component) => component,
            // The engine derives such answers itself: nobody has to be asked.
            Guest::Contract(derived) => return derived_answer(derived, &call),
        };
        let limit = mote_host::Budget {
            memory: budget.memory,
            fuel: budget.fuel,
            answer: usize::try_from(budget.answer).unwrap_or(usize::MAX),
        };
        let isolation = match isolation {
            Isolation::Fresh => mote_host::Isolation::Fresh,
            Isolation::Reused => mote_host::Isolation::Reused,
        };
        // The law writes calls as JSON, which is UTF-8.
        let call = String::from_utf8(call).map_err(|error| Stop::Unavailable(error.to_string()))?;
        let left = Duration::try_from(envelope.deadline.duration_since(now())).unwrap_or(Duration::ZERO);
        let wait = left.min(Duration::from_millis(budget.timeout_ms));
        match tokio::time::timeout(wait, component.call(&call, &limit, isolation)).await {
            Ok(Ok(reply)) => Ok(reply.answer.into_bytes()),
            Ok(Err(trap)) => Err(stop(&trap)),
            Err(_) => Err(Stop::Timeout(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))),
        }
    }

    fn record(&self, call: &Decided<'_, Verified<Guest>>) {
        if let Some(recorder) = &self.recorder {
            recorder.note(call);
        }
    }
}

fn derived_answer(derived: &Derived, call: &[u8]) -> Result<Vec<u8>, Stop> {
    let observed = derived.answer(call, Mode::Fresh);
    observed.map(|observed| observed.answer).map_err(|stopped| Stop::Unavailable(stopped.to_string()))
}

fn stop(trap: &Trap) -> Stop {
    if trap.is_unavailable() {
        return Stop::Unavailable(trap.to_string());
    }
    let clause = trap.exceeded().map_or("answer".to_owned(), |part| format!("budget/{part}"));
    Stop::Breach { clause, message: trap.to_string() }
}
