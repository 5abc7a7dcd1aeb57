//! Snapshots beside a log.

use mote_expr::{Digest, Value};

use super::build::{append, commit, stream};
use crate::{Log, Snapshot, Snapshots, Version};

/// The snapshot of the stream `name` at `version`, as the fold `fold` makes it.
pub fn snapshot(name: &str, fold: &str, version: u64) -> Snapshot {
    let state = Value::object([("seen", Value::Int(version as i64)), ("note", Value::text("\u{1f99c}"))]);
    Snapshot { stream: stream(name), fold: Digest::of(fold.as_bytes()), version: Version(version), state }
}

async fn found<L: Snapshots>(log: &L, name: &str, fold: &str) -> Option<Snapshot> {
    log.snapshot(&stream(name), Digest::of(fold.as_bytes())).await.expect("snapshots can be read")
}

/// A snapshot comes back whole, to its own stream and fold alone, and the last one wins.
pub async fn the_last_snapshot_is_found(log: impl Log + Snapshots) {
    assert_eq!(found(&log, "order/1", "first").await, None, "nothing is kept yet");
    for version in [1_000, 2_000] {
        log.keep_snapshot(snapshot("order/1", "first", version)).await.expect("it can be kept");
        let kept = found(&log, "order/1", "first").await;
        assert_eq!(kept, Some(snapshot("order/1", "first", version)), "a snapshot comes back as it was kept");
    }
    log.keep_snapshot(snapshot("order/1", "second", 5)).await.expect("it can be kept");
    log.keep_snapshot(snapshot("order/10", "first", 7)).await.expect("it can be kept");
    assert_eq!(found(&log, "order/1", "first").await.map(|kept| kept.version.0), Some(2_000));
    assert_eq!(found(&log, "order/1", "second").await.map(|kept| kept.version.0), Some(5));
    assert_eq!(found(&log, "order/10", "second").await, None, "a stream's snapshot is its own");
    // One that is older may be right where a newer one was wrong.
    log.keep_snapshot(snapshot("order/1", "first", 10)).await.expect("it can be kept");
    assert_eq!(found(&log, "order/1", "first").await.map(|kept| kept.version.0), Some(10));
}

/// Whoever keeps a snapshot need not wait for it, and later ones are kept after it.
pub async fn snapshots_are_kept_in_order_unawaited(log: impl Log + Snapshots) {
    for version in 1..=10 {
        drop(log.keep_snapshot(snapshot("order/1", "first", version)));
    }
    log.keep_snapshot(snapshot("order/2", "first", 1)).await.expect("it can be kept");
    assert_eq!(found(&log, "order/1", "first").await.map(|kept| kept.version.0), Some(10));
    drop(log.forget_snapshots(&[]));
    log.keep_snapshot(snapshot("order/3", "first", 3)).await.expect("it can be kept");
    assert_eq!(found(&log, "order/2", "first").await, None, "what was forgotten before is gone");
}

/// Folds that nobody uses any more are forgotten, all of them and no others.
pub async fn unused_folds_are_forgotten(log: impl Log + Snapshots) {
    for fold in ["first", "second", "third"] {
        for number in 0..300 {
            let kept = log.keep_snapshot(snapshot(&format!("order/{number}"), fold, 1));
            // A few in flight at a time, as a system keeps them.
            if number % 10 == 0 {
                kept.await.expect("it can be kept");
            }
        }
    }
    let used = ["first", "third"].map(|fold| Digest::of(fold.as_bytes()));
    log.forget_snapshots(&used).await.expect("they can be forgotten");
    for number in 0..300 {
        let name = format!("order/{number}");
        assert!(found(&log, &name, "first").await.is_some(), "a fold that is used stays");
        assert_eq!(found(&log, &name, "second").await, None, "a fold that nobody uses is gone");
        assert!(found(&log, &name, "third").await.is_some(), "a fold that is used stays");
    }
}

/// Snapshots are no commits: nothing of the log shows them, and commits go on beside them.
pub async fn snapshots_are_no_part_of_the_log(log: impl Log + Snapshots) {
    let end = log.append(commit(vec![append("order/1", 0, &["Counted"])])).await.expect("it is empty");
    log.keep_snapshot(snapshot("order/1", "first", 1)).await.expect("it can be kept");
    // Of a version that the stream does not have: a keeper does not look.
    log.keep_snapshot(snapshot("order/2", "first", u64::MAX >> 1)).await.expect("it can be kept");
    assert_eq!(log.end(), end, "a snapshot takes no position");
    assert_eq!(log.stream(&stream("order/2"), Version(0), 10).await.expect("it can be read"), []);
    let next = log.append(commit(vec![append("order/1", 1, &["Counted"])])).await.expect("it goes on");
    assert_eq!(next.ordinal(), end.ordinal() + 1);
}
