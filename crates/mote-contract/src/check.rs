//! Checks a whole system: every file, then everything between them.

mod examples;
mod routes;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::files::{FileId, Files};
use crate::read::{SchemaFiles, Sink, Surroundings, read_aggregate, read_contract, read_manifest, read_tree};
use crate::system::{Manifest, System};

/// What a check found.
#[derive(Debug)]
pub struct Report {
    /// Every problem, in the order of files and lines.
    pub diagnostics: Vec<Diagnostic>,
    /// The system, if it has no errors.
    pub system: Option<System>,
}

/// Check all of `files`. Always finishes, and reports every problem of one run.
pub fn check(files: &Files) -> Report {
    let sink = Sink::default();
    let system = read_system(files, &sink);
    if let Some(system) = &system {
        routes::check(system, &sink);
        examples::check(system, &sink);
    }
    let mut diagnostics = sink.into_diagnostics();
    diagnostics.sort_by_key(|found| (found.place.file, found.place.span.start, found.code));
    let clean = diagnostics.iter().all(|found| found.severity != Severity::Error);
    Report { diagnostics, system: system.filter(|_| clean) }
}

fn read_system(files: &Files, sink: &Sink) -> Option<System> {
    let mut schemas = SchemaFiles::new(files, sink);
    let manifest = files
        .find("mote.yaml")
        .and_then(|file| read_manifest(&read_tree(files, file, sink)?, file, sink))
        .unwrap_or(Manifest { name: String::new(), owner: "nobody".to_owned() });

    let mut aggregates = BTreeMap::new();
    for file in files.yaml_below("aggregates") {
        let Some(tree) = read_tree(files, file, sink) else { continue };
        if let Some(aggregate) = read_aggregate(&tree, file, files, &mut schemas, sink) {
            named_like_file(files, file, &aggregate.name, sink);
            if aggregates.insert(aggregate.name.clone(), Arc::new(aggregate)).is_some() {
                duplicate("aggregate", file, files, sink);
            }
        }
    }

    let around = Surroundings { files, sink, manifest: &manifest, aggregates: &aggregates };
    let mut laws = BTreeMap::new();
    for file in files.yaml_below("contracts") {
        let Some(tree) = read_tree(files, file, sink) else { continue };
        if let Some(law) = read_contract(&tree, file, &around, &mut schemas) {
            named_like_file(files, file, &law.contract.name, sink);
            if laws.insert(law.contract.name.clone(), Arc::new(law)).is_some() {
                duplicate("contract", file, files, sink);
            }
        }
    }
    Some(System { manifest, aggregates, laws })
}

/// A thing is found by its name, so its file has that name.
fn named_like_file(files: &Files, file: FileId, name: &str, sink: &Sink) {
    let path = files.path(file);
    let stem = path.rsplit('/').next().and_then(|last| last.strip_suffix(".yaml")).unwrap_or("");
    if stem != name {
        let message = format!("`{name}` is in a file named `{stem}.yaml`");
        let hint = Some(format!("rename the file to `{name}.yaml`"));
        sink.error(Code::BadName, start(file), message, hint);
    }
}

fn duplicate(what: &str, file: FileId, files: &Files, sink: &Sink) {
    let message = format!("another file has {what} of this name: `{}` is not the only one", files.path(file));
    let hint = Some("names are unique in the whole system".to_owned());
    sink.error(Code::DuplicateName, start(file), message, hint);
}

fn start(file: FileId) -> Place {
    Place { file, span: 0..0 }
}
