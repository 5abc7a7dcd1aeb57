//! The shell: serves releases over HTTP and performs what the engine decides.
