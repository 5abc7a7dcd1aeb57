//! Takes the types out of one module, and refuses what no module of a service may do.
//!
//! Owns the syntax that a service may use. Never looks at a second module.

use std::collections::BTreeMap;
use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    AwaitExpression, Declaration, ForOfStatement, FunctionBody, ImportDeclarationSpecifier, Program,
    Statement, VariableDeclarationKind,
};
use oxc_ast_visit::{Visit, walk};
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::{GetSpan as _, SourceType, Span};
use oxc_transformer::{TransformOptions, Transformer};

use super::error::BuildError;
use super::lines::{Lines, position};
use super::source::FILE_BYTES_MAX;

/// A module without types.
pub(super) struct Stripped {
    pub(super) js: String,
    pub(super) lines: Lines,
    pub(super) places: Places,
}

/// Where a module names another module, and each name that it takes from there.
#[derive(Default)]
pub(super) struct Places(BTreeMap<(String, Option<String>), (u32, u32)>);

impl Places {
    /// Where this name of this module is imported, or else where the module is.
    pub(super) fn find(&self, specifier: &str, name: Option<&str>) -> (u32, u32) {
        let named = (specifier.to_owned(), name.map(str::to_owned));
        let whole = (specifier.to_owned(), None);
        self.0.get(&named).or_else(|| self.0.get(&whole)).copied().unwrap_or((0, 0))
    }
}

/// Where `text` stops being JavaScript, in bytes, and why.
pub(crate) fn syntax_error(text: &str) -> Option<(usize, String)> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    let error = parsed.diagnostics.errors().next()?;
    let at = error.labels.first().map_or(0, |label| label.offset() as usize);
    Some((at, error.message.to_string()))
}

/// Strips the module `file`.
pub(super) fn strip(file: &str, text: &str) -> Result<Stripped, BuildError> {
    // The bound on nesting: what parses, transforms and prints recurses, and its stack has an end.
    if text.len() > FILE_BYTES_MAX {
        let error = BuildError::new(file, (0, 0), format!("it has more than {FILE_BYTES_MAX} bytes"));
        return Err(error.hint("divide it into several files"));
    }
    let allocator = Allocator::default();
    let options = ParseOptions { parse_regular_expression: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, text, SourceType::ts()).with_options(options).parse();
    refuse(file, text, parsed.diagnostics.errors().next())?;
    let mut program = parsed.program;
    check(file, text, &program)?;
    let record = &parsed.module_record;
    if let Some(span) = record.dynamic_imports.first().map(|import| import.span) {
        let error =
            BuildError::new(file, position(text, span.start), "a module cannot be imported while running");
        return Err(error.hint("write `import … from` at the top of the file"));
    }
    if let Some(span) = record.import_metas.first() {
        return Err(BuildError::new(
            file,
            position(text, span.start),
            "`import.meta` is not available in a service",
        ));
    }
    let places = places(text, &program);

    let semantic = SemanticBuilder::new().with_check_syntax_error(true).with_enum_eval(true).build(&program);
    refuse(file, text, semantic.diagnostics.errors().next())?;
    let scoping = semantic.semantic.into_scoping();
    let options = TransformOptions::default();
    let transformed =
        Transformer::new(&allocator, Path::new(file), &options).build_with_scoping(scoping, &mut program);
    refuse(file, text, transformed.diagnostics.errors().next())?;

    let options = CodegenOptions {
        source_map_path: Some(Path::new(file).to_owned()),
        comments: CommentOptions::disabled(),
        ..CodegenOptions::default()
    };
    let generated = Codegen::new().with_options(options).with_source_text(text).build(&program);
    let js = generated.code;
    let tokens = generated.map.iter().flat_map(|map| map.get_tokens());
    let tokens = tokens
        .map(|token| (token.get_dst_line(), token.get_dst_col(), token.get_src_line(), token.get_src_col()));
    let lines = Lines::new(js.lines().count(), tokens);
    Ok(Stripped { js, lines, places })
}

fn refuse(
    file: &str,
    text: &str,
    diagnostic: Option<&oxc_diagnostics::OxcDiagnostic>,
) -> Result<(), BuildError> {
    let Some(diagnostic) = diagnostic else { return Ok(()) };
    let label = diagnostic.labels.iter().find(|label| label.primary()).or(diagnostic.labels.first());
    let place = label.map_or((0, 0), |label| position(text, label.offset()));
    let error = BuildError::new(file, place, diagnostic.message.to_string());
    Err(match &diagnostic.help {
        Some(help) => error.hint(help.to_string()),
        None => error,
    })
}

/// Refuses what would break the promise that modules are loaded once, in order, and then frozen.
fn check(file: &str, text: &str, program: &Program<'_>) -> Result<(), BuildError> {
    for statement in &program.body {
        if let Statement::ExportDeclaration(export) = statement
            && let Declaration::VariableDeclaration(variable) = &export.declaration
            && !variable.declare
            && matches!(variable.kind, VariableDeclarationKind::Let | VariableDeclarationKind::Var)
        {
            let place = position(text, variable.span.start);
            let error = BuildError::new(file, place, "a variable that changes cannot be exported");
            return Err(error.hint("write `export const`; a service keeps nothing between calls"));
        }
    }
    let mut awaits = Awaits::default();
    awaits.visit_program(program);
    match awaits.found {
        Some(span) => {
            let error =
                BuildError::new(file, position(text, span.start), "a module cannot wait while it is loaded");
            Err(error.hint("remove `await`; services answer synchronously"))
        }
        None => Ok(()),
    }
}

/// Finds an `await` outside of every function.
#[derive(Default)]
struct Awaits {
    depth: usize,
    found: Option<Span>,
}

impl<'a> Visit<'a> for Awaits {
    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        self.depth += 1;
        walk::walk_function_body(self, body);
        self.depth -= 1;
    }

    fn visit_await_expression(&mut self, expression: &AwaitExpression<'a>) {
        if self.depth == 0 {
            self.found.get_or_insert(expression.span);
        }
        walk::walk_await_expression(self, expression);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        if self.depth == 0 && statement.r#await {
            self.found.get_or_insert(statement.span);
        }
        walk::walk_for_of_statement(self, statement);
    }
}

fn places(text: &str, program: &Program<'_>) -> Places {
    let mut places = Places::default();
    let mut add = |specifier: &str, name: Option<&str>, span: Span| {
        let key = (specifier.to_owned(), name.map(str::to_owned));
        places.0.entry(key).or_insert_with(|| position(text, span.start));
    };
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) => {
                add(&import.source.value, None, import.source.span);
                for specifier in import.specifiers.iter().flatten() {
                    match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(it) => {
                            add(&import.source.value, Some(&it.imported.name()), it.span);
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => {
                            add(&import.source.value, Some("default"), it.span);
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => {}
                    }
                }
            }
            Statement::ExportFromDeclaration(export) => {
                add(&export.source.value, None, export.source.span);
                for specifier in &export.specifiers {
                    add(&export.source.value, Some(&specifier.local.name()), specifier.span());
                }
            }
            Statement::ExportAllDeclaration(export) => add(&export.source.value, None, export.source.span),
            _ => {}
        }
    }
    places
}
