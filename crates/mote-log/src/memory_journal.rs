//! A journal that lives as long as its process.
//! Owns nothing but memory, and keeps every promise of [`Journal`] except to survive a power cut. Never stands behind a
//! server: it is for tests of what stands above a journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::{Journal, JournalError, KeyScope, Page, ReadError, RunQuery, RunState, StoredRun};

/// A [`Journal`] in memory. A clone is another handle on the same journal.
#[derive(Clone, Default, Debug)]
pub struct MemoryJournal {
    /// In the order in which they were begun, with their entries.
    runs: Arc<Mutex<Vec<Kept>>>,
}

type Kept = (StoredRun, Vec<Vec<u8>>);

impl MemoryJournal {
    /// An empty journal.
    pub fn new() -> MemoryJournal {
        MemoryJournal::default()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        // A page changes the journal only after its last check, so a panic elsewhere cannot leave half of one.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, is_it: impl Fn(&StoredRun) -> bool) -> Option<StoredRun> {
        self.kept().iter().map(|(run, _)| run).find(|run| is_it(run)).cloned()
    }
}

/// Whether a run is in a state.
fn is_in(run: &StoredRun, state: RunState) -> bool {
    let done = run.ended.as_ref().map(|ended| ended.done);
    match state {
        RunState::UnderWay => done.is_none(),
        RunState::Done => done == Some(true),
        RunState::Failed => done == Some(false),
    }
}

impl Journal for MemoryJournal {
    async fn write(&self, page: Page) -> Result<(), JournalError> {
        page.check_form()?;
        let mut kept = self.kept();
        let at = kept.iter().position(|(run, _)| run.id == page.run);
        let conflict = |actual| Err(JournalError::Conflict { expected: page.after, actual });
        let at = match (at, page.begun) {
            (Some(at), Some(_)) => return conflict(kept[at].0.entries),
            (None, None) => return conflict(0),
            (Some(at), None) => at,
            (None, Some(begun)) => {
                let taken = |(run, _): &Kept| run.begun.key.is_some() && run.begun.key == begun.key;
                if kept.iter().any(taken) {
                    return Err(JournalError::KeyTaken);
                }
                let run = StoredRun { id: page.run.clone(), begun, entries: 0, ended: None };
                kept.push((run, Vec::new()));
                kept.len() - 1
            }
        };
        let (run, entries) = &mut kept[at];
        if run.ended.is_some() {
            return Err(JournalError::Ended);
        }
        if run.entries != page.after {
            return conflict(run.entries);
        }
        entries.extend(page.entries);
        (run.entries, run.ended) = (entries.len() as u64, page.ended);
        Ok(())
    }

    async fn run(&self, id: &str) -> Result<Option<StoredRun>, ReadError> {
        Ok(self.find(|run| run.id == id))
    }

    async fn run_by_key(&self, scope: &KeyScope) -> Result<Option<StoredRun>, ReadError> {
        Ok(self.find(|run| run.begun.key.as_ref() == Some(scope)))
    }

    async fn entries(&self, run: &str, after: u64, limit: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        let kept = self.kept();
        let entries = kept.iter().find(|(kept, _)| kept.id == run).map_or(&[][..], |(_, entries)| entries);
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(entries.iter().skip(after).take(limit).cloned().collect())
    }

    async fn runs(&self, query: &RunQuery, limit: usize) -> Result<Vec<StoredRun>, ReadError> {
        let kept = self.kept();
        let before = query.before.as_ref();
        let end = before.and_then(|id| kept.iter().position(|(run, _)| run.id == *id)).unwrap_or(kept.len());
        let meant = |run: &&StoredRun| {
            query.workflow.as_ref().is_none_or(|name| run.begun.workflow == *name)
                && query.state.is_none_or(|state| is_in(run, state))
        };
        let newest = kept[..end].iter().rev().map(|(run, _)| run);
        Ok(newest.filter(meant).take(limit).cloned().collect())
    }

    async fn forget_runs(&self, before: Timestamp, limit: usize) -> Result<usize, JournalError> {
        let mut kept = self.kept();
        let old = |run: &StoredRun| run.ended.as_ref().is_some_and(|ended| ended.at < before);
        let all = kept.len();
        let mut left = limit;
        kept.retain(|(run, _)| {
            let forgotten = left > 0 && old(run);
            left -= usize::from(forgotten);
            !forgotten
        });
        Ok(all - kept.len())
    }
}
