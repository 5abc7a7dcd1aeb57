//! What calls share: nothing on fresh instances, an instance's memory on reused ones.

use mote_host::{Budget, Host, Isolation, Options, Pool, Trap};

use crate::guests::counter;
use crate::{block_on, call, host, options};

#[track_caller]
fn check(host: &Host, calls: &[(&str, Isolation, Result<&str, Trap>)]) {
    let artifact = host.load(&counter()).unwrap();
    for (index, (text, isolation, expected)) in calls.iter().enumerate() {
        let reply = call(&artifact, text, *isolation).map(|reply| reply.answer);
        assert_eq!(reply.as_deref().map_err(Clone::clone), *expected, "call {index}");
    }
}

#[test]
fn fresh_keeps_nothing() {
    check(&host(), &[("", Isolation::Fresh, Ok("1")), ("", Isolation::Fresh, Ok("1"))]);
}

#[test]
fn reused_keeps_state_until_a_trap() {
    check(
        &host(),
        &[
            ("", Isolation::Reused, Ok("1")),
            ("", Isolation::Fresh, Ok("1")),
            ("", Isolation::Reused, Ok("2")),
            ("trap", Isolation::Reused, Err(Trap::Unreachable)),
            ("", Isolation::Reused, Ok("1")),
        ],
    );
}

#[test]
fn the_same_without_a_pool() {
    let host = Host::new(Options { pool: None, ..options() }).unwrap();
    assert_eq!(host.pool(), None);
    check(&host, &[("", Isolation::Fresh, Ok("1")), ("", Isolation::Fresh, Ok("1"))]);
}

#[test]
fn an_impossible_pool_becomes_a_smaller_one() {
    let host = Host::new(Options { pool: Some(Pool { instances: 20_000 }), ..options() }).unwrap();
    check(&host, &[("", Isolation::Fresh, Ok("1"))]);
}

#[test]
fn reused_is_given_up_after_a_thousand_calls() {
    let artifact = host().load(&counter()).unwrap();
    let answers: Vec<_> =
        (0..1_001).map(|_| call(&artifact, "", Isolation::Reused).unwrap().answer).collect();
    assert_eq!((answers[998].as_str(), answers[999].as_str(), answers[1_000].as_str()), ("9", "0", "1"));
}

#[test]
fn idle_instances_make_room_in_a_full_pool() {
    let host = host();
    let (artifact, other) = (host.load(&counter()).unwrap(), host.load(&crate::guests::echo()).unwrap());
    let budget = Budget::default();
    // Four calls at once leave four idle instances: the whole pool.
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let artifact = artifact.clone();
            std::thread::spawn(move || block_on(artifact.call("", &budget, Isolation::Reused)))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(call(&other, "hi", Isolation::Fresh).unwrap().answer, "hi");
}
