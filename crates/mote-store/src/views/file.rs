//! From a path to an open file of rows.
//! Owns the layout's version and what is not opened but put aside. Never deletes a file that may be
//! somebody else's: it is renamed, and only what was renamed before is replaced.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mote_expr::parse;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};

use super::tables::sql_value;
use crate::lock::{Asked, Lock};
use crate::open::beside;
use crate::read::sentence;
use crate::readers::Readers;

/// The name of the file in a folder.
const FILE_NAME: &str = "views.db";

/// Marks a SQLite file as rows of Mote: the letters `MoVi`.
const APPLICATION_ID: i32 = 0x4d6f_5669;

/// The layout. There are no migrations: a file of another layout is folded anew.
const LAYOUT: i32 = 1;

/// How long a statement waits for somebody else's lock, such as an operator's `sqlite3`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Why the rows cannot be opened. What is in the file never is a reason.
#[derive(Debug, thiserror::Error)]
pub enum ViewsOpenError {
    /// Exactly one process owns them.
    #[error("the views `{path}` belong to {}", .pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}")))]
    Owned {
        /// The file.
        path: PathBuf,
        /// The owning process, if its lock file says.
        pid: Option<u32>,
    },
    /// The file system refuses.
    #[error("cannot open the views `{path}`: {detail}")]
    Access {
        /// The file that cannot be read or written.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
}

fn access(path: &Path, error: impl std::fmt::Display) -> ViewsOpenError {
    ViewsOpenError::Access { path: path.to_owned(), detail: error.to_string() }
}

/// The file that `path` means, and its ownership.
pub(super) fn own(path: &Path) -> Result<(PathBuf, Lock), ViewsOpenError> {
    let path = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
    let path = match fs::canonicalize(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => std::path::absolute(&path),
        found => found,
    };
    let path = path.map_err(|error| access(Path::new(FILE_NAME), error))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| access(folder, error))?;
    }
    let lock_path = beside(&path, ".lock");
    match Lock::ask(&lock_path).map_err(|error| access(&lock_path, error))? {
        Asked::Granted(lock) => Ok((path, lock)),
        Asked::Owned(pid) => Err(ViewsOpenError::Owned { path, pid }),
    }
}

/// Open the file for writing; what is not a whole file of this layout is put aside first.
pub(super) fn open(path: &Path) -> Result<Connection, ViewsOpenError> {
    if !is_ours(path).map_err(|error| access(path, error))? {
        put_aside(path)?;
    }
    if let Ok(connection) = connect(path) {
        return Ok(connection);
    }
    // Perhaps it is damaged where its first bytes do not tell; then a new one will do.
    put_aside(path)?;
    connect(path).map_err(|error| access(path, sentence(&error)))
}

/// Whether there is no file yet, or one that says in its first bytes that it is of this layout.
fn is_ours(path: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(100).read_to_end(&mut header)?,
        // What is left of a file that was deleted belongs to no new one.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(!beside(path, "-wal").exists()),
        Err(error) => return Err(error),
    };
    let number = |at: usize| {
        header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, i32::from_be_bytes)
    };
    // Offsets of https://sqlite.org/fileformat2.html: application_id at 68, user_version at 60.
    Ok(header.starts_with(b"SQLite format 3\0") && number(68) == APPLICATION_ID && number(60) == LAYOUT)
}

/// Rename the file, so that a new one can begin.
pub(super) fn put_aside(path: &Path) -> Result<(), ViewsOpenError> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(access(path, error)),
        _ => Ok(()),
    };
    gone(fs::rename(path, beside(path, ".damaged")))?;
    gone(fs::remove_file(beside(path, "-wal")))?;
    gone(fs::remove_file(beside(path, "-shm")))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&connection)?;
    let layout: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if layout == 0 {
        // In the file itself before any row is, so that its first bytes can be believed.
        connection.execute_batch(&format!(
            "BEGIN EXCLUSIVE; {}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {LAYOUT}; COMMIT;",
            super::tables::VIEWS
        ))?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A power cut may take the last writes, rows and positions together: they are folded again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.query_row("SELECT count(*) FROM views", [], |_| Ok(()))?;
    Ok(connection)
}

/// A connection that only reads the file that `path` means, whether somebody owns it or not. None if there is
/// none, or one that its owner is about to begin anew.
pub(super) fn open_reader(path: &Path) -> Result<Option<Connection>, ViewsOpenError> {
    let path = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
    if !path.exists() || !is_ours(&path).map_err(|error| access(&path, error))? {
        return Ok(None);
    }
    connect_reader(&path).map(Some).map_err(|error| access(&path, sentence(&error)))
}

fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

/// The connections that only read.
pub(super) fn readers(path: &Path, connections_max: usize) -> Readers {
    Readers::new(path.to_owned(), connections_max, connect_reader)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Mapped pages turn a bad disk into a signal instead of an error.
    connection.pragma_update(None, "mmap_size", 0)?;
    // SQLite's own `json_extract` rounds some fractions otherwise than our reader.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("field", 2, flags, |context| {
        let row = parse(context.get_raw(0).as_str()?.as_bytes())
            .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
        let name = context.get_raw(1).as_str()?;
        Ok(row.field(name).map_or(rusqlite::types::Value::Null, sql_value))
    })
}
