//! What a log gives back.

use jiff::Timestamp;

use super::build::{append, cause, commit, event, kept, scope, stream};
use crate::{Append, Cause, Codec, Commit, Log, NewEvent, Position, StreamName, Version};

/// A stream is read after a version, up to a limit, and without its neighbours.
pub async fn streams_are_read_in_windows(log: impl Log) {
    // Names that are prefixes of each other, and commits of several streams, interleaved.
    for version in 0..5 {
        let appends = ["order/1", "order/10", "order/1/x"].map(|name| append(name, version, &["Counted"]));
        log.append(commit(appends.to_vec())).await.expect("the versions fit");
    }
    for (after, limit, expected) in [
        (0, usize::MAX, &[1, 2, 3, 4, 5][..]),
        (0, 2, &[1, 2]),
        (2, 2, &[3, 4]),
        (4, 2, &[5]),
        (5, 2, &[]),
        (u64::MAX, usize::MAX, &[]),
        (0, 0, &[]),
    ] {
        let found =
            log.stream(&stream("order/1"), Version(after), limit).await.expect("a stream can be read");
        let versions: Vec<_> = found.iter().map(|event| event.version.0).collect();
        assert_eq!(versions, expected, "after version {after}, at most {limit}");
        assert!(found.iter().all(|event| event.stream == stream("order/1")), "a stream holds its own events");
    }
    let none = log.stream(&stream("order/2"), Version(0), 10).await.expect("a stream can be read");
    assert!(none.is_empty(), "a stream that nobody wrote is empty");
}

/// Commits are read after a position, up to a limit, each with all its events.
pub async fn commits_are_read_in_windows(log: impl Log) {
    let mut positions = vec![Position::START];
    for version in 0..5 {
        let appends =
            vec![append("order/1", version, &["Counted"]), append("order/2", version, &["Counted"])];
        positions.push(log.append(commit(appends)).await.expect("the versions fit"));
    }
    let beyond = Position::from_ordinal(u64::MAX);
    for (after, limit, expected) in [
        (Position::START, usize::MAX, &positions[1..]),
        (Position::START, 2, &positions[1..3]),
        (positions[2], 2, &positions[3..5]),
        (positions[4], 10, &positions[5..]),
        (positions[5], 10, &[]),
        (beyond, usize::MAX, &[]),
        (Position::START, 0, &[]),
    ] {
        let found = log.commits(after, limit).await.expect("commits can be read");
        let at: Vec<_> = found.iter().map(|commit| commit.position).collect();
        assert_eq!(at, expected, "after {after}, at most {limit}");
        for commit in &found {
            assert_eq!(commit.events.len(), 2, "a commit is never cut");
            assert!(
                commit.events.iter().all(|event| event.position == commit.position),
                "events stay together"
            );
        }
    }
}

/// Everything of a cause comes back, with and without its optional parts.
pub async fn commits_name_their_cause(log: impl Log) {
    let full = cause();
    let bare = Cause {
        artifact: None,
        traceparent: None,
        invocation: "ünïcode \u{1f99c}".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        ..cause()
    };
    let extreme = [Timestamp::MIN, Timestamp::MAX].map(|at| Cause { at, ..cause() });
    let causes: Vec<_> = [full, bare].into_iter().chain(extreme).collect();
    for (version, cause) in (0..).zip(&causes) {
        let commit =
            Commit { cause: cause.clone(), ..commit(vec![append("order/1", version, &["Counted"])]) };
        log.append(commit).await.expect("the version fits");
    }
    let found = log.commits(Position::START, 10).await.expect("commits can be read");
    assert_eq!(
        found.iter().map(|commit| &commit.cause).collect::<Vec<_>>(),
        causes.iter().collect::<Vec<_>>()
    );
    for commit in &found {
        assert!(
            commit.events.iter().all(|event| event.at == commit.cause.at),
            "an event is as old as its commit"
        );
    }
    let events = log.stream(&stream("order/1"), Version(0), 10).await.expect("a stream can be read");
    let expected: Vec<_> = found.into_iter().flat_map(|commit| commit.events).collect();
    assert_eq!(events, expected, "a stream and the commits tell the same");
}

/// An event's bytes, type, shape and codec come back as they went in.
pub async fn events_come_back_unchanged(log: impl Log) {
    let datas: [&[u8]; 6] = [
        br#"{"a":1}"#,
        b"",
        "\"\u{0}\u{1f99c} e\u{301} \u{feff}\"".as_bytes(),
        b"123",
        // A log does not look inside: not even these bytes bother it.
        &[0xff, 0x00, 0xfe, b'\'', b';'],
        &[b'x'; 300_000],
    ];
    let events: Vec<_> = (0u32..)
        .zip(datas)
        .map(|(number, data)| NewEvent {
            kind: format!("Kind{number} '\"\u{e9}"),
            shape: u32::MAX - number,
            codec: Codec::Json,
            data: data.to_vec(),
        })
        .collect();
    let append = Append { stream: stream("order/1"), expected: Version(0), events: events.clone() };
    log.append(commit(vec![append])).await.expect("the stream is empty");
    let found = log.stream(&stream("order/1"), Version(0), 10).await.expect("a stream can be read");
    let found: Vec<_> = found
        .into_iter()
        .map(|event| NewEvent { kind: event.kind, shape: event.shape, codec: event.codec, data: event.data })
        .collect();
    assert!(found == events, "an event comes back as it went in");
}

/// Long and foreign names are told apart byte by byte, in streams and in keys.
pub async fn names_may_be_long_and_foreign(log: impl Log) {
    let long = "k".repeat(StreamName::KEY_BYTES_MAX - 1);
    let names = [
        format!("order/{long}a"),
        format!("order/{long}b"),
        "order/\u{e9}".to_owned(),
        "order/e\u{301}".to_owned(),
        "order/\u{1f99c}".to_owned(),
        "Order/a".to_owned(),
        "order/a".to_owned(),
        "order/A".to_owned(),
        "order/a ".to_owned(),
        "order/a%_*'\"".to_owned(),
    ];
    for (number, name) in names.iter().enumerate() {
        let scope = scope("place-order", "user:ada", name);
        let answer = Some(kept(scope.clone(), &number.to_string()));
        let append = Append { stream: stream(name), expected: Version(0), events: vec![event(name)] };
        let position =
            log.append(Commit { answer, ..commit(vec![append]) }).await.expect("every name is its own");
        let found = log.stream(&stream(name), Version(0), 10).await.expect("a stream can be read");
        assert_eq!(found.len(), 1, "{name} holds its own event alone");
        assert_eq!((&found[0].kind, found[0].position), (name, position), "{name} holds its own event");
        let (_, answer) = log.kept_answer(&scope).await.expect("answers can be read").expect("it was kept");
        assert_eq!(answer.body, number.to_string().into_bytes(), "the key {name} holds its own answer");
    }
}
