//! Reads `mote.yaml`.

use std::collections::BTreeMap;

use mote_expr::suggest;

use super::{Fields, Sink, is_name, not_a_name};
use crate::diagnostic::{Code, Place};
use crate::files::FileId;
use crate::system::{Manifest, SinkKind};
use crate::tree::{Key, Tree};

pub(crate) fn read_manifest(tree: &Tree, file: FileId, sink: &Sink) -> Option<Manifest> {
    let fields = Fields::of(tree, "mote.yaml", file, sink)?;
    let name = fields.name("system", "my-system");
    let owner = fields.text("owner").unwrap_or("nobody");
    // What it says is held against the whole system, once that is read.
    fields.optional("may-use");
    let entries = fields.entries("sinks").iter();
    let sinks: BTreeMap<_, _> = entries
        .filter_map(|(key, tree)| Some((key.name.clone(), read_sink(key, tree, file, sink)?)))
        .collect();
    fields.finish();
    Some(Manifest { name: name?.to_owned(), owner: owner.to_owned(), sinks })
}

/// Where each sink is named, the unreadable ones too: a publisher that names one is not to blame.
pub(crate) fn sink_places(tree: &Tree, file: FileId) -> BTreeMap<String, Place> {
    let entries = tree.field("sinks").and_then(Tree::as_map).unwrap_or(&[]).iter();
    entries.map(|(key, _)| (key.name.clone(), Place { file, span: key.span.clone() })).collect()
}

fn read_sink(key: &Key, tree: &Tree, file: FileId, sink: &Sink) -> Option<SinkKind> {
    if !is_name(&key.name) {
        let (message, hint) = not_a_name(&key.name, |name| format!("{name}: {{kind: log}}"));
        sink.error(Code::BadName, Place { file, span: key.span.clone() }, message, Some(hint));
    }
    let fields = Fields::of(tree, "a sink", file, sink)?;
    let place = fields.required("kind", "log").map(|tree| fields.at(tree));
    let name = fields.text("kind");
    fields.finish();
    let (place, name) = (place?, name?);
    let known = SinkKind::ALL.iter().find(|(known, _)| *known == name);
    if known.is_none() {
        let names: Vec<_> = SinkKind::ALL.iter().map(|(name, _)| *name).collect();
        let hint = match suggest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("the kinds of sinks that this version of Mote knows are `{}`", names.join("`, `"))
            }
        };
        sink.error(Code::UnknownName, place, format!("there is no kind of sink `{name}`"), Some(hint));
    }
    known.map(|(_, kind)| *kind)
}
