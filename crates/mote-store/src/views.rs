//! The rows of views, in a SQLite file of their own.
//!
//! Owns the handle and what happens when the file is damaged: it is put aside and begun anew, since
//! everything in it can be folded again from the log. Never shares a file with the log, whose one
//! writer has no time for rows, and never knows what an event does to one. Calls run on the
//! caller's thread. Start reading at [`SqliteViews`].

mod file;
mod reader;
mod select;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use mote_expr::rows::{Row, Selection};
use mote_log::{Batch, Found, KeptView, Position, SelectError, ViewId, Views, ViewsError};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::lock::Lock;
use crate::read::sentence;
use crate::readers::Readers;

pub use file::ViewsOpenError;
pub use reader::{KeptRows, RowFilter, ViewsReader};

/// How many reads may run at once; one more waits, on its caller's thread.
const READERS_MAX: usize = 4;

/// A [`Views`] in a SQLite file. A clone is another handle on the same rows.
#[derive(Clone, Debug)]
pub struct SqliteViews {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    writer: Mutex<Writer>,
    /// Replaced where the file is begun anew: a reader would go on reading the old one.
    readers: RwLock<Arc<Readers>>,
    _lock: Lock,
}

#[derive(Debug)]
struct Writer {
    /// None where the file was found damaged: the next write begins it anew.
    connection: Option<Connection>,
    /// What is kept, to be kept again in a new file.
    kept: Vec<KeptView>,
}

/// Why an operation on the file failed.
enum Fault {
    /// SQLite refused, or what it gave could not be read.
    Sqlite(rusqlite::Error),
    /// The operation itself is refused.
    Refused(SelectError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sqlite(error)
    }
}

impl From<ViewsError> for Fault {
    fn from(error: ViewsError) -> Fault {
        Fault::Refused(error.into())
    }
}

impl SqliteViews {
    /// Open the rows at `path`, a file or an existing folder that holds `views.db`. Where there is no
    /// file, or a damaged one, or one of another layout, it begins anew.
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteViews, ViewsOpenError> {
        let (path, lock) = file::own(path.as_ref())?;
        let connection = file::open(&path)?;
        let readers = RwLock::new(Arc::new(file::readers(&path, READERS_MAX)));
        let writer = Mutex::new(Writer { connection: Some(connection), kept: Vec::new() });
        Ok(SqliteViews { inner: Arc::new(Inner { path, writer, readers, _lock: lock }) })
    }

    /// The file with the rows.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, SelectError> {
        let readers = self.inner.readers.read().unwrap_or_else(PoisonError::into_inner).clone();
        // One transaction, so that rows and position are of one moment.
        let read = readers.lend(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let found = read(&transaction)?;
            transaction.commit()?;
            Ok(found)
        });
        match read {
            Ok(read) => read.map_err(|fault| self.inner.refusal(fault, None)),
            Err(error) => Err(ViewsError::Unavailable(error.0).into()),
        }
    }

    fn write<T>(
        &self,
        write: impl FnOnce(&Connection, &mut Vec<KeptView>) -> Result<T, Fault>,
    ) -> Result<T, ViewsError> {
        let mut writer = self.inner.writer();
        let Writer { connection, kept } = &mut *writer;
        let result = (|| {
            let connection = match connection {
                Some(connection) => connection,
                None => connection.insert(self.inner.begin_anew(kept)?),
            };
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut kept_after = kept.clone();
            let written = write(&transaction, &mut kept_after)?;
            transaction.commit()?;
            *kept = kept_after;
            Ok(written)
        })();
        result.map_err(|fault| match self.inner.refusal(fault, Some(&mut writer)) {
            SelectError::Views(error) => error,
            SelectError::Marked(marked) => ViewsError::Unavailable(marked.to_string()),
        })
    }
}

impl Inner {
    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic rolls its transaction back, and `kept` changes only after a commit.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_anew(&self, kept: &[KeptView]) -> Result<Connection, Fault> {
        let unavailable = |error: ViewsOpenError| Fault::from(ViewsError::Unavailable(error.to_string()));
        file::put_aside(&self.path).map_err(unavailable)?;
        let connection = file::open(&self.path).map_err(unavailable)?;
        tables::keep(&connection, kept)?;
        Ok(connection)
    }

    /// What the caller is told. A damaged file is let go of; its writer, if the caller does not hold
    /// it, is taken first.
    fn refusal(&self, fault: Fault, writer: Option<&mut Writer>) -> SelectError {
        let error = match fault {
            Fault::Refused(refusal) => return refusal,
            Fault::Sqlite(error) => error,
        };
        let detail = sentence(&error);
        if !is_damage(&error) {
            return ViewsError::Unavailable(detail).into();
        }
        let mut guard;
        let writer = match writer {
            Some(writer) => writer,
            None => {
                guard = self.writer();
                &mut *guard
            }
        };
        writer.connection = None;
        let fresh = Arc::new(file::readers(&self.path, READERS_MAX));
        let old =
            std::mem::replace(&mut *self.readers.write().unwrap_or_else(PoisonError::into_inner), fresh);
        old.close();
        ViewsError::Unavailable(format!("they were damaged and are folded anew: {detail}")).into()
    }
}

/// Whether the file is not what it should be, as opposed to a disk or a lock that refuses just now.
fn is_damage(error: &rusqlite::Error) -> bool {
    // Without a code it is a value that cannot be read; unknown are tables that are not there.
    matches!(
        error.sqlite_error_code(),
        None | Some(
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::Unknown
                | ErrorCode::TypeMismatch
                | ErrorCode::ConstraintViolation
        )
    )
}

impl Views for SqliteViews {
    async fn keep(&self, views: &[KeptView]) -> Result<(), ViewsError> {
        self.write(|connection, kept| {
            tables::keep(connection, views)?;
            *kept = views.to_vec();
            Ok(())
        })
    }

    async fn reached(&self, view: &ViewId) -> Result<Position, ViewsError> {
        // From the writer, who begins a damaged file anew: whoever follows the log asks this first.
        self.write(|connection, _| Ok(tables::find(connection, view)?.reached))
    }

    async fn rows(&self, view: &ViewId, keys: &[String]) -> Result<BTreeMap<String, Row>, ViewsError> {
        self.write(|connection, _| {
            let table = tables::find(connection, view)?;
            Ok(tables::rows(connection, &table, keys)?)
        })
    }

    async fn select(&self, view: &ViewId, selection: &Selection) -> Result<Found, SelectError> {
        self.read(|connection| {
            let table = tables::find(connection, view)?;
            let rows = select::select(connection, &table, selection)?;
            Ok(Found { rows, position: table.reached })
        })
    }

    async fn write(&self, batches: &[Batch]) -> Result<(), ViewsError> {
        SqliteViews::write(self, |connection, _| {
            batches.iter().try_for_each(|batch| tables::write(connection, batch))
        })
    }

    async fn restart(&self, view: &ViewId) -> Result<(), ViewsError> {
        SqliteViews::write(self, |connection, _| {
            let table = tables::find(connection, view)?;
            Ok(tables::restart(connection, &table)?)
        })
    }
}
