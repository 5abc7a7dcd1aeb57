//! Compiles schemas and follows their `$ref`s from file to file.
//! Owns the circle check and the size of a schema with everything it refers to. Each file is
//! compiled once; a problem is reported where it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_expr::schema::{Refs, Schema};
use mote_expr::{Value, suggest};

use super::{Sink, read_tree};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::Tree;

/// How many nodes a schema may have with everything it refers to, each time it does: files that
/// refer to each other twice would otherwise double it with every file.
const NODES_MAX: usize = 20_000;

/// How deep a schema may nest with the files that it leads through: everything that walks a schema
/// goes as deep.
const DEPTH_MAX: usize = 96;

/// The schema files that were read so far.
pub(crate) struct SchemaFiles<'f> {
    files: &'f Files,
    sink: &'f Sink,
    read: BTreeMap<FileId, Option<SchemaFile>>,
    /// The files being read now, outermost first, and how deep each nests.
    open: Vec<(FileId, usize)>,
}

/// A schema file that was read.
struct SchemaFile {
    schema: Arc<Schema>,
    source: Value,
    size: Size,
}

#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    depth: usize,
}

impl<'f> SchemaFiles<'f> {
    pub(crate) fn new(files: &'f Files, sink: &'f Sink) -> SchemaFiles<'f> {
        SchemaFiles { files, sink, read: BTreeMap::new(), open: Vec::new() }
    }

    /// Compile the schema that `tree` of `file` describes.
    pub(crate) fn compile(&mut self, tree: &Tree, file: FileId) -> Option<Schema> {
        self.compile_sized(tree, file).map(|(schema, _)| schema)
    }

    /// Read the file as a schema, though nothing may refer to it: its problems are problems.
    pub(crate) fn read(&mut self, file: FileId) {
        if !self.read.contains_key(&file) {
            let read = read_tree(self.files, file, self.sink).and_then(|tree| {
                let source = tree.value();
                self.open.push((file, depth(&source)));
                let compiled = self.compile_sized(&tree, file);
                self.open.pop();
                let (schema, size) = compiled?;
                Some(SchemaFile { schema: Arc::new(schema), source, size })
            });
            self.read.insert(file, read);
        }
    }

    fn compile_sized(&mut self, tree: &Tree, file: FileId) -> Option<(Schema, Size)> {
        let source = tree.value();
        let own = Size { nodes: nodes(&source), depth: depth(&source) };
        let mut refs = From { schemas: self, file, own, size: own, refused: Vec::new() };
        let compiled = Schema::compile(&source, &mut refs);
        let (size, refused) = (refs.size, refs.refused);
        let errors = match compiled {
            Ok(schema) => return Some((schema, size)),
            Err(errors) => errors,
        };
        // The file that is referred to has reported its own problems.
        for error in errors.into_iter().filter(|error| !error.message.is_empty()) {
            let refusal = refused.iter().find(|refusal| refusal.message == error.message);
            let code = refusal.map_or(Code::Schema, |refusal| refusal.code);
            let hint = error.hint.or_else(|| refusal.and_then(|refusal| refusal.hint.clone()));
            // A keyword that is not in the subset is wrong itself, not its value.
            let span = if error.message.contains("is not in the schema subset") {
                tree.key_place(&error.at)
            } else {
                tree.place(&error.at)
            };
            self.sink.error(code, Place { file, span }, error.message, hint);
        }
        None
    }

    /// `source` with every `$ref` replaced by what it refers to: what a release depends on.
    pub(crate) fn closed(&self, source: &Value, file: FileId) -> Value {
        match source {
            Value::Object(object) => {
                let target = object.get("$ref").and_then(Value::as_text).and_then(|reference| {
                    let target = self.files.find(&resolve(self.files.path(file), reference)?)?;
                    Some((target, self.read.get(&target)?.as_ref()?))
                });
                match target {
                    Some((target, read)) => self.closed(&read.source, target),
                    // Not a reference but data that looks like one, such as an example's.
                    None => Value::object(object.iter().map(|(key, inner)| (key, self.closed(inner, file)))),
                }
            }
            Value::List(items) => Value::list(items.iter().map(|item| self.closed(item, file))),
            other => other.clone(),
        }
    }

    fn load(&mut self, from: FileId, reference: &str) -> Result<(Arc<Schema>, Size), Refused> {
        let file = self.target(from, reference)?;
        if let Some(first) = self.open.iter().position(|(open, _)| *open == file) {
            let circle = self.open[first..].iter().map(|(open, _)| open).chain([&file]);
            let circle: Vec<_> = circle.map(|file| format!("`{}`", self.files.path(*file))).collect();
            let hint = "a value of unknown depth is `{format: mote:json}`".to_owned();
            let message = format!("this closes a circle: {}", circle.join(" refers to "));
            return Err(Refused { code: Code::SchemaCycle, message, hint: Some(hint) });
        }
        if self.open.iter().map(|(_, depth)| depth).sum::<usize>() > DEPTH_MAX {
            return Err(Refused::schema("this chain of `$ref`s nests too deeply".to_owned(), None));
        }
        self.read(file);
        let read = self.read.get(&file).and_then(Option::as_ref);
        read.map(|read| (read.schema.clone(), read.size)).ok_or(Refused::schema(String::new(), None))
    }

    fn target(&self, from: FileId, reference: &str) -> Result<FileId, Refused> {
        if let Some((path, _)) = reference.split_once('#') {
            let hint = format!("put that schema into a file of its own: `$ref: {}`", file_beside(path));
            let message = "a `$ref` names a whole file, without `#`".to_owned();
            return Err(Refused::schema(message, Some(hint)));
        }
        if reference.contains("://") {
            let hint = "save the schema in the system: `$ref: ../schemas/line.yaml`".to_owned();
            return Err(Refused::schema("a `$ref` is never fetched".to_owned(), Some(hint)));
        }
        let Some(path) = resolve(self.files.path(from), reference) else {
            let hint = format!(
                "copy it into the system: `{}schemas/{}`",
                up(self.files.path(from)),
                last(reference)
            );
            return Err(Refused::schema(format!("`{reference}` leads out of the system"), Some(hint)));
        };
        let found = self.files.find(&path);
        let folders = ["contracts/", "aggregates/", "views/"];
        let ours = path == "mote.yaml" || folders.iter().any(|folder| path.starts_with(folder));
        if ours && found.is_some() {
            let hint = "move the schema to `schemas/`, and refer to it from both".to_owned();
            return Err(Refused::schema(format!("`{path}` is not a file of a schema"), Some(hint)));
        }
        found.ok_or_else(|| {
            let schemas = || self.files.paths().filter(|path| path.starts_with("schemas/"));
            let near = schemas().find(|known| last(known) == last(&path)).or_else(|| {
                let name = suggest(last(&path), schemas().map(last))?;
                schemas().find(|known| last(known) == name)
            });
            let hint = near.map_or_else(
                || format!("write `{path}`"),
                |near| format!("did you mean `{}`?", relative(self.files.path(from), near)),
            );
            Refused::schema(format!("there is no file `{path}`"), Some(hint))
        })
    }
}

