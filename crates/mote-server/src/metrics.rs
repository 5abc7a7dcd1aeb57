//! What calls did, counted: rates, errors and durations, for whoever watches a system.
//!
//! Owns the counters and their text in the Prometheus format. A call costs one look-up and three additions.
//! Labels are bounded: an operation is the name of a contract that serves, an outcome one of six, a publisher the name
//! of a contract too, and the status of what never became a call one of a closed list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use mote_contract::Outcome;
use mote_engine::deliveries::Status;
use mote_log::Position;

/// The upper bounds of the durations that are told apart, in microseconds and in seconds as they are written.
const BUCKETS: [(u64, &str); 14] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (5_000_000, "5"),
    (10_000_000, "10"),
];

/// The statuses of requests that are refused before anything is called.
const REFUSED: [u16; 7] = [400, 401, 404, 405, 408, 413, 503];

/// A number that whoever owns the process knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Its name, such as `mote_log_position`.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub help: &'static str,
    /// What it is now.
    pub value: u64,
}

/// A number about a publisher, given the end of the log.
type About = fn(&Status, Position) -> u64;

/// What is told of each publisher: the name, what it means, and the number.
const PUBLISHERS: [(&str, &str, About); 2] = [
    (
        "mote_publisher_behind",
        "Commits of the log that the publisher has not looked at yet.",
        |state, end| end.ordinal().saturating_sub(state.reached.ordinal()),
    ),
    (
        "mote_publisher_held_streams",
        "Streams that wait because one of their events cannot be delivered.",
        |state, _| u64::try_from(state.held.len()).unwrap_or(u64::MAX),
    ),
];

/// Counts the calls of one process.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    operations: RwLock<BTreeMap<String, Arc<Operation>>>,
    in_flight: AtomicU64,
    /// In the order of [`REFUSED`].
    refused: [AtomicU64; REFUSED.len()],
}

/// The counters of one operation.
#[derive(Debug, Default)]
struct Operation {
    /// Successes, then each outcome in its order.
    answers: [AtomicU64; 1 + Outcome::ALL.len()],
    /// Calls by duration; those above the last bound are in none.
    durations: [AtomicU64; BUCKETS.len()],
    micros: AtomicU64,
}

/// A call under way; its end is counted when it is dropped, however it ends.
pub(crate) struct InFlight<'m>(&'m AtomicU64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Count a call that begins.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// Count a call that was answered. No outcome is a success.
    pub(crate) fn answered(&self, operation: &str, outcome: Option<Outcome>, took: Duration) {
        let counters = self.operation(operation);
        let refused =
            outcome.and_then(|outcome| Outcome::ALL.iter().position(|(known, _)| *known == outcome));
        if let Some(answers) = counters.answers.get(refused.map_or(0, |at| at + 1)) {
            answers.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = counters.durations.get(BUCKETS.partition_point(|(bound, _)| *bound < micros)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        counters.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Count a request that is refused with this status before anything is called.
    pub(crate) fn refused(&self, status: u16) {
        let counter = REFUSED.iter().position(|known| *known == status).and_then(|at| self.refused.get(at));
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn operation(&self, name: &str) -> Arc<Operation> {
        if let Some(known) = self.operations.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return known.clone();
        }
        let mut operations = self.operations.write().unwrap_or_else(PoisonError::into_inner);
        operations.entry(name.to_owned()).or_default().clone()
    }

    /// Everything that was counted, `gauges`, and how far publishers are, in the Prometheus text format.
    pub(crate) fn text(&self, gauges: &[Gauge], publishers: Option<(&[Status], Position)>) -> String {
        let mut text = String::new();
        let head = |text: &mut String, name: &str, kind: &str, help: &str| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        let operations = self.operations.read().unwrap_or_else(PoisonError::into_inner);
        head(&mut text, "mote_calls_total", "counter", "Calls that were answered, by operation and outcome.");
        for (name, operation) in operations.iter() {
            let outcomes = std::iter::once("ok").chain(Outcome::ALL.iter().map(|(_, name)| *name));
            for (outcome, count) in outcomes.zip(&operation.answers) {
                let count = count.load(Ordering::Relaxed);
                let _ =
                    writeln!(text, "mote_calls_total{{operation=\"{name}\",outcome=\"{outcome}\"}} {count}");
            }
        }
        head(&mut text, "mote_call_seconds", "histogram", "How long calls took to be answered.");
        for (name, operation) in operations.iter() {
            operation.write_durations(name, &mut text);
        }
        drop(operations);
        head(&mut text, "mote_calls_in_flight", "gauge", "Calls that are not answered yet.");
        let _ = writeln!(text, "mote_calls_in_flight {}", self.in_flight.load(Ordering::Relaxed));
        let help = "Requests that were refused before anything was called, by status.";
        head(&mut text, "mote_requests_refused_total", "counter", help);
        for (status, count) in REFUSED.iter().zip(&self.refused) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(text, "mote_requests_refused_total{{status=\"{status}\"}} {count}");
        }
        for (name, help, value) in PUBLISHERS.iter().filter(|_| publishers.is_some()) {
            head(&mut text, name, "gauge", help);
            let (states, end) = publishers.unwrap_or((&[], Position::START));
            for state in states {
                let _ = writeln!(text, "{name}{{publisher=\"{}\"}} {}", state.name, value(state, end));
            }
        }
        for gauge in gauges {
            head(&mut text, gauge.name, "gauge", gauge.help);
            let _ = writeln!(text, "{} {}", gauge.name, gauge.value);
        }
        text
    }
}

impl Operation {
    fn write_durations(&self, name: &str, text: &mut String) {
        let mut below = 0;
        for ((_, bound), count) in BUCKETS.iter().zip(&self.durations) {
            below += count.load(Ordering::Relaxed);
            let _ = writeln!(text, "mote_call_seconds_bucket{{operation=\"{name}\",le=\"{bound}\"}} {below}");
        }
        // What is counted while this is written must not make the whole less than its parts.
        let all = self.answers.iter().map(|count| count.load(Ordering::Relaxed)).sum::<u64>().max(below);
        let micros = self.micros.load(Ordering::Relaxed);
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let _ = writeln!(text, "mote_call_seconds_bucket{{operation=\"{name}\",le=\"+Inf\"}} {all}");
        let _ = writeln!(text, "mote_call_seconds_sum{{operation=\"{name}\"}} {seconds}");
        let _ = writeln!(text, "mote_call_seconds_count{{operation=\"{name}\"}} {all}");
    }
}
