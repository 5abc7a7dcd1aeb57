//! Reads the fields of a map: what is asked for is known, everything else is refused.

use std::cell::RefCell;

use mote_expr::{Value, suggest};

use super::is_name;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::files::FileId;
use crate::tree::{Key, Tree};

/// Where problems are collected.
#[derive(Default)]
pub(crate) struct Sink {
    found: RefCell<Vec<Diagnostic>>,
}

impl Sink {
    pub(crate) fn error(&self, code: Code, place: Place, message: impl Into<String>, hint: Option<String>) {
        self.push(Severity::Error, code, place, message.into(), hint);
    }

    fn push(&self, severity: Severity, code: Code, place: Place, message: String, hint: Option<String>) {
        let diagnostic = Diagnostic { code, severity, message, place, label: String::new(), hint };
        let mut found = self.found.borrow_mut();
        // A schema that two contracts refer to is read once, but a problem may be met twice.
        if !found.contains(&diagnostic) {
            found.push(diagnostic);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.found.into_inner()
    }
}

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
                sink.error(Code::WrongType, place, format!("{what} is a map, this is {}", tree.kind()), None);
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
        if found.is_none() {
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
            self.wrong_type(name, "a string", tree);
        }
        text
    }

    /// A name that must be there: lower-case words joined by hyphens.
    pub(crate) fn name(&self, name: &'static str, example: &str) -> Option<&'t str> {
        let tree = self.required(name, example)?;
        match tree.as_text() {
            Some(text) if is_name(&text.text) => Some(&text.text),
            Some(text) => {
                let message = format!("`{}` is not a name", text.text);
                let hint = "a name is lower-case words joined by hyphens, such as `place-order`".to_owned();
                self.sink.error(Code::BadName, self.at(tree), message, Some(hint));
                None
            }
            None => {
                self.wrong_type(name, "a name", tree);
                None
            }
        }
    }

    /// An integer from `min` to `max` that may be absent.
    pub(crate) fn int(&self, name: &'static str, min: i64, max: i64) -> Option<i64> {
        let tree = self.optional(name)?;
        let int = tree.value().as_int().filter(|int| (min..=max).contains(int));
        if int.is_none() {
            self.wrong_type(name, &format!("an integer from {min} to {max}"), tree);
        }
        int
    }

    /// The fields of a map that may be absent, in the order of the file.
    pub(crate) fn entries(&self, name: &'static str) -> &'t [(Key, Tree)] {
        let Some(tree) = self.optional(name) else { return &[] };
        tree.as_map().unwrap_or_else(|| {
            self.wrong_type(name, "a map", tree);
            &[]
        })
    }

    /// The items of a list that may be absent.
    pub(crate) fn items(&self, name: &'static str) -> &'t [Tree] {
        let Some(tree) = self.optional(name) else { return &[] };
        tree.as_list().unwrap_or_else(|| {
            self.wrong_type(name, "a list", tree);
            &[]
        })
    }

    /// Report every field that was not asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.into_inner();
        for (key, _) in self.fields.iter().filter(|(key, _)| !asked.contains(&key.name.as_str())) {
            let place = Place { file: self.file, span: key.span.clone() };
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

    /// The place of a tree in this file.
    pub(crate) fn at(&self, tree: &Tree) -> Place {
        Place { file: self.file, span: tree.headline() }
    }

    /// The place of the whole map.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(crate) fn wrong_type(&self, name: &str, expected: &str, tree: &Tree) {
        let found = match tree.value() {
            Value::Object(_) | Value::List(_) | Value::Null => tree.kind().to_owned(),
            value => format!("`{value}`"),
        };
        self.sink.error(
            Code::WrongType,
            self.at(tree),
            format!("`{name}` is {expected}, this is {found}"),
            None,
        );
    }
}
