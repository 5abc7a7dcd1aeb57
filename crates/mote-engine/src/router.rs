//! Finds who serves an envelope, here or elsewhere. The one door: HTTP, the command line, triggers
//! and the simulator all come through it.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use crate::answer::Answer;
use crate::envelope::Envelope;
use crate::invoke::invoke;
use crate::ports::Ports;
use crate::release::{Release, ReleaseName, Table};
use crate::wire;

/// Answers envelopes.
pub trait Router: Send + Sync {
    /// The release that serves `operation` now.
    fn serving(&self, operation: &str) -> Option<ReleaseName>;

    /// Answer `envelope`. Always answers: what cannot be done is a refusal.
    fn invoke(&self, envelope: Envelope) -> impl Future<Output = Answer> + Send;
}

impl<R: Router> Router for Arc<R> {
    fn serving(&self, operation: &str) -> Option<ReleaseName> {
        (**self).serving(operation)
    }

    fn invoke(&self, envelope: Envelope) -> impl Future<Output = Answer> + Send {
        (**self).invoke(envelope)
    }
}

/// Answers with the releases of this process.
pub struct LocalRouter<P: Ports> {
    /// What performs effects.
    pub ports: P,
    table: RwLock<Arc<Table<P::Code>>>,
}

impl<P: Ports> LocalRouter<P> {
    /// A router over `ports` that serves `table`.
    pub fn new(ports: P, table: Table<P::Code>) -> LocalRouter<P> {
        LocalRouter { ports, table: RwLock::new(Arc::new(table)) }
    }

    /// What serves now.
    pub fn table(&self) -> Arc<Table<P::Code>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serve `table` from the next call on. Calls under way end under the release they began with.
    pub fn swap(&self, table: Table<P::Code>) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    fn find(&self, name: &ReleaseName) -> Option<Arc<Release<P::Code>>> {
        self.table().serving(&name.operation).filter(|release| release.name.digest == name.digest).cloned()
    }
}

impl<P: Ports> Router for LocalRouter<P> {
    fn serving(&self, operation: &str) -> Option<ReleaseName> {
        self.table().serving(operation).map(|release| release.name.clone())
    }

    async fn invoke(&self, mut envelope: Envelope) -> Answer {
        // A release that was swapped while the call was on its way: the operation is what was asked.
        let release = match self.find(&envelope.release) {
            Some(release) => release,
            None => match self.table().serving(&envelope.release.operation) {
                Some(release) => release.clone(),
                None => return Answer::not_found(&envelope.release.operation),
            },
        };
        envelope.release = release.name.clone();
        invoke(&self.ports, &release, &envelope).await
    }
}

/// Answers through bytes, as if the other side were another process.
pub struct WireRouter<R> {
    /// The other side.
    pub inner: R,
}

impl<R: Router> Router for WireRouter<R> {
    fn serving(&self, operation: &str) -> Option<ReleaseName> {
        self.inner.serving(operation)
    }

    async fn invoke(&self, envelope: Envelope) -> Answer {
        let arrived = match wire::decode_envelope(&wire::encode_envelope(&envelope)) {
            Ok(envelope) => envelope,
            Err(error) => return Answer::unavailable(error.to_string()),
        };
        let answer = self.inner.invoke(arrived).await;
        match wire::decode_answer(&wire::encode_answer(&answer)) {
            Ok(answer) => answer,
            Err(error) => Answer::unavailable(error.to_string()),
        }
    }
}
