//! The files of a system, and the law compiled from them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod definitions;
mod derive;
mod describe;
mod diagnostics;
mod examples;
mod hostile;
mod law;
mod pages;
mod publishers;
mod recordings;
mod views;
mod workflows;
