//! A publisher tells of each event once, in the order of its stream, whatever happens in between.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;

use futures_util::future::FutureExt;
use jiff::{SignedDuration, Timestamp};
use mote_contract::{Files, Law, Outcome, PlatformError, Refusal, check};
use mote_engine::deliveries::{Deliveries, Effect, Input, Publisher, perform};
use mote_engine::{Answer, Envelope, Release, ReleaseName, Router};
use mote_expr::{Digest, Value, parse};
use mote_log::conformance::{append, block_on, commit, stream};
use mote_log::{AppendError, Commit, Log, MemoryLog, NewEvent, Position, Version};

use crate::log::{Fate, TestLog};

const FILES: [(&str, &str); 3] = [
    ("mote.yaml", "system: shop\nsinks: {orders: {kind: log}}\n"),
    (
        "aggregates/order.yaml",
        "aggregate: order\nstate: {type: object}\ninitial: {}\nevents:\n  Placed: {data: {type: object, required: [n], properties: {n: {type: integer}}}}\n  Paid: {data: {type: object}}\n",
    ),
    (
        "contracts/announce.yaml",
        "contract: announce\nkind: publisher\nsubscribes: [Placed]\npublishes: {placed.v1: {type: object, required: [of], properties: {of: {type: string, maxLength: 600}}}}\nto: orders\n",
    ),
];

fn publisher(artifact: &str) -> Publisher {
    let mut files = Files::new();
    for (path, text) in FILES {
        files.add(path, text);
    }
    let report = check(&files);
    let system = report.system.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    let law: std::sync::Arc<Law> = system.laws["announce"].clone();
    Publisher::of(&Release::new(law, (), Digest::of(artifact.as_bytes()))).unwrap()
}

/// Answers with the event's id, unless it is told not to.
#[derive(Default)]
struct Telling {
    /// The ids of the events that no answer comes for.
    failing: Mutex<BTreeSet<String>>,
    asked: Mutex<Vec<String>>,
}

impl Telling {
    fn failing(ids: &[&str]) -> Telling {
        Telling { failing: Mutex::new(ids.iter().map(|id| (*id).to_owned()).collect()), ..Telling::default() }
    }
}

impl Router for Telling {
    fn serving(&self, _: &str) -> Option<ReleaseName> {
        None
    }

    async fn invoke(&self, envelope: Envelope) -> Answer {
        let input = parse(&envelope.input).unwrap();
        let id = input.field("meta").unwrap().field("id").unwrap().as_text().unwrap().to_owned();
        self.asked.lock().unwrap().push(id.clone());
        if self.failing.lock().unwrap().contains(&id) {
            return Answer::refused(
                Refusal::platform(Outcome::Breach, PlatformError::Breached, "it does not fit"),
                None,
            );
        }
        let n = input.field("event").unwrap().field("data").unwrap().field("n").unwrap().as_int().unwrap();
        let message = Value::object([
            ("type", Value::text("placed.v1")),
            ("data", Value::object([("of", Value::text(id))])),
        ]);
        // What is divisible by five is nothing to tell of.
        let messages = if n % 5 == 0 { Vec::new() } else { vec![message] };
        Answer::success(Value::list(messages), None)
    }
}

/// An event `Placed` with this number.
fn placed(n: u64) -> NewEvent {
    NewEvent {
        kind: "Placed".to_owned(),
        data: format!("{{\"n\":{n}}}").into(),
        ..mote_log::conformance::event("x")
    }
}

/// `count` commits: to the streams a, b and c in turn, every third with two events of one stream and one of another.
fn fill(log: &impl Log, count: u64) {
    let mut versions = [0_u64; 3];
    for number in 0..count {
        let at = (number % 3) as usize;
        let mut appends = Vec::new();
        let mut add = |at: usize, events: Vec<NewEvent>| {
            let mut append = append(&format!("order/{}", ["a", "b", "c"][at]), versions[at], &[]);
            versions[at] += events.len() as u64;
            append.events = events;
            appends.push(append);
        };
        match number % 3 {
            0 => {
                add(at, vec![placed(number * 10 + 1), placed(number * 10 + 2)]);
                add(2, vec![placed(number * 10 + 3)]);
            }
            _ => add(at, vec![placed(number * 10 + number % 2), mote_log::conformance::event("Paid")]),
        }
        block_on(log.append(commit(appends))).unwrap();
    }
}

/// What is to be told: the ids of all events that are followed and worth a message, by stream.
fn expected(log: &impl Log) -> Vec<String> {
    let mut ids: Vec<(String, u64)> = block_on(log.commits(Position::START, usize::MAX))
        .unwrap()
        .into_iter()
        .flat_map(|commit| commit.events)
        .filter(|event| event.kind == "Placed")
        .filter(|event| parse(&event.data).unwrap().field("n").unwrap().as_int().unwrap() % 5 != 0)
        .map(|event| (event.stream.to_string(), event.version.0))
        .collect();
    ids.sort();
    ids.into_iter().map(|(stream, version)| format!("{stream}@{version}")).collect()
}

