//! What a store of views promises: rows by key, and how far into the log they reach.
//!
//! Owns the vocabulary ([`ViewId`], [`Batch`]) and the trait [`Views`]. Never knows what an event
//! does to a row: whoever follows the log folds, the store keeps. What a selection means is
//! [`Selection::select`]. Everything here can be lost and folded again from the log.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use mote_expr::rows::{Marked, Row, Selection};
use mote_expr::{Digest, Value};

use crate::Position;

/// One view as one declaration makes it: a changed view is another, kept beside it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ViewId {
    /// The view's name.
    pub name: String,
    /// The hash of everything that its rows depend on.
    pub digest: Digest,
}

impl fmt::Display for ViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.digest.short())
    }
}

/// A view to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptView {
    /// Which.
    pub id: ViewId,
    /// The fields that rows are found by fast, scalars.
    pub index: Vec<String>,
}

/// What one stretch of the log does to the rows of one view.
#[derive(Clone, PartialEq, Debug)]
pub struct Batch {
    /// Which view.
    pub view: ViewId,
    /// How far it reached before; anywhere else the batch is refused.
    pub from: Position,
    /// How far it reaches then.
    pub through: Position,
    /// The rows that change, each key once; None: there is none any more.
    pub changes: Vec<(String, Option<Row>)>,
}

/// Rows that were asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The rows with their keys, in the order of the selection.
    pub rows: Vec<(String, Value)>,
    /// How far into the log the view reached when they were read.
    pub position: Position,
}

/// A keeper of rows with exactly one owner.
///
/// What every implementation promises:
/// - A call of [`Views::write`] is taken whole or not at all, positions and rows together.
/// - A read sees the rows and the position of one moment.
/// - What a selection finds is what [`Selection::select`] finds in all rows of the view.
pub trait Views: Send + Sync {
    /// Keep these views and no others: new ones begin without rows at [`Position::START`], those
    /// that are kept already stay as they are, all others are forgotten.
    fn keep(&self, views: &[KeptView]) -> impl Future<Output = Result<(), ViewsError>> + Send;

    /// How far into the log `view` reaches.
    fn reached(&self, view: &ViewId) -> impl Future<Output = Result<Position, ViewsError>> + Send;

    /// The rows with these keys, as far as there are any.
    fn rows(
        &self,
        view: &ViewId,
        keys: &[String],
    ) -> impl Future<Output = Result<BTreeMap<String, Row>, ViewsError>> + Send;

    /// The rows that `selection` asks for.
    fn select(
        &self,
        view: &ViewId,
        selection: &Selection,
    ) -> impl Future<Output = Result<Found, SelectError>> + Send;

    /// Take all of `batches`, or none.
    fn write(&self, batches: &[Batch]) -> impl Future<Output = Result<(), ViewsError>> + Send;

    /// Forget the rows of `view`, to fold them anew from [`Position::START`].
    fn restart(&self, view: &ViewId) -> impl Future<Output = Result<(), ViewsError>> + Send;
}

/// Why a store of views refused. Nothing changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ViewsError {
    /// The view is not kept here: the caller keeps it first.
    #[error("the view {0} is not kept here")]
    Unknown(ViewId),
    /// Somebody else wrote: the caller reads the position again.
    #[error("the view {view} reaches {actual}, the batch begins at {expected}")]
    Moved {
        /// Which view.
        view: ViewId,
        /// Where the batch begins.
        expected: Position,
        /// How far the view reaches.
        actual: Position,
    },
    /// The store cannot be read or written now; what is lost is folded again.
    #[error("the views cannot be read or written now: {0}")]
    Unavailable(String),
}

/// Why a selection was not answered.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SelectError {
    /// It would meet a row that cannot be relied on.
    #[error(transparent)]
    Marked(#[from] Marked),
    /// The store refused.
    #[error(transparent)]
    Views(#[from] ViewsError),
}
