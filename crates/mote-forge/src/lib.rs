//! Builds services: templates, toolchains, artifacts and the lock file.
//!
//! Owns everything between a system's folder and what may serve. Never serves, and never decides
//! what is right: `mote-verify` judges. Start reading at [`Workshop`].

pub mod artifacts;
mod files;
mod folder;
mod lock;
mod released;
mod secrets;
mod seeds;
mod standing;
mod subject;
pub mod template;
pub mod types;
pub mod typescript;
mod workshop;

pub use folder::{FolderError, SystemFolder};
pub use lock::{Lock, LockError, Locked};
pub use released::ReleasedError;
pub use secrets::{SecretError, mask};
pub use seeds::AttemptError;
pub use standing::{Flaw, Standing, Stored};
pub use subject::Sandboxed;
pub use workshop::{Candidate, Code, Failure, News, OpenError, Prepared, Problem, Workshop};