/// What was told, in the order of the sink.
fn told(log: &impl Log) -> Vec<String> {
    let events = block_on(log.stream(&stream("sink.orders/announce"), Version(0), usize::MAX)).unwrap();
    events
        .iter()
        .map(|event| parse(&event.data).unwrap().field("of").unwrap().as_text().unwrap().to_owned())
        .collect()
}

/// Everything was told once, and each stream's events in their order.
#[track_caller]
fn check_told(log: &impl Log) {
    let mut told: Vec<(String, u64)> = told(log)
        .iter()
        .map(|id| {
            id.split_once('@').map(|(stream, version)| (stream.to_owned(), version.parse().unwrap())).unwrap()
        })
        .collect();
    // A stable sort by stream keeps the order within each.
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let told: Vec<_> = told.into_iter().map(|(stream, version)| format!("{stream}@{version}")).collect();
    assert_eq!(told, expected(log));
}

const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

fn after(seconds: i64) -> Timestamp {
    START.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// Step from `input` until there is nothing to do, at most `most` effects. How many were done.
fn run<L: Log>(
    deliveries: &mut Deliveries,
    router: &Telling,
    log: &L,
    input: Input,
    now: Timestamp,
    most: usize,
) -> usize {
    let mut done = 0;
    let mut effect = deliveries.step(input, now);
    while let Some(next) = effect.take() {
        if done == most {
            break;
        }
        let outcome = block_on(perform(router, log, next));
        done += 1;
        effect = deliveries.step(outcome, now);
    }
    done
}

#[test]
fn each_event_is_told_once_in_the_order_of_its_stream() {
    let (log, router) = (MemoryLog::new(), Telling::default());
    fill(&log, 300);
    let mut deliveries = Deliveries::new(publisher("1"));
    run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    check_told(&log);
    assert_eq!(told(&log).len(), 400);
    // Its own commits are none of its business, and end the matter.
    assert_eq!(deliveries.wakes_at(), None);
    let done = run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    assert!(done <= 2, "it comes to rest, after {done} effects");
    let end = log.end();
    run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    run(&mut Deliveries::new(publisher("1")), &router, &log, Input::Woken, START, usize::MAX);
    assert_eq!(log.end(), end, "nothing is told again, by it or by whoever comes after it");
}

#[test]
fn a_crash_between_any_two_effects_repeats_nothing() {
    for most in 0..14 {
        let (log, router) = (MemoryLog::new(), Telling::default());
        fill(&log, 90);
        // A life of so many effects, then others: some of them end in the middle of a batch's answers.
        for life in [most, 3, 4, 5, 7] {
            run(&mut Deliveries::new(publisher("1")), &router, &log, Input::Woken, START, life);
        }
        run(&mut Deliveries::new(publisher("1")), &router, &log, Input::Woken, START, usize::MAX);
        check_told(&log);
    }
}

#[test]
fn a_crash_within_a_batch_of_commits_goes_on_behind_the_last_that_was_stored() {
    for stored in 0..20 {
        let (log, router) = (MemoryLog::new(), Telling::default());
        fill(&log, 30);
        let mut first = Deliveries::new(publisher("1"));
        let mut effect = first.step(Input::Woken, START);
        while let Some(next) = effect.take() {
            if let Effect::Append(mut commits) = next {
                commits.truncate(stored);
                block_on(perform(&router, &log, Effect::Append(commits)));
                break;
            }
            effect = first.step(block_on(perform(&router, &log, next)), START);
        }
        run(&mut Deliveries::new(publisher("1")), &router, &log, Input::Woken, START, usize::MAX);
        check_told(&log);
    }
}

#[test]
fn an_event_that_fails_holds_its_own_stream_alone() {
    let (log, router) = (MemoryLog::new(), Telling::failing(&["order/a@3"]));
    fill(&log, 30);
    let mut deliveries = Deliveries::new(publisher("1"));
    run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    let others = told(&log);
    assert!(others.contains(&"order/a@2".to_owned()) && !others.iter().any(|id| id == "order/a@4"));
    assert_eq!(others.len(), expected(&log).len() - 18, "the other streams are told of whole");
    let held = deliveries.status().held;
    assert_eq!(held.len(), 1);
    assert_eq!(
        (held[0].stream.as_str(), held[0].version, held[0].since, held[0].why.as_str()),
        ("order/a", Version(3), START, "breached: it does not fit")
    );
    // It is tried after 1 s, 2 s more, 4 s more, and so on up to five minutes.
    let mut now = START;
    for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        let next = deliveries.wakes_at().unwrap();
        assert_eq!(next.duration_since(now), SignedDuration::from_secs(pause));
        now = next;
        let asked = router.asked.lock().unwrap().len();
        run(&mut deliveries, &router, &log, Input::Woken, now, usize::MAX);
        assert!(router.asked.lock().unwrap().len() > asked, "it is tried");
        assert_eq!(told(&log), others);
    }
    assert_eq!(deliveries.status().held[0].since, START);
    // Whoever comes after it knows what waits, and tries it at once.
    drop(deliveries);
    let mut deliveries = Deliveries::new(publisher("1"));
    run(&mut deliveries, &router, &log, Input::Woken, now, usize::MAX);
    assert_eq!(deliveries.status().held[0].since, START, "since when survives");
    assert_eq!(told(&log), others);
    router.failing.lock().unwrap().clear();
    run(&mut deliveries, &router, &log, Input::Serving(publisher("2")), now, usize::MAX);
    assert_eq!(deliveries.status().held, [], "another release tries at once");
    check_told(&log);
}

