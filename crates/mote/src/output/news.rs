//! What a workshop is doing: a line that is rewritten on a terminal, lines that stay when piped.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

use mote_forge::News;

use super::{BOLD_GREEN, DIM, RESET, hint, tell};

/// How many boundaries that no search reached are shown one by one.
const UNREACHED_MAX: usize = 6;

/// Prints the news of one workshop.
pub(crate) struct NewsPrinter {
    terminal: bool,
    /// When the judging of each operation began.
    since: RefCell<HashMap<String, Instant>>,
    /// How many operations were verified before; `None` where each has a line of its own.
    unchanged: Option<Cell<usize>>,
}

impl NewsPrinter {
    /// Prints a line for every operation.
    pub(crate) fn new() -> NewsPrinter {
        NewsPrinter { terminal: std::io::stderr().is_terminal(), since: RefCell::default(), unchanged: None }
    }

    /// Prints one line for all operations in which nothing has changed, at the end: who saves a file wants
    /// to read about that file.
    pub(crate) fn brief() -> NewsPrinter {
        NewsPrinter { unchanged: Some(Cell::new(0)), ..NewsPrinter::new() }
    }

    pub(crate) fn print(&self, news: &News<'_>) {
        match news {
            News::Building { service } => {
                self.passing(&format!("building {service}"));
            }
            News::Loading { service } => self.passing(&format!("compiling {service}")),
            News::Verifying { operation, progress } => {
                self.started(operation);
                let (done, total) = (progress.done, progress.total);
                self.passing(&format!("verifying {operation}: {} {done}/{total}", progress.stage));
            }
            News::Exploring { aggregate, done, total } => {
                self.passing(&format!("trying sequences on {aggregate}: {done}/{total}"));
            }
            News::Verified { law, verification } => {
                self.clear();
                let contract = &law.contract;
                let took =
                    self.since.borrow().get(&contract.name).map_or(0, |since| since.elapsed().as_millis());
                tell(format!(
                    "{BOLD_GREEN}verified{RESET} {} {} in {took} ms",
                    contract.name, contract.version
                ));
                for line in verification.figures().summary(&contract.budget).to_string().lines() {
                    tell(format!("  {DIM}{line}{RESET}"));
                }
                if let Some(strength) = &verification.figures().strength {
                    for warning in strength.warnings(law) {
                        tell(format!("  warning: {warning}"));
                    }
                    for hole in &strength.holes {
                        tell(format!("  {}", hole.headline()));
                        if let Some(rule) = &hole.suggestion {
                            hint(format!("under `ensures`: {rule}"));
                        }
                    }
                }
                let unreached = &verification.figures().unreached;
                for unreached in unreached.iter().take(UNREACHED_MAX) {
                    tell(format!("  warning: not reached: {unreached}"));
                }
                if let Some(more) = unreached.len().checked_sub(UNREACHED_MAX).filter(|more| *more > 0) {
                    tell(format!("  warning: not reached: {more} more boundaries"));
                }
                let (asked, cases) = (verification.figures().generated, u64::from(contract.verify.cases));
                if asked < cases / 10 {
                    // It was judged, but mostly by what its author thought of.
                    tell(format!("  warning: {asked} of {cases} generated cases asked the service"));
                    hint(
                        "few generated histories lead to a success: add examples, or loosen what events must satisfy",
                    );
                }
            }
            // Whoever prints news has the folder that the failure is told with.
            News::Refused(_) => self.clear(),
            News::Unchanged { operation } => {
                self.clear();
                if let Some(unchanged) = &self.unchanged {
                    unchanged.set(unchanged.get() + 1);
                    return;
                }
                tell(format!("{BOLD_GREEN}verified{RESET} {operation} before, nothing has changed"));
            }
        }
    }

    /// Say what was only counted, and remove the line that is rewritten.
    pub(crate) fn finish(self) {
        self.clear();
        match self.unchanged.map_or(0, Cell::into_inner) {
            0 => {}
            1 => tell(format!("{BOLD_GREEN}verified{RESET} 1 operation before, nothing has changed")),
            count => {
                tell(format!("{BOLD_GREEN}verified{RESET} {count} operations before, nothing has changed"))
            }
        }
    }

    /// Remove the line that is rewritten.
    pub(crate) fn clear(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }

    fn started(&self, name: &str) {
        self.since.borrow_mut().entry(name.to_owned()).or_insert_with(Instant::now);
    }

    /// Show what only matters until the next line comes.
    fn passing(&self, line: &str) {
        if self.terminal {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
        }
    }
}
