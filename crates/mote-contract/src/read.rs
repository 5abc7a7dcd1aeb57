//! From texts to the model: one file kind, one module. Every problem is reported, none stops the rest.

mod aggregate;
mod contract;
mod examples;
mod fields;
mod manifest;
mod rules;
mod schemas;
mod triggers;
mod units;

pub(crate) use aggregate::read_aggregate;
pub(crate) use contract::{Surroundings, read_contract};
pub(crate) use fields::{Fields, Sink};
pub(crate) use manifest::read_manifest;
pub(crate) use schemas::SchemaFiles;

use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Tree, parse};

/// A file as a tree, unless it is not YAML, which is reported.
pub(crate) fn read_tree(files: &Files, file: FileId, sink: &Sink) -> Option<Tree> {
    match parse(files.text(file)) {
        Ok(tree) => Some(tree),
        Err(error) => {
            sink.error(Code::Yaml, Place { file, span: error.span }, error.message, error.hint);
            None
        }
    }
}

/// Whether `name` is lower-case words joined by hyphens.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}
