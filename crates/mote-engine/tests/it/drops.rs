//! Calls that are dropped in the middle, and the heads that calls leave behind.

use std::sync::atomic::Ordering;

use futures_channel::oneshot;
use futures_util::FutureExt;
use mote_log::conformance::block_on;

use crate::bench::{check, stream, told};
use crate::log::Fate;

const FIRST: &str = r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#;

#[test]
fn a_head_saves_reading() {
    check(|bench| {
        let reads = || bench.ports.log.reads.load(Ordering::Relaxed);
        bench.sign("lobby", "Ada").tells(FIRST);
        assert_eq!(reads(), 1);
        bench.sign("lobby", "Bob").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
        bench.sign("lobby", "Bob").tells("declared 409 already-signed by errors/already-signed @2");
        bench.sign("lobby", "Eve").tells(r#"ok {"place":3,"thanks":"Thank you, Eve!"} @3"#);
        assert_eq!(reads(), 1, "success and refusal leave the head");
        bench.ports.log.sign(&stream("lobby"), &["Zoe"]);
        bench.sign("lobby", "Tim").tells(r#"ok {"place":5,"thanks":"Thank you, Tim!"} @5"#);
        assert_eq!(reads(), 2, "a conflict reads again");
    });
}

#[test]
fn more_streams_than_heads_only_cost_reads() {
    check(|bench| {
        for place in 1..4 {
            for book in 0..9 {
                let output = format!(r#"ok {{"place":{place},"thanks":"Thank you, g{place}!"}}"#);
                let position = (place - 1) * 9 + book + 1;
                bench.sign(&format!("b{book}"), &format!("g{place}")).tells(&format!("{output} @{position}"));
            }
        }
        assert_eq!(bench.ports.log.reads.load(Ordering::Relaxed), 27);
    });
}

#[test]
fn a_long_stream_is_folded_in_windows() {
    check(|bench| {
        // More events than one read returns.
        bench.ports.log.sign(&stream("lobby"), &["Ada", "Bob"].repeat(1_000));
        bench.sign("lobby", "Ada").tells("declared 409 already-signed by errors/already-signed @1");
        bench.sign("lobby", "Eve").tells("declared 409 book-full by errors/book-full @1");
        assert_eq!(bench.ports.log.reads.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn a_call_dropped_before_its_commit_was_stored_leaves_nothing() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        let (_gate, closed) = oneshot::channel();
        bench.ports.log.next(Fate::Before(closed));
        let mut call = bench.sign("lobby", "Bob").begin();
        assert!((&mut call).now_or_never().is_none());
        assert_eq!(bench.ports.lanes.len(), 1);
        drop(call);
        assert!(bench.ports.lanes.is_empty());
        bench.sign("lobby", "Eve").tells(r#"ok {"place":2,"thanks":"Thank you, Eve!"} @2"#);
        bench.signed("lobby", &["Ada", "Eve"]);
    });
}

#[test]
fn a_call_dropped_after_its_commit_was_stored_leaves_no_stale_head() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        let (_gate, closed) = oneshot::channel();
        bench.ports.log.next(Fate::After(closed));
        let mut call = bench.sign("lobby", "Bob").key("k").begin();
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        bench.sign("lobby", "Bob").tells("declared 409 already-signed by errors/already-signed @2");
        let again = bench.sign("lobby", "Bob").key("k");
        again.tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2 replayed"#);
        bench.signed("lobby", &["Ada", "Bob"]);
    });
}

#[test]
fn a_commit_that_arrives_after_its_call_was_dropped_leaves_no_stale_head() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        bench.ports.log.next(Fate::Late);
        let mut call = bench.sign("lobby", "Bob").begin();
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        // Read before the commit arrives: right now, but not to be kept.
        bench.sign("lobby", "Ada").tells("declared 409 already-signed by errors/already-signed @1");
        bench.sign("lobby", "Ada").tells("declared 409 already-signed by errors/already-signed @2");
        bench.call("read-guestbook", r#"{"book":"lobby"}"#).tells(r#"ok {"guests":2} @2"#);
        let reads = bench.ports.log.reads.load(Ordering::Relaxed);
        bench.sign("lobby", "Eve").tells(r#"ok {"place":3,"thanks":"Thank you, Eve!"} @3"#);
        bench.sign("lobby", "Eve").tells("declared 409 already-signed by errors/already-signed @3");
        assert_eq!(bench.ports.log.reads.load(Ordering::Relaxed), reads, "the doubt is over");
    });
}

#[test]
fn a_call_asked_again_while_its_commit_arrives_is_not_refused_for_it() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        bench.ports.log.next(Fate::Late);
        let mut call = bench.sign("lobby", "Bob").key("k").begin();
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        let again = bench.sign("lobby", "Bob").key("k");
        again.tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2 replayed"#);
        bench.sign("lobby", "Bob").tells("declared 409 already-signed by errors/already-signed @2");
        bench.signed("lobby", &["Ada", "Bob"]);
    });
}

