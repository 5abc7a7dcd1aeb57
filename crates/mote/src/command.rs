//! The commands, one a file.

pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod up;
pub(crate) mod verify;
