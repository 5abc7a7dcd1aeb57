//! No file of the system lies where nothing reads it: it would be accepted and do nothing.

use mote_expr::suggest;

use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::read::Sink;

/// The folders whose `.yaml` files are read.
const READ: [&str; 6] = ["contracts", "aggregates", "views", "workflows", "definitions", "schemas"];

/// The folders whose files are not ours to judge.
const OTHERS: [&str; 5] = ["services", "templates", "tests", "regressions", ".mote"];

pub(super) fn check(files: &Files, sink: &Sink) {
    for file in files.ids() {
        let path = files.path(file);
        let (folder, rest) = path.split_once('/').unwrap_or(("", path));
        let Some(stem) = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")) else { continue };
        let yml = path.ends_with(".yml");
        if OTHERS.contains(&folder) || path == "mote.yaml" || (READ.contains(&folder) && !yml) {
            continue;
        }
        if READ.contains(&folder) || path == "mote.yml" {
            let hint = Some(format!("rename it to `{stem}.yaml`"));
            report(file, "nothing reads a `.yml` file".to_owned(), hint, sink);
        } else if let Some(near) = suggest(folder, READ).filter(|_| !folder.is_empty()) {
            let rest = rest.strip_suffix(".yml").map_or(rest.to_owned(), |stem| format!("{stem}.yaml"));
            let hint = Some(format!("move it to `{near}/{rest}`"));
            report(file, format!("nothing reads `{folder}/`"), hint, sink);
        } else if let Some(kind) = kind(files.text(file)) {
            let name = stem.rsplit('/').next().unwrap_or(stem);
            let hint = Some(format!("move it to `{kind}/{name}.yaml`"));
            report(file, format!("{kind} are read from `{kind}/` alone"), hint, sink);
        }
    }
}

/// The folder for what a file says it is, without being read.
fn kind(text: &str) -> Option<&'static str> {
    let says = |key: &str| text.lines().any(|line| line.starts_with(key));
    if says("contract:") {
        Some("contracts")
    } else if says("aggregate:") && says("state:") {
        Some("aggregates")
    } else if says("view:") && says("row:") {
        Some("views")
    } else if says("workflow:") && says("steps:") {
        Some("workflows")
    } else if says("definitions:") && says("functions:") {
        Some("definitions")
    } else {
        None
    }
}

fn report(file: FileId, message: String, hint: Option<String>, sink: &Sink) {
    sink.error(Code::Misplaced, Place { file, span: 0..0 }, message, hint);
}
