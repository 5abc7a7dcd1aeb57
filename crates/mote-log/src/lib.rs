//! The log's promise: commits, streams, positions, and the tests every log must pass.
