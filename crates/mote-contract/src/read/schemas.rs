//! Compiles schemas and follows their `$ref`s from file to file.
//! Owns the circle check and the size of a schema with everything it refers to. What is referred to
//! is compiled once; a problem is reported where it is written.

mod target;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use mote_expr::schema::{Refs, Schema};
use mote_expr::{Pointer, Step, Value};

use self::target::Target;
pub(crate) use self::target::path_from;
use super::{Sink, read_tree};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Style, Tree, quoted};

/// How many nodes a schema may have with everything it refers to, each time it does: files that
/// refer to each other twice would otherwise double it with every file.
const NODES_MAX: usize = 20_000;

/// How deep a schema may nest with the files that it leads through: everything that walks a schema
/// goes as deep.
const DEPTH_MAX: usize = 96;

/// The schemas that were referred to so far.
pub(crate) struct SchemaFiles<'f> {
    files: &'f Files,
    sink: &'f Sink,
    trees: BTreeMap<FileId, Option<Rc<Tree>>>,
    read: BTreeMap<Target, Option<Referred>>,
    /// What is being read now, outermost first, and how deep each nests.
    open: Vec<(Target, usize)>,
}

/// A schema that was referred to.
struct Referred {
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
        SchemaFiles { files, sink, trees: BTreeMap::new(), read: BTreeMap::new(), open: Vec::new() }
    }

    /// Compile the schema that `tree` of `file` describes.
    pub(crate) fn compile(&mut self, tree: &Tree, file: FileId) -> Option<Schema> {
        self.compile_sized(tree, file).map(|(schema, _)| schema)
    }

    /// Read the file as a schema, though nothing may refer to it: its problems are problems.
    pub(crate) fn read(&mut self, file: FileId) {
        self.read_target(&Target::whole(file));
    }

    fn read_target(&mut self, target: &Target) {
        if self.read.contains_key(target) {
            return;
        }
        let tree = self.tree(target.file);
        let read = tree.as_ref().and_then(|tree| target.find(tree)).and_then(|tree| {
            let source = tree.value();
            self.open.push((target.clone(), depth(&source)));
            let compiled = self.compile_sized(tree, target.file);
            self.open.pop();
            let (schema, size) = compiled?;
            Some(Referred { schema: Arc::new(schema), source, size })
        });
        self.read.insert(target.clone(), read);
    }

    fn tree(&mut self, file: FileId) -> Option<Rc<Tree>> {
        let (files, sink) = (self.files, self.sink);
        self.trees.entry(file).or_insert_with(|| read_tree(files, file, sink).map(Rc::new)).clone()
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
            let hint = self.cut_short(tree, file, &error.at).or(error.hint);
            let hint = hint.or_else(|| refusal.and_then(|refusal| refusal.hint.clone()));
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

    /// The quoted form of a text that YAML ended at a comma between braces, so that its rest, at `pointer`, became
    /// a key.
    fn cut_short(&self, tree: &Tree, file: FileId, pointer: &Pointer) -> Option<String> {
        let (Step::Key(name), outer) = pointer.0.split_last()? else { return None };
        let fields = tree.find(&Pointer(outer.to_vec()))?.as_map()?;
        let at = fields.iter().position(|(key, _)| key.name == *name)?;
        let (key, _) = fields.get(at)?;
        let (before, text) = fields.get(at.checked_sub(1)?)?;
        let source = self.files.text(file);
        let cut =
            text.as_text()?.style == Style::Plain && source.get(text.span.end..key.span.start)?.trim() == ",";
        // A key that somebody means has a value.
        let rest = source.get(key.span.end..)?.trim_start().starts_with([',', '}']);
        let whole = quoted(&format!("{}, {name}", text.as_text()?.text));
        (cut && rest).then(|| {
            format!("YAML ends a text at a comma between braces: quote it: `{}: {whole}`", before.name)
        })
    }

    /// `source` with every `$ref` replaced by what it refers to: what a release depends on.
    pub(crate) fn closed(&self, source: &Value, file: FileId) -> Value {
        match source {
            Value::Object(object) => {
                let target = object.get("$ref").and_then(Value::as_text).and_then(|reference| {
                    let target = target::locate(self.files, file, reference)?;
                    let read = self.read.get(&target)?.as_ref()?;
                    Some((target.file, &read.source))
                });
                match target {
                    Some((target, source)) => self.closed(source, target),
                    // Not a reference but data that looks like one, such as an example's.
                    None => Value::object(object.iter().map(|(key, inner)| (key, self.closed(inner, file)))),
                }
            }
            Value::List(items) => Value::list(items.iter().map(|item| self.closed(item, file))),
            other => other.clone(),
        }
    }

    fn load(&mut self, from: FileId, reference: &str) -> Result<(Arc<Schema>, Size), Refused> {
        let target = target::resolve(self.files, from, reference)?;
        if let Some(first) = self.open.iter().position(|(open, _)| *open == target) {
            let circle = self.open[first..].iter().map(|(open, _)| open).chain([&target]);
            let circle: Vec<_> = circle.map(|target| format!("`{}`", target.shown(self.files))).collect();
            let hint = "a value of unknown depth is `{format: mote:json}`".to_owned();
            let message = format!("this closes a circle: {}", circle.join(" refers to "));
            return Err(Refused { code: Code::SchemaCycle, message, hint: Some(hint) });
        }
        if self.open.iter().map(|(_, depth)| depth).sum::<usize>() > DEPTH_MAX {
            return Err(Refused::schema("this chain of `$ref`s nests too deeply".to_owned(), None));
        }
        if let Some(tree) = self.tree(target.file) {
            target.stands(&tree, self.files)?;
        }
        self.read_target(&target);
        let read = self.read.get(&target).and_then(Option::as_ref);
        read.map(|read| (read.schema.clone(), read.size)).ok_or(Refused::schema(String::new(), None))
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
