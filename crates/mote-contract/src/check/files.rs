//! No file of the system lies where nothing reads it: it would be accepted and do nothing.

use mote_expr::suggest;

use super::cases;
use crate::contract::CaseKind;

use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::read::{Sink, stem};

/// The folders whose `.yaml` files are read.
const READ: [&str; 6] = ["contracts", "aggregates", "views", "workflows", "definitions", "schemas"];

/// The folders that a misspelled one may have been meant as.
const FOLDERS: [&str; 8] =
    ["contracts", "aggregates", "views", "workflows", "definitions", "schemas", "tests", "regressions"];

/// The folders whose files are not ours to judge.
const OTHERS: [&str; 3] = ["services", "templates", ".mote"];

pub(super) fn check(files: &Files, sink: &Sink) {
    for file in files.ids() {
        let path = files.path(file);
        let (folder, rest) = path.split_once('/').unwrap_or(("", path));
        if let Some(kind) = cases::FOLDERS.into_iter().find(|kind| kind.plural() == folder) {
            misplaced_case(files, file, kind, sink);
            continue;
        }
        let Some(stem) = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")) else { continue };
        let yml = path.ends_with(".yml");
        if OTHERS.contains(&folder) || path == "mote.yaml" || (READ.contains(&folder) && !yml) {
            continue;
        }
        if READ.contains(&folder) || path == "mote.yml" {
            let hint = Some(format!("rename it to `{stem}.yaml`"));
            report(file, "nothing reads a `.yml` file".to_owned(), hint, sink);
        } else if let Some(near) = suggest(folder, FOLDERS).filter(|_| !folder.is_empty()) {
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

/// A case lies in the folder of its contract, in YAML or JSON.
fn misplaced_case(files: &Files, file: FileId, kind: CaseKind, sink: &Sink) {
    let path = files.path(file);
    let parts: Vec<&str> = path.split('/').collect();
    let (all, one) = (kind.plural(), kind.word());
    if let Some(stem) = path.strip_suffix(".yml") {
        let hint = Some(format!("rename it to `{stem}.yaml`"));
        report(file, "nothing reads a `.yml` file".to_owned(), hint, sink);
    } else if let [_, folders @ .., name] = &parts[..]
        && folders.len() != 1
    {
        let some_contract = || files.yaml_below("contracts").next().map(|file| stem(files.path(file)));
        let contract = folders.last().copied().or_else(some_contract).unwrap_or("place-order");
        let hint = format!("move it to `{all}/{contract}/{name}`");
        report(file, format!("a {one} lies in `{all}/`, in the folder of its contract"), Some(hint), sink);
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
