//! TypeScript declarations from contracts: what an editor knows about `mote` and `mote/<operation>`.
//!
//! Owns the texts below `.mote/types`. Nothing is built or judged by them: the build strips types, and the
//! law judges answers; they tell an author early what both would say later. Start at [`declarations`].

mod docs;
mod operation;
mod schema;

use std::collections::BTreeMap;
use std::fs;

use mote_contract::System;
use mote_expr::Value;
use serde_json::{Value as Json, json};

use crate::folder::{FolderError, SystemFolder};
use crate::template::{LIBRARY, Template};

/// The file of the module "mote".
const LIBRARY_FILE: &str = "mote.d.ts";
/// What every declaration's file ends with.
const EXTENSION: &str = ".d.ts";

/// The declarations of a system, by the names of their files.
#[must_use]
pub fn declarations(system: &System, template: &Template) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        system.laws.values().map(|law| (file_of(&law.contract.name), operation::module(law))).collect();
    files.insert(LIBRARY_FILE.to_owned(), library(system, template));
    files
}

/// Writes the declarations of a system into its folder: those that differ, and none for an operation that is
/// gone. True if anything changed.
pub fn write(folder: &SystemFolder, system: &System) -> Result<bool, FolderError> {
    let types = folder.state("types")?;
    let files = declarations(system, &Template::read(folder)?);
    let mut changed = false;
    for (name, text) in &files {
        let path = types.join(name);
        // An editor that watches the folder reads again only what is new.
        if fs::read_to_string(&path).is_ok_and(|found| found == *text) {
            continue;
        }
        fs::write(&path, text).map_err(|source| FolderError::Access { path, source })?;
        changed = true;
    }
    let access = |source| FolderError::Access { path: types.clone(), source };
    for entry in fs::read_dir(&types).map_err(access)? {
        let entry = entry.map_err(access)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.ends_with(EXTENSION) && !files.contains_key(&name) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|source| FolderError::Access { path, source })?;
            changed = true;
        }
    }
    Ok(changed)
}

/// The file of an operation's module. No name of an operation has a dot, so only one could be taken.
fn file_of(operation: &str) -> String {
    let name = format!("{operation}{EXTENSION}");
    if name == LIBRARY_FILE { format!("{operation}.operation{EXTENSION}") } else { name }
}

/// The module "mote", with the errors that code may raise.
fn library(system: &System, template: &Template) -> String {
    let raising = system.laws.values().filter(|law| operation::raised(law).next().is_some());
    let errors: Vec<Json> = raising
        .map(|law| json!({"operation": quoted(&law.contract.name), "codes": operation::codes(law)}))
        .collect();
    // What cannot be rendered was an error of the system; an editor that shows it again does no harm.
    template.render(LIBRARY, &json!({"errors": errors})).unwrap_or_else(|error| format!("// {error}\n"))
}

/// A string literal: those of JSON are those of TypeScript.
fn quoted(text: &str) -> String {
    Value::text(text).to_string()
}
