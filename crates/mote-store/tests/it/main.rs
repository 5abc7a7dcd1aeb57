//! The log on SQLite: it keeps every log's promise, and its failures are those it names.

mod conformance;