#[test]
fn with_a_hundred_streams_held_it_waits() {
    let (log, router) = (MemoryLog::new(), Telling::default());
    for number in 0..400 {
        let mut append = append(&format!("order/{number:03}"), 0, &[]);
        append.events = vec![placed(1)];
        block_on(log.append(commit(vec![append]))).unwrap();
        router.failing.lock().unwrap().insert(format!("order/{number:03}@1"));
    }
    let mut deliveries = Deliveries::new(publisher("1"));
    run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    let status = deliveries.status();
    assert_eq!((status.held.len(), status.reached.ordinal()), (128, 128), "it reads no further");
    router.failing.lock().unwrap().clear();
    run(&mut deliveries, &router, &log, Input::Woken, after(1), usize::MAX);
    check_told(&log);
    assert_eq!(deliveries.status().held, []);
}

#[test]
fn a_log_that_refuses_is_asked_again_later() {
    let (log, router) = (TestLog::default(), Telling::default());
    fill(&log.memory, 12);
    log.next(Fate::Refused(AppendError::Unavailable("the disk is full".to_owned())));
    let mut deliveries = Deliveries::new(publisher("1"));
    run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    assert_eq!(told(&log), Vec::<String>::new(), "what follows a refused commit is refused too");
    let status = deliveries.status();
    assert_eq!(
        status.paused,
        Some(("the log cannot take commits now: the disk is full".to_owned(), after(1)))
    );
    assert_eq!(run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX), 0, "it waits");
    run(&mut deliveries, &router, &log, Input::Woken, after(1), usize::MAX);
    check_told(&log);
    assert_eq!(deliveries.status().paused, None);
}

#[test]
fn whoever_meets_another_teller_begins_again_from_the_checkpoint() {
    let (log, router) = (MemoryLog::new(), Telling::default());
    fill(&log, 12);
    let mut first = Deliveries::new(publisher("1"));
    let batch = RefCell::new(None);
    let mut effect = first.step(Input::Woken, START);
    while let Some(next) = effect.take() {
        if matches!(next, Effect::Append(_)) {
            *batch.borrow_mut() = Some(next);
            break;
        }
        effect = first.step(block_on(perform(&router, &log, next)), START);
    }
    run(&mut Deliveries::new(publisher("1")), &router, &log, Input::Woken, START, usize::MAX);
    let outcome = block_on(perform(&router, &log, batch.take().unwrap()));
    assert!(matches!(outcome, Input::Appended(Err(AppendError::Conflict { .. }))), "{outcome:?}");
    run(&mut first, &router, &log, outcome, START, usize::MAX);
    check_told(&log);
}

#[test]
fn a_commit_of_many_events_is_never_cut() {
    let (log, router) = (MemoryLog::new(), Telling::default());
    let mut many: Vec<Commit> = Vec::new();
    for number in 0..3_u64 {
        let mut append = append("order/a", number * 100, &[]);
        append.events = (1..=100).map(|n| placed(n * 10 + 1)).collect();
        many.push(commit(vec![append]));
    }
    for commit in many {
        block_on(log.append(commit)).unwrap();
    }
    let mut deliveries = Deliveries::new(publisher("1"));
    assert!(deliveries.step(Input::Woken, START).is_some());
    // The same effect is not asked for twice, however often it is woken.
    assert!(deliveries.step(Input::Woken, START).is_none());
    let mut deliveries = Deliveries::new(publisher("1"));
    run(&mut deliveries, &router, &log, Input::Woken, START, usize::MAX);
    check_told(&log);
    assert!(log.append(commit(vec![append("order/z", 0, &["Paid"])])).now_or_never().unwrap().is_ok());
}
