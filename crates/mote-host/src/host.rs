//! The host: one engine, its pool, the compiled-code cache and the artifacts that are loaded.
//!
//! Owns which artifacts hold machine code in memory. An artifact is a small handle; its code is loaded when
//! it is first called and, when more than [`Options::loaded_max`] are loaded, the one not called for the
//! longest time is unloaded and comes back from the cache when it is called again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::artifact::{Artifact, Code};
use crate::cache::{Cache, Shelf};
use crate::engine::{Pool, StartError, start};
use crate::guest::{Guest, link};
use crate::loaded::{LoadError, Module};

/// How a [`Host`] is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where compiled code is kept between starts; `None` compiles every component in every process.
    pub cache: Option<Cache>,
    /// The pool of instances; `None` makes each on demand: slower, but without reserving address space.
    pub pool: Option<Pool>,
    /// Artifacts whose code stays in memory, if they can be loaded again without help.
    pub loaded_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache: None, pool: Some(Pool::default()), loaded_max: 256 }
    }
}

/// Runs components. A cheap handle: clones share everything.
#[derive(Clone)]
pub struct Host(pub(crate) Arc<Shared>);

/// What a [`Host`] did and holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Calls of artifacts, since it started.
    pub calls: u64,
    /// Artifacts whose code is in memory.
    pub loaded: usize,
    /// Artifacts that can be called.
    pub known: usize,
}

/// What all handles and artifacts of one host share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Guest>,
    pub(crate) shelf: Option<Shelf>,
    pool: Option<u32>,
    loaded_max: usize,
    /// Counts calls; it orders artifacts by their last use.
    pub(crate) calls: AtomicU64,
    /// Every artifact with a handle somewhere.
    known: Mutex<HashMap<[u8; 32], Weak<Code>>>,
    /// The modules that loaded components were told apart from.
    modules: Mutex<HashMap<[u8; 32], Weak<Module>>>,
}

impl Host {
    /// Starts a sandbox. If the pool cannot be made, a smaller one is, and at last none.
    pub fn new(options: Options) -> Result<Self, StartError> {
        let (engine, pool) = start(options.pool)?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(|error| StartError::Engine { message: format!("{error:#}") })?;
        if let Some(cache) = &options.cache {
            std::fs::create_dir_all(&cache.folder)
                .map_err(|source| StartError::Cache { path: cache.folder.clone(), source })?;
        }
        let shelf = options.cache.map(|cache| Shelf::new(cache, &engine));
        Ok(Self(Arc::new(Shared {
            engine,
            linker,
            shelf,
            pool,
            loaded_max: options.loaded_max.max(1),
            calls: AtomicU64::new(0),
            known: Mutex::default(),
            modules: Mutex::default(),
        })))
    }

    /// Loads a component now: compiles it, or takes its code from the cache, and checks its world.
    ///
    /// Blocks, for most of a second when a TypeScript service has to be compiled.
    pub fn load(&self, component: &[u8]) -> Result<Artifact, LoadError> {
        let artifact = self.artifact(Sha256::digest(component).into(), None);
        artifact.load(component)?;
        Ok(artifact)
    }

    /// An artifact that is loaded when it is first called, and again after it was unloaded.
    ///
    /// `bytes` gives the component; it runs on a thread of its own, and only if the cache has no code for
    /// `digest`. Bytes that do not fit the digest are refused.
    pub fn open(
        &self,
        digest: [u8; 32],
        bytes: impl Fn() -> std::io::Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Artifact {
        self.artifact(digest, Some(Box::new(bytes)))
    }

    /// Instances that can run at once, or `None` if they are made on demand and only memory limits them.
    #[must_use]
    pub fn pool(&self) -> Option<u32> {
        self.0.pool
    }

    /// How much it does: for whoever watches it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            calls: self.0.calls.load(Ordering::Relaxed),
            loaded: self.0.loaded().len(),
            known: self.0.known().values().filter(|code| code.strong_count() > 0).count(),
        }
    }

    fn artifact(&self, digest: [u8; 32], source: Option<crate::artifact::Source>) -> Artifact {
        let mut known = self.0.known();
        let code = known.get(&digest).and_then(Weak::upgrade).unwrap_or_else(|| {
            known.retain(|_, code| code.strong_count() > 0);
            let code = Arc::new(Code::new(digest));
            known.insert(digest, Arc::downgrade(&code));
            code
        });
        drop(known);
        if let Some(source) = source {
            code.learn(source);
        }
        Artifact::new(Arc::clone(&self.0), code)
    }
}

impl Shared {
    /// The next value of the counter that orders artifacts by their last use.
    pub(crate) fn tick(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// Unloads what was not called for the longest time, until no more than allowed is loaded.
    pub(crate) fn shrink(&self) {
        let mut loaded = self.loaded();
        if loaded.len() <= self.loaded_max {
            return;
        }
        let surplus = loaded.len() - self.loaded_max;
        loaded.sort_by_key(|(_, used)| *used);
        // Never the newest: it was loaded for a call that is about to run.
        loaded.pop();
        loaded.iter().filter(|(code, _)| code.unload()).take(surplus).for_each(drop);
    }

    /// Gives up every idle instance, so that a full pool has room for a call that is waiting.
    pub(crate) fn reclaim(&self) {
        for (code, _) in self.loaded() {
            code.give_up_idle();
        }
    }

    /// The module with this digest, if a loaded component uses it.
    pub(crate) fn module(&self, digest: &[u8; 32]) -> Option<Arc<Module>> {
        self.modules().get(digest).and_then(Weak::upgrade)
    }

    /// Remembers a module for as long as a loaded component uses it. Of two that were compiled at once one is
    /// enough.
    pub(crate) fn share(&self, digest: [u8; 32], module: Module) -> Arc<Module> {
        let mut modules = self.modules();
        modules.retain(|_, module| module.strong_count() > 0);
        if let Some(known) = modules.get(&digest).and_then(Weak::upgrade) {
            return known;
        }
        let module = Arc::new(module);
        modules.insert(digest, Arc::downgrade(&module));
        module
    }

    fn modules(&self) -> MutexGuard<'_, HashMap<[u8; 32], Weak<Module>>> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loaded(&self) -> Vec<(Arc<Code>, u64)> {
        let codes: Vec<_> = self.known().values().filter_map(Weak::upgrade).collect();
        codes.into_iter().filter_map(|code| code.used().map(|used| (code, used))).collect()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<[u8; 32], Weak<Code>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
