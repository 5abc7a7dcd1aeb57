//! Reads the fields of a map: what is asked for is known, everything else is refused.

use std::cell::RefCell;
use std::collections::HashSet;

use mote_expr::{Value, suggest};

use super::is_name;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::files::FileId;
use crate::tree::{Key, Node, Tree};

/// Where problems are collected.
#[derive(Default)]
pub(crate) struct Sink {
    found: RefCell<Vec<Diagnostic>>,
    /// What was reported: a schema that two contracts refer to may be met twice.
    seen: RefCell<HashSet<(FileId, usize, Code, String)>>,
}

impl Sink {
    pub(crate) fn error(&self, code: Code, place: Place, message: impl Into<String>, hint: Option<String>) {
        self.push(Severity::Error, code, place, message.into(), hint);
    }

    pub(crate) fn warning(&self, code: Code, place: Place, message: impl Into<String>, hint: Option<String>) {
        self.push(Severity::Warning, code, place, message.into(), hint);
    }

    fn push(&self, severity: Severity, code: Code, place: Place, message: String, hint: Option<String>) {
        let identity = (place.file, place.span.start, code, message.clone());
        if self.seen.borrow_mut().insert(identity) {
            let diagnostic = Diagnostic { code, severity, message, place, hint };
            self.found.borrow_mut().push(diagnostic);
        }
    }

    /// How many problems there are so far: more than before means that something was wrong.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found.borrow().iter().any(|found| found.severity == Severity::Error)
    }

    /// How many errors there are among the problems after the first `known`.
    pub(crate) fn count_errors_from(&self, known: usize) -> usize {
        let found = self.found.borrow();
        found.iter().skip(known).filter(|found| found.severity == Severity::Error).count()
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.found.into_inner()
    }
}

/// How many unknown keys of one map are reported each: with more, the map is something else.
const UNKNOWN_MAX: usize = 50;

/// The fields of one map.
pub(crate) struct Fields<'t, 's> {
    pub(crate) file: FileId,
    pub(crate) sink: &'s Sink,
    /// What the map is, for messages: `a contract`.
    what: &'static str,
    fields: &'t [(Key, Tree)],
    place: Place,
    asked: RefCell<Vec<&'static str>>,
}

impl<'t, 's> Fields<'t, 's> {
    /// The fields of `tree`, unless it is no map, which is reported.
    pub(crate) fn of(
        tree: &'t Tree,
        what: &'static str,
        file: FileId,
        sink: &'s Sink,
    ) -> Option<Fields<'t, 's>> {
        let place = Place { file, span: tree.headline() };
        match tree.as_map() {
            Some(fields) => Some(Fields { file, sink, what, fields, place, asked: RefCell::default() }),
            None => {
                let hint = "write its keys on lines below, or between braces: `{key: value}`".to_owned();
                let message = format!("{what} is a map, this is {}", tree.kind());
                sink.error(Code::WrongType, place, message, Some(hint));
                None
            }
        }
    }

