//! Reads `mote.yaml`.

use std::collections::BTreeMap;

use mote_expr::{Value, suggest};

use super::{Fields, Sink, is_name, not_a_name, units};
use crate::diagnostic::{Code, Place};
use crate::files::FileId;
use crate::system::{Manifest, RecordingSettings, SinkKind};
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
    let recordings = read_recordings(&fields);
    fields.finish();
    Some(Manifest { name: name?.to_owned(), owner: owner.to_owned(), sinks, recordings })
}

/// The most that recordings may take on the disk.
const RECORDINGS_BYTES_MAX: u64 = 64 << 30;

fn read_recordings(fields: &Fields<'_, '_>) -> RecordingSettings {
    let mut settings = RecordingSettings::default();
    let Some(tree) = fields.optional("recordings") else { return settings };
    let Some(inner) = Fields::of(tree, "`recordings`", fields.file, fields.sink) else { return settings };
    if let Some(tree) = inner.optional("size") {
        match tree.as_text().and_then(|text| units::bytes(&text.text)) {
            Some(size) if size <= RECORDINGS_BYTES_MAX => settings.bytes = size,
            Some(_) => {
                inner.wrong_type("size", "at most 64GiB", tree, Some("write `size: 64GiB`".to_owned()));
            }
            None => {
                let hint = "write a whole number and a unit: `size: 64MiB`".to_owned();
                inner.wrong_type("size", "like `64MiB`", tree, Some(hint));
            }
        }
    }
    if let Some(tree) = inner.optional("sample") {
        match tree.value() {
            Value::Int(share @ 0..=1) => settings.sample = share as f64,
            Value::Float(share) if (0.0..=1.0).contains(&share) => settings.sample = share,
            _ => {
                let hint = Some("write a share: `sample: 0.01`".to_owned());
                inner.wrong_type("sample", "a number from 0 to 1", tree, hint);
            }
        }
    }
    inner.finish();
    settings
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
