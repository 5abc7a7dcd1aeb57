//! What values, schemas and expressions promise, as cases.
//! Each module drives its cases through one `check`; the pages under `docs/` are cases too.

mod bytes;
mod numbers;
mod parser;
mod sample;
