//! Reads what was recorded while a system was up.

use mote_contract::Recording;
use mote_forge::SystemFolder;
use mote_server::Recordings;

use crate::output::{BOLD_YELLOW, RESET, tell};

/// The folder of recordings, in the folder of a system's state.
pub(crate) const FOLDER: &str = "recordings";

/// What is recorded of the operations that are `wanted`.
pub(crate) fn read(folder: &SystemFolder, wanted: &dyn Fn(&str) -> bool) -> anyhow::Result<Recordings> {
    Ok(mote_server::recordings(&folder.state(FOLDER)?, wanted)?)
}

/// The recorded calls of one operation, the newest first. What cannot be read is no reason to stop whoever
/// would have asked them.
pub(crate) fn of(folder: &SystemFolder, operation: &str) -> Vec<Recording> {
    match read(folder, &|name| name == operation) {
        Ok(recordings) => recordings.found,
        Err(error) => {
            tell(format!("{BOLD_YELLOW}warning{RESET}: recorded calls are not asked again: {error}"));
            Vec::new()
        }
    }
}
