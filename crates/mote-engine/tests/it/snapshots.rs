//! Snapshots spare reading a stream from its first event, and are never believed against it.

use std::sync::atomic::Ordering;

use mote_expr::{Digest, Value, parse};
use mote_log::conformance::block_on;
use mote_log::{Snapshot, Snapshots, Version};

use crate::bench::{Bench, check, stream};

/// The guests who signed the lobby before, in order.
fn guests(count: u64) -> Vec<String> {
    (1..=count).map(|number| format!("g{number}")).collect()
}

fn fold(bench: &Bench) -> Digest {
    bench.table().serving("sign-guestbook").unwrap().law.aggregate.as_ref().unwrap().digest
}

/// The version of the lobby's snapshot; 0 for none.
fn kept(bench: &Bench) -> u64 {
    let found = block_on(bench.ports.log.memory.snapshot(&stream("lobby"), fold(bench))).unwrap();
    found.map_or(0, |snapshot| snapshot.version.0)
}

/// Let the lobby be signed by `count` guests, and forget the head that came of it.
fn signed_by(bench: &Bench, count: u64) {
    let guests = guests(count);
    bench.ports.log.sign(&stream("lobby"), &guests.iter().map(String::as_str).collect::<Vec<_>>());
}

fn forget_heads(bench: &Bench) {
    for book in 0..4 {
        bench.sign(&format!("other-{book}"), "Ada");
        let _ = block_on(bench.sign(&format!("other-{book}"), "Ada").begin());
    }
}

#[test]
fn a_snapshot_is_made_after_as_many_events_and_spares_reading_them() {
    check(|bench| {
        signed_by(bench, 9);
        bench.sign("lobby", "g9").tells("declared 409 already-signed by errors/already-signed @1");
        assert_eq!(kept(bench), 0, "not enough events yet");
        bench.sign("lobby", "g10").tells(r#"ok {"place":10,"thanks":"Thank you, g10!"} @2"#);
        assert_eq!(kept(bench), 10);
        for number in 11..20 {
            let thanks =
                format!(r#"ok {{"place":{number},"thanks":"Thank you, g{number}!"}} @{}"#, number - 8);
            bench.sign("lobby", &format!("g{number}")).tells(&thanks);
        }
        assert_eq!(kept(bench), 10, "the last one is not old enough");
        forget_heads(bench);
        let read = bench.ports.log.events.swap(0, Ordering::Relaxed);
        assert!(read > 0);
        bench.sign("lobby", "g1").tells("declared 409 already-signed by errors/already-signed @11");
        assert_eq!(
            bench.ports.log.events.load(Ordering::Relaxed),
            10,
            "the snapshot's last event, and nine more"
        );
        assert_eq!(kept(bench), 10);
        bench.sign("lobby", "g20").tells(r#"ok {"place":20,"thanks":"Thank you, g20!"} @16"#);
        assert_eq!(kept(bench), 20);
    });
}

/// Put a snapshot beside a stream of 12 events; a fold must not believe it, and must put a better one there.
#[track_caller]
fn check_ignored(version: u64, state: &str) {
    check(|bench| {
        signed_by(bench, 12);
        let state = parse(state.as_bytes()).unwrap();
        let (stream, fold) = (stream("lobby"), fold(bench));
        block_on(bench.ports.log.keep_snapshot(Snapshot { stream, fold, version: Version(version), state }))
            .unwrap();
        bench.sign("lobby", "g3").tells("declared 409 already-signed by errors/already-signed @1");
        bench.sign("lobby", "Eve").tells(r#"ok {"place":13,"thanks":"Thank you, Eve!"} @2"#);
        assert_eq!(kept(bench), 12, "it was replaced by what was folded");
    });
}

#[test]
fn a_snapshot_that_does_not_fit_is_ignored_and_replaced() {
    check_ignored(5, "17");
    check_ignored(5, "{}");
    check_ignored(5, r#"{"guests": ["Ada"], "more": 1}"#);
    check_ignored(5, r#"{"guests": [1]}"#);
    check_ignored(5, "null");
}

#[test]
fn a_snapshot_of_events_that_the_stream_does_not_have_is_ignored() {
    let fits = r#"{"guests": ["Ada"]}"#;
    check_ignored(0, fits);
    check_ignored(13, fits);
    check_ignored(u64::MAX, fits);
}

#[test]
fn a_snapshot_of_another_fold_is_not_met() {
    check(|bench| {
        signed_by(bench, 12);
        let state = Value::object([("guests", Value::list([Value::text("Ada")]))]);
        let fold = Digest::of(b"another");
        let snapshot = Snapshot { stream: stream("lobby"), fold, version: Version(12), state };
        block_on(bench.ports.log.keep_snapshot(snapshot)).unwrap();
        bench.sign("lobby", "g12").tells("declared 409 already-signed by errors/already-signed @1");
    });
}

#[test]
fn a_snapshot_that_cannot_be_read_only_costs_reading_the_events() {
    check(|bench| {
        signed_by(bench, 12);
        bench.ports.log.unreadable.store(1, Ordering::Relaxed);
        bench.sign("lobby", "g12").tells("declared 409 already-signed by errors/already-signed @1");
    });
}

#[test]
fn a_table_knows_whose_snapshots_are_of_use() {
    check(|bench| {
        let folds = bench.table().folds();
        assert!(folds.contains(&fold(bench)) && folds.len() == 2, "one for each aggregate: {folds:?}");
    });
}
