//! A log read beside its owner, or without one: for whoever only looks.
//!
//! Owns nothing: no lock is taken, and no log is ever made, migrated or mended here. What it reads was durable
//! before it could be seen. Start at [`Reader::open`].

use std::path::Path;

use mote_log::{Position, ReadError, StoredCommit, StoredEvent, StreamName, Version};
use rusqlite::Connection;

use crate::open::{self, OpenError};
use crate::read::{self, read_error};

/// A log's file, open for reading alone.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
}

impl Reader {
    /// Open the log at `path`, a file or a folder that holds `log.db`. None if there is none yet.
    pub fn open(path: impl AsRef<Path>) -> Result<Option<Reader>, OpenError> {
        Ok(open::open_reader(path.as_ref())?.map(|connection| Reader { connection }))
    }

    /// The position of the newest durable commit.
    pub fn end(&self) -> Result<Position, ReadError> {
        read::end(&self.connection).map_err(read_error)
    }

    /// How many commits there are after `position`.
    pub fn commits_after(&self, position: Position) -> Result<u64, ReadError> {
        read::commits_after(&self.connection, position).map_err(read_error)
    }

    /// See [`mote_log::Log::stream`].
    pub fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        read::stream(&self.connection, stream, after, limit).map_err(read_error)
    }

    /// See [`mote_log::Log::commits`].
    pub fn commits(&self, after: Position, limit: usize) -> Result<Vec<StoredCommit>, ReadError> {
        read::commits(&self.connection, after, limit).map_err(read_error)
    }
}
