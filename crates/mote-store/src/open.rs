//! From a path to an open file: found, owned, whole, and of this layout.
//!
//! Owns every check before the first commit. Never changes a file that is not a log of this layout
//! or an older one: what can be told is told from the file's first bytes, before SQLite sees it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::lock::{Asked, Lock};
use crate::{check, read, schema};

/// The log's name in a folder.
const FILE_NAME: &str = "log.db";

/// How long a statement waits for somebody else's lock, such as an operator's `sqlite3`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// What a connection may keep of the file in memory, in KiB.
const CACHE_KIB: u32 = 16 * 1024;

/// Why a log cannot be opened. The file is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Exactly one process owns a log.
    #[error("the log `{path}` belongs to {}", owner(.pid))]
    Owned {
        /// The log's file.
        path: PathBuf,
        /// The owning process, if its lock file says.
        pid: Option<u32>,
    },
    /// A newer Mote wrote it.
    #[error("the log `{path}` has layout {version}, this Mote knows layouts up to {known}: run a newer Mote")]
    Newer {
        /// The log's file.
        path: PathBuf,
        /// The file's layout.
        version: u32,
        /// The newest layout that this build can read.
        known: u32,
    },
    /// The file is something else.
    #[error("`{path}` is not a log of Mote")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is a log that was damaged.
    #[error("the log `{path}` is damaged: {detail}")]
    Corrupted {
        /// The log's file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// The file system refuses.
    #[error("cannot open the log `{path}`: {detail}")]
    Access {
        /// The file that cannot be read or written.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
}

fn owner(pid: &Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// A log's file, open for its one writer.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) lock: Lock,
}

/// Open the log at `path`, a file or an existing folder that holds `log.db`, and create it if there is none.
pub(crate) fn open(path: &Path) -> Result<Opened, OpenError> {
    let path = locate(path).map_err(|error| access(path, error))?;
    // Before the lock, so that not even a lock file appears beside somebody else's file.
    inspect(&path)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| access(folder, error))?;
    }
    let lock_path = beside(&path, ".lock");
    let lock = match Lock::ask(&lock_path).map_err(|error| access(&lock_path, error))? {
        Asked::Granted(lock) => lock,
        Asked::Owned(pid) => return Err(OpenError::Owned { path, pid }),
    };
    // Again, now that nobody else can create it.
    let shown = match inspect(&path)? {
        Some(layout) => layout,
        None => {
            create(&path)?;
            schema::VERSION
        }
    };
    let connection = connect(&path)?;
    if shown < schema::VERSION {
        // So that the file's first bytes tell the new layout too. A reader beside us puts that off.
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        copied.map_err(|error| sqlite(&path, error))?;
    }
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
        .map_err(|error| sqlite(&path, error))?;
    Ok(Opened { connection, path, lock })
}

/// A connection that only reads, for the log at `path`, whether somebody owns it or not. None if there is none.
pub(crate) fn open_reader(path: &Path) -> Result<Option<Connection>, OpenError> {
    let path = locate(path).map_err(|error| access(path, error))?;
    if inspect(&path)?.is_none() {
        return Ok(None);
    }
    let opened = connect_reader(&path).and_then(|connection| {
        // The file is looked at only now: better here than at the first read.
        read::end(&connection)?;
        Ok((schema::version(&connection)?, connection))
    });
    let (layout, connection) = opened.map_err(|error| sqlite(&path, error))?;
    // Nothing is migrated without the lock. It need not be: commits and events are the same in every
    // layout so far, and there is nothing else to read here.
    known(&path, layout).map(|()| Some(connection))
}

/// A connection that only reads, for the log at `path`, which somebody owns.
pub(crate) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&connection)?;
    Ok(connection)
}

/// The name of a file that accompanies the log, such as `log.db-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn access(path: &Path, error: io::Error) -> OpenError {
    OpenError::Access { path: path.to_owned(), detail: error.to_string() }
}

