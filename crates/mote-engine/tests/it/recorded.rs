//! What a call is recorded as: everything it was decided by, however it ended; and which are chosen.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mote_contract::Recording;
use mote_engine::{Answer, Caller, Decided, Envelope, Origin, Release, Sampler, Sampling, Stop};
use mote_expr::Digest;
use mote_log::conformance::block_on;

use crate::bench::{Bench, Call, check};
use crate::services::{code, system};

/// The recording of a call, checked against `expected`: how it ended, and what is kept of it.
#[track_caller]
fn recorded(call: Call<'_>, bench: &Bench, expected: &str) -> Recording {
    block_on(call.begin());
    let recording = bench.ports.recorded.lock().unwrap().pop().unwrap();
    assert_eq!(bench.ports.recorded.lock().unwrap().len(), 0, "once for each call");
    let part = |name: &str, there: bool| if there { format!(" {name}") } else { String::new() };
    let kept = [
        part("input", recording.input.is_some()),
        part("state", recording.state.is_some()),
        part("rows", recording.rows.is_some()),
        part("answer", recording.answer.is_some()),
    ];
    assert_eq!(format!("{}:{}", recording.label(), kept.concat()), expected);
    assert_eq!(Recording::read(&recording.to_value().canonical()).as_ref(), Ok(&recording));
    recording
}

#[test]
fn everything_it_was_decided_by_is_kept_however_it_ended() {
    check(|bench| {
        let greet = |input| bench.call("greet", input);
        recorded(greet(r#"{"name":"Ada"}"#), bench, "greet ok: input answer");
        recorded(greet("no json"), bench, "greet invalid invalid-input:");
        recorded(greet(r#"{"nome":"Ada"}"#), bench, "greet invalid input: input");
        bench.serve("greet", code(|_| "no json".to_owned()));
        let breach = recorded(greet(r#"{"name":"Ada"}"#), bench, "greet breach answer: input answer");
        assert_eq!(breach.answer.as_deref(), Some("no json"), "byte for byte");
        bench.serve("greet", Arc::new(|_| Err(Stop::Timeout(5))));
        recorded(greet(r#"{"name":"Ada"}"#), bench, "greet unavailable budget/timeout: input");

        recorded(bench.sign("lobby", "Ada"), bench, "sign-guestbook ok: input state answer");
        let again = bench.sign("lobby", "Ada");
        recorded(again, bench, "sign-guestbook declared errors/already-signed: input state");
        let rows = bench.call("visits-of", r#"{"guest":"Ada"}"#);
        recorded(rows, bench, "visits-of unavailable unavailable: input");
    });
}

#[test]
fn a_recording_can_be_decided_again_to_the_same_end() {
    check(|bench| {
        bench.sign("lobby", "Ada").tells("ok {\"place\":1,\"thanks\":\"Thank you, Ada!\"} @1");
        bench.ports.recorded.lock().unwrap().clear();
        let call = bench.sign("lobby", "Grace").caller("user:grace", &["guest"]).at("2026-05-01T10:00:00Z");
        let recording = recorded(call, bench, "sign-guestbook ok: input state answer");
        let law = &system().laws["sign-guestbook"];
        assert_eq!((recording.contract, recording.version.as_str()), (law.digest, "1.0.0"));
        assert_eq!(recording.now(), "2026-05-01T10:00:00.000Z");
        let situation = law.situation_recorded(&recording).unwrap();
        assert_eq!(situation.state.as_ref().unwrap().field("guests").unwrap().as_list().unwrap().len(), 1);
        let accepted = law.judge(&situation, recording.answer.as_ref().unwrap().as_bytes()).unwrap();
        assert_eq!(accepted.output.to_string(), r#"{"place":2,"thanks":"Thank you, Grace!"}"#);
    });
}

/// Which of the calls with these ids, each `apart` after the one before it, a sampler chooses.
fn chosen(
    sampler: &mut Sampler,
    ids: std::ops::Range<usize>,
    apart: SignedDuration,
    ended: &Answer,
) -> Vec<usize> {
    let law = system().laws["greet"].clone();
    let release = Release::new(law, (), Digest([1; 32]));
    let mut now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    ids.filter(|number| {
        now = now.checked_add(apart).unwrap();
        let envelope = Envelope {
            release: release.name.clone(),
            input: Vec::new(),
            key: None,
            caller: Caller::anonymous(),
            deadline: now,
            traceparent: None,
            origin: Origin::Simulation,
            now,
            id: format!("call-{number}"),
        };
        let call =
            Decided { release: &release, envelope: &envelope, situation: None, said: None, answer: ended };
        sampler.chooses(&call)
    })
    .collect()
}

#[test]
fn the_first_of_each_ending_are_chosen_then_a_share_with_pauses() {
    let sampling = Sampling { first: 3, share: 0.1, pause: SignedDuration::from_secs(60) };
    let ok = Answer::success(mote_expr::Value::Null, None);
    let second = SignedDuration::from_secs(1);
    let mut sampler = Sampler::new(sampling);
    let of_slow = chosen(&mut sampler, 0..5_000, SignedDuration::from_secs(60), &ok);
    assert_eq!(of_slow[..3], [0, 1, 2]);
    assert!((430..570).contains(&of_slow.len()), "a tenth of 5,000 is {}", of_slow.len());
    assert_eq!(of_slow, chosen(&mut Sampler::new(sampling), 0..5_000, SignedDuration::from_secs(60), &ok));
    // Another ending is counted for itself, however many of the first there were.
    assert_eq!(chosen(&mut sampler, 0..3, second, &Answer::unavailable("full")), [0, 1, 2]);
    let of_fast = chosen(&mut Sampler::new(sampling), 0..5_000, second, &ok);
    assert!(of_fast[3..].windows(2).all(|pair| pair[1] - pair[0] >= 60), "{of_fast:?}");
    assert!((60..=84).contains(&of_fast.len()), "one in a minute of 5,000 seconds is {}", of_fast.len());
}

#[test]
fn breaches_are_always_chosen_and_answers_given_again_never() {
    let breach = mote_contract::Breach {
        clause: "answer".to_owned(),
        message: String::new(),
        expression: None,
        values: Vec::new(),
    };
    let breach = Answer::refused(mote_contract::Refusal::breach(breach), None);
    let nothing = Sampling { first: 0, share: 0.0, pause: SignedDuration::from_secs(60) };
    let mut sampler = Sampler::new(nothing);
    let at_once = SignedDuration::ZERO;
    assert_eq!(chosen(&mut sampler, 0..500, at_once, &breach).len(), 500);
    let ok = Answer::success(mote_expr::Value::Null, None);
    assert_eq!(chosen(&mut sampler, 0..500, at_once, &ok), []);
    let mut sampler = Sampler::new(Sampling::default());
    assert_eq!(chosen(&mut sampler, 0..9, at_once, &Answer { replayed: true, ..ok }), []);
}
