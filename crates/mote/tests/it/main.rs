//! The binary as people use it: real files, real processes, real sockets.

mod events;
mod life;
mod making;
mod page;
mod running;
mod verdicts;
mod words;