/// Why a `$ref` is not followed. No message where the file itself has reported why.
struct Refused {
    code: Code,
    message: String,
    hint: Option<String>,
}

impl Refused {
    fn schema(message: String, hint: Option<String>) -> Refused {
        Refused { code: Code::Schema, message, hint }
    }
}

struct From<'s, 'f> {
    schemas: &'s mut SchemaFiles<'f>,
    file: FileId,
    own: Size,
    /// With everything that is referred to.
    size: Size,
    refused: Vec<Refused>,
}

impl Refs for From<'_, '_> {
    fn resolve(&mut self, reference: &str) -> Result<Arc<Schema>, String> {
        let loaded = self.schemas.load(self.file, reference).and_then(|(schema, size)| {
            self.size.nodes += size.nodes;
            self.size.depth = self.size.depth.max(self.own.depth + size.depth);
            if self.size.nodes > NODES_MAX {
                let message =
                    format!("with everything it refers to, this schema has more than {NODES_MAX} nodes");
                return Err(Refused::schema(message, None));
            }
            if self.size.depth > DEPTH_MAX {
                let message = "with everything it refers to, this schema nests too deeply".to_owned();
                return Err(Refused::schema(message, None));
            }
            Ok(schema)
        });
        loaded.map_err(|refused| {
            let message = refused.message.clone();
            self.refused.push(refused);
            message
        })
    }
}

fn nodes(source: &Value) -> usize {
    match source {
        Value::List(items) => 1 + items.iter().map(nodes).sum::<usize>(),
        Value::Object(object) => 1 + object.iter().map(|(_, inner)| nodes(inner)).sum::<usize>(),
        _ => 1,
    }
}

fn depth(source: &Value) -> usize {
    match source {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.iter().map(|(_, inner)| depth(inner)).max().unwrap_or(0),
        _ => 0,
    }
}

/// The path that `reference` means in the file at `from`. None if it leads out of the system.
fn resolve(from: &str, reference: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in reference.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How the file at `from` writes the path `to`.
fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", up(from))
}

/// From the file at `from` to the system's folder.
fn up(from: &str) -> String {
    "../".repeat(from.matches('/').count())
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn file_beside(path: &str) -> &str {
    if path.is_empty() { "../schemas/line.yaml" } else { path }
}
