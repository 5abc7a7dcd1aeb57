//! A system as others read it: each document whole for the examples, and of the shape that its specification gives it.

mod asyncapi;
mod openapi;

use std::path::{Path, PathBuf};

use mote_contract::{Files, Law, System, check};
use mote_expr::Value;
use serde_json::Value as Json;

use crate::diagnostics::add;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn system(folder: &Path) -> System {
    let mut files = Files::new();
    add(folder, folder, &mut files);
    let report = check(&files);
    report.system.unwrap_or_else(|| panic!("{}: {:?}", folder.display(), report.diagnostics))
}

fn laws(system: &System) -> impl Iterator<Item = &Law> {
    system.laws.values().map(|law| &**law)
}

fn json(document: &Value) -> Json {
    serde_json::from_slice(&document.canonical()).unwrap()
}

/// What the specification demands of the parts that are written, and nothing else in them.
#[track_caller]
fn check_shape(shape: &str, document: &Json) {
    let shape: Json = serde_json::from_str(shape).unwrap();
    let shape = jsonschema::draft202012::new(&shape).unwrap();
    let errors: Vec<String> =
        shape.iter_errors(document).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// With `UPDATE_EXPECT=1` the document is written anew.
#[track_caller]
fn check_expected(folder: &Path, document: &Json) {
    let found = format!("{document:#}\n");
    let expected = folder.join("expected.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&expected, &found).unwrap();
    }
    assert!(std::fs::read_to_string(&expected).unwrap() == found, "{found}");
}
