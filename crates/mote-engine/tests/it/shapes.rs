//! Events of older shapes are read in the shape of today, and newer ones are waited for.

use std::collections::BTreeMap;

use mote_engine::{project, touched};
use mote_expr::Value;
use mote_log::conformance::{block_on, commit};
use mote_log::{Append, Codec, Log, NewEvent, Position, StoredCommit, StreamName, Version};

use crate::bench::{Bench, check};
use crate::services::system;

/// Store a `Sold` of `shape` without the engine.
fn stored(bench: &Bench, version: u64, shape: u32, data: &str) {
    let event = NewEvent { kind: "Sold".to_owned(), shape, codec: Codec::Json, data: data.into() };
    let stream = StreamName::new("till", "one").unwrap();
    let append = Append { stream, expected: Version(version), events: vec![event] };
    block_on(bench.ports.log.memory.append(commit(vec![append]))).unwrap();
}

fn commits(bench: &Bench) -> Vec<StoredCommit> {
    block_on(bench.ports.log.memory.commits(Position::START, 100)).unwrap()
}

const SELL: &str = r#"{"till":"one","cents":5}"#;

#[test]
fn a_state_is_folded_from_events_of_every_shape() {
    check(|bench| {
        stored(bench, 0, 1, r#"{"euros":3}"#);
        stored(bench, 1, 2, r#"{"by":"Ada","cents":20}"#);
        stored(bench, 2, 3, r#"{"by":"Bob","cents":1}"#);
        bench.call("sell", SELL).tells(r#"ok {"total":326} @4"#);
        let commits = commits(bench);
        let shapes: Vec<_> = commits.iter().map(|commit| commit.events[0].shape).collect();
        assert_eq!(shapes, [1, 2, 3, 3], "what is stored now has the shape of now");
        assert_eq!(commits[0].events[0].data, br#"{"euros":3}"#, "what was stored stays as it was");
    });
}

#[test]
fn rows_are_folded_from_events_of_every_shape() {
    check(|bench| {
        stored(bench, 0, 1, r#"{"euros":3}"#);
        stored(bench, 1, 2, r#"{"by":"Ada","cents":20}"#);
        let (view, commits) = (&system().views["sales"], commits(bench));
        assert_eq!(touched(view, &commits), ["Ada", "somebody"]);
        let rows = project(view, &BTreeMap::new(), &commits);
        let cents =
            rows.into_iter().map(|(key, row)| (key, row.unwrap().value.field("cents").cloned().unwrap()));
        let expected = [("Ada".to_owned(), Value::Int(20)), ("somebody".to_owned(), Value::Int(300))];
        assert_eq!(cents.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn a_shape_that_is_newer_than_the_files_is_waited_for() {
    check(|bench| {
        stored(bench, 0, 4, r#"{"price":{"amount":3}}"#);
        let answer = bench.call("sell", SELL).tells("unavailable 503 unavailable");
        let newer = "event 1 of till/one cannot be read: it is a `Sold` of version 4, and version 3 is the newest \
                     that is declared here: update the files of this system";
        assert_eq!(answer.result.unwrap_err().detail, newer);
        assert_eq!(bench.asked(), 0);
        let (view, commits) = (&system().views["sales"], commits(bench));
        let rows = project(view, &BTreeMap::new(), &commits);
        let mark = rows[0].1.as_ref().unwrap().mark.as_deref();
        assert_eq!((rows.len(), mark), (1, Some(newer)), "whoever would read its row is told");
    });
}

#[test]
fn an_older_event_that_does_not_become_one_of_today_is_the_contracts_fault() {
    check(|bench| {
        stored(bench, 0, 1, r#"{"euros":5000}"#);
        let answer = bench.call("sell", SELL).tells("contract-fault 500 contract-error by events/Sold/was/1");
        assert_eq!(
            answer.result.unwrap_err().detail,
            "the contract's own `events/Sold/was/1` could not be evaluated: event 1 of till/one cannot be read: \
             `events/Sold/was/1` makes data that does not fit version 2: \
             /cents is 500000, the most is 100000"
        );
        stored(bench, 1, 0, "{}");
        bench.call("sell", SELL).tells("contract-fault 500 contract-error by events/Sold/was/1");
    });
}

#[test]
fn a_shape_that_never_was_is_the_contracts_fault() {
    check(|bench| {
        stored(bench, 0, 0, "{}");
        bench.call("sell", SELL).tells("contract-fault 500 contract-error by events/Sold/was/0");
    });
}
