//! The commands, one a file.

pub(crate) mod add;
pub(crate) mod build;
pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod completions;
pub(crate) mod events;
pub(crate) mod explore;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod new;
pub(crate) mod recordings;
pub(crate) mod render;
pub(crate) mod template;
pub(crate) mod up;
pub(crate) mod verdict;
pub(crate) mod verify;
pub(crate) mod views;
