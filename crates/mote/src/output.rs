//! Everything that is printed: results to standard output, the rest to standard error.

mod diagnostics;
mod failures;
mod news;

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use mote_expr::Value;

pub(crate) use diagnostics::{diagnostic_value, print_diagnostics, print_place};
pub(crate) use failures::print_failure;
pub(crate) use news::NewsPrinter;

/// Print a result for whoever reads standard output. A reader that has gone is no error.
pub(crate) fn result(line: impl fmt::Display) {
    let _ = writeln!(anstream::stdout().lock(), "{line}");
}

/// A file that was written, for programs.
pub(crate) fn written(path: &str) -> Value {
    Value::object([("file", Value::text(path))])
}

/// Tell the person at the terminal something.
pub(crate) fn tell(line: impl fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Why the command cannot do its work, and what to type instead.
#[derive(Debug)]
pub(crate) struct Refused {
    error: anyhow::Error,
    hint: String,
}

/// An error that ends the command with a hint.
pub(crate) fn refused(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> anyhow::Error {
    Refused { error: error.into(), hint: hint.into() }.into()
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.chain().nth(1)
    }
}

/// Tell why the command could not do its work.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    tell(format!("{BOLD_RED}error{RESET}: {error}"));
    // A cause that its error already quotes says nothing new.
    for cause in causes.iter().filter(|cause| !error.to_string().contains(*cause)) {
        tell(format!("  because: {cause}"));
    }
    if let Some(refused) = error.downcast_ref::<Refused>() {
        hint(&refused.hint);
    }
    ExitCode::FAILURE
}

/// Tell what to type next.
pub(crate) fn hint(line: impl fmt::Display) {
    tell(format!("{CYAN}hint{RESET}: {line}"));
}

pub(crate) const BOLD_RED: &str = "\x1b[1;31m";
pub(crate) const BOLD_GREEN: &str = "\x1b[1;32m";
pub(crate) const BOLD_YELLOW: &str = "\x1b[1;33m";
pub(crate) const CYAN: &str = "\x1b[36m";
pub(crate) const DIM: &str = "\x1b[2m";
pub(crate) const RESET: &str = "\x1b[0m";
