//! An artifact that is loaded: its machine code, linked, with its idle instances.
//!
//! Owns the only `unsafe` of the sandbox: taking machine code from the compiled-code cache.

use std::sync::atomic::{AtomicBool, AtomicU64};

use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::cache::hex;
use crate::guest::Guest;
use crate::host::Shared;
use crate::instance::Idle;
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
}

/// Loads a component by its digest: from the compiled-code cache, or else by compiling the bytes.
pub(crate) fn load(
    host: &Shared,
    digest: &[u8; 32],
    bytes: impl FnOnce() -> Result<Vec<u8>, LoadError>,
) -> Result<Loaded, LoadError> {
    if let Some(code) = host.shelf.as_ref().and_then(|shelf| shelf.read(digest))
        && let Some(component) = deserialize(host, &code)
    {
        return link(host, &component, true);
    }
    let bytes = bytes()?;
    let actual: [u8; 32] = Sha256::digest(&bytes).into();
    if actual != *digest {
        return Err(LoadError::Damaged { expected: hex(digest), actual: hex(&actual) });
    }
    let component = Component::new(&host.engine, &bytes).map_err(not_a_component)?;
    let mut loaded = link(host, &component, false)?;
    if let Some(shelf) = &host.shelf {
        // A cache that cannot be written only costs time at the next start.
        let kept = component.serialize().is_ok_and(|code| shelf.write(digest, &code).is_ok());
        *loaded.returns.get_mut() = kept;
    }
    Ok(loaded)
}

fn deserialize(host: &Shared, code: &[u8]) -> Option<Component> {
    // SAFETY: `Component::deserialize` trusts its input to be what an engine with these settings produced,
    // since it is machine code that will run in this process. `Shelf::read` returned these very bytes, after
    // checking a MAC over them, keyed with a secret of this host and bound to this component and to the
    // compatibility hash of this engine; `Shelf::write` makes such a MAC only for what
    // `Component::serialize` returned. The bytes are in our own memory, not mapped from the file, so
    // whoever can write to the folder cannot change them after the check.
    let component = unsafe { Component::deserialize(&host.engine, code) };
    component.ok()
}

fn link(host: &Shared, component: &Component, returns: bool) -> Result<Loaded, LoadError> {
    let answer = world::check(&host.engine, component)?;
    let pre = host.linker.instantiate_pre(component).map_err(not_a_component)?;
    Ok(Loaded {
        pre,
        answer,
        idle: Idle::default(),
        used: AtomicU64::new(0),
        returns: AtomicBool::new(returns),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is the shape that map_err takes")]
fn not_a_component(error: wasmtime::Error) -> LoadError {
    LoadError::NotAComponent { message: format!("{error:#}") }
}
