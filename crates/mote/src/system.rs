//! Opens the system that a command works on, and prints what is wrong with it.

use std::path::Path;

use mote_contract::{Report, System, check};
use mote_forge::{FolderError, SystemFolder, types};

use crate::output::{BOLD_YELLOW, RESET, print_diagnostics, refused, tell};

/// The system's folder, or an error that says what to type.
pub(crate) fn open(folder: &Path) -> anyhow::Result<SystemFolder> {
    SystemFolder::open(folder).map_err(|error| match error {
        FolderError::NoSystem(_) => {
            refused(error, "go to a system's folder, name one with `mote -C DIR …`, or make one: `mote new`")
        }
        error => error.into(),
    })
}

/// The checked system; None if it has errors, which are printed.
pub(crate) fn checked(folder: &SystemFolder) -> anyhow::Result<Option<System>> {
    let files = folder.read()?;
    let Report { diagnostics, system } = check(&files);
    print_diagnostics(&diagnostics, &files);
    if let Some(system) = &system {
        write_types(folder, system);
    }
    Ok(system)
}

/// Keep what an editor knows in step with the contracts. A folder that nobody may write is no reason to stop.
pub(crate) fn write_types(folder: &SystemFolder, system: &System) {
    if let Err(error) = types::write(folder, system) {
        tell(format!("{BOLD_YELLOW}warning{RESET}: editors will not know the contracts: {error}"));
    }
}
