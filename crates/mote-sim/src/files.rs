//! What a crash does to files.
//! Owns copies of folders and damage to their ends. Never opens a log.

use std::fs::{self, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// What a power cut does to bytes that were written but not yet promised to be durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tear {
    /// The file ends here, in bytes.
    Cut(u64),
    /// The sector that starts here was never written, what follows was.
    Hole(u64),
}

/// The bytes that a disk writes at once.
const SECTOR_BYTES: u64 = 512;

/// Copy every file of `from` into the new folder `to`, as a killed process leaves them.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Damage the file at `path`.
pub(crate) fn tear(path: &Path, tear: Tear) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    match tear {
        Tear::Cut(at) => file.set_len(at.min(length)),
        Tear::Hole(at) => {
            let end = (at + SECTOR_BYTES).min(length);
            file.seek(SeekFrom::Start(at))?;
            file.write_all(&vec![0; end.saturating_sub(at) as usize])
        }
    }
}
