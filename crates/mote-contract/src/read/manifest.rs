//! Reads `mote.yaml`.

use super::{Fields, Sink};
use crate::files::FileId;
use crate::system::Manifest;
use crate::tree::Tree;

pub(crate) fn read_manifest(tree: &Tree, file: FileId, sink: &Sink) -> Option<Manifest> {
    let fields = Fields::of(tree, "mote.yaml", file, sink)?;
    let name = fields.name("system", "my-system");
    let owner = fields.text("owner").unwrap_or("nobody");
    // What it says is held against the whole system, once that is read.
    fields.optional("may-use");
    fields.finish();
    Some(Manifest { name: name?.to_owned(), owner: owner.to_owned() })
}
