//! The log on SQLite, with group commit, and the journals of runs beside it; the rows of views, in a file of their own; rings of records that may go.
//!
//! Owns the file: its schema, its one writer, its readers, and what happens when a disk refuses.
//! Never knows what an event means, and never runs on a runtime: a commit is answered through a
//! oneshot, a read runs on the caller's thread. Start reading at [`SqliteLog`]; the synchronous
//! core, which a simulator drives by itself, is [`Database`]; whoever only looks opens a [`Reader`]. The rows are
//! [`SqliteViews`]; what is kept for a while is in a [`Ring`].

mod check;
mod checkpoint;
mod database;
mod journal;
mod lock;
mod log;
mod open;
mod queue;
mod read;
mod reader;
mod readers;
mod ring;
mod schema;
mod snapshots;
mod views;
mod write;
mod writer;

pub use database::Database;
pub use log::{Options, SqliteLog};
pub use open::OpenError;
pub use reader::Reader;
pub use ring::{Kept, Ring, RingBound, RingError};
pub use views::{KeptRows, RowFilter, SqliteViews, ViewsOpenError, ViewsReader};
