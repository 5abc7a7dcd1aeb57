//! An artifact: a handle on one component, by its digest, that can be called.
//!
//! Owns the state of the component's code (absent, being loaded, loaded) and lets every call that meets
//! absent code wait for one load. Never decides when code is unloaded; [`Host`](crate::Host) does.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_channel::oneshot;

use crate::budget::{Budget, Isolation};
use crate::host::Shared;
use crate::instance::Instance;
use crate::loaded::{LoadError, Loaded, load};
use crate::trap::Trap;

/// What a call came back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The text that the component returned.
    pub answer: String,
    /// Units of fuel used; on a fresh instance exact, making the instance included.
    pub fuel: u64,
    /// Bytes of memory and tables that the instance holds.
    pub memory: u64,
    /// What the component logged: at most 100 lines of 2,000 bytes.
    pub logs: Vec<String>,
}

/// One component that can be called. A cheap handle: clones, and artifacts of the same bytes, share code.
#[derive(Clone)]
pub struct Artifact {
    host: Arc<Shared>,
    code: Arc<Code>,
}

/// Reads the bytes of a component.
pub(crate) type Source = Box<dyn Fn() -> std::io::Result<Vec<u8>> + Send + Sync>;

/// The code of one component, wherever it is.
pub(crate) struct Code {
    digest: [u8; 32],
    source: OnceLock<Source>,
    state: Mutex<State>,
}

enum State {
    Absent,
    /// A thread is loading it; these calls wait.
    Loading(Vec<oneshot::Sender<Result<Arc<Loaded>, String>>>),
    Loaded(Arc<Loaded>),
}

impl std::fmt::Debug for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Artifact({})", crate::cache::hex(&self.code.digest))
    }
}

impl Artifact {
    pub(crate) fn new(host: Arc<Shared>, code: Arc<Code>) -> Self {
        Self { host, code }
    }

    /// The SHA-256 of the component's bytes.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.code.digest
    }

    /// Whether its machine code is in memory now.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.code.used().is_some()
    }

    /// Runs one call within the budget.
    ///
    /// Long guests give way to other tasks; dropping the future ends the call at once, and with it the
    /// instance. There is no time limit here.
    pub async fn call(&self, call: &str, budget: &Budget, isolation: Isolation) -> Result<Reply, Trap> {
        let loaded = self.loaded().await?;
        loaded.used.store(self.host.tick(), Ordering::Relaxed);
        match isolation {
            Isolation::Fresh => self.instance(&loaded, budget).await?.call(call, budget).await,
            Isolation::Reused => {
                let mut instance = match loaded.idle.take(budget) {
                    Some(instance) => instance,
                    None => self.instance(&loaded, budget).await?,
                };
                let reply = instance.call(call, budget).await?;
                loaded.idle.put(instance);
                Ok(reply)
            }
        }
    }

    /// Loads the code on this thread, from these bytes if the cache does not have it.
    pub(crate) fn load(&self, bytes: &[u8]) -> Result<(), LoadError> {
        if self.is_loaded() {
            return Ok(());
        }
        let loaded = load(&self.host, &self.code.digest, || Ok(bytes.to_vec()))?;
        self.code.settle(&Ok(self.adopt(loaded)));
        self.host.shrink();
        Ok(())
    }

    async fn instance(&self, loaded: &Loaded, budget: &Budget) -> Result<Instance, Trap> {
        match Instance::new(&loaded.pre, loaded.answer, budget).await {
            Err(error) if error.is::<wasmtime::PoolConcurrencyLimitError>() => {
                self.host.reclaim();
                Instance::new(&loaded.pre, loaded.answer, budget).await
            }
            made => made,
        }
        .map_err(|error| Trap::new(&error, budget))
    }

    async fn loaded(&self) -> Result<Arc<Loaded>, Trap> {
        let waiting = {
            let mut state = self.code.state();
            if let State::Loaded(loaded) = &*state {
                return Ok(Arc::clone(loaded));
            }
            let (sender, waiting) = oneshot::channel();
            if let State::Loading(calls) = &mut *state {
                calls.push(sender);
            } else {
                *state = State::Loading(vec![sender]);
                drop(state);
                self.load_apart();
            }
            waiting
        };
        match waiting.await {
            Ok(Ok(loaded)) => Ok(loaded),
            Ok(Err(reason)) => Err(Trap::Unavailable { reason }),
            // Only if the loading thread died, and a panic there is a bug of the runtime.
            Err(oneshot::Canceled) => Err(Trap::Unavailable { reason: "its code was not loaded".to_owned() }),
        }
    }

    /// Loads on a thread of its own: compiling takes most of a second and must not hold a worker.
    fn load_apart(&self) {
        let artifact = self.clone();
        let work = move || {
            let code = &artifact.code;
            let outcome = load(&artifact.host, &code.digest, || code.read());
            code.settle(&outcome.map(|loaded| artifact.adopt(loaded)).map_err(|error| error.to_string()));
            artifact.host.shrink();
        };
        if let Err(error) = std::thread::Builder::new().name("load".to_owned()).spawn(work) {
            self.code.settle(&Err(format!("no thread to load its code: {error}")));
        }
    }

    fn adopt(&self, loaded: Loaded) -> Arc<Loaded> {
        loaded.used.store(self.host.tick(), Ordering::Relaxed);
        loaded.returns.fetch_or(self.code.source.get().is_some(), Ordering::Relaxed);
        Arc::new(loaded)
    }
}

impl Code {
    pub(crate) fn new(digest: [u8; 32]) -> Self {
        Self { digest, source: OnceLock::new(), state: Mutex::new(State::Absent) }
    }

    /// Remembers where the bytes come from; the first source stays.
    pub(crate) fn learn(&self, source: Source) {
        let _ = self.source.set(source);
        if let State::Loaded(loaded) = &*self.state() {
            loaded.returns.store(true, Ordering::Relaxed);
        }
    }

    /// When it was last called, if it is loaded.
    pub(crate) fn used(&self) -> Option<u64> {
        match &*self.state() {
            State::Loaded(loaded) => Some(loaded.used.load(Ordering::Relaxed)),
            State::Absent | State::Loading(_) => None,
        }
    }

    /// Unloads the code, if it can come back without help. Calls that run keep it until they end.
    pub(crate) fn unload(&self) -> bool {
        let mut state = self.state();
        let unloaded = match &*state {
            State::Loaded(loaded) if loaded.returns.load(Ordering::Relaxed) => {
                std::mem::replace(&mut *state, State::Absent)
            }
            _ => return false,
        };
        // Dropped after the lock is free: this unmaps memory.
        drop(state);
        drop(unloaded);
        true
    }

    pub(crate) fn give_up_idle(&self) {
        let loaded = match &*self.state() {
            State::Loaded(loaded) => Arc::clone(loaded),
            State::Absent | State::Loading(_) => return,
        };
        loaded.idle.clear();
    }

    /// Ends a load and lets the calls that waited go on.
    fn settle(&self, outcome: &Result<Arc<Loaded>, String>) {
        let next = outcome.as_ref().map_or(State::Absent, |loaded| State::Loaded(Arc::clone(loaded)));
        let before = std::mem::replace(&mut *self.state(), next);
        if let State::Loading(calls) = before {
            for call in calls {
                // A call whose future was dropped does not wait any more.
                let _ = call.send(outcome.clone());
            }
        }
    }

    fn read(&self) -> Result<Vec<u8>, LoadError> {
        match self.source.get() {
            Some(source) => source().map_err(|error| LoadError::Read { message: error.to_string() }),
            None => Err(LoadError::Read {
                message: "its compiled code left the cache; load the component again".to_owned(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
