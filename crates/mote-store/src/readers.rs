//! A few connections for reading, beside the writer's.
//! Owns how many there are and who has one. Never opens more than its bound: a read is short, so the
//! next one waits for a connection on its caller's thread.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use mote_log::ReadError;
use rusqlite::Connection;

use crate::read::read_error;

/// The pool of reading connections.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    connect: fn(&Path) -> rusqlite::Result<Connection>,
    connections_max: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Connection>,
    lent: usize,
    closed: bool,
}

/// A connection on loan; it goes back even if the read panics.
struct Loan<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Readers {
    /// Readers of the file at `path`. Connections are opened with `connect` as they are needed.
    pub(crate) fn new(
        path: PathBuf,
        connections_max: usize,
        connect: fn(&Path) -> rusqlite::Result<Connection>,
    ) -> Readers {
        Readers {
            path,
            connect,
            connections_max: connections_max.max(1),
            state: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can stop half-way and leave the state wrong.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Run `read` on a connection of its own.
    pub(crate) fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ReadError> {
        self.lend(read)?.map_err(read_error)
    }

    /// The same, where the caller tells errors apart.
    pub(crate) fn lend<T>(&self, read: impl FnOnce(&Connection) -> T) -> Result<T, ReadError> {
        let mut loan = self.borrow()?;
        let connection = match loan.connection.take() {
            Some(connection) => connection,
            None => (self.connect)(&self.path).map_err(read_error)?,
        };
        Ok(read(loan.connection.insert(connection)))
    }

    fn borrow(&self) -> Result<Loan<'_>, ReadError> {
        let all_lent = |state: &mut State| !state.closed && state.lent >= self.connections_max;
        let mut state =
            self.returned.wait_while(self.state(), all_lent).unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(ReadError("it is closed".to_owned()));
        }
        state.lent += 1;
        Ok(Loan { readers: self, connection: state.idle.pop() })
    }

    /// Lend nothing more, and wait until everything is back and closed.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.returned.notify_all();
        let lent = |state: &mut State| state.lent > 0;
        let mut state = self.returned.wait_while(self.state(), lent).unwrap_or_else(PoisonError::into_inner);
        state.idle.clear();
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut state = self.readers.state();
        state.lent -= 1;
        state.idle.extend(self.connection.take());
        // Borrowers and `close` wait for different things on one condition.
        self.readers.returned.notify_all();
    }
}
