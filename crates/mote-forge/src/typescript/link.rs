//! Links the modules of a service and the adapter into one text.
//!
//! Owns how a specifier finds its module and in which order modules are loaded. A module that no operation
//! reaches is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::error::BuildError;
use super::lines::Lines;
use super::rewrite::{Body, quoted, rewrite};
use super::source::ServiceSource;
use super::strip::{Stripped, strip};
use crate::template::{ADAPTER, PRELUDE};

/// The names of the module "mote".
const LIBRARY: [&str; 2] = ["fail", "newId"];

/// A service as one ES module.
pub(super) struct Linked {
    pub(super) text: String,
    /// The modules in it: first line from 1, file, map.
    modules: Vec<(usize, String, Lines)>,
}

impl Linked {
    /// The file and position of the author for a line and column, from 1, of the text.
    pub(super) fn find(&self, line: usize, column: u32) -> Option<(&str, (u32, u32))> {
        self.modules.iter().find_map(|(first, file, lines)| {
            let within = line.checked_sub(*first).filter(|within| *within < lines.count())?;
            Some((file.as_str(), lines.find(within, column.saturating_sub(1))))
        })
    }
}

/// Links a service.
pub(super) fn link(source: &ServiceSource) -> Result<Linked, BuildError> {
    let mut linker = Linker { source, loaded: BTreeMap::new(), order: Vec::new(), path: Vec::new() };
    let mut operations = Vec::new();
    for operation in &source.operations {
        let file = format!("{operation}.ts");
        if !source.modules.contains_key(&file) {
            let error = BuildError::new(&file, (0, 0), "this file is missing: every operation has its own");
            return Err(error.hint(format!("write `{file}` with `export default handler`")));
        }
        linker.load(&file)?;
        operations.push(json!({"name": quoted(operation), "file": quoted(&file)}));
    }
    linker.write(&operations)
}

struct Linker<'a> {
    source: &'a ServiceSource,
    loaded: BTreeMap<String, (Body, Lines)>,
    /// Files in the order of loading: what is imported comes first.
    order: Vec<String>,
    /// Files being loaded, each imported by the one before.
    path: Vec<String>,
}

/// What a specifier means.
enum Target {
    /// The module "mote".
    Library,
    /// A file of the service.
    File(String),
}

