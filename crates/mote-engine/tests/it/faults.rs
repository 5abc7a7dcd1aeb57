//! The log on bad days: the caller is told `unavailable`, and the next call finds the truth.

use std::sync::atomic::Ordering;

use mote_log::AppendError;

use crate::bench::check;
use crate::log::Fate;

const UNAVAILABLE: &str = "unavailable 503 unavailable";

#[test]
fn a_log_that_takes_nothing_makes_the_call_unavailable() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        bench.ports.log.next(Fate::Refused(AppendError::Unavailable("the disk is full".to_owned())));
        bench.sign("lobby", "Bob").key("k").tells(UNAVAILABLE);
        bench.signed("lobby", &["Ada"]);
        bench.sign("lobby", "Bob").key("k").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
    });
}

#[test]
fn a_commit_of_unknown_fate_is_asked_again_by_its_key() {
    check(|bench| {
        bench.ports.log.next(Fate::Unknown);
        bench.sign("lobby", "Ada").key("k").tells(UNAVAILABLE);
        bench.sign("lobby", "Ada").key("k").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1 replayed"#);
        bench.ports.log.next(Fate::Refused(AppendError::Unknown("the disk is gone".to_owned())));
        bench.sign("lobby", "Bob").key("l").tells(UNAVAILABLE);
        bench.sign("lobby", "Bob").key("l").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
        bench.signed("lobby", &["Ada", "Bob"]);
    });
}

#[test]
fn a_log_that_cannot_be_read_makes_the_call_unavailable() {
    check(|bench| {
        // Neither a snapshot nor the events.
        let fail = || bench.ports.log.unreadable.store(2, Ordering::Relaxed);
        fail();
        bench.sign("lobby", "Ada").tells(UNAVAILABLE);
        fail();
        bench.sign("lobby", "Ada").key("k").tells(UNAVAILABLE);
        assert_eq!(bench.asked(), 0);
        bench.sign("lobby", "Ada").key("k").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
    });
}
