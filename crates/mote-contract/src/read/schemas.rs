//! Compiles schemas and follows their `$ref`s from file to file.
//! Owns the circle check. Each file is compiled once; a problem is reported where it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_expr::schema::{Refs, Schema};
use mote_expr::{Value, suggest};

use super::{Sink, read_tree};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::Tree;

/// The schema files that were read so far.
pub(crate) struct SchemaFiles<'f> {
    files: &'f Files,
    sink: &'f Sink,
    read: BTreeMap<FileId, Option<(Arc<Schema>, Value)>>,
    /// The files being read now, outermost first.
    open: Vec<FileId>,
}

impl<'f> SchemaFiles<'f> {
    pub(crate) fn new(files: &'f Files, sink: &'f Sink) -> SchemaFiles<'f> {
        SchemaFiles { files, sink, read: BTreeMap::new(), open: Vec::new() }
    }

    /// Compile the schema that `tree` of `file` describes.
    pub(crate) fn compile(&mut self, tree: &Tree, file: FileId) -> Option<Schema> {
        let source = tree.value();
        let mut refs = From { schemas: self, file };
        match Schema::compile(&source, &mut refs) {
            Ok(schema) => Some(schema),
            Err(errors) => {
                for error in errors {
                    // The file that is referred to has reported its own problems.
                    if error.message.is_empty() {
                        continue;
                    }
                    let code =
                        if error.message.contains("circle") { Code::SchemaCycle } else { Code::Schema };
                    self.sink.error(
                        code,
                        Place { file, span: tree.place(&error.at) },
                        error.message,
                        error.hint,
                    );
                }
                None
            }
        }
    }

    /// `source` with every `$ref` replaced by what it refers to: what a release depends on.
    pub(crate) fn closed(&self, source: &Value, file: FileId) -> Value {
        match source {
            Value::Object(object) => match object.get("$ref").and_then(Value::as_text) {
                Some(reference) => {
                    let target = self.files.find(&resolve(self.files.path(file), reference));
                    let read = target.and_then(|target| Some((target, self.read.get(&target)?.as_ref()?)));
                    read.map_or(Value::Null, |(target, (_, inner))| self.closed(inner, target))
                }
                None => Value::object(object.iter().map(|(key, inner)| (key, self.closed(inner, file)))),
            },
            Value::List(items) => Value::list(items.iter().map(|item| self.closed(item, file))),
            other => other.clone(),
        }
    }

    fn load(&mut self, from: FileId, reference: &str) -> Result<Arc<Schema>, String> {
        let path = resolve(self.files.path(from), reference);
        let Some(file) = self.files.find(&path) else {
            let near = suggest(&path, self.files.paths()).map(|near| format!(", did you mean `{near}`?"));
            return Err(format!("there is no file `{path}`{}", near.unwrap_or_default()));
        };
        if self.open.contains(&file) || file == from {
            return Err(format!("`{path}` refers to itself in a circle"));
        }
        if !self.read.contains_key(&file) {
            self.open.push(file);
            let tree = read_tree(self.files, file, self.sink);
            let schema = tree.and_then(|tree| Some((Arc::new(self.compile(&tree, file)?), tree.value())));
            self.open.pop();
            self.read.insert(file, schema);
        }
        let read = self.read.get(&file).and_then(Option::as_ref);
        read.map(|(schema, _)| schema.clone()).ok_or_else(String::new)
    }
}

struct From<'s, 'f> {
    schemas: &'s mut SchemaFiles<'f>,
    file: FileId,
}

impl Refs for From<'_, '_> {
    fn resolve(&mut self, reference: &str) -> Result<Arc<Schema>, String> {
        self.schemas.load(self.file, reference)
    }
}

/// The path that `reference` means in the file at `from`.
fn resolve(from: &str, reference: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in reference.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
