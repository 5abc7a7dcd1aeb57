//! What services begin with: the texts that are built into Mote, and over them those of a system's `templates/`.
//!
//! Owns which texts there are, what each is rendered with, and their hash. A text is named by its path below
//! `templates/`, in a system's folder as in Mote's own. Never builds and never writes. Start at [`Template`].

mod check;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use mote_contract::Files;
use mote_expr::Digest;
use serde_json::Value as Json;

use crate::folder::{FolderError, SystemFolder};

pub use check::check;
pub(crate) use values::VARIABLES;

/// The folder of a system's own texts.
pub const FOLDER: &str = "templates";

/// What makes one text of a service's modules.
pub(crate) const ADAPTER: &str = "typescript/adapter.js.j2";
/// What every service can use, as it is: braces in it mean nothing here.
pub(crate) const PRELUDE: &str = "typescript/prelude.js";
/// What an editor knows about the module "mote".
pub(crate) const LIBRARY: &str = "typescript/mote.d.ts.j2";

/// A text of `templates/`, with its name.
macro_rules! built_in {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/", $name)))
    };
}

const BUILT_IN: [(&str, &str); 12] = [
    built_in!("operation/aggregate.yaml"),
    built_in!("operation/command-of-new.ts"),
    built_in!("operation/command-of-new.yaml"),
    built_in!("operation/command.ts"),
    built_in!("operation/command.yaml"),
    built_in!("operation/function.ts"),
    built_in!("operation/function.yaml"),
    built_in!("operation/publisher.ts"),
    built_in!("operation/publisher.yaml"),
    built_in!("operation/query.yaml"),
    built_in!("typescript/adapter.js.j2"),
    built_in!("typescript/mote.d.ts.j2"),
];
const PRELUDE_TEXT: &str = include_str!("../../../templates/typescript/prelude.js");

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Mote.
    BuiltIn,
    /// The system, in place of Mote's.
    Replaced,
    /// The system, beside Mote's.
    Added,
}

/// All texts of one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    texts: BTreeMap<String, (String, Origin)>,
}

/// Why a text cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{FOLDER}/{name}:{line}: {message}")]
pub struct RenderError {
    /// The text that is wrong, which another may include.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl Default for Template {
    /// What is built in, and nothing else.
    fn default() -> Template {
        let texts = BUILT_IN.iter().chain(&[(PRELUDE, PRELUDE_TEXT)]);
        let text = |(name, text): &(&str, &str)| ((*name).to_owned(), ((*text).to_owned(), Origin::BuiltIn));
        Template { texts: texts.map(text).collect() }
    }
}

impl Template {
    /// The texts of the system that `files` are.
    #[must_use]
    pub fn of(files: &Files) -> Template {
        let mut template = Template::default();
        for path in files.paths() {
            let name = path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
            if let (Some(name), Some(file)) = (name, files.find(path)) {
                template.put(name, files.text(file));
            }
        }
        template
    }

    /// The texts of the system in `folder`.
    pub fn read(folder: &SystemFolder) -> Result<Template, FolderError> {
        let mut files = Files::new();
        folder.add_templates(&mut files)?;
        Ok(Template::of(&files))
    }

    fn put(&mut self, name: &str, text: &str) {
        let replaced = self.texts.get(name).is_some_and(|(_, origin)| *origin != Origin::Added);
        let origin = if replaced { Origin::Replaced } else { Origin::Added };
        self.texts.insert(name.to_owned(), (text.to_owned(), origin));
    }

    /// All names, each with where its text comes from.
    pub fn names(&self) -> impl Iterator<Item = (&str, Origin)> {
        self.texts.iter().map(|(name, (_, origin))| (name.as_str(), *origin))
    }

    /// Whether the text is the system's own.
    fn is_own(&self, name: &str) -> bool {
        self.texts.get(name).is_some_and(|(_, origin)| *origin != Origin::BuiltIn)
    }

    /// The text with this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|(text, _)| text.as_str())
    }

    /// The hash of what gets into artifacts: another one is another artifact, to be built and judged anew.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut all = Vec::new();
        for (name, text) in self.in_artifacts() {
            for part in [name, text] {
                all.extend((part.len() as u64).to_le_bytes());
                all.extend(part.as_bytes());
            }
        }
        Digest::of(&all)
    }

    /// The texts that get into artifacts, by name.
    fn in_artifacts(&self) -> BTreeMap<&str, &str> {
        let mut texts = self.reached(ADAPTER);
        texts.extend(
            self.texts.get_key_value(PRELUDE).map(|(name, (text, _))| (name.as_str(), text.as_str())),
        );
        texts
    }

    /// The text `name` and those that it includes, directly or not.
    fn reached(&self, name: &str) -> BTreeMap<&str, &str> {
        let mut reached = BTreeMap::new();
        let mut waiting: BTreeSet<&str> =
            self.texts.get_key_value(name).map(|(name, _)| name.as_str()).into_iter().collect();
        while let Some(name) = waiting.pop_first() {
            let Some(text) = self.text(name) else { continue };
            reached.insert(name, text);
            let named =
                |other: &&str| text.contains(&format!("\"{other}\"")) || text.contains(&format!("'{other}'"));
            // What is built in stands for itself, and is included by nothing.
            let added = self.names().filter(|(_, origin)| *origin == Origin::Added).map(|(name, _)| name);
            waiting.extend(added.filter(|other| !reached.contains_key(other)).filter(named));
        }
        reached
    }

    /// The text `name` with `values` filled in.
    pub fn render(&self, name: &str, values: &Json) -> Result<String, RenderError> {
        self.rendered(name, values).map_err(|error| RenderError::of(name, &error))
    }

    /// The same for values that are texts.
    pub fn filled(&self, name: &str, values: &[(&str, &str)]) -> Result<String, RenderError> {
        self.render(name, &values.iter().map(|(name, value)| (*name, Json::from(*value))).collect())
    }

    fn rendered(&self, name: &str, values: &Json) -> Result<String, minijinja::Error> {
        self.environment(name)?.get_template(name)?.render(Serde(values))
    }

    /// Where `name` can be rendered, with all that it includes.
    fn environment(&self, name: &str) -> Result<Environment<'_>, minijinja::Error> {
        let mut environment = Environment::new();
        // A variable that is misspelled is an error with a place, not an empty text.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // The texts are code and YAML: what is filled in is written as the text says.
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build()?);
        environment.set_debug(true);
        for (name, text) in self.reached(name) {
            environment.add_template(name, text)?;
        }
        Ok(environment)
    }
}

impl RenderError {
    fn of(name: &str, error: &minijinja::Error) -> RenderError {
        // An error in what is included comes inside one about where it is included.
        let inner =
            std::error::Error::source(error).and_then(|inner| inner.downcast_ref::<minijinja::Error>());
        if let Some(inner) = inner {
            return RenderError::of(name, inner);
        }
        RenderError {
            name: error.name().unwrap_or(name).to_owned(),
            line: error.line().unwrap_or(1),
            message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        }
    }
}
