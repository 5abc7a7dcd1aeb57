//! Rows that live as long as their process.
//! Owns nothing but memory, and keeps every promise of [`Views`]. Never stands behind a server: it is
//! for tests of what stands above a store of views.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mote_expr::rows::{Row, Selection};

use crate::{Batch, Found, KeptView, Position, SelectError, ViewId, Views, ViewsError};

/// A [`Views`] in memory. A clone is another handle on the same rows.
#[derive(Clone, Default, Debug)]
pub struct MemoryViews {
    views: Arc<Mutex<BTreeMap<ViewId, State>>>,
}

#[derive(Clone, Default, Debug)]
struct State {
    rows: BTreeMap<String, Row>,
    reached: Position,
}

impl MemoryViews {
    /// No views yet.
    pub fn new() -> MemoryViews {
        MemoryViews::default()
    }

    fn views(&self) -> MutexGuard<'_, BTreeMap<ViewId, State>> {
        // A write checks everything before it changes anything, so a panic leaves no half of one.
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, view: &ViewId, read: impl FnOnce(&mut State) -> T) -> Result<T, ViewsError> {
        let mut views = self.views();
        views.get_mut(view).map(read).ok_or_else(|| ViewsError::Unknown(view.clone()))
    }
}

impl Views for MemoryViews {
    async fn keep(&self, kept: &[KeptView]) -> Result<(), ViewsError> {
        let mut views = self.views();
        views.retain(|id, _| kept.iter().any(|view| view.id == *id));
        for view in kept {
            views.entry(view.id.clone()).or_default();
        }
        Ok(())
    }

    async fn reached(&self, view: &ViewId) -> Result<Position, ViewsError> {
        self.with(view, |state| state.reached)
    }

    async fn rows(&self, view: &ViewId, keys: &[String]) -> Result<BTreeMap<String, Row>, ViewsError> {
        self.with(view, |state| {
            let found = keys.iter().filter_map(|key| Some((key.clone(), state.rows.get(key)?.clone())));
            found.collect()
        })
    }

    async fn select(&self, view: &ViewId, selection: &Selection) -> Result<Found, SelectError> {
        let (rows, position) = self.with(view, |state| {
            let rows = state.rows.iter().map(|(key, row)| (key.as_str(), row));
            (selection.select(rows), state.reached)
        })?;
        Ok(Found { rows: rows?, position })
    }

    async fn write(&self, batches: &[Batch]) -> Result<(), ViewsError> {
        let mut views = self.views();
        let mut after = views.clone();
        for batch in batches {
            let state = after.get_mut(&batch.view).ok_or_else(|| ViewsError::Unknown(batch.view.clone()))?;
            if state.reached != batch.from {
                let (view, expected, actual) = (batch.view.clone(), batch.from, state.reached);
                return Err(ViewsError::Moved { view, expected, actual });
            }
            state.reached = batch.through;
            for (key, row) in &batch.changes {
                match row {
                    Some(row) => drop(state.rows.insert(key.clone(), row.clone())),
                    None => drop(state.rows.remove(key)),
                }
            }
        }
        *views = after;
        Ok(())
    }

    async fn restart(&self, view: &ViewId) -> Result<(), ViewsError> {
        self.with(view, |state| *state = State::default())
    }
}
