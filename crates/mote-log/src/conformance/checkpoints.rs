//! How far followers have come.

use super::build::{append, checkpoint, commit, kept, scope};
use crate::{AppendError, Checkpoint, Commit, Log, Position};

async fn found(log: &impl Log, follower: &str) -> Option<Checkpoint> {
    log.checkpoint(follower).await.expect("checkpoints can be read")
}

fn with_checkpoint(name: &str, expected: u64, checkpoint: Checkpoint) -> Commit {
    Commit { checkpoint: Some(checkpoint), ..commit(vec![append(name, expected, &["Placed"])]) }
}

/// A follower's checkpoint is the newest that came with a commit, and nobody else's.
pub async fn a_checkpoint_comes_with_its_commit(log: impl Log) {
    assert_eq!(found(&log, "announce").await, None, "a follower that never came has no checkpoint");
    let first = log
        .append(with_checkpoint("order/1", 0, checkpoint("announce", Position::START, "{}")))
        .await
        .expect("a new stream");
    assert_eq!(found(&log, "announce").await, Some(checkpoint("announce", Position::START, "{}")));
    let newest = checkpoint("announce", first, "\u{0}\u{e9}");
    log.append(with_checkpoint("order/1", 1, newest.clone())).await.expect("the version fits");
    log.append(with_checkpoint("order/2", 0, checkpoint("other", first, ""))).await.expect("a new stream");
    assert_eq!(found(&log, "announce").await, Some(newest), "a checkpoint comes back whole, the newest one");
    assert_eq!(found(&log, "Announce").await, None, "a follower's name is told apart letter by letter");
}

/// A refused commit leaves the checkpoint where it was.
pub async fn a_refused_commit_moves_no_checkpoint(log: impl Log) {
    let before = checkpoint("announce", Position::START, "before");
    let with_key = |checkpoint, key| {
        let answer = Some(kept(scope("place-order", "user:ada", key), "{}"));
        Commit { answer, ..with_checkpoint("order/1", 0, checkpoint) }
    };
    let end = log.append(with_key(before.clone(), "k1")).await.expect("a new stream");
    let after = checkpoint("announce", end, "after");
    let conflict = log.append(with_key(after.clone(), "k2")).await;
    assert!(matches!(conflict, Err(AppendError::Conflict { .. })), "the version is taken, got {conflict:?}");
    let taken = log.append(with_key(after, "k1")).await;
    assert!(matches!(taken, Err(AppendError::KeyTaken)), "the key is taken, got {taken:?}");
    let nobodys = log.append(with_checkpoint("order/2", 0, checkpoint("", end, ""))).await;
    assert!(matches!(nobodys, Err(AppendError::Malformed(_))), "a follower has a name, got {nobodys:?}");
    assert_eq!(found(&log, "announce").await, Some(before), "what is refused moves nothing");
    assert_eq!(log.end(), end, "what is refused takes no position");
}

/// A checkpoint moves alone, forwards and backwards, and takes no position.
pub async fn a_checkpoint_moves_alone(log: impl Log) {
    let end = log.append(commit(vec![append("order/1", 0, &["Placed"])])).await.expect("a new stream");
    for moved in [checkpoint("announce", end, "1"), checkpoint("announce", Position::START, "2")] {
        log.move_checkpoint(moved.clone()).await.expect("a checkpoint can be moved");
        assert_eq!(found(&log, "announce").await, Some(moved), "a checkpoint is where it was moved to");
    }
    let nobodys = log.move_checkpoint(checkpoint("", end, "")).await;
    assert!(matches!(nobodys, Err(AppendError::Malformed(_))), "a follower has a name, got {nobodys:?}");
    assert_eq!(log.end(), end, "moving takes no position");
    let stored = log.commits(Position::START, 10).await.expect("commits can be read");
    assert_eq!(stored.len(), 1, "moving is no commit");
    let next = log.append(commit(vec![append("order/1", 1, &["Paid"])])).await.expect("the version fits");
    assert_eq!(next.ordinal(), end.ordinal() + 1, "positions go on as if nothing had moved");
}
