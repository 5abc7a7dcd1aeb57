//! The shell over real sockets, with native code instead of the sandbox and a log in memory.

mod bench;
mod http;
mod log;
mod publishers;
mod recordings;
