//! Problems of files, as people read them and as programs do.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use mote_contract::{Diagnostic, Files, Severity};
use mote_expr::Value;

use super::tell;

/// Print all problems and how many there are.
pub(crate) fn print_diagnostics(diagnostics: &[Diagnostic], files: &Files) {
    for diagnostic in diagnostics {
        tell(format!("{}\n", render(diagnostic, files)));
    }
    let count = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match (errors, warnings) {
        (0, 0) => {}
        (errors, 0) => tell(plural(errors, "error")),
        (0, warnings) => tell(plural(warnings, "warning")),
        (errors, warnings) => {
            tell(format!("{} and {}", plural(errors, "error"), plural(warnings, "warning")))
        }
    }
}

fn render(diagnostic: &Diagnostic, files: &Files) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let code = diagnostic.code.to_string();
    let place = &diagnostic.place;
    let text = files.text(place.file);
    // A caret needs a character to stand under.
    let start = place.span.start.min(text.len());
    let end = place.span.end.clamp(start, text.len());
    let annotation = AnnotationKind::Primary.span(start..end);
    let snippet = Snippet::source(text).path(files.path(place.file)).annotation(annotation);
    let title = level.primary_title(&diagnostic.message).id(&code);
    let mut groups = vec![Group::with_title(title).element(snippet)];
    groups.extend(
        diagnostic
            .hint
            .as_ref()
            .map(|hint| Group::with_title(Level::HELP.with_name("hint").secondary_title(hint))),
    );
    Renderer::styled().render(&groups)
}

/// A place in a text, as lines: its path, and the line with a caret. `line` and `column` count from 1.
///
/// The column counts characters; 0 stands for the whole line.
pub(crate) fn print_place(path: &str, text: &str, line: u32, column: u32) {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
    let begin: usize = lines.map(str::len).sum();
    let whole = text[begin..].lines().next().unwrap_or_default();
    let offset =
        |characters: u32| -> usize { whole.chars().take(characters as usize).map(char::len_utf8).sum() };
    let span = match column {
        0 => begin..begin + whole.len(),
        column => begin + offset(column - 1)..begin + offset(column),
    };
    let snippet = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(span));
    tell(Renderer::styled().render(&[Group::with_level(Level::ERROR).element(snippet)]));
}

/// A problem as JSON.
pub(crate) fn diagnostic_value(diagnostic: &Diagnostic, files: &Files) -> Value {
    let place = &diagnostic.place;
    let number = |number: usize| Value::Int(i64::try_from(number).unwrap_or(0));
    let (line, column) = files.line_column(place.file, place.span.start);
    let (end_line, end_column) = files.line_column(place.file, place.span.end);
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut fields = vec![
        ("code", Value::text(diagnostic.code.to_string())),
        ("severity", Value::text(severity)),
        ("message", Value::text(&diagnostic.message)),
        ("file", Value::text(files.path(place.file))),
        ("line", number(line)),
        ("column", number(column)),
        ("endLine", number(end_line)),
        ("endColumn", number(end_column)),
    ];
    fields.extend(diagnostic.hint.as_ref().map(|hint| ("hint", Value::text(hint))));
    Value::object(fields)
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
