//! Reads definition files: expressions that several files share, as functions.
//!
//! Owns which file imports which, without circles, and what a name of a function may be. A function
//! sees its parameters, the functions before it and those that its file imports: nothing calls itself.

mod imports;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use mote_expr::expr::Definition;
use mote_expr::{Expr, Scope, Type, Value};

pub(crate) use imports::{Import, Imports};

use super::rules::{Rules, camel_case, is_identifier};
use super::sight::Sight;
use super::{Fields, SchemaFiles, Sink};
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Key, Tree};

/// What rules are about, anywhere: a function of such a name would be taken for it.
const BINDINGS: [&str; 13] = [
    "input", "context", "caller", "state", "rows", "next", "output", "events", "after", "event", "row",
    "messages", "meta",
];

/// The definition files of a system.
#[derive(Default)]
pub(crate) struct Definitions {
    pub(crate) files: BTreeMap<String, DefinitionFile>,
    /// What to write to have a function, by its name.
    elsewhere: Arc<BTreeMap<String, String>>,
    /// Every import, and every function that is called, by any file.
    pub(crate) imported: RefCell<Vec<Import>>,
    pub(crate) called: RefCell<Vec<Arc<Definition>>>,
}

/// A definition file that was read.
pub(crate) struct DefinitionFile {
    /// Where its name stands.
    pub(crate) place: Place,
    /// Its functions, in order; None: it has problems of its own.
    pub(crate) functions: Vec<(Function, Option<Arc<Definition>>)>,
    /// Whether all of its functions are known.
    readable: bool,
}

/// A function by its name.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// A definition file as a tree. None: it is not YAML, or not one of definitions.
pub(crate) struct Parsed {
    pub(crate) name: String,
    pub(crate) file: FileId,
    pub(crate) tree: Option<Rc<Tree>>,
}

/// Read all definition files, each after those it imports.
pub(crate) fn read_definitions(
    parsed: Vec<Parsed>,
    files: &Files,
    schemas: &mut SchemaFiles<'_>,
    sink: &Sink,
) -> Definitions {
    let mut definitions = Definitions { elsewhere: Arc::new(elsewhere(&parsed)), ..Definitions::default() };
    let mut left: BTreeMap<String, Parsed> = BTreeMap::new();
    for file in parsed {
        left.entry(file.name.clone()).or_insert(file);
    }
    let mut reader = Reader { files, sink, schemas, left, open: Vec::new() };
    while let Some(name) = reader.left.keys().next().cloned() {
        reader.read(&name, &mut definitions);
    }
    definitions
}

/// What to write to have each function.
fn elsewhere(parsed: &[Parsed]) -> BTreeMap<String, String> {
    let functions = parsed.iter().flat_map(|file| {
        let tree = file.tree.as_ref().and_then(|tree| tree.field("functions")).and_then(Tree::as_map);
        let names = tree.unwrap_or(&[]).iter().map(|(key, _)| key.name.clone());
        names.map(|name| (name, format!("add `use: [{}]`", file.name))).collect::<Vec<_>>()
    });
    functions.collect()
}

struct Reader<'r, 'f> {
    files: &'r Files,
    sink: &'r Sink,
    schemas: &'r mut SchemaFiles<'f>,
    left: BTreeMap<String, Parsed>,
    /// The files being read now, outermost first.
    open: Vec<String>,
}

impl Reader<'_, '_> {
    fn read(&mut self, name: &str, definitions: &mut Definitions) {
        let Some(parsed) = self.left.remove(name) else { return };
        let mut read = DefinitionFile {
            place: Place { file: parsed.file, span: 0..0 },
            functions: Vec::new(),
            readable: false,
        };
        if let Some(tree) = parsed.tree.as_deref() {
            self.open.push(name.to_owned());
            self.imported(tree, parsed.file, definitions);
            self.file(tree, parsed.file, definitions, &mut read);
            self.open.pop();
        }
        definitions.files.insert(name.to_owned(), read);
    }

    /// Read what the file imports first. A circle is reported where it closes.
    fn imported(&mut self, tree: &Tree, file: FileId, definitions: &mut Definitions) {
        for item in tree.field("use").and_then(Tree::as_list).unwrap_or(&[]) {
            let Some(name) = item.as_text().map(|text| text.text.as_str()) else { continue };
            match self.open.iter().position(|open| open == name) {
                None => self.read(name, definitions),
                Some(first) => {
                    let circle = self.open[first..].iter().map(String::as_str).chain([name]);
                    let circle: Vec<_> = circle.map(|name| format!("`{name}`")).collect();
                    let message = format!("this closes a circle: {}", circle.join(" uses "));
                    let hint = Some("move what both need into a file of its own".to_owned());
                    let place = Place { file, span: item.headline() };
                    self.sink.error(Code::DefinitionCycle, place, message, hint);
                }
            }
        }
    }

