//! An artifact that is loaded: its machine code, linked, with its idle instances.
//!
//! Owns the only `unsafe` of the sandbox, taking machine code from the compiled-code cache, and the modules that
//! several components share: each is compiled once, and held once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::cache::{Kind, hex};
use crate::guest::Guest;
use crate::host::Shared;
use crate::instance::Idle;
use crate::parts::{self, Parts};
use crate::world;

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are not a component that this runtime can run.
    #[error("this is not a WebAssembly component that can run here: {message}")]
    NotAComponent {
        /// What the compiler says.
        message: String,
    },
    /// The component reaches for something outside.
    #[error("it imports `{name}`, but a service may import nothing except `log: func(message: string)`")]
    ForbiddenImport {
        /// The import.
        name: String,
    },
    /// The component exports something that nobody would call.
    #[error(
        "it exports `{name}`, but a service exports nothing except `answer: func(call: string) -> string`"
    )]
    UnknownExport {
        /// The export.
        name: String,
    },
    /// The component does not export `answer`.
    #[error("it does not export `answer: func(call: string) -> string`")]
    MissingAnswer,
    /// The component exports `answer` with other types.
    #[error("it exports `answer` with other types than `func(call: string) -> string`")]
    WrongAnswer,
    /// The bytes are not those that the digest names.
    #[error("its bytes have the digest {actual}, expected {expected}; build it again")]
    Damaged {
        /// The digest that was asked for, in hexadecimal.
        expected: String,
        /// The digest of the bytes, in hexadecimal.
        actual: String,
    },
    /// The bytes cannot be read.
    #[error("its bytes cannot be read: {message}")]
    Read {
        /// What the reader says.
        message: String,
    },
}

/// A component ready to make instances.
pub(crate) struct Loaded {
    pub(crate) pre: InstancePre<Guest>,
    pub(crate) answer: ComponentExportIndex,
    pub(crate) idle: Idle,
    /// When it was last called, on the host's counter of calls.
    pub(crate) used: AtomicU64,
    /// Whether it can be loaded again without the caller's help, so that it may be unloaded.
    pub(crate) returns: AtomicBool,
    /// What it shares with others: held, so that the next one that needs it finds it.
    _shared: Vec<Arc<Module>>,
}

/// A core module that several components may hold.
pub(crate) struct Module {
    code: wasmtime::Module,
    /// Whether it is in the cache.
    kept: bool,
}

/// Loads a component by its digest: from the compiled-code cache, or else by compiling the bytes.
pub(crate) fn load(
    host: &Shared,
    digest: &[u8; 32],
    bytes: impl FnOnce() -> Result<Vec<u8>, LoadError>,
) -> Result<Loaded, LoadError> {
    if let Some(code) = host.shelf.as_ref().and_then(|shelf| shelf.read(Kind::Component, digest))
        && let Some((component, shared)) = restored(host, &code)
    {
        return link(host, &component, shared, true);
    }
    let bytes = bytes()?;
    let actual: [u8; 32] = Sha256::digest(&bytes).into();
    if actual != *digest {
        return Err(LoadError::Damaged { expected: hex(digest), actual: hex(&actual) });
    }
    // Whatever cannot be told apart is compiled whole, and refused with words about the whole.
    if let Some(parts) = Parts::of(&bytes)
        && let Some(shared) = shared(host, &parts)
        && let Some(rest) = parts.rest(shared.iter().map(|(_, module)| &module.code))
        && let Ok(component) = Component::new(&host.engine, rest)
        && let Ok(loaded) = linked(host, digest, &component, shared)
    {
        return Ok(loaded);
    }
    let component = Component::new(&host.engine, &bytes).map_err(not_a_component)?;
    linked(host, digest, &component, Vec::new())
}

