//! From texts to the model: one file kind, one module. Every problem is reported, none stops the rest.

mod aggregate;
mod cases;
mod contract;
mod definitions;
mod examples;
mod fields;
mod freedom;
mod manifest;
mod mend;
mod publisher;
mod reads;
mod relations;
mod rules;
mod schemas;
mod settings;
mod shapes;
mod sight;
mod triggers;
mod units;
mod view;
mod workflow;

pub(crate) use aggregate::read_aggregate;
pub(crate) use cases::read_case;
pub(crate) use contract::{Said, Surroundings, read_contract};
pub(crate) use definitions::{Definitions, Parsed, read_definitions};
pub(crate) use fields::{Fields, Sink, not_a_name};
pub(crate) use manifest::{read_manifest, sink_places};
pub(crate) use reads::Views;
pub(crate) use schemas::{SchemaFiles, path_from};
pub(crate) use view::{EventSources, read_view};
pub(crate) use workflow::{
    Around, Callable, Callables, Head as WorkflowHead, TRANSIENT, WorkflowSaid, read_head,
};

use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Node, Tree, parse};

/// A file as a tree, unless it is not YAML, which is reported.
pub(crate) fn read_tree(files: &Files, file: FileId, sink: &Sink) -> Option<Tree> {
    match parse(files.text(file)) {
        Ok(tree) if matches!(tree.node, Node::Map(_)) => Some(tree),
        Ok(tree) => {
            let message = format!("a file is a map of keys and values, this is {}", tree.kind());
            let place = Place { file, span: tree.headline() };
            sink.error(Code::WrongType, place, message, first_line(files.path(file)));
            None
        }
        Err(errors) => {
            for error in errors {
                let empty = error.message.contains("empty");
                let hint = error.hint.or_else(|| first_line(files.path(file)).filter(|_| empty));
                sink.error(Code::Yaml, Place { file, span: error.span }, error.message, hint);
            }
            None
        }
    }
}

/// What to type first into a file that says nothing yet.
fn first_line(path: &str) -> Option<String> {
    let stem = stem(path);
    match path.split('/').next()? {
        "contracts" => Some(format!("start it with `contract: {stem}`")),
        "aggregates" => Some(format!("start it with `aggregate: {stem}`")),
        "views" => Some(format!("start it with `view: {stem}`")),
        "definitions" => Some(format!("start it with `definitions: {stem}`")),
        "workflows" => Some(format!("start it with `workflow: {stem}`")),
        "schemas" => Some("start it with `type: object`".to_owned()),
        "tests" | "regressions" => Some("start it with `input: {…}`".to_owned()),
        "mote.yaml" => Some("start it with `system: my-system`".to_owned()),
        _ => None,
    }
}

/// `contracts/ordering/place-order.yaml` is named `place-order`.
pub(crate) fn stem(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.strip_suffix(".yaml").or_else(|| last.strip_suffix(".json")).unwrap_or(last)
}

/// Whether `name` is lower-case words joined by hyphens.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}