    fn file(&mut self, tree: &Tree, file: FileId, definitions: &Definitions, read: &mut DefinitionFile) {
        let Some(fields) = Fields::of(tree, "a definition file", file, self.sink) else { return };
        let rules = Rules::new(self.files, file, self.sink);
        fields.name("definitions", super::stem(self.files.path(file)));
        read.place = tree.field("definitions").map_or(fields.place(), |tree| fields.at(tree));
        fields.text("summary");
        let circular = |name: &str| self.open.iter().any(|open| open == name);
        let mut scope = Imports::read(&fields, definitions, &circular).scope;
        let later = |(key, _): &(Key, Tree)| (key.name.clone(), "move it above what calls it".to_owned());
        let mut elsewhere = (*definitions.elsewhere).clone();
        elsewhere.extend(fields.entries("functions").iter().map(later));
        scope.mention(Arc::new(elsewhere));
        fields.required("functions", "{lineTotal: {takes: {…}, is: …}}");
        for (key, tree) in fields.entries("functions") {
            let named = self.may_be_named(key, &scope, &rules);
            let made = self.function(key, tree, &scope, &rules).filter(|_| named);
            match &made {
                Some(definition) => scope.define(definition.clone()),
                None => scope.define_unreadable(&key.name),
            }
            let function = Function { name: key.name.clone(), place: rules.at(key.span.clone()) };
            read.functions.push((function, made));
        }
        fields.finish();
        definitions.note_calls(&rules);
        read.readable = true;
    }

    /// Whether a function may have this name here. Otherwise it is reported.
    fn may_be_named(&self, key: &Key, scope: &Scope, rules: &Rules<'_>) -> bool {
        let name = &key.name;
        let place = rules.at(key.span.clone());
        if !is_identifier(name) {
            let message = format!("`{name}` is not a name that an expression can call");
            let hint = Some(format!("write letters and digits: `{}: …`", camel_case(name, false)));
            self.sink.error(Code::BadName, place, message, hint);
            return false;
        }
        let taken = if Expr::is_builtin(name) {
            "is a function of the language"
        } else if BINDINGS.contains(&name.as_str()) {
            "is what rules call a part of a call"
        } else if scope.defines(name) {
            "is a function of a file that this one uses"
        } else {
            return true;
        };
        let hint = Some("give the function another name".to_owned());
        self.sink.error(Code::DuplicateName, place, format!("`{name}` {taken}"), hint);
        false
    }

    fn function(
        &mut self,
        key: &Key,
        tree: &Tree,
        imported: &Scope,
        rules: &Rules<'_>,
    ) -> Option<Arc<Definition>> {
        let fields = Fields::of(tree, "a function", rules.file, self.sink)?;
        fields.text("summary");
        let mut scope = imported.clone();
        let mut whole = true;
        let mut declared = Vec::new();
        for (parameter, tree) in fields.entries("takes") {
            whole &= self.parameter(parameter, &scope, rules);
            let schema = self.schemas.compile(tree, rules.file);
            whole &= schema.is_some();
            let ty = schema.as_ref().map_or(Type::Dyn, Type::of);
            if scope.bind(&parameter.name, ty).is_none() {
                let message = format!("a function has at most {} parameters", Scope::NAMES_MAX);
                let place = rules.at(parameter.span.clone());
                self.sink.error(Code::Expression, place, message, None);
                return None;
            }
            let closed = self.schemas.closed(&tree.value(), rules.file);
            declared.push(Value::list([Value::text(&parameter.name), closed]));
        }
        let body = fields.required("is", "line.quantity * line.unitPrice");
        let body = body.and_then(|tree| rules.value(tree, &Sight::everything(&scope)));
        if let (Some(body), true) = (&body, whole) {
            let unused = |(parameter, _): &&(Key, Tree)| {
                scope.slot(&parameter.name).is_some_and(|slot| !body.mentions().contains(slot))
            };
            for (parameter, _) in fields.entries("takes").iter().filter(unused) {
                let message = format!("`{}` does not use `{}`", key.name, parameter.name);
                let hint = Some("use it, or leave it out here and where it is called".to_owned());
                self.sink.warning(Code::UnusedDefinition, rules.at(parameter.span.clone()), message, hint);
            }
        }
        fields.finish();
        let body = body.filter(|_| whole)?;
        let calls = body.calls().into_iter().map(|called| Value::text(called.digest.to_string()));
        let digest = Value::object([
            ("function", Value::text(&key.name)),
            ("takes", Value::list(declared)),
            ("is", Value::text(body.source())),
            ("calls", Value::list(calls)),
        ])
        .digest();
        let (line, _) = self.files.line_column(rules.file, key.span.start);
        let origin = format!("{}:{line}", self.files.path(rules.file));
        Some(Arc::new(Definition::new(&key.name, &origin, digest, scope, body)))
    }

    /// Whether a parameter may have this name. Otherwise it is reported.
    fn parameter(&self, key: &Key, scope: &Scope, rules: &Rules<'_>) -> bool {
        let place = rules.at(key.span.clone());
        if !is_identifier(&key.name) {
            let message = format!("`{}` is not a name that an expression can use", key.name);
            let hint = Some(format!("write letters and digits: `{}: …`", camel_case(&key.name, false)));
            self.sink.error(Code::BadName, place, message, hint);
            return false;
        }
        if scope.defines(&key.name) || Expr::is_builtin(&key.name) {
            let message = format!("`{}` is a function here", key.name);
            let hint = Some("give the parameter another name".to_owned());
            self.sink.error(Code::DuplicateName, place, message, hint);
            return false;
        }
        true
    }
}
