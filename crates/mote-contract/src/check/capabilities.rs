//! Which capabilities may use which: `may-use` of `mote.yaml`, held against every use in the files.
//!
//! A capability is a folder below `contracts/`, `aggregates/`, `views/`, `workflows/` or `definitions/`. What lies in none is
//! everybody's. Owns finding the uses; that what is used exists is looked at elsewhere.

use std::collections::BTreeSet;

use mote_expr::suggest;

use super::{Aggregates, ReadViews};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::read::{Definitions, Fields, Sink, path_from, read_tree, stem};
use crate::tree::{Node, Text, Tree};

/// The folders whose sub-folders are capabilities.
const FOLDERS: [&str; 5] = ["contracts", "aggregates", "views", "definitions", "workflows"];

/// Something of one file that is used in another.
struct Use<'f> {
    /// Where it is named.
    place: Place,
    /// What it is, such as `aggregate`.
    what: &'static str,
    name: &'f str,
    /// The capability that it is of.
    of: &'f str,
}

/// An entry of `may-use`: who, whom, and where each is said.
struct Allowed<'t> {
    by: &'t str,
    by_place: Place,
    of: &'t str,
    place: Place,
}

pub(super) fn check(
    files: &Files,
    aggregates: &Aggregates,
    views: &ReadViews,
    definitions: &Definitions,
    sink: &Sink,
) {
    let unheard = Sink::default();
    let Some(manifest) = files.find("mote.yaml") else { return };
    let Some(tree) = read_tree(files, manifest, &unheard) else { return };
    if tree.field("may-use").is_none() {
        return;
    }
    let allowed = allowed(&tree, manifest, sink);
    known(&allowed, files, sink);
    let uses = Uses { files, aggregates, views };
    let mut found: Vec<Use<'_>> = files.ids().flat_map(|file| uses.of_file(file, &unheard)).collect();
    found.extend(definitions.imported.borrow().iter().filter_map(|import| {
        let name = definitions.files.keys().find(|name| **name == import.name)?;
        uses.of("definitions", "definitions", name, import.place.clone())
    }));
    let mut needed: BTreeSet<(&str, &str)> = BTreeSet::new();
    for used in found {
        let Some(by) = capability(files.path(used.place.file)).filter(|by| *by != used.of) else { continue };
        needed.insert((by, used.of));
        if allowed.iter().any(|entry| (entry.by, entry.of) == (by, used.of)) {
            continue;
        }
        let mut names: Vec<&str> =
            allowed.iter().filter(|entry| entry.by == by).map(|entry| entry.of).collect();
        names.push(used.of);
        let Use { what, name, of, place } = used;
        let message = format!("`{by}` may not use {what} `{name}`, which is of `{of}`");
        let hint = format!("write `{by}: [{}]` below `may-use:` of mote.yaml", names.join(", "));
        sink.error(Code::MayUse, place, message, Some(hint));
    }
    // What cannot be read may be what needs it.
    if sink.has_errors() {
        return;
    }
    for entry in allowed.iter().filter(|entry| !needed.contains(&(entry.by, entry.of))) {
        let message = format!("nothing of `{}` uses anything of `{}`", entry.by, entry.of);
        sink.warning(Code::UnusedMayUse, entry.place.clone(), message, Some("leave it out".to_owned()));
    }
}

/// The capability of the file at `path`, if it is of one.
fn capability(path: &str) -> Option<&str> {
    let (folder, rest) = path.split_once('/')?;
    let (capability, _) = rest.split_once('/')?;
    FOLDERS.contains(&folder).then_some(capability)
}

/// What `may-use` says.
fn allowed<'t>(tree: &'t Tree, file: FileId, sink: &Sink) -> Vec<Allowed<'t>> {
    let Some(fields) = Fields::of(tree, "mote.yaml", file, sink) else { return Vec::new() };
    let mut allowed = Vec::new();
    for (key, tree) in fields.entries("may-use") {
        let Some(items) = tree.as_list() else {
            let hint = tree.as_text().map(|text| format!("write `{}: [{}]`", key.name, text.text));
            fields.wrong_type(&key.name, "a list of capabilities", tree, hint);
            continue;
        };
        for item in items {
            match item.as_text() {
                Some(Text { text, .. }) => {
                    let by_place = Place { file, span: key.span.clone() };
                    allowed.push(Allowed { by: &key.name, by_place, of: text, place: fields.at(item) });
                }
                None => fields.wrong_type(&key.name, "a list of capabilities", item, None),
            }
        }
        if items.is_empty() {
            let hint = Some(format!("leave `{}` out: what is not named may not be used", key.name));
            let place = Place { file, span: key.span.clone() };
            sink.warning(Code::UnusedMayUse, place, "this allows nothing", hint);
        }
    }
    allowed
}

/// Report names that are no capability's.
fn known(allowed: &[Allowed<'_>], files: &Files, sink: &Sink) {
    let known: BTreeSet<&str> = files.paths().filter_map(capability).collect();
    for entry in allowed {
        let named = [(entry.by, &entry.by_place), (entry.of, &entry.place)];
        for (name, place) in named.into_iter().filter(|(name, _)| !known.contains(name)) {
            let listed: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let hint = match suggest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if listed.is_empty() => {
                    format!("a capability is a folder: put contracts into `contracts/{name}/`")
                }
                None => format!("the capabilities are {}", listed.join(", ")),
            };
            let message = format!("there is no capability `{name}`");
            sink.error(Code::UnknownName, place.clone(), message, Some(hint));
        }
    }
}

