//! What values, schemas and expressions promise, as cases.
//! Each module drives its cases through one `check`; the pages under `docs/` are cases too.

// A case that cannot be set up has failed.
#![allow(clippy::unwrap_used)]

mod atoms;
mod bytes;
mod definitions;
mod expressions;
mod expressions_page;
mod infer;
mod mask;
mod numbers;
mod oracle;
mod page;
mod parser;
mod refs;
mod sample;
mod schemas_page;
mod soup;
mod templates;
