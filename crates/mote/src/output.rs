//! Everything that is printed: results to standard output, the rest to standard error.

mod diagnostics;
mod failures;
mod news;

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

pub(crate) use diagnostics::{diagnostic_value, print_diagnostics};
pub(crate) use failures::print_failure;
pub(crate) use news::NewsPrinter;

/// Print a result for whoever reads standard output. A reader that has gone is no error.
pub(crate) fn result(line: impl fmt::Display) {
    let _ = writeln!(anstream::stdout().lock(), "{line}");
}

/// Tell the person at the terminal something.
pub(crate) fn tell(line: impl fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Tell why the command could not do its work.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    tell(format!("{BOLD_RED}error{RESET}: {error}"));
    // A cause that its error already quotes says nothing new.
    for cause in causes.iter().filter(|cause| !error.to_string().contains(*cause)) {
        tell(format!("  because: {cause}"));
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