/// Finds what files use.
struct Uses<'f> {
    files: &'f Files,
    aggregates: &'f Aggregates,
    views: &'f ReadViews,
}

impl<'f> Uses<'f> {
    /// The uses of a file, but for what it imports.
    fn of_file(&self, file: FileId, unheard: &Sink) -> Vec<Use<'f>> {
        let path = self.files.path(file);
        if capability(path).is_none() {
            return Vec::new();
        }
        let Some(tree) = read_tree(self.files, file, unheard) else { return Vec::new() };
        let at = |tree: &Tree| Place { file, span: tree.headline() };
        let mut found = Vec::new();
        self.references(&tree, file, &mut found);
        if path.starts_with("contracts/") {
            let text = |tree: &Tree| tree.as_text().map(|text| text.text.clone());
            if let Some(tree) = tree.field("aggregate") {
                let name = text(tree).and_then(|name| self.aggregates.good.get_key_value(&name));
                found.extend(name.and_then(|(name, _)| self.of("aggregates", "aggregate", name, at(tree))));
            }
            if let Some(tree) = tree.field("reads").and_then(|reads| reads.field("view")) {
                let name = text(tree).and_then(|name| self.views.good.get_key_value(&name));
                found.extend(name.and_then(|(name, _)| self.of("views", "view", name, at(tree))));
            }
            for tree in tree.field("subscribes").and_then(Tree::as_list).unwrap_or(&[]) {
                let name = tree.as_text().map(|text| text.text.as_str());
                found.extend(name.and_then(|name| self.event(name, at(tree))));
            }
        } else if path.starts_with("workflows/") {
            self.of_steps(&tree, file, &mut found);
        } else if path.starts_with("views/") {
            for (key, _) in tree.field("from").and_then(Tree::as_map).unwrap_or(&[]) {
                found.extend(self.event(&key.name, Place { file, span: key.span.clone() }));
            }
        }
        found
    }

    /// What the `$ref`s of a file refer to.
    fn references(&self, tree: &Tree, file: FileId, found: &mut Vec<Use<'f>>) {
        match &tree.node {
            Node::Map(entries) => {
                for (key, inner) in entries {
                    let target = inner.as_text().filter(|_| key.name == "$ref").and_then(|text| {
                        let path = text.text.split('#').next()?;
                        let target = self.files.find(&path_from(self.files.path(file), path)?)?;
                        let name = self.files.path(target);
                        let place = Place { file, span: inner.headline() };
                        Some(Use { place, what: "a schema of", name, of: capability(name)? })
                    });
                    found.extend(target);
                    self.references(inner, file, found);
                }
            }
            Node::List(items) => items.iter().for_each(|item| self.references(item, file, found)),
            Node::Scalar(_) | Node::Text(_) => {}
        }
    }

    /// What a workflow calls, and the events that it waits for and is started by. Data is not looked into.
    fn of_steps(&self, tree: &Tree, file: FileId, found: &mut Vec<Use<'f>>) {
        match &tree.node {
            Node::List(items) => items.iter().for_each(|item| self.of_steps(item, file, found)),
            Node::Map(fields) => {
                for (key, inner) in fields {
                    let place = Place { file, span: inner.headline() };
                    match (key.name.as_str(), inner.as_text()) {
                        ("call", Some(text)) => found.extend(self.called(&text.text, place)),
                        ("event", Some(text)) => found.extend(self.event(&text.text, place)),
                        ("input" | "output" | "with" | "returns" | "let", _) => {}
                        _ => self.of_steps(inner, file, found),
                    }
                }
            }
            Node::Scalar(_) | Node::Text(_) => {}
        }
    }

    /// The use of a contract, or of another workflow.
    fn called(&self, name: &str, place: Place) -> Option<Use<'f>> {
        let found =
            [("contracts", "contract"), ("workflows", "workflow")].into_iter().find_map(|(folder, what)| {
                let files: &'f Files = self.files;
                let path = files.paths().find(|path| path.starts_with(folder) && stem(path) == name)?;
                Some((what, stem(path), capability(path)?))
            });
        found.map(|(what, name, of)| Use { place, what, name, of })
    }

    /// The use of an event, which is of its aggregate's capability.
    fn event(&self, kind: &str, place: Place) -> Option<Use<'f>> {
        let (aggregate, (kind, _)) = self
            .aggregates
            .good
            .iter()
            .find_map(|(name, read)| Some((name, read.aggregate.events.get_key_value(kind)?)))?;
        let of = self.capability_of("aggregates", aggregate)?;
        Some(Use { place, what: "event", name: kind, of })
    }

    fn of(&self, folder: &str, what: &'static str, name: &'f str, place: Place) -> Option<Use<'f>> {
        Some(Use { place, what, name, of: self.capability_of(folder, name)? })
    }

    /// The capability of what is called `name` in `folder`, if it is of one.
    fn capability_of(&self, folder: &str, name: &str) -> Option<&'f str> {
        let files: &'f Files = self.files;
        let mut paths = files.paths().filter(|path| path.starts_with(folder) && stem(path) == name);
        paths.find_map(capability)
    }
}
