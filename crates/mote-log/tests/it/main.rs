//! The memory log keeps the promise of every log.

use mote_log::MemoryLog;
use mote_log::conformance::{block_on, check_all, check_snapshots};

#[test]
fn the_memory_log_conforms() {
    block_on(check_all(MemoryLog::new));
}

#[test]
fn snapshots_in_memory_keep_every_promise() {
    block_on(check_snapshots(MemoryLog::new));
}

#[test]
fn rows_in_memory_keep_every_promise() {
    block_on(mote_log::conformance::check_views(mote_log::MemoryViews::new));
}

#[test]
fn journals_in_memory_keep_every_promise() {
    block_on(mote_log::conformance::check_journals(mote_log::MemoryJournal::new));
}
