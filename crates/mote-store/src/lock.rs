//! Who owns a log: exactly one process, and one handle in it.
//! Owns the lock file beside the log. Never decides by what the file says, only by the kernel's
//! lock on it, which ends with its process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Ownership of a log, until dropped.
#[derive(Debug)]
pub(crate) struct Lock(File);

/// What came of asking for a [`Lock`].
pub(crate) enum Asked {
    Granted(Lock),
    /// Somebody else holds it; the process id, if the file tells.
    Owned(Option<u32>),
}

impl Lock {
    /// Lock the file at `path`, which is created if need be and stays.
    pub(crate) fn ask(path: &Path) -> io::Result<Asked> {
        // The file is never removed: another process may be waiting at the same one.
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The owner may be writing its id just now: then it stays unknown.
                let read = file.read_to_string(&mut text);
                return Ok(Asked::Owned(read.ok().and_then(|_| text.trim().parse().ok())));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The id is a courtesy to whoever comes second; a full disk must not keep the log shut.
        let _ = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()));
        Ok(Asked::Granted(Lock(file)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file frees the lock; an empty file names nobody.
        let _ = self.0.set_len(0);
    }
}