fn sqlite(path: &Path, error: rusqlite::Error) -> OpenError {
    let (path, detail) = (path.to_owned(), read::sentence(&error));
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Corrupted { path, detail },
        // A file of the right kind whose tables or values are not what the layout says.
        None | Some(ErrorCode::Unknown | ErrorCode::TypeMismatch) => OpenError::Corrupted { path, detail },
        Some(_) => OpenError::Access { path, detail },
    }
}

/// The file's own path: two links to one log must not look like two logs.
fn locate(path: &Path) -> io::Result<PathBuf> {
    let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
    match fs::canonicalize(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => std::path::absolute(&file),
        found => found,
    }
}

/// Whether this build can read `layout`.
fn known(path: &Path, layout: u32) -> Result<(), OpenError> {
    if layout > schema::VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), version: layout, known: schema::VERSION });
    }
    Ok(())
}

/// Tell from the first bytes what stands at `path`: the layout of a log, or nothing. Creation leaves its
/// marks in the file itself, never only in its write-ahead log, so that these bytes can be believed;
/// the layout of a migration may still be in the write-ahead log, so it is looked at again there.
fn inspect(path: &Path) -> Result<Option<u32>, OpenError> {
    let corrupted = |detail: &str| OpenError::Corrupted { path: path.to_owned(), detail: detail.to_owned() };
    let mut header = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(100).read_to_end(&mut header).map_err(|error| access(path, error))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // A new log would be taken over by the old one's write-ahead log.
            let tail = fs::metadata(beside(path, "-wal")).is_ok_and(|tail| tail.len() > 0);
            return if tail { Err(corrupted("the file is gone, its `-wal` is not")) } else { Ok(None) };
        }
        Err(error) => return Err(access(path, error)),
    };
    if header.is_empty() {
        // Creation is atomic, so this is no log that was about to be created.
        return Err(corrupted("the file is empty"));
    }
    let number = |at: usize| {
        header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
    };
    // Offsets of https://sqlite.org/fileformat2.html: application_id at 68, user_version at 60.
    if !header.starts_with(b"SQLite format 3\0") || number(68) != schema::APPLICATION_ID as u32 {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    match number(60) {
        0 => Err(corrupted("it has no layout")),
        layout => known(path, layout).map(|()| Some(layout)),
    }
}

/// Make an empty log under another name and move it into place: a crash leaves all of it or nothing.
fn create(path: &Path) -> Result<(), OpenError> {
    let new = beside(path, ".new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(access(&new, error)),
        _ => {}
    }
    let made = Connection::open_with_flags(
        &new,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .and_then(|connection| {
        configure(&connection)?;
        schema::migrate(&connection, 0, |_| Ok(None::<()>))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.close().map_err(|(_, error)| error)
    });
    made.map_err(|error| OpenError::Access { path: new.clone(), detail: error.to_string() })?;
    fs::rename(&new, path).map_err(|error| access(path, error))?;
    if !cfg!(unix) {
        return Ok(()); // Elsewhere a folder is not opened like a file.
    }
    // The new name must survive a power cut before anything under it is acknowledged.
    let folder = path.parent().unwrap_or(Path::new("/"));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| access(folder, error))
}

/// Open the file for writing, look at its ends, and bring it to this layout if it is sound. Closing the
/// connection does not move a single page, since not everything may be as it should.
fn connect(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        configure(&connection)?;
        Ok((schema::version(&connection)?, connection))
    });
    let (layout, connection) = opened.map_err(|error| sqlite(path, error))?;
    known(path, layout)?;
    let damage = if layout < schema::VERSION {
        schema::migrate(&connection, layout, check::check_ends)
    } else {
        check::check_ends(&connection)
    };
    match damage.map_err(|error| sqlite(path, error))? {
        Some(detail) => Err(OpenError::Corrupted { path: path.to_owned(), detail }),
        None => Ok(connection),
    }
}

/// What every connection is told.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(32);
    // A commit is on the medium when it is acknowledged, also where a plain fsync promises less.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    // Mapped pages turn a bad disk into a signal instead of an error.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -i64::from(CACHE_KIB))?;
    // Checkpoints run between batches, after the answers: see `checkpoint`.
    connection.pragma_update(None, "wal_autocheckpoint", 0)
}
