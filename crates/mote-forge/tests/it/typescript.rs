//! TypeScript services: what they answer, how they fail, and where.

mod answers;
mod faults;
mod refusals;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use mote_forge::typescript::{ServiceSource, build};
use mote_host::{Artifact, Budget, Host, Isolation, Options, Pool, Reply, Trap};

static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(Options { pool: Some(Pool { instances: 32 }), ..Options::default() }).unwrap()
});

/// A service with one operation, `place-order`, and perhaps more files.
fn source(handler: &str, files: &[(&str, &str)]) -> ServiceSource {
    let own = [("place-order.ts", handler)];
    let files = files.iter().chain(&own);
    ServiceSource {
        service: "place-order".to_owned(),
        operations: vec!["place-order".to_owned()],
        modules: files.map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect(),
        ..ServiceSource::default()
    }
}

/// A service with many operations: building one takes seconds without optimisation.
fn service(operations: &[(&str, &str)], files: &[(&str, &str)]) -> Artifact {
    let mut modules: BTreeMap<String, String> =
        files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    for (operation, handler) in operations {
        modules.insert(format!("{operation}.ts"), (*handler).to_owned());
    }
    let operations = operations.iter().map(|(operation, _)| (*operation).to_owned()).collect();
    let source =
        ServiceSource { service: "orders".to_owned(), operations, modules, ..ServiceSource::default() };
    let built = build(&source).unwrap_or_else(|error| panic!("{error} {:?}", error.hint));
    HOST.load(&built.component).unwrap()
}

fn call(artifact: &Artifact, operation: &str, input: &str, isolation: Isolation) -> Result<Reply, Trap> {
    let text = format!(
        r#"{{"operation": "{operation}", "input": {input}, "state": {{"total": 40}},
            "context": {{"now": "2026-01-01T00:00:00Z", "id": "call-1", "caller": {{"id": "anna"}}}}}}"#
    );
    let budget = Budget::default();
    let mut call = pin!(artifact.call(&text, &budget, isolation));
    loop {
        if let Poll::Ready(reply) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return reply;
        }
    }
}

fn answer(artifact: &Artifact, operation: &str, input: &str) -> String {
    call(artifact, operation, input, Isolation::Fresh).unwrap().answer
}
