//! The failure map of a whole system: its workflows, its operations as callers meet them, its publishers and their sinks.

use crate::contract::Kind;
use crate::law::Law;
use crate::outcome::PlatformError;
use crate::read::{Callable, TRANSIENT};
use crate::system::System;
use crate::workflow::Failure;

/// The map of one workflow, operation, publisher or sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureMap {
    /// What it is: `workflow`, the kind of a contract, `sink`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Each way to fail.
    pub failures: Vec<Failure>,
}

/// Every way in which anything of `system` can fail: workflows first, then operations, publishers and sinks.
pub fn failures(system: &System) -> Vec<FailureMap> {
    let workflows = system.workflows.iter().map(|(name, workflow)| FailureMap {
        kind: "workflow",
        name: name.clone(),
        failures: workflow.failures(),
    });
    let of_law = |law: &Law| FailureMap {
        kind: law.contract.kind.name(),
        name: law.contract.name.clone(),
        failures: if law.contract.kind == Kind::Publisher { publisher(law) } else { operation(law) },
    };
    let laws = system.laws.values().map(|law| of_law(law));
    let sinks = system.manifest.sinks.keys().map(|name| FailureMap {
        kind: "sink",
        name: name.clone(),
        failures: vec![row(
            name,
            "store a message in the log",
            vec!["the log refuses".to_owned()],
            "the publisher goes on from its checkpoint, which is stored with its messages: none is lost, none is told twice",
        )],
    });
    workflows.chain(laws).chain(sinks).collect()
}

fn row(at: &str, does: &str, ways: Vec<String>, then: impl Into<String>) -> Failure {
    Failure { at: at.to_owned(), does: does.to_owned(), ways, then: then.into(), undo: Vec::new() }
}

/// What whoever calls it is told.
fn operation(law: &Law) -> Vec<Failure> {
    let callable = Callable::of(law);
    // Whoever cancels a call is told nothing.
    let met = callable.platform.into_iter().filter(|error| *error != PlatformError::Cancelled);
    let (passing, refused): (Vec<_>, Vec<_>) = met.partition(|error| TRANSIENT.contains(error));
    let said = |error: &PlatformError| format!("{} ({})", error.code(), error.status());
    let declared = law.errors.iter().map(|error| format!("{} ({})", error.code, error.status));
    let refused = [PlatformError::InvalidInput].iter().chain(&refused).map(said).chain(declared).collect();
    let does = format!("answer a {}", law.contract.kind.name());
    let again = match law.contract.kind {
        Kind::Command => {
            "the caller is told, and can ask again with the same key: what was done is not done twice"
        }
        _ => "the caller is told, and can ask again: nothing has changed",
    };
    let name = &law.contract.name;
    vec![
        row(name, &does, refused, "the caller is told, and nothing has changed"),
        row(name, &does, passing.iter().map(said).collect(), again),
    ]
}

fn publisher(law: &Law) -> Vec<Failure> {
    let callable = Callable::of(law);
    let ways = callable.platform.iter().filter(|error| **error != PlatformError::Cancelled);
    let ways = ways.map(|error| error.code().to_owned()).collect();
    let then = "the event's stream is held and its later events wait; tried again after 1s to 5m, for ever, and at \
                once when another release takes over";
    let sink = law.publishing.as_ref().map_or("", |publishing| publishing.sink.as_str());
    vec![row(&law.contract.name, &format!("tell {sink} of an event"), ways, then)]
}
