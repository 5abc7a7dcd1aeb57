//! How a call ends: with success, or in one of five outcomes; and what the host decides without the code.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mote_engine::Stop;
use mote_expr::Value;

use crate::bench::check;
use crate::services::code;

const COUNTER: (&str, &[&str]) = ("user:carl", &["counter"]);

#[test]
fn a_function_answers_without_a_position() {
    check(|bench| {
        bench.call("greet", r#"{"name":"Ada"}"#).tells(r#"ok {"greeting":"Hello, Ada!","length":11}"#);
        assert_eq!(bench.commits(), 0);
        assert_eq!(bench.ports.log.reads.load(Ordering::Relaxed), 0, "a function reads nothing");
    });
}

#[test]
fn a_command_is_stored_before_it_is_answered() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        bench.sign("lobby", "Grace").tells(r#"ok {"place":2,"thanks":"Thank you, Grace!"} @2"#);
        bench.sign("attic", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @3"#);
        bench.signed("lobby", &["Ada", "Grace"]);
        bench.signed("attic", &["Ada"]);
    });
}

#[test]
fn an_event_carries_the_time_of_its_call() {
    check(|bench| {
        bench
            .sign("lobby", "Ada")
            .at("2026-05-04T03:02:01.123456Z")
            .tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        let commits = mote_log::conformance::block_on(mote_log::Log::commits(
            &bench.ports.log,
            mote_log::Position::START,
            1,
        ));
        let commit = commits.unwrap().remove(0);
        assert_eq!(commit.cause.at.to_string(), "2026-05-04T03:02:01.123456Z");
        assert_eq!(commit.cause.operation, "sign-guestbook");
        assert_eq!(commit.cause.caller, "user:ada");
        assert_eq!(commit.cause.release, bench.serving("sign-guestbook").digest);
        let data = String::from_utf8(commit.events[0].data.clone()).unwrap();
        assert_eq!(data, r#"{"at":"2026-05-04T03:02:01.123Z","guest":"Ada","message":""}"#);
    });
}

#[test]
fn a_success_without_events_stores_nothing() {
    check(|bench| {
        bench.call("read-guestbook", r#"{"book":"lobby"}"#).tells(r#"ok {"guests":0} @0"#);
        bench.sign("attic", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        bench.sign("lobby", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @2"#);
        bench.sign("attic", "Bob").tells(r#"ok {"place":2,"thanks":"Thank you, Bob!"} @3"#);
        bench.call("read-guestbook", r#"{"book":"lobby"}"#).tells(r#"ok {"guests":1} @2"#);
        assert_eq!(bench.commits(), 3);
    });
}

#[test]
fn what_the_host_decides_never_reaches_the_code() {
    check(|bench| {
        bench.call("greet", "nonsense").tells("invalid 400 invalid-input");
        bench.call("greet", r#"{"name":""}"#).tells("invalid 400 invalid-input by input");
        bench.call("greet", r#"{"name":"Ada","nmae":"Ada"}"#).tells("invalid 400 invalid-input by input");
        bench.sign("lobby", " Ada").tells("invalid 422 requirement-failed by requires/no-blank-name @0");
        bench.call("sing-guestbook", "{}").tells("invalid 404 not-found");
        bench.call("read-guestbook", r#"{"book":""}"#).tells("invalid 400 invalid-input by key");
        let long = format!(r#"{{"book":"{}"}}"#, "b".repeat(513));
        bench.call("read-guestbook", &long).tells("invalid 400 invalid-input by key");

        let divide = |input| bench.call("divide", input).caller(COUNTER.0, COUNTER.1);
        bench.call("divide", r#"{"whole":4,"by":2}"#).tells("invalid 403 forbidden by allow");
        divide(r#"{"whole":3,"by":1}"#).tells("invalid 422 requirement-failed by requires/no-odd-whole");
        divide(r#"{"whole":4,"by":1}"#).tells("declared 418 by-one by errors/by-one");
        assert_eq!(bench.asked(), 0);
        divide(r#"{"whole":4,"by":2}"#).tells(r#"ok {"parts":2}"#);
        assert_eq!(bench.asked(), 1);
        assert_eq!(bench.commits(), 0);
    });
}

#[test]
fn a_declared_error_names_the_position_it_was_decided_at() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @1"#);
        bench.sign("attic", "Ada").tells(r#"ok {"place":1,"thanks":"Thank you, Ada!"} @2"#);
        bench.sign("lobby", "Ada").tells("declared 409 already-signed by errors/already-signed @1");
        assert_eq!((bench.commits(), bench.asked()), (2, 2));
    });
}

#[test]
fn an_error_that_the_code_may_raise_carries_its_data() {
    check(|bench| {
        let call = bench.call("divide", r#"{"whole":1000,"by":2}"#).caller(COUNTER.0, COUNTER.1);
        let answer = call.tells("declared 409 too-hard by errors/too-hard");
        let data = answer.result.unwrap_err().data;
        assert_eq!(data, Some(Value::object([("hint", Value::text("ask in smaller pieces"))])));
    });
}

#[test]
fn a_rule_that_errs_is_the_contracts_fault() {
    check(|bench| {
        let call = bench.call("divide", r#"{"whole":4,"by":0}"#).caller(COUNTER.0, COUNTER.1);
        call.tells("contract-fault 500 contract-error by ensures/exactly");
    });
}

#[test]
fn an_answer_that_breaks_the_contract_is_withheld_and_stores_nothing() {
    let signed = |output: &str, event: &str| format!(r#"{{"ok":{{"output":{output},"events":[{event}]}}}}"#);
    let (output, event) = (
        r#"{"place":1,"thanks":"Thank you, Ada!"}"#,
        r#"{"type":"GuestSigned","data":{"guest":"Ada","message":"","at":"2026-01-01T00:00:00.000Z"}}"#,
    );
    let cases = [
        ("nonsense".to_owned(), "answer"),
        ("{}".to_owned(), "answer"),
        (r#"{"fault":{"kind":"exception","message":"oops"}}"#.to_owned(), "answer"),
        (r#"{"error":{"code":"already-signed"}}"#.to_owned(), "errors/already-signed"),
        (r#"{"error":{"code":"tired"}}"#.to_owned(), "errors/tired"),
        (signed(r#"{"place":0,"thanks":"Thank you, Ada!"}"#, event), "output"),
        (signed(r#"{"place":2,"thanks":"Thank you, Ada!"}"#, event), "ensures/place"),
        (signed(output, ""), "ensures/recorded"),
        (signed(output, &event.replace("Ada", "Eve")), "ensures/recorded"),
        (signed(output, &format!("{event},{event}")), "events/GuestSigned"),
        (signed(output, &event.replace("GuestSigned", "GuestErased")), "emits"),
        (signed(output, &format!("{event}{}", " ".repeat(100_000))), "budget/answer"),
    ];
    check(|bench| {
        for (answer, clause) in &cases {
            let answer = answer.clone();
            bench.serve("sign-guestbook", code(move |_| answer.clone()));
            let expected = format!("breach 502 breached by {clause} @0");
            bench.sign("lobby", "Ada").key("k").tells(&expected);
        }
        assert_eq!((bench.commits(), bench.asked()), (0, cases.len()));
    });
}

#[test]
fn code_that_stops_says_whose_matter_it_is() {
    let stops = [
        (
            Stop::Breach { clause: "budget/fuel".to_owned(), message: "out of fuel".to_owned() },
            "breach 502 breached by budget/fuel @0",
        ),
        (Stop::Timeout(1_000), "unavailable 504 timeout by budget/timeout @0"),
        (Stop::Unavailable("the pool is full".to_owned()), "unavailable 503 unavailable @0"),
    ];
    check(|bench| {
        for (stop, expected) in &stops {
            let stop = stop.clone();
            bench.serve("sign-guestbook", Arc::new(move |_| Err(stop.clone())));
            bench.sign("lobby", "Ada").tells(expected);
        }
        assert_eq!(bench.commits(), 0);
    });
}
