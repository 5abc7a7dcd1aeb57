//! Delivers events to publishers: a task for each, woken when the log grows, when a release takes over, and when
//! something that is held is due.
//!
//! Owns which publishers there are, and lets others see how far each is. What is delivered, when and with what is the
//! engine's [`Deliveries`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use mote_engine::Router;
use mote_engine::deliveries::{Deliveries, Input, Publisher, Status, perform};
use mote_log::{Log, Position};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::now;
use crate::log::WatchedLog;

/// Keeps publishers going, until dropped.
pub struct PublisherKeeper {
    running: Arc<Mutex<BTreeMap<String, Running>>>,
    start: Box<dyn Fn(Publisher) -> Running + Send + Sync>,
    end: watch::Receiver<Position>,
}

/// One publisher.
struct Running {
    /// The release that serves. None: it is to end.
    wanted: watch::Sender<Option<Publisher>>,
    status: watch::Receiver<Status>,
    task: JoinHandle<()>,
}

impl PublisherKeeper {
    /// Deliver the events of `log` through `router`. Nothing is delivered before [`PublisherKeeper::serve`].
    pub fn start<R, L>(router: Arc<R>, log: WatchedLog<L>, runtime: &Handle) -> PublisherKeeper
    where
        R: Router + 'static,
        L: Log + Clone + 'static,
    {
        let end = log.grown();
        let runtime = runtime.clone();
        let start = move |publisher: Publisher| {
            let deliveries = Deliveries::new(publisher.clone());
            let (tell, status) = watch::channel(deliveries.status());
            let (wanted, asked) = watch::channel(Some(publisher));
            let task = runtime.spawn(deliver(router.clone(), log.clone(), deliveries, asked, tell));
            Running { wanted, status, task }
        };
        PublisherKeeper { running: Arc::default(), start: Box::new(start), end }
    }

    /// Deliver to these and no others from now on. What another release takes over goes on where it is.
    pub fn serve(&self, publishers: impl IntoIterator<Item = Publisher>) {
        let mut running = lock(&self.running);
        let mut before = std::mem::take(&mut *running);
        for publisher in publishers {
            let name = publisher.name().to_owned();
            let kept = match before.remove(&name) {
                Some(kept) => {
                    kept.wanted.send_if_modified(|wanted| {
                        let other =
                            wanted.as_ref().is_none_or(|wanted| wanted.release() != publisher.release());
                        *wanted = Some(publisher);
                        other
                    });
                    kept
                }
                None => (self.start)(publisher),
            };
            running.insert(name, kept);
        }
        // What is left of `before` is dropped, and so told to end.
    }

    /// Lets others see how far each publisher is.
    pub fn progress(&self) -> Progress {
        Progress { running: self.running.clone(), end: self.end.clone() }
    }

    /// Begin nothing more, and wait until what is on its way to the log is there.
    pub async fn end(&self) {
        let running = std::mem::take(&mut *lock(&self.running));
        for publisher in running.into_values() {
            let _ = publisher.wanted.send(None);
            // A task that panicked has nothing on its way.
            let _ = publisher.task.await;
        }
    }
}

/// How far publishers are.
#[derive(Clone)]
pub struct Progress {
    running: Arc<Mutex<BTreeMap<String, Running>>>,
    end: watch::Receiver<Position>,
}

impl Progress {
    /// The state of every publisher, in the order of their names, and the end of the log.
    pub fn states(&self) -> (Vec<Status>, Position) {
        let states = lock(&self.running).values().map(|running| running.status.borrow().clone()).collect();
        (states, *self.end.borrow())
    }
}

/// Every change of the table is one operation, so a panic elsewhere leaves it whole.
fn lock(running: &Mutex<BTreeMap<String, Running>>) -> MutexGuard<'_, BTreeMap<String, Running>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn deliver<R: Router, L: Log>(
    router: Arc<R>,
    log: WatchedLog<L>,
    mut deliveries: Deliveries,
    mut wanted: watch::Receiver<Option<Publisher>>,
    tell: watch::Sender<Status>,
) {
    let mut grown = log.grown();
    let mut input = Input::Woken;
    loop {
        grown.mark_unchanged();
        let mut effect = deliveries.step(input, now());
        while let Some(next) = effect {
            let outcome = perform(&router, &log, next).await;
            effect = deliveries.step(outcome, now());
            tell.send_replace(deliveries.status());
            // Between two effects nothing is on its way.
            if is_over(&wanted) {
                return;
            }
        }
        tell.send_replace(deliveries.status());
        let due = async {
            match deliveries.wakes_at() {
                Some(at) => tokio::time::sleep(until(at)).await,
                None => std::future::pending().await,
            }
        };
        input = tokio::select! {
            grew = grown.changed() => if grew.is_ok() { Input::Woken } else { return },
            changed = wanted.changed() => match (changed, wanted.borrow_and_update().clone()) {
                (Ok(()), Some(publisher)) => Input::Serving(publisher),
                _ => return,
            },
            () = due => Input::Woken,
        };
    }
}

fn is_over(wanted: &watch::Receiver<Option<Publisher>>) -> bool {
    wanted.has_changed().is_err() || wanted.borrow().is_none()
}

/// How long it is until `at`.
fn until(at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now())).unwrap_or(Duration::ZERO)
}
