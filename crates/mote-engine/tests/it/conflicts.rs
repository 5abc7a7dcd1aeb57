//! Somebody else appends to the same stream: the call is decided again, from the same envelope.

use std::sync::{Arc, Mutex};

use mote_expr::{Value, parse};

use crate::bench::check;
use crate::log::Fate;
use crate::services::{Code, honest};

/// Honest code that writes down every context it is asked with.
fn watched(seen: &Arc<Mutex<Vec<Value>>>) -> Code {
    let (seen, inner) = (seen.clone(), honest("sign-guestbook"));
    Arc::new(move |call| {
        seen.lock().unwrap().push(parse(call).unwrap().field("context").unwrap().clone());
        inner(call)
    })
}

#[test]
fn a_conflict_is_decided_again_from_the_same_envelope() {
    check(|bench| {
        let seen = Arc::default();
        bench.serve("sign-guestbook", watched(&seen));
        bench.ports.log.next(Fate::Behind("Eve"));
        bench.ports.log.next(Fate::Behind("Bob"));
        bench.sign("lobby", "Ada").tells(r#"ok {"place":3,"thanks":"Thank you, Ada!"} @3"#);
        bench.signed("lobby", &["Eve", "Bob", "Ada"]);
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|context| *context == seen[0]), "one call, one time and one id");
    });
}

#[test]
fn what_is_decided_again_may_be_refused() {
    check(|bench| {
        bench.ports.log.next(Fate::Behind("Ada"));
        bench.sign("lobby", "Ada").key("k").tells("declared 409 already-signed by errors/already-signed @1");
        bench.sign("lobby", "Bob").key("k").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
    });
}

#[test]
fn deciding_again_is_bounded() {
    check(|bench| {
        for guest in ["A", "B", "C", "D", "E"] {
            bench.ports.log.next(Fate::Behind(guest));
        }
        bench.sign("lobby", "Ada").tells("unavailable 409 conflict");
        assert_eq!(bench.asked(), 5);
        bench.signed("lobby", &["A", "B", "C", "D", "E"]);
        bench.sign("lobby", "Ada").tells(r#"ok {"place":6,"thanks":"Thank you, Ada!"} @6"#);
    });
}

#[test]
fn a_conflict_leaves_no_stale_head() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        bench.ports.log.next(Fate::Behind("Eve"));
        bench.sign("lobby", "Bob").tells(r#"ok {"place":3,"thanks":"Thank you, Bob!"} @3"#);
        bench.sign("lobby", "Eve").tells("declared 409 already-signed by errors/already-signed @3");
    });
}
