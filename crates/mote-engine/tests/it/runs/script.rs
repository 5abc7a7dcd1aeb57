//! What happens to a run, as lines, and what the run wants after each.
//!
//! `begin INPUT`, `ok STEP OUTPUT`, `err STEP CODE`, `event STEP EVENT`, `wake`, `hurry`, `cancel WHY`; before any of them
//! `+10s` lets time pass. A step is its name, with the rounds of its loops: `one.2`.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::{Span, SpanRelativeTo, Timestamp};
use mote_contract::{Outcome, PlatformError, Refusal, Workflow, context};
use mote_engine::runs::{
    Ask, Began, End, Input, Phase, Place, Purpose, Run, decode_began, decode_input, encode_began,
    encode_input,
};
use mote_expr::{Object, Value, parse};

/// The script with what the run wants below each line. After each line the run is made again from its journal, and must
/// be the same.
pub(super) fn tell(workflow: &Arc<Workflow>, script: &str) -> String {
    let mut told = String::new();
    let mut now = Timestamp::UNIX_EPOCH;
    let mut world: Option<(Run, Vec<Vec<u8>>)> = None;
    for line in script.lines() {
        writeln!(told, "{line}").unwrap();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let line = match line.strip_prefix('+') {
            Some(rest) => {
                let (pause, rest) = rest.split_once(' ').unwrap();
                let pause: Span = pause.parse().unwrap();
                let pause = pause.to_duration(SpanRelativeTo::days_are_24_hours()).unwrap();
                now = now.checked_add(pause).unwrap();
                rest
            }
            None => line,
        };
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let asks = match (&mut world, word) {
            (None, "begin") => {
                let (run, asks) = begin(workflow, parse(rest.as_bytes()).unwrap(), now);
                world = Some((run, Vec::new()));
                asks
            }
            (Some((run, journal)), word) => {
                let input = input(run, word, rest);
                journal.push(encode_input(&input, now));
                run.step(input, now)
            }
            (None, _) => panic!("a script begins with `begin`"),
        };
        let (run, journal) = world.as_ref().unwrap();
        told.push_str(&shown(run, &asks, now));
        same(workflow, run, journal);
    }
    told
}

/// Begins a run at a time.
pub(super) fn begin(workflow: &Arc<Workflow>, input: Value, now: Timestamp) -> (Run, Vec<Ask>) {
    let claims = Value::Object(Object::new().into());
    let began = Began {
        id: "run".to_owned(),
        workflow: workflow.digest,
        now,
        input: workflow.admit(input).unwrap().input,
        context: context(&now.to_string(), "run", "ada", &[], claims),
    };
    let began = decode_began(&encode_began(&began)).unwrap();
    Run::begin(Arc::clone(workflow), began)
}

/// Takes a run up again from its journal, and compares.
pub(super) fn same(workflow: &Arc<Workflow>, run: &Run, journal: &[Vec<u8>]) {
    let (mut again, _) = Run::begin(Arc::clone(workflow), run.began().clone());
    for bytes in journal {
        let (input, then) = decode_input(bytes).unwrap();
        assert_eq!(&encode_input(&input, then), bytes);
        again.step(input, then);
    }
    assert_eq!(again.status(), run.status());
    assert_eq!(again.asking(), run.asking());
    assert_eq!(again.waits(), run.waits());
    assert_eq!(again.wakes_at(), run.wakes_at());
}

fn input(run: &Run, word: &str, rest: &str) -> Input {
    let (step, value) = rest.split_once(' ').unwrap_or((rest, ""));
    match word {
        "ok" | "err" => {
            let (place, purpose) = found(run, step);
            let result = match word {
                "ok" => Ok(parse(value.as_bytes()).unwrap()),
                _ => Err(Box::new(refusal(value))),
            };
            Input::Answered { place, purpose, result }
        }
        "event" => {
            let wait = run.waits().into_iter().find(|wait| named(run, &wait.place, step));
            Input::Happened { place: wait.unwrap().place.clone(), event: parse(value.as_bytes()).unwrap() }
        }
        "wake" => {
            assert!(run.wakes_at().is_some(), "nothing is to be woken");
            Input::Woken
        }
        "hurry" => Input::Hurried,
        "cancel" => Input::Cancelled { why: rest.to_owned() },
        other => panic!("there is no `{other}`"),
    }
}

/// An error as a callee answers it.
pub(super) fn refusal(code: &str) -> Refusal {
    match PlatformError::ALL.iter().find(|(_, known, _)| *known == code) {
        Some((error, ..)) => Refusal::platform(Outcome::Unavailable, *error, "it did not go well"),
        None => Refusal {
            code: code.to_owned(),
            ..Refusal::platform(Outcome::Declared, PlatformError::Conflict, "it did not go well")
        },
    }
}

fn found(run: &Run, step: &str) -> (Place, Purpose) {
    let asking = run.asking();
    let ask = asking.iter().find(|ask| named(run, &ask.place, step));
    let ask = ask.unwrap_or_else(|| panic!("`{step}` is not being asked: {asking:?}"));
    (ask.place.clone(), ask.purpose)
}

fn named(run: &Run, place: &Place, step: &str) -> bool {
    name(run, place) == step
}

/// The last part of a step's path, with its rounds.
fn name(run: &Run, place: &Place) -> String {
    let path = &run.workflow().step(place.step).path;
    let last = path.rsplit('/').next().unwrap_or(path);
    place.rounds.iter().fold(last.to_owned(), |name, round| format!("{name}.{round}"))
}

fn shown(run: &Run, asks: &[Ask], now: Timestamp) -> String {
    let mut text = String::new();
    let since = |time: Timestamp| format!("{:#}", time.duration_since(Timestamp::UNIX_EPOCH));
    for ask in asks {
        let purpose = match ask.purpose {
            Purpose::Forward => "ask",
            Purpose::Settle => "settle",
            Purpose::Undo => "undo",
        };
        writeln!(
            text,
            "    {purpose} {} {} {} key {} try {}",
            name(run, &ask.place),
            ask.callee.name(),
            ask.input,
            ask.key,
            ask.tries
        )
        .unwrap();
    }
    let status = run.status();
    for step in &status.steps {
        let until = step.until.map_or(String::new(), |until| format!(" until {}", since(until)));
        writeln!(text, "    : {} {}{until}", name(run, &step.place), step.doing).unwrap();
    }
    match (&status.phase, &status.end) {
        (Phase::Running, _) | (_, None) => {}
        (phase, Some(End::Done(output))) => writeln!(text, "    {phase:?} {output}").unwrap(),
        (phase, Some(End::Failed(refusal))) => {
            writeln!(text, "    {phase:?} {} {}: {}", refusal.status, refusal.code, refusal.detail).unwrap();
        }
    }
    if let Some(wakes) = run.wakes_at() {
        assert!(wakes > now, "it would be woken for ever");
    }
    text
}
