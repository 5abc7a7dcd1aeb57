//! Turns one module without types into the body of a function: imports become constants at its top, exports
//! become what it returns. No line moves, so the map of its lines stays true.
//!
//! An importer gets the values that a module has when it is loaded. Modules export no variables that
//! change, so nobody can tell.

use oxc_allocator::Allocator;
use oxc_ast::ast::{Declaration, ExportDefaultDeclarationKind, ImportDeclarationSpecifier, Statement};
use oxc_parser::Parser;
use oxc_span::{GetSpan as _, SourceType, Span};

/// The name, in a module's function, of a default export that has none.
const DEFAULT: &str = "$default";

/// A module as a function body, and what it needs and gives.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The text, with every line of the module where it was.
    pub(super) text: String,
    /// Constants for the imported names, to stand on the line before the text.
    pub(super) head: String,
    /// The returned object, to stand on the line after the text.
    pub(super) tail: String,
    /// What it takes: specifier and name, or `None` for the whole module.
    pub(super) imports: Vec<(String, Option<String>)>,
    /// The names it gives.
    pub(super) exports: Vec<String>,
    /// The specifiers of modules whose names it gives too.
    pub(super) stars: Vec<String>,
}

/// Rewrites a module; `expression` gives the object of an imported module by its specifier.
pub(super) fn rewrite(js: &str, expression: &dyn Fn(&str) -> String) -> Body {
    let allocator = Allocator::default();
    let program = Parser::new(&allocator, js, SourceType::mjs()).parse().program;
    let mut rewriter =
        Rewriter { js, expression, body: Body::default(), edits: Vec::new(), gives: Vec::new() };
    for statement in &program.body {
        rewriter.statement(statement);
    }
    rewriter.finish()
}

struct Rewriter<'a> {
    js: &'a str,
    expression: &'a dyn Fn(&str) -> String,
    body: Body,
    /// Replacements in the order of the text.
    edits: Vec<(Span, String)>,
    /// Properties of the returned object.
    gives: Vec<String>,
}

impl Rewriter<'_> {
    fn statement(&mut self, statement: &Statement<'_>) {
        match statement {
            Statement::ImportDeclaration(import) => {
                let specifier = import.source.value.as_str();
                self.body.imports.push((specifier.to_owned(), None));
                for it in import.specifiers.iter().flatten() {
                    let local = it.local().name.as_str();
                    match it {
                        ImportDeclarationSpecifier::ImportSpecifier(it) => {
                            self.take(specifier, &it.imported.name(), local);
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => {
                            self.take(specifier, "default", local);
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => {
                            let module = (self.expression)(specifier);
                            self.body.head.push_str(&format!("const {local} = {module}; "));
                        }
                    }
                }
                self.blank(import.span);
            }
            Statement::ExportDeclaration(export) => {
                self.blank(Span::new(export.span.start, export.declaration.span().start));
                match &export.declaration {
                    Declaration::VariableDeclaration(variables) => {
                        for declarator in &variables.declarations {
                            for identifier in declarator.id.get_binding_identifiers() {
                                self.give(&identifier.name, &identifier.name);
                            }
                        }
                    }
                    Declaration::FunctionDeclaration(function) => {
                        function.id.iter().for_each(|id| self.give(&id.name, &id.name));
                    }
                    Declaration::ClassDeclaration(class) => {
                        class.id.iter().for_each(|id| self.give(&id.name, &id.name));
                    }
                    // The other declarations are types, which are gone.
                    _ => {}
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                let inner = export.declaration.span();
                let keyword = Span::new(export.span.start, inner.start);
                let name = match &export.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(function) => function.id.as_ref(),
                    ExportDefaultDeclarationKind::ClassDeclaration(class) => class.id.as_ref(),
                    _ => None,
                };
                if let Some(name) = name {
                    self.blank(keyword);
                    self.give("default", &name.name);
                } else {
                    self.edits.push((keyword, format!("const {DEFAULT} = ")));
                    self.edits.push((Span::empty(inner.end), ";".to_owned()));
                    self.give("default", DEFAULT);
                }
            }
            Statement::ExportNamedDeclaration(export) => {
                for it in &export.specifiers {
                    self.give(&it.exported.name(), &it.local.name());
                }
                self.blank(export.span);
            }
            Statement::ExportFromDeclaration(export) => {
                let specifier = export.source.value.as_str();
                let module = (self.expression)(specifier);
                self.body.imports.push((specifier.to_owned(), None));
                for it in &export.specifiers {
                    let name = it.local.name();
                    self.body.imports.push((specifier.to_owned(), Some(name.to_string())));
                    self.give(&it.exported.name(), &format!("{module}[{}]", quoted(&name)));
                }
                self.blank(export.span);
            }
            Statement::ExportAllDeclaration(export) => {
                let specifier = export.source.value.as_str();
                let module = (self.expression)(specifier);
                self.body.imports.push((specifier.to_owned(), None));
                if let Some(name) = &export.exported {
                    self.give(&name.name(), &module);
                } else {
                    self.body.stars.push(specifier.to_owned());
                    // First, so that the module's own names win.
                    self.gives.insert(0, format!("...$mote.star({module})"));
                }
                self.blank(export.span);
            }
            _ => {}
        }
    }

    fn take(&mut self, specifier: &str, name: &str, local: &str) {
        let module = (self.expression)(specifier);
        self.body.head.push_str(&format!("const {{ {}: {local} }} = {module}; ", quoted(name)));
        self.body.imports.push((specifier.to_owned(), Some(name.to_owned())));
    }

    fn give(&mut self, name: &str, expression: &str) {
        self.body.exports.push(name.to_owned());
        self.gives.push(format!("[{}]: {expression}", quoted(name)));
    }

    /// Replaces a span by as many lines of nothing; on one line, by as many spaces.
    fn blank(&mut self, span: Span) {
        let blank = self.js[span].chars().map(|it| if it == '\n' { '\n' } else { ' ' }).collect();
        self.edits.push((span, blank));
    }

    fn finish(mut self) -> Body {
        let mut at = 0;
        for (span, replacement) in &self.edits {
            self.body.text.push_str(&self.js[at..span.start as usize]);
            self.body.text.push_str(replacement);
            at = span.end as usize;
        }
        self.body.text.push_str(&self.js[at..]);
        self.body.tail = format!("return Object.freeze({{ __proto__: null, {} }});", self.gives.join(", "));
        self.body
    }
}

/// A JavaScript string literal.
pub(super) fn quoted(text: &str) -> String {
    // JSON strings are JavaScript strings, and writing one cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}
