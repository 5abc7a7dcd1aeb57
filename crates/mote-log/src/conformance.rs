//! The tests that every log must pass, written against [`Log`] alone.
//!
//! Owns what a log's promise means in cases: one async function for each, which panics with the
//! sentence that was broken. Never knows a store, and brings no runtime: a caller blocks on the
//! futures with its own, or with [`block_on`]. Start at [`check_all`].

mod answers;
mod appends;
mod build;
mod checkpoints;
mod journals;
mod reads;
mod snapshots;
mod views;

pub use answers::{
    a_kept_answer_is_found_by_its_scope, a_taken_key_refuses_the_commit, an_answer_alone_is_a_commit,
};
pub use appends::{
    a_conflict_refuses_the_whole_commit, concurrent_appends_have_one_winner, concurrent_streams_all_arrive,
    malformed_commits_are_refused, positions_follow_commits, streams_are_appended_together,
    versions_have_no_gaps,
};
pub use build::{append, cause, checkpoint, commit, event, kept, scope, stream};
pub use checkpoints::{
    a_checkpoint_comes_with_its_commit, a_checkpoint_moves_alone, a_refused_commit_moves_no_checkpoint,
};
pub use journals::{
    a_key_has_one_run, begins, ends, entries_come_back_in_order, goes_on, old_runs_are_forgotten,
    pages_that_do_not_fit_are_refused, runs_are_listed_newest_first,
};
pub use reads::{
    commits_are_read_in_windows, commits_name_their_cause, events_come_back_unchanged,
    names_may_be_long_and_foreign, streams_are_read_in_windows,
};
pub use snapshots::{
    snapshot, snapshots_are_kept_in_order_unawaited, snapshots_are_no_part_of_the_log,
    the_last_snapshot_is_found, unused_folds_are_forgotten,
};
pub use views::{
    a_marked_row_is_told_to_whom_it_meets, a_view_begins_empty_and_is_forgotten, a_view_is_restarted,
    a_write_is_taken_whole_or_not_at_all, check_views, kept_view, pages_lead_through_all_rows,
    rows_and_positions_are_written_together, selections_find_what_they_mean,
};

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::{Journal, Log, Snapshots};

/// Run every case, each on an empty log of its own that `make` makes.
pub async fn check_all<L: Log>(mut make: impl FnMut() -> L) {
    streams_are_appended_together(make()).await;
    a_conflict_refuses_the_whole_commit(make()).await;
    versions_have_no_gaps(make()).await;
    positions_follow_commits(make()).await;
    malformed_commits_are_refused(make()).await;
    concurrent_appends_have_one_winner(make()).await;
    concurrent_streams_all_arrive(make()).await;
    a_kept_answer_is_found_by_its_scope(make()).await;
    a_taken_key_refuses_the_commit(make()).await;
    an_answer_alone_is_a_commit(make()).await;
    streams_are_read_in_windows(make()).await;
    commits_are_read_in_windows(make()).await;
    commits_name_their_cause(make()).await;
    events_come_back_unchanged(make()).await;
    names_may_be_long_and_foreign(make()).await;
    a_checkpoint_comes_with_its_commit(make()).await;
    a_refused_commit_moves_no_checkpoint(make()).await;
    a_checkpoint_moves_alone(make()).await;
}

/// Run every case of [`Snapshots`], each beside an empty log of its own that `make` makes.
pub async fn check_snapshots<L: Log + Snapshots>(mut make: impl FnMut() -> L) {
    the_last_snapshot_is_found(make()).await;
    snapshots_are_kept_in_order_unawaited(make()).await;
    unused_folds_are_forgotten(make()).await;
    snapshots_are_no_part_of_the_log(make()).await;
}

/// Run every case of [`Journal`], each on an empty one that `make` makes.
pub async fn check_journals<J: Journal>(mut make: impl FnMut() -> J) {
    entries_come_back_in_order(make()).await;
    pages_that_do_not_fit_are_refused(make()).await;
    a_key_has_one_run(make()).await;
    runs_are_listed_newest_first(make()).await;
    old_runs_are_forgotten(make()).await;
}

/// Wait for `future` on this thread, for callers without a runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
