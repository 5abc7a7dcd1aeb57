//! Idempotency keys: one key, one answer.

use crate::bench::check;
use crate::services::{code, honest};

const FIRST: &str = r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#;

#[test]
fn the_same_call_gets_the_same_answer_again() {
    check(|bench| {
        bench.sign("lobby", "Ada").key("k").tells(FIRST);
        bench.sign("lobby", "Bob").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
        bench.sign("lobby", "Ada").key("k").tells(&format!("{FIRST} replayed"));
        let same = bench.call("sign-guestbook", r#"{"message":"", "guest":"Ada", "book":"lobby"}"#);
        same.key("k").tells(&format!("{FIRST} replayed"));
        assert_eq!((bench.commits(), bench.asked()), (2, 2));
    });
}

#[test]
fn without_a_key_every_call_is_decided() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        bench.sign("lobby", "Ada").tells("declared 409 already-signed by errors/already-signed @1");
    });
}

#[test]
fn a_key_belongs_to_its_input() {
    check(|bench| {
        bench.sign("lobby", "Ada").key("k").tells(FIRST);
        let refused = "invalid 422 requirement-failed by idempotency-key @1";
        bench.sign("lobby", "Bob").key("k").tells(refused);
        bench.sign("attic", "Ada").key("k").tells(refused);
        assert_eq!((bench.commits(), bench.asked()), (1, 1));
    });
}

#[test]
fn a_key_belongs_to_its_caller_and_its_operation() {
    check(|bench| {
        bench.sign("lobby", "Ada").key("k").tells(FIRST);
        let other = bench.sign("lobby", "Bob").key("k").caller("user:bob", &[]);
        other.tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
        bench.call("read-guestbook", r#"{"book":"lobby"}"#).key("k").tells(r#"ok {"guests":2} @3"#);
        assert_eq!(bench.commits(), 3);
    });
}

#[test]
fn an_answer_without_events_is_kept_too() {
    check(|bench| {
        let count = || bench.call("read-guestbook", r#"{"book":"lobby"}"#).key("k");
        count().tells(r#"ok {"guests":0} @1"#);
        bench.sign("lobby", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @2"#);
        count().tells(r#"ok {"guests":0} @1 replayed"#);
        bench.call("read-guestbook", r#"{"book":"lobby"}"#).tells(r#"ok {"guests":1} @2"#);
    });
}

#[test]
fn a_refused_call_leaves_its_key_free() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(FIRST);
        let again = || bench.sign("lobby", "Ada").key("k");
        again().tells("declared 409 already-signed by errors/already-signed @1");
        again().tells("declared 409 already-signed by errors/already-signed @1");

        bench.serve("sign-guestbook", code(|_| "nonsense".to_owned()));
        bench.sign("lobby", "Bob").key("k").tells("breach 502 breached by answer @1");
        bench.serve("sign-guestbook", honest("sign-guestbook"));
        bench.sign("lobby", "Bob").key("k").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @2"#);
    });
}

#[test]
fn a_key_has_a_length() {
    check(|bench| {
        let refused = "invalid 400 invalid-input by idempotency-key";
        bench.sign("lobby", "Ada").key("").tells(refused);
        bench.sign("lobby", "Ada").key(&"k".repeat(256)).tells(refused);
        assert_eq!(bench.asked(), 0);
        bench.sign("lobby", "Ada").key(&"k".repeat(255)).tells(FIRST);
    });
}
