//! The sandbox: runs services as WebAssembly components, each call within its budget.
//!
//! Owns the engine, the pool of instances, budgets, the compiled-code cache and the check that a component
//! is exactly the world of `wit/nanoservice.wit`. Never knows a contract, an event or what the texts it
//! passes on mean, and never reads a clock: whoever wants a timeout drops the future of a call.
//! Start at [`Host::load`] and [`Artifact::call`].

mod artifact;
mod budget;
mod cache;
mod engine;
mod guest;
mod host;
mod instance;
mod loaded;
mod parts;
mod trap;
mod world;

pub use artifact::{Artifact, Reply};
pub use budget::{Budget, Isolation};
pub use cache::Cache;
pub use engine::{Pool, StartError};
pub use host::{Counts, Host, Options};
pub use loaded::LoadError;
pub use trap::Trap;