impl Linker<'_> {
    fn load(&mut self, file: &str) -> Result<(), BuildError> {
        if self.loaded.contains_key(file) {
            return Ok(());
        }
        let Stripped { js, lines, places } = strip(file, &self.source.modules[file])?;
        let body = rewrite(&js, &|specifier| match self.target(file, specifier) {
            Ok(Target::File(file)) => format!("$modules[{}]", quoted(&file)),
            Ok(Target::Library) => "$mote.library".to_owned(),
            // It is refused below, before anybody reads this.
            Err(_) => "undefined".to_owned(),
        });
        self.path.push(file.to_owned());
        for (specifier, name) in &body.imports {
            let target = self.target(file, specifier).map_err(|error| {
                let (line, column) = places.find(specifier, None);
                BuildError { line, column, ..error }
            })?;
            if let Target::File(imported) = &target {
                if let Some(start) = self.path.iter().position(|file| file == imported) {
                    let circle = [&self.path[start..], std::slice::from_ref(imported)].concat().join(" → ");
                    let place = places.find(specifier, None);
                    let error = BuildError::new(file, place, format!("modules import each other: {circle}"));
                    return Err(error.hint("move what both need into a third file"));
                }
                self.load(imported)?;
            }
            let Some(name) = name else { continue };
            let names = self.names(&target);
            if !names.contains(name.as_str()) {
                let place = places.find(specifier, Some(name));
                let message = format!("`{specifier}` does not export `{name}`");
                let exported: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                let hint = if exported.is_empty() {
                    "it exports nothing".to_owned()
                } else {
                    format!("it exports {}", exported.join(", "))
                };
                return Err(BuildError::new(file, place, message).hint(hint));
            }
        }
        self.path.pop();
        self.order.push(file.to_owned());
        self.loaded.insert(file.to_owned(), (body, lines));
        Ok(())
    }

    fn target(&self, file: &str, specifier: &str) -> Result<Target, BuildError> {
        let refuse = |message: String| BuildError::new(file, (0, 0), message);
        if specifier == "mote" {
            return Ok(Target::Library);
        }
        if specifier.starts_with("mote/") {
            let error = refuse(format!("`{specifier}` holds only types"));
            return Err(error.hint(format!("write `import type {{ … }} from \"{specifier}\"`")));
        }
        if !specifier.starts_with("./") && !specifier.starts_with("../") {
            let error = refuse(format!("unknown package `{specifier}`: a service has no packages"));
            return Err(error.hint("write the function in a file of the service and import it as `./file`"));
        }
        let Some(path) = joined(file, specifier) else {
            let error = refuse(format!("`{specifier}` is outside of the service's folder"));
            return Err(error.hint("copy what it needs into the service's folder"));
        };
        let stem = path.strip_suffix(".js").unwrap_or(&path);
        [path.clone(), format!("{path}.ts"), format!("{stem}.ts"), format!("{path}/index.ts")]
            .into_iter()
            .find(|candidate| self.source.modules.contains_key(candidate))
            .map(Target::File)
            .ok_or_else(|| {
                let files: Vec<_> = self.source.modules.keys().filter(|it| *it != file).cloned().collect();
                let error = refuse(format!("there is no file `{stem}.ts`"));
                error.hint(format!("the other files of the service: {}", files.join(", ")))
            })
    }

    /// The names that a loaded module gives.
    fn names(&self, target: &Target) -> BTreeSet<&str> {
        let Target::File(file) = target else { return LIBRARY.into() };
        let Some((body, _)) = self.loaded.get(file) else { return BTreeSet::new() };
        let mut names: BTreeSet<&str> = body.exports.iter().map(String::as_str).collect();
        for star in &body.stars {
            if let Ok(target) = self.target(file, star) {
                names.extend(self.names(&target).into_iter().filter(|name| *name != "default"));
            }
        }
        names
    }

    fn write(mut self, operations: &[Json]) -> Result<Linked, BuildError> {
        let mut text = String::new();
        let mut modules = Vec::new();
        for file in &self.order {
            let Some((body, lines)) = self.loaded.remove(file) else { continue };
            let head = format!("$modules[{}] = (() => {{ {}\n", quoted(file), body.head);
            text.push_str(&head);
            let first = text.matches('\n').count();
            text.push_str(&body.text);
            text.push_str(&format!("\n{}}})();\n", body.tail));
            modules.push((first, file.clone(), lines));
        }
        let template = &self.source.template;
        let render = |places: &str| {
            let prelude = template.text(PRELUDE);
            let values = json!({
                "prelude": prelude, "modules": text, "operations": operations, "places": quoted(places),
            });
            let failed = |error| BuildError::new(&self.source.service, (0, 0), format!("{error}"));
            template.render(ADAPTER, &values).map_err(failed)
        };
        // The map stands on a line of its own before the modules, so writing it moves none of them.
        let draft = render("")?;
        let above = draft.find(&text).map_or(0, |at| draft[..at].matches('\n').count());
        modules.iter_mut().for_each(|(first, _, _)| *first += above + 1);
        let mut places = String::from("[");
        for (index, (first, file, lines)) in modules.iter().enumerate() {
            places.push_str(&format!("{}[{first},{},", if index > 0 { "," } else { "" }, quoted(file)));
            lines.write(&mut places);
            places.push(']');
        }
        places.push(']');
        Ok(Linked { text: render(&places)?, modules })
    }
}

/// A relative specifier as a path within the service's folder; `None` if it leads out of it.
fn joined(file: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
