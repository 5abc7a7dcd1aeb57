//! Builds services: templates, toolchains, artifacts and the lock file.
