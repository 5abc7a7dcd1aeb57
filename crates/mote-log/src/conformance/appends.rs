//! What a log takes and what it refuses.

use futures_util::future::join_all;

use super::build::{append, commit, event, kept, scope, stream};
use crate::{Append, AppendError, Commit, Log, Position, StoredEvent, Version};

/// How many appends the concurrent cases keep in flight.
const IN_FLIGHT: u64 = 64;

async fn read(log: &impl Log, name: &str) -> Vec<StoredEvent> {
    log.stream(&stream(name), Version(0), usize::MAX).await.expect("a stream can be read")
}

/// Several streams of one commit arrive together, at one position.
pub async fn streams_are_appended_together(log: impl Log) {
    let both =
        commit(vec![append("order/1", 0, &["Placed"]), append("stock/north", 0, &["Reserved", "Counted"])]);
    let position = log.append(both).await.expect("the streams are empty");
    let (order, stock) = (read(&log, "order/1").await, read(&log, "stock/north").await);
    assert_eq!((order.len(), stock.len()), (1, 2), "every stream of a commit is appended");
    assert!(order.iter().chain(&stock).all(|event| event.position == position), "one commit is one position");
    let commits = log.commits(Position::START, 10).await.expect("commits can be read");
    let kinds: Vec<_> = commits[0].events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["Placed", "Reserved", "Counted"], "a commit keeps the order of its appends");
}

/// One stream at another version refuses every stream of the commit, and says which.
pub async fn a_conflict_refuses_the_whole_commit(log: impl Log) {
    log.append(commit(vec![append("order/1", 0, &["Placed", "Paid"])])).await.expect("the stream is empty");
    let end = log.end();
    // Too low, too high, and beyond what any store counts to.
    for stale in [0, 1, 3, u64::MAX] {
        let refused =
            commit(vec![append("order/2", 0, &["Placed"]), append("order/1", stale, &["Cancelled"])]);
        match log.append(refused).await {
            Err(AppendError::Conflict { stream: named, expected, actual }) => {
                assert_eq!(named, stream("order/1"), "a conflict names the stream");
                assert_eq!(
                    (expected, actual),
                    (Version(stale), Version(2)),
                    "a conflict names both versions"
                );
            }
            other => panic!("expected a conflict at version {stale}, got {other:?}"),
        }
    }
    assert!(read(&log, "order/2").await.is_empty(), "nothing of a refused commit is stored");
    assert_eq!(read(&log, "order/1").await.len(), 2, "a refused commit leaves the stream alone");
    assert_eq!(log.end(), end, "a refused commit takes no position");
    log.append(commit(vec![append("order/1", 2, &["Cancelled"])]))
        .await
        .expect("the right version still fits");
}

/// A stream's versions are 1, 2, 3, … over commits and refusals.
pub async fn versions_have_no_gaps(log: impl Log) {
    for (expected, kinds) in [(0, &["A", "B"][..]), (2, &["C"]), (3, &["D", "E", "F"])] {
        log.append(commit(vec![append("order/1", expected, kinds)])).await.expect("the version fits");
        log.append(commit(vec![append("order/1", 0, &["X"])])).await.expect_err("version 0 is taken");
    }
    let found: Vec<_> = read(&log, "order/1").await.into_iter().map(|e| (e.version.0, e.kind)).collect();
    let expected = ["A", "B", "C", "D", "E", "F"].map(str::to_owned);
    assert_eq!(found, (1..).zip(expected).collect::<Vec<_>>(), "versions count from 1 without gaps");
}

/// Positions grow with commits, are tokens, and the end is the newest.
pub async fn positions_follow_commits(log: impl Log) {
    assert_eq!(log.end(), Position::START, "an empty log ends at its start");
    let mut last = Position::START;
    for number in 0..20 {
        let name = format!("order/{number}");
        let position = log.append(commit(vec![append(&name, 0, &["Placed"])])).await.expect("a new stream");
        assert!(position > last, "positions grow with every commit");
        assert_eq!(log.end(), position, "an acknowledged commit is the end");
        let token = position.to_string();
        assert_eq!(token.parse(), Ok(position), "a position survives as its token");
        assert!(token > last.to_string(), "tokens sort as positions do");
        last = position;
    }
    let stored = log.commits(Position::START, usize::MAX).await.expect("commits can be read");
    assert_eq!(
        stored.last().map(|commit| commit.position),
        Some(last),
        "commits are read in order of position"
    );
}

/// A commit that makes no sense is refused, and nothing of it is stored.
pub async fn malformed_commits_are_refused(log: impl Log) {
    let twice = commit(vec![append("order/1", 0, &["Placed"]), append("order/1", 1, &["Paid"])]);
    let no_events = commit(vec![append("order/1", 0, &["Placed"]), append("order/2", 0, &[])]);
    let no_type = Append { stream: stream("order/1"), expected: Version(0), events: vec![event("")] };
    let no_key = kept(scope("place-order", "user:ada", ""), "{}");
    let cases = [
        ("a stream twice", twice),
        ("an append without events", no_events),
        ("an event without a type", commit(vec![no_type])),
        ("an empty key", Commit { answer: Some(no_key), ..commit(vec![append("order/1", 0, &["Placed"])]) }),
        ("nothing at all", commit(Vec::new())),
    ];
    for (what, malformed) in cases {
        let refused = log.append(malformed).await;
        assert!(matches!(refused, Err(AppendError::Malformed(_))), "{what} is malformed, got {refused:?}");
    }
    assert_eq!(log.end(), Position::START, "a malformed commit takes no position");
    assert!(read(&log, "order/1").await.is_empty(), "nothing of a malformed commit is stored");
}

/// Of many appends at one version of one stream exactly one wins; the others learn where the stream is.
pub async fn concurrent_appends_have_one_winner(log: impl Log) {
    for round in 0..3 {
        let appends = (0..IN_FLIGHT).map(|_| log.append(commit(vec![append("order/1", round, &["Placed"])])));
        let answers = join_all(appends).await;
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(won, 1, "one append wins version {}", round + 1);
        for lost in answers.into_iter().filter_map(Result::err) {
            let AppendError::Conflict { actual, .. } = lost else {
                panic!("a loser meets a conflict, got {lost:?}")
            };
            assert_eq!(actual, Version(round + 1), "a loser learns the winner's version");
        }
    }
    assert_eq!(read(&log, "order/1").await.len(), 3, "losers store nothing");
}

/// Appends in flight on many streams all arrive, each at a position of its own.
pub async fn concurrent_streams_all_arrive(log: impl Log) {
    let name = |number| format!("order/{number}");
    let appends =
        (0..IN_FLIGHT).map(|number| log.append(commit(vec![append(&name(number), 0, &["Placed"])])));
    let mut positions: Vec<_> =
        join_all(appends).await.into_iter().map(|answer| answer.expect("a new stream")).collect();
    positions.sort();
    positions.dedup();
    assert_eq!(positions.len() as u64, IN_FLIGHT, "no two commits share a position");
    assert_eq!(positions.last(), Some(&log.end()), "the end is the newest commit");
    let stored = log.commits(Position::START, usize::MAX).await.expect("commits can be read");
    let found: Vec<_> = stored.iter().map(|commit| commit.position).collect();
    assert_eq!(found, positions, "every acknowledged commit is read, in order");
}
