//! The files of a system, and the law compiled from them.

mod diagnostics;
mod examples;
