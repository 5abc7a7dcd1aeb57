//! The sandbox, called as its users call it, with small components written as text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod budget;
mod cache;
mod guests;
mod isolation;
mod loading;
mod sharing;
mod world;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mote_host::{Artifact, Budget, Cache, Host, Isolation, Options, Pool, Reply, Trap};

/// A host with a pool as small as a test needs.
fn host() -> Host {
    Host::new(options()).unwrap()
}

fn options() -> Options {
    Options { pool: Some(Pool { instances: 4 }), ..Options::default() }
}

fn cached(folder: &tempfile::TempDir) -> Options {
    let cache = Cache { folder: folder.path().join("code"), key: [7; 32] };
    Options { cache: Some(cache), ..options() }
}

fn call(artifact: &Artifact, call: &str, isolation: Isolation) -> Result<Reply, Trap> {
    call_within(artifact, call, &Budget::default(), isolation)
}

fn call_within(
    artifact: &Artifact,
    call: &str,
    budget: &Budget,
    isolation: Isolation,
) -> Result<Reply, Trap> {
    block_on(artifact.call(call, budget, isolation))
}

/// Polls until ready: the sandbox needs no runtime, so the tests have none.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(ready) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return ready;
        }
        std::thread::yield_now();
    }
}