#[test]
fn a_doubt_ends_with_the_next_append_to_any_stream() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        let (_gate, closed) = oneshot::channel();
        bench.ports.log.next(Fate::Before(closed));
        let mut call = bench.sign("lobby", "Bob").begin();
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        let refused =
            || bench.sign("lobby", "Ada").tells("declared 409 already-signed by errors/already-signed @1");
        let reads = || bench.ports.log.reads.load(Ordering::Relaxed);
        let before = reads();
        refused();
        refused();
        assert_eq!(reads(), before + 2, "nothing is kept while in doubt");
        bench.sign("attic", "Zoe").tells(r#"ok {"place":1,"thanks":"Thank you, Zoe!"} @2"#);
        let before = reads();
        refused();
        refused();
        assert_eq!(reads(), before + 1);
    });
}

#[test]
fn a_call_that_never_began_changes_nothing() {
    check(|bench| {
        drop(bench.sign("lobby", "Ada").begin());
        assert_eq!((bench.commits(), bench.asked()), (0, 0));
    });
}

#[test]
fn calls_on_one_stream_wait_and_others_do_not() {
    check(|bench| {
        let (gate, closed) = oneshot::channel();
        bench.ports.log.next(Fate::Before(closed));
        let mut first = bench.sign("lobby", "Ada").begin();
        let mut second = bench.sign("lobby", "Bob").begin();
        let mut third = bench.sign("lobby", "Eve").begin();
        for call in [&mut first, &mut second, &mut third] {
            assert!(call.now_or_never().is_none());
        }
        assert_eq!(bench.asked(), 1, "who waits for a turn has not been decided");
        bench.sign("attic", "Zoe").tells(r#"ok {"place":1,"thanks":"Thank you, Zoe!"} @1"#);
        drop(second);
        gate.send(()).unwrap();
        // Whoever is asked first, the turns are in the order of arrival.
        let (third, first) = block_on(futures_util::future::join(third, first));
        assert_eq!(told(&first), r#"ok {"place":1,"thanks":"Thank you, Ada!"} @2"#);
        assert_eq!(told(&third), r#"ok {"place":2,"thanks":"Thank you, Eve!"} @3"#);
        assert_eq!(bench.ports.log.appends.load(Ordering::Relaxed), 3, "no conflict in a lane");
    });
}

#[test]
fn a_hot_stream_meets_no_conflict() {
    check(|bench| {
        let calls = (0..100).map(|guest| bench.sign("lobby", &format!("g{guest}")).begin());
        let answers = block_on(futures_util::future::join_all(calls));
        for (guest, answer) in answers.iter().enumerate() {
            let place = guest + 1;
            let expected = format!(r#"ok {{"place":{place},"thanks":"Thank you, g{guest}!"}} @{place}"#);
            assert_eq!(told(answer), expected);
        }
        assert_eq!(bench.ports.log.appends.load(Ordering::Relaxed), 100);
        bench.sign("lobby", "late").tells("declared 409 book-full by errors/book-full @100");
    });
}