    /// A field that may be absent.
    pub(crate) fn optional(&self, name: &'static str) -> Option<&'t Tree> {
        self.asked.borrow_mut().push(name);
        self.fields.iter().find(|(key, _)| key.name == name).map(|(_, tree)| tree)
    }

    /// A field that must be there.
    pub(crate) fn required(&self, name: &'static str, example: &str) -> Option<&'t Tree> {
        let found = self.optional(name);
        // A key that is nearly this one is reported as unknown: one mistake, one diagnostic.
        let near = |(key, _): &(Key, Tree)| {
            key.name.len().abs_diff(name.len()) <= 2 && suggest(&key.name, [name]).is_some()
        };
        if found.is_none() && !self.fields.iter().any(near) {
            let message = format!("{} needs `{name}`", self.what);
            self.sink.error(
                Code::MissingKey,
                self.place.clone(),
                message,
                Some(format!("add `{name}: {example}`")),
            );
        }
        found
    }

    /// A text that may be absent.
    pub(crate) fn text(&self, name: &'static str) -> Option<&'t str> {
        let tree = self.optional(name)?;
        let text = tree.as_text().map(|text| text.text.as_str());
        if text.is_none() {
            let quoted = matches!(tree.node, Node::Scalar(Value::Bool(_) | Value::Int(_) | Value::Float(_)));
            let hint = quoted.then(|| format!("quote it: `{name}: \"{}\"`", tree.value()));
            self.wrong_type(name, "a string", tree, hint);
        }
        text
    }

    /// A name that must be there: lower-case words joined by hyphens.
    pub(crate) fn name(&self, name: &'static str, example: &str) -> Option<&'t str> {
        self.name_of(name, self.required(name, example)?)
    }

    /// A name that may be absent.
    pub(crate) fn optional_name(&self, name: &'static str) -> Option<&'t str> {
        self.name_of(name, self.optional(name)?)
    }

    fn name_of(&self, name: &'static str, tree: &'t Tree) -> Option<&'t str> {
        match tree.as_text() {
            Some(text) if is_name(&text.text) => Some(&text.text),
            Some(text) => {
                let (message, hint) = not_a_name(&text.text, |as_name| format!("{name}: {as_name}"));
                self.sink.error(Code::BadName, self.at(tree), message, Some(hint));
                None
            }
            None => {
                let hint = format!("for example `{name}: place-order`");
                self.wrong_type(name, "a name", tree, Some(hint));
                None
            }
        }
    }

    /// A truth that may be absent.
    pub(crate) fn truth(&self, name: &'static str) -> Option<bool> {
        let tree = self.optional(name)?;
        let truth = tree.value().as_bool();
        if truth.is_none() {
            self.wrong_type(name, "true or false", tree, Some(format!("write `{name}: false`")));
        }
        truth
    }

    /// An integer from `min` to `max` that may be absent.
    pub(crate) fn int(&self, name: &'static str, min: i64, max: i64) -> Option<i64> {
        let tree = self.optional(name)?;
        let int = tree.value().as_int().filter(|int| (min..=max).contains(int));
        if int.is_none() {
            let near = tree.value().as_int().map_or(min, |int| int.clamp(min, max));
            let hint = format!("for example `{name}: {near}`");
            self.wrong_type(name, &format!("an integer from {min} to {max}"), tree, Some(hint));
        }
        int
    }

    /// The fields of a map that may be absent, in the order of the file.
    pub(crate) fn entries(&self, name: &'static str) -> &'t [(Key, Tree)] {
        let Some(tree) = self.optional(name) else { return &[] };
        tree.as_map().unwrap_or_else(|| {
            let hint = format!("write `{name}: {{name: …}}`");
            self.wrong_type(name, "a map", tree, Some(hint));
            &[]
        })
    }

    /// The items of a list that may be absent.
    pub(crate) fn items(&self, name: &'static str) -> &'t [Tree] {
        let Some(tree) = self.optional(name) else { return &[] };
        tree.as_list().unwrap_or_else(|| {
            let hint = one_item(name, tree);
            self.wrong_type(name, "a list", tree, hint);
            &[]
        })
    }

    /// Report every field that was not asked for.
    pub(crate) fn finish(self) {
        let mut asked: Vec<&str> = Vec::new();
        for name in self.asked.into_inner() {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
        let known: HashSet<&str> = asked.iter().copied().collect();
        let unknown = self.fields.iter().filter(|(key, _)| !known.contains(key.name.as_str()));
        for (at, (key, tree)) in unknown.enumerate() {
            let place = Place { file: self.file, span: key.span.clone() };
            if at == UNKNOWN_MAX {
                let more = self.fields.len() - UNKNOWN_MAX;
                let message = format!("{} has none of up to {more} more keys", self.what);
                let hint = "is this the right file?".to_owned();
                self.sink.error(Code::UnknownKey, place, message, Some(hint));
                break;
            }
            // `{if: a.map(x, x.y)}`: the comma ended the value, the rest became a key.
            if key.name.contains([')', ']', '\'', '"']) && matches!(tree.node, Node::Scalar(Value::Null)) {
                let message = format!("YAML reads `{}`, after the comma, as a key", key.name);
                let hint = "quote the expression before it, with all its commas".to_owned();
                self.sink.error(Code::UnknownKey, place, message, Some(hint));
                continue;
            }
            let message = format!("{} has no key `{}`", self.what, key.name);
            let hint =
                suggest(&key.name, asked.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let hint = hint.unwrap_or_else(|| {
                let names: Vec<_> = asked.iter().map(|name| format!("`{name}`")).collect();
                format!("its keys are {}", names.join(", "))
            });
            self.sink.error(Code::UnknownKey, place, message, Some(hint));
        }
    }

    /// Refuse a key that means nothing here, saying why and what to write instead.
    pub(crate) fn refuse(&self, name: &'static str, why: &str, instead: &str) {
        if let Some((key, _)) = self.fields.iter().find(|(key, _)| key.name == name) {
            self.asked.borrow_mut().push(name);
            let place = Place { file: self.file, span: key.span.clone() };
            self.sink.error(Code::Kind, place, why, Some(instead.to_owned()));
        }
    }

    /// The place of a tree in this file.
    pub(crate) fn at(&self, tree: &Tree) -> Place {
        Place { file: self.file, span: tree.headline() }
    }

    /// The place of the whole map.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(crate) fn wrong_type(&self, name: &str, expected: &str, tree: &Tree, hint: Option<String>) {
        let found = match tree.value() {
            Value::Object(_) | Value::List(_) | Value::Null => tree.kind().to_owned(),
            value => format!("`{value}`"),
        };
        let message = format!("`{name}` is {expected}, this is {found}");
        self.sink.error(Code::WrongType, self.at(tree), message, hint);
    }
}

/// The message and the hint for `text` where a name belongs, with the name it could become.
pub(crate) fn not_a_name(text: &str, written: impl Fn(&str) -> String) -> (String, String) {
    let mut name = String::new();
    for char in text.chars() {
        if char.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if char.is_ascii_alphanumeric() {
            name.push(char.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    let hint = if is_name(name) {
        format!("names are lower-case words joined by hyphens: `{}`", written(name))
    } else {
        "names are lower-case words joined by hyphens, at most 60 letters, such as `place-order`".to_owned()
    };
    (format!("`{text}` is not a name"), hint)
}

/// `errors: x` was meant as a list of one.
fn one_item(name: &str, tree: &Tree) -> Option<String> {
    match &tree.node {
        Node::Text(text) => Some(format!("write `{name}: [{}]`", text.text)),
        Node::Map(_) => Some(format!("start each item of `{name}` with `- `")),
        // Nothing, or one thing.
        _ => Some(format!("write `{name}: [{}]`", tree.value()).replace("[null]", "[]")),
    }
}
