//! Builds a TypeScript service into one component, in this process and without Node.
//!
//! `strip` takes the types out of each module, `link` turns the modules and the adapter of the system's
//! template into one text, `component` freezes that text into a component. Every refusal
//! and every exception at run time names the line of the author's own file; `lines` keeps that map.
//! Nothing here runs a call or judges an answer. Start at [`build`].

mod apart;
mod component;
mod error;
mod lines;
mod link;
mod rewrite;
mod source;
mod strip;
mod world;

use mote_expr::Digest;

pub use error::BuildError;
pub use source::{ReadError, ServiceSource};
pub(crate) use strip::syntax_error;

/// A service that was built.
#[derive(Clone, PartialEq, Eq)]
pub struct Built {
    /// The component. Building the same source again gives other bytes that behave the same.
    pub component: Vec<u8>,
    /// The hash of what it was built from: see [`ServiceSource::hash`].
    pub source: [u8; 32],
}

impl std::fmt::Debug for Built {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Built").field("component", &self.component.len()).finish_non_exhaustive()
    }
}

/// Builds a service. Blocks for about a second; the work is done on a thread of its own.
pub fn build(source: &ServiceSource) -> Result<Built, BuildError> {
    let owned = source.clone();
    let component = apart::apart(&source.service, move || {
        let linked = link::link(&owned)?;
        component::component(&owned.service, &linked)
    })?;
    Ok(Built { component, source: source.hash() })
}

/// The hash of what builds, whatever the source and the template.
#[must_use]
pub fn toolchain() -> Digest {
    Digest::of(component::TOOLCHAIN.join("\n").as_bytes())
}
