//! Answers kept under idempotency keys.

use super::build::{append, commit, kept, scope};
use crate::{AppendError, Commit, Log, Position};

fn with_answer(name: &str, expected: u64, key: &str, body: &str) -> Commit {
    let answer = Some(kept(scope("place-order", "user:ada", key), body));
    Commit { answer, ..commit(vec![append(name, expected, &["Placed"])]) }
}

/// The same key of another caller or operation is another key.
pub async fn a_kept_answer_is_found_by_its_scope(log: impl Log) {
    let first = with_answer("order/1", 0, "k1", r#"{"ok":{"n":1}}"#);
    let position = log.append(first.clone()).await.expect("the key is free");
    let mine = scope("place-order", "user:ada", "k1");
    let found = log.kept_answer(&mine).await.expect("answers can be read");
    assert_eq!(found, first.answer.map(|answer| (position, answer)), "a kept answer comes back whole");
    for other in [
        scope("place-order", "user:eve", "k1"),
        scope("cancel-order", "user:ada", "k1"),
        scope("place-order", "user:ada", "k2"),
        // The parts of a scope do not run into each other.
        scope("place-orderuser:ada", "", "k1"),
        scope("place-order", "user:adak", "1"),
    ] {
        assert_eq!(
            log.kept_answer(&other).await.expect("answers can be read"),
            None,
            "{other:?} is another key"
        );
    }
    let theirs = Commit {
        answer: Some(kept(scope("place-order", "user:eve", "k1"), "2")),
        ..commit(vec![append("order/2", 0, &["Placed"])])
    };
    log.append(theirs).await.expect("another caller's key is free");
}

/// A key is answered once; the refused commit stores nothing, even where its versions are stale too.
pub async fn a_taken_key_refuses_the_commit(log: impl Log) {
    let first = with_answer("order/1", 0, "k1", "first");
    let position = log.append(first.clone()).await.expect("the key is free");
    for again in [with_answer("order/2", 0, "k1", "second"), with_answer("order/1", 0, "k1", "first")] {
        let refused = log.append(again).await;
        assert!(matches!(refused, Err(AppendError::KeyTaken)), "the key is taken, got {refused:?}");
    }
    assert_eq!(log.end(), position, "a refused commit takes no position");
    let kept = log.kept_answer(&scope("place-order", "user:ada", "k1")).await.expect("answers can be read");
    assert_eq!(kept, first.answer.map(|answer| (position, answer)), "the first answer stays");

    let conflict = log.append(with_answer("order/1", 0, "k2", "third")).await;
    assert!(matches!(conflict, Err(AppendError::Conflict { .. })), "a free key meets the conflict");
    let kept = log.kept_answer(&scope("place-order", "user:ada", "k2")).await.expect("answers can be read");
    assert_eq!(kept, None, "a conflict keeps no answer");
}

/// A commit may hold an answer and no events.
pub async fn an_answer_alone_is_a_commit(log: impl Log) {
    let alone = Commit { appends: Vec::new(), ..with_answer("order/1", 0, "k1", "declared") };
    let position = log.append(alone.clone()).await.expect("an answer alone is worth a commit");
    assert_eq!(log.end(), position, "an answer alone takes a position");
    let stored = log.commits(Position::START, 10).await.expect("commits can be read");
    assert_eq!(stored.len(), 1, "an answer alone is read as a commit");
    assert_eq!((&stored[0].cause, stored[0].events.len()), (&alone.cause, 0), "without events");
}