/// The large modules of a component, each compiled at most once in this process.
fn shared(host: &Shared, parts: &Parts<'_>) -> Option<Vec<SharedModule>> {
    let module = |bytes: &&[u8]| {
        let digest = Sha256::digest(bytes).into();
        if let Some(module) = cached(host, &digest) {
            return Some((digest, module));
        }
        let code = wasmtime::Module::new(&host.engine, bytes).ok()?;
        let shelf = host.shelf.as_ref();
        let kept = shelf.is_some_and(|shelf| {
            code.serialize().is_ok_and(|code| shelf.write(Kind::Module, &digest, &code).is_ok())
        });
        Some((digest, host.share(digest, Module { code, kept })))
    };
    parts.modules().iter().map(module).collect()
}

type SharedModule = ([u8; 32], Arc<Module>);

/// A module that is in memory or in the cache.
fn cached(host: &Shared, digest: &[u8; 32]) -> Option<Arc<Module>> {
    host.module(digest).or_else(|| {
        let code = host.shelf.as_ref()?.read(Kind::Module, digest)?;
        // SAFETY: see `restored`; these bytes were returned by `Shelf::read` as well, which tells modules from
        // components, and were written after `Module::serialize`.
        let code = unsafe { wasmtime::Module::deserialize(&host.engine, code) }.ok()?;
        Some(host.share(*digest, Module { code, kept: true }))
    })
}

/// Links a component that was just compiled, and keeps its code.
fn linked(
    host: &Shared,
    digest: &[u8; 32],
    component: &Component,
    shared: Vec<SharedModule>,
) -> Result<Loaded, LoadError> {
    // A cache that cannot be written only costs time at the next start.
    let kept = |shelf: &crate::cache::Shelf| {
        let head = u8::try_from(shared.len()).ok().filter(|_| shared.iter().all(|(_, module)| module.kept));
        let (Some(head), Ok(code)) = (head, component.serialize()) else { return false };
        let mut file = vec![head];
        shared.iter().for_each(|(digest, _)| file.extend(digest));
        file.extend(code);
        shelf.write(Kind::Component, digest, &file).is_ok()
    };
    let returns = || host.shelf.as_ref().is_some_and(kept);
    let modules = shared.iter().map(|(_, module)| module.clone()).collect();
    let mut loaded = link(host, component, modules, false)?;
    // What does not belong to the world leaves nothing in the cache.
    *loaded.returns.get_mut() = returns();
    Ok(loaded)
}

/// The component of what the cache returned, with its modules, if those are there as well.
fn restored(host: &Shared, file: &[u8]) -> Option<(Component, Vec<Arc<Module>>)> {
    let (count, rest) = file.split_first()?;
    let (digests, code) = rest.split_at_checked(usize::from(*count) * 32)?;
    let (digests, _) = digests.as_chunks::<32>();
    let shared = digests.iter().map(|digest| cached(host, digest)).collect::<Option<Vec<_>>>()?;
    // SAFETY: `Component::deserialize` trusts its input to be what an engine with these settings produced,
    // since it is machine code that will run in this process. `Shelf::read` returned these very bytes, after
    // checking a MAC over them, keyed with a secret of this host and bound to this component and to the
    // compatibility hash of this engine; `Shelf::write` makes such a MAC only for what
    // `Component::serialize` returned. The bytes are in our own memory, not mapped from the file, so
    // whoever can write to the folder cannot change them after the check.
    let component = unsafe { Component::deserialize(&host.engine, code) };
    Some((component.ok()?, shared))
}

fn link(
    host: &Shared,
    component: &Component,
    shared: Vec<Arc<Module>>,
    returns: bool,
) -> Result<Loaded, LoadError> {
    let answer = world::check(&host.engine, component, shared.len())?;
    let mut linker = host.linker.clone();
    for (at, module) in shared.iter().enumerate() {
        linker.root().module(&parts::name(at), &module.code).map_err(not_a_component)?;
    }
    let pre = linker.instantiate_pre(component).map_err(not_a_component)?;
    Ok(Loaded {
        pre,
        answer,
        idle: Idle::default(),
        used: AtomicU64::new(0),
        returns: AtomicBool::new(returns),
        _shared: shared,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is the shape that map_err takes")]
fn not_a_component(error: wasmtime::Error) -> LoadError {
    LoadError::NotAComponent { message: format!("{error:#}") }
}
