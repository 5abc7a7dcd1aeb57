//! The binary as people use it: real files, real processes, real sockets.

mod events;
mod laying_out;
mod life;
mod making;
mod misbehaving;
mod page;
mod programs;
mod recordings;
mod rows;
mod running;
mod survival;
mod templates;
mod verdicts;
mod words;
mod workflows;
