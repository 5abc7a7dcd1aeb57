//! What is wrong with a system's own texts, at their lines: before a build stumbles over it.

use std::collections::BTreeSet;
use std::ops::Range;

use mote_contract::{Code, Diagnostic, Files, Place, Severity};
use mote_expr::suggest;

use super::values::samples;
use super::{ADAPTER, FOLDER, Origin, PRELUDE, RenderError, Template, VARIABLES};
use crate::typescript::syntax_error;

/// Every problem of the texts below `templates/`.
#[must_use]
pub fn check(files: &Files) -> Vec<Diagnostic> {
    let template = Template::of(files);
    if template.names().all(|(_, origin)| origin == Origin::BuiltIn) {
        return Vec::new();
    }
    let mut found = Found { files, template: &template, diagnostics: Vec::new() };
    found.unused();
    for (name, variables) in VARIABLES {
        found.rendering(name, variables);
    }
    found.prelude();
    found.diagnostics
}

struct Found<'f> {
    files: &'f Files,
    template: &'f Template,
    diagnostics: Vec<Diagnostic>,
}

impl Found<'_> {
    /// What replaces nothing has to be included by something.
    fn unused(&mut self) {
        let entries = VARIABLES.iter().map(|(name, _)| *name);
        let used: BTreeSet<&str> = entries.flat_map(|name| self.template.reached(name).into_keys()).collect();
        let added = self.template.names().filter(|(_, origin)| *origin == Origin::Added);
        let unused: Vec<&str> = added.map(|(name, _)| name).filter(|name| !used.contains(name)).collect();
        for name in unused {
            let built_in = self.template.names().filter(|(_, origin)| *origin != Origin::Added);
            let hint = match suggest(name, built_in.map(|(name, _)| name)) {
                Some(near) => format!("did you mean `{FOLDER}/{near}`?"),
                None => format!(
                    "include it, `{{% include \"{name}\" %}}`, or delete it; `mote template list` names all"
                ),
            };
            let message = format!("no template is called `{name}`, and none includes it");
            self.error(Code::UnknownTemplate, name, 0..0, message, hint);
        }
    }

    /// Whether a text can be rendered, where any part of it is the system's.
    fn rendering(&mut self, name: &str, variables: &[&str]) {
        let template = self.template;
        let reached: Vec<&str> = template.reached(name).into_keys().collect();
        if !reached.iter().any(|name| template.is_own(name)) {
            return;
        }
        let prelude = template.text(PRELUDE).unwrap_or_default();
        let environment = match template.environment(name) {
            Ok(environment) => environment,
            Err(error) => return self.unrendered(&RenderError::of(name, &error)),
        };
        let mut misspelled = false;
        for part in reached.iter().filter(|part| template.is_own(part)) {
            let Ok(parsed) = environment.get_template(part) else { continue };
            let mut asked: Vec<String> = parsed.undeclared_variables(false).into_iter().collect();
            asked.sort();
            for variable in asked.iter().filter(|variable| !variables.contains(&variable.as_str())) {
                misspelled = true;
                let hint = match suggest(variable, variables.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are `{}`", variables.join("`, `")),
                };
                let span = word(template.text(part).unwrap_or_default(), variable);
                let message = format!("there is no variable `{variable}` in `{name}`");
                self.error(Code::Template, part, span, message, hint);
            }
        }
        if misspelled {
            return;
        }
        match template.render(name, &samples(prelude)) {
            Err(error) => self.unrendered(&error),
            Ok(text) if name == ADAPTER => {
                if let Some((_, message)) = syntax_error(&text).filter(|_| syntax_error(prelude).is_none()) {
                    let hint =
                        "`mote template show typescript/adapter.js.j2 --built-in` shows one that works";
                    let message = format!("what this renders is not JavaScript: {message}");
                    self.error(Code::Template, name, 0..0, message, hint.to_owned());
                }
            }
            Ok(_) => {}
        }
    }

    /// The prelude is filled in as it is, so its own mistakes have places.
    fn prelude(&mut self) {
        let template = self.template;
        if !template.is_own(PRELUDE) {
            return;
        }
        let text = template.text(PRELUDE).unwrap_or_default();
        if let Some((at, message)) = syntax_error(text) {
            let hint =
                "`mote template show typescript/prelude.js --built-in` shows one that works".to_owned();
            self.error(
                Code::Template,
                PRELUDE,
                at..at + 1,
                format!("this is not JavaScript: {message}"),
                hint,
            );
        }
        let adapter = template.environment(ADAPTER);
        let fills_it_in = adapter.is_ok_and(|environment| {
            let asks = |name: &&str| {
                let parsed = environment.get_template(name);
                parsed.is_ok_and(|parsed| parsed.undeclared_variables(false).contains("prelude"))
            };
            template.reached(ADAPTER).keys().any(asks)
        });
        if !fills_it_in {
            let hint = format!("write `{{{{ prelude }}}}` into `{FOLDER}/{ADAPTER}`, or delete this file");
            let message = format!("`{ADAPTER}` does not fill it in");
            self.error(Code::UnknownTemplate, PRELUDE, 0..0, message, hint);
        }
    }

    fn unrendered(&mut self, error: &RenderError) {
        let text = self.template.text(&error.name).unwrap_or_default();
        let hint = format!("`mote template show {} --built-in` shows one that works", error.name);
        self.error(Code::Template, &error.name, line(text, error.line), error.message.clone(), hint);
    }

    fn error(&mut self, code: Code, name: &str, span: Range<usize>, message: String, hint: String) {
        let Some(file) = self.files.find(&format!("{FOLDER}/{name}")) else { return };
        let place = Place { file, span };
        let found = Diagnostic { code, severity: Severity::Error, message, place, hint: Some(hint) };
        // What two texts include is met twice.
        if !self.diagnostics.contains(&found) {
            self.diagnostics.push(found);
        }
    }
}

/// What is written on a line, from 1.
fn line(text: &str, number: usize) -> Range<usize> {
    let start = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum::<usize>();
    let written = text[start..].lines().next().unwrap_or_default();
    let from = start + written.len() - written.trim_start().len();
    from..start + written.trim_end().len().max(from - start)
}

/// Where `word` stands first by itself inside of a tag.
fn word(text: &str, word: &str) -> Range<usize> {
    let is_part = |other: Option<char>| other.is_some_and(|other| other.is_alphanumeric() || other == '_');
    let in_tag = |at: usize| {
        let opened = text[..at].rfind("{{").max(text[..at].rfind("{%"));
        let closed = text[..at].rfind("}}").max(text[..at].rfind("%}"));
        opened > closed
    };
    let alone = |at: &usize| {
        !is_part(text[..*at].chars().next_back())
            && !is_part(text[at + word.len()..].chars().next())
            && in_tag(*at)
    };
    let found = text.match_indices(word).map(|(at, _)| at).find(alone);
    found.map_or(0..0, |at| at..at + word.len())
}
