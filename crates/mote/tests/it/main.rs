//! The binary as people use it: real files, real processes, real sockets.

mod life;
mod running;
mod words;
