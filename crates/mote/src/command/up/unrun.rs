//! Says of every workflow that it is checked and not run: nobody may think that its triggers act.

use mote_contract::{Files, System};

use crate::output::{BOLD_YELLOW, RESET, tell};

/// One warning for each workflow, with where it is written.
pub(super) fn warn(system: &System, files: &Files) {
    for (name, workflow) in &system.workflows {
        let (line, column) = files.line_column(workflow.place.file, workflow.place.span.start);
        let path = files.path(workflow.place.file);
        tell(format!(
            "{BOLD_YELLOW}warning{RESET}: the workflow `{name}` is checked and does not run: nothing starts it\n  --> {path}:{line}:{column}"
        ));
    }
}
