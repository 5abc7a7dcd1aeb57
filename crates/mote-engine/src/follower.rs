//! Follows the log and folds its events into the rows of views.
//!
//! Owns how far each view is brought by a step, and what the commits of a step do to its rows.
//! Never waits for commits and never sleeps: whoever drives it calls [`Follower::step`] again when
//! the log has grown. Start reading at [`Follower::step`], then [`project`].

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_contract::{Event, RowOp, View};
use mote_expr::rows::Row;
use mote_expr::{Object, Value};
use mote_log::{
    Batch, KeptView, Log, Position, ReadError, StoredCommit, StoredEvent, ViewId, Views, ViewsError,
};

use crate::stored;

/// How many commits one step folds: at a few rows each, some milliseconds of writing.
const COMMITS_PER_STEP: usize = 1_000;

/// Keeps some views up to date.
#[derive(Clone, Debug)]
pub struct Follower {
    views: Vec<Arc<View>>,
}

/// How far a step came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// All views reach at least this.
    pub reached: Position,
    /// How many commits were folded. None: there was nothing new.
    pub commits: usize,
    /// How many rows changed, over all views.
    pub rows: usize,
}

/// Why a step could not be made. Nothing was written, and the next one may succeed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The rows cannot be read or written.
    #[error(transparent)]
    Views(#[from] ViewsError),
}

impl Follower {
    /// A follower that folds `views`; of two with one name and declaration one is enough.
    pub fn new(views: impl IntoIterator<Item = Arc<View>>) -> Follower {
        let mut distinct: BTreeMap<ViewId, Arc<View>> = BTreeMap::new();
        distinct.extend(views.into_iter().map(|view| (view_id(&view), view)));
        Follower { views: distinct.into_values().collect() }
    }

    /// What a store must keep for it: hand it to [`Views::keep`] before the first step.
    pub fn kept(&self) -> Vec<KeptView> {
        let kept = |view: &Arc<View>| KeptView { id: view_id(view), index: view.index.clone() };
        self.views.iter().map(kept).collect()
    }

    /// Fold the commits after what the view that is furthest behind has reached. Views that are ahead
    /// of it join where they are. A view that reaches further than the log followed another log: it
    /// is folded anew.
    pub async fn step<L: Log, V: Views>(&self, log: &L, store: &V) -> Result<Step, FollowError> {
        let end = log.end();
        let mut reached = Vec::with_capacity(self.views.len());
        for view in &self.views {
            let id = view_id(view);
            let mut position = store.reached(&id).await?;
            if position > end {
                store.restart(&id).await?;
                position = Position::START;
            }
            reached.push((view, id, position));
        }
        let behind = reached.iter().map(|(_, _, position)| *position).min().unwrap_or(end);
        let commits = log.commits(behind, COMMITS_PER_STEP).await?;
        let Some(through) = commits.last().map(|commit| commit.position) else {
            return Ok(Step { reached: behind, commits: 0, rows: 0 });
        };
        let mut batches = Vec::with_capacity(reached.len());
        for (view, id, from) in reached.into_iter().filter(|(_, _, from)| *from < through) {
            let new = commits.partition_point(|commit| commit.position <= from);
            let commits = &commits[new..];
            let keys = touched(view, commits);
            let old = if keys.is_empty() { BTreeMap::new() } else { store.rows(&id, &keys).await? };
            batches.push(Batch { view: id, from, through, changes: project(view, &old, commits) });
        }
        store.write(&batches).await?;
        let rows = batches.iter().map(|batch| batch.changes.len()).sum();
        Ok(Step { reached: through, commits: commits.len(), rows })
    }
}

/// How a store knows `view`.
pub fn view_id(view: &View) -> ViewId {
    ViewId { name: view.name.clone(), digest: view.digest }
}

/// The keys of the rows that `commits` may change, each once.
pub fn touched(view: &View, commits: &[StoredCommit]) -> Vec<String> {
    let mut keys: Vec<String> = events(view, commits)
        .map(|stored| match read(view, stored) {
            Ok(event) => view.key(&event).unwrap_or_default(),
            Err(_) => View::LOST_KEY.to_owned(),
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What `commits` make of the rows, which were `old` before: the rows that change, by key. None: the
/// row is gone.
pub fn project(
    view: &View,
    old: &BTreeMap<String, Row>,
    commits: &[StoredCommit],
) -> Vec<(String, Option<Row>)> {
    let mut changed: BTreeMap<String, Option<Row>> = BTreeMap::new();
    for stored in events(view, commits) {
        let (key, op) = match read(view, stored) {
            Ok(event) => {
                let key = view.key(&event).unwrap_or_default();
                let before = changed.get(&key).map_or_else(|| old.get(&key), Option::as_ref);
                let op = view.apply(&event, before);
                (key, op)
            }
            Err(why) => {
                let value = Value::Object(Object::new().into());
                (View::LOST_KEY.to_owned(), RowOp::Put(Row { value, mark: Some(why) }))
            }
        };
        match op {
            RowOp::Keep => {}
            RowOp::Put(row) => drop(changed.insert(key, Some(row))),
            RowOp::Delete => drop(changed.insert(key, None)),
        }
    }
    changed.into_iter().collect()
}

/// The events that `view` reads.
fn events<'c>(view: &'c View, commits: &'c [StoredCommit]) -> impl Iterator<Item = &'c StoredEvent> {
    let all = commits.iter().flat_map(|commit| &commit.events);
    all.filter(|stored| view.reads(stored.stream.aggregate(), &stored.kind))
}

fn read(view: &View, stored: &StoredEvent) -> Result<Event, String> {
    // Whoever asks has looked whether the view reads such events.
    let source = view.from.get(&stored.kind).ok_or_else(|| "the view does not read it".to_owned())?;
    stored::read(&source.aggregate, stored).map_err(|error| error.to_string())
}
