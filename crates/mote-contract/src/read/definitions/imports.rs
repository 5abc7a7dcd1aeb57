//! Reads `use`: which definition files' functions the expressions of a file can call.

use std::cell::Cell;
use std::sync::Arc;

use mote_expr::{Scope, suggest};

use super::super::Fields;
use super::super::rules::Rules;
use super::Definitions;
use crate::diagnostic::{Code, Place};

/// One name under a file's `use`.
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// Whether an expression of the file calls one of its functions.
    pub(crate) used: Cell<bool>,
}

/// What a file imports.
pub(crate) struct Imports {
    /// The functions, and no other names yet.
    pub(crate) scope: Scope,
    /// Whether all functions are known: otherwise what is made with them is not whole.
    pub(crate) whole: bool,
}

impl Imports {
    /// The functions that `fields` imports. `circular` files import the one being read: that was
    /// reported.
    pub(crate) fn read(
        fields: &Fields<'_, '_>,
        definitions: &Definitions,
        circular: &dyn Fn(&str) -> bool,
    ) -> Imports {
        let mut imports = Imports { scope: Scope::new(), whole: true };
        imports.scope.mention(definitions.elsewhere.clone());
        let mut names: Vec<&str> = Vec::new();
        for tree in fields.items("use") {
            let Some(text) = tree.as_text() else {
                let hint = Some("for example `use: [pricing]`".to_owned());
                fields.wrong_type("use", "a list of definition files' names", tree, hint);
                continue;
            };
            let name = text.text.as_str();
            let place = fields.at(tree);
            if names.contains(&name) {
                let hint = Some("name each file once".to_owned());
                fields.sink.error(Code::DuplicateName, place, format!("`{name}` is there twice"), hint);
            } else if circular(name) {
                imports.not_whole();
            } else {
                imports.add(name, &names, place, fields, definitions);
            }
            names.push(name);
        }
        imports
    }

    fn add(
        &mut self,
        name: &str,
        before: &[&str],
        place: Place,
        fields: &Fields<'_, '_>,
        definitions: &Definitions,
    ) {
        let Some(file) = definitions.files.get(name) else {
            let near = suggest(name, definitions.files.keys().map(String::as_str));
            let hint = near.map_or_else(
                || format!("write `definitions/{name}.yaml`"),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no definition file `{name}`");
            fields.sink.error(Code::UnknownName, place, message, Some(hint));
            self.not_whole();
            return;
        };
        if !file.readable {
            self.not_whole();
        }
        for (function, definition) in &file.functions {
            if self.scope.defines(&function.name) {
                let has = |other: &&&str| {
                    definitions.files.get(**other).is_some_and(|file| file.has(&function.name))
                };
                let other = before.iter().find(has).copied().unwrap_or_default();
                let message = format!("both `{other}` and `{name}` define `{}`", function.name);
                let hint = Some("give one of the functions another name".to_owned());
                fields.sink.error(Code::DuplicateName, place.clone(), message, hint);
                self.whole = false;
                continue;
            }
            match definition {
                Some(definition) => self.scope.define(definition.clone()),
                None => {
                    self.scope.define_unreadable(&function.name);
                    self.whole = false;
                }
            }
        }
        let import = Import { name: name.to_owned(), place, used: Cell::new(false) };
        definitions.imported.borrow_mut().push(import);
    }

    /// Any name may be one of a function that could not be read.
    fn not_whole(&mut self) {
        self.scope.define_unknown();
        self.whole = false;
    }
}

impl super::DefinitionFile {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.functions.iter().any(|(function, _)| function.name == name)
    }
}

impl Definitions {
    /// Remember which functions the expressions of a file call.
    pub(crate) fn note_calls(&self, rules: &Rules<'_>) {
        let called = rules.called();
        for import in self.imported.borrow().iter().filter(|import| import.place.file == rules.file) {
            let functions = self.files.get(&import.name).map_or(&[][..], |file| &file.functions);
            let mut defined = functions.iter().filter_map(|(_, definition)| definition.as_ref());
            import.used.set(defined.any(|of| called.iter().any(|other| Arc::ptr_eq(of, other))));
        }
        self.called.borrow_mut().extend(called);
    }
}
