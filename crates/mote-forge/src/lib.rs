//! Builds services: templates, toolchains, artifacts and the lock file.

pub mod artifacts;
pub mod typescript;
