//! A run in a world where calls are slow, lost, refused and asked twice, in every order that chance makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mote_contract::Workflow;
use mote_contract::workflow::{StepKind, Undo};
use mote_engine::runs::{Ask, End, Input, Place, Purpose, encode_input};
use mote_expr::{Value, parse};

use super::script::{begin, refusal, same};

/// The most that may happen in a run.
const STEPS_MAX: usize = 2_000;
/// After so much nothing fails any more.
const TROUBLE: usize = 60;

/// Everything outside of the run.
pub(super) struct World {
    state: u64,
    /// The effects that calls had, by key, in order; what was taken back is gone.
    effects: Vec<(String, Place)>,
    answered: BTreeMap<String, Value>,
    /// The keys of what was taken back.
    undone: Vec<String>,
}

impl World {
    pub(super) fn new(seed: u64) -> World {
        World {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1),
            effects: Vec::new(),
            answered: BTreeMap::new(),
            undone: Vec::new(),
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % bound
    }

    /// What a call comes to.
    pub(super) fn answer(&mut self, ask: &Ask, trouble: bool) -> Input {
        let fate = if trouble { self.below(10) } else { 9 };
        let known = self.answered.contains_key(&ask.key);
        // What was done under a key is done: only the answer can be lost.
        let result = match (ask.purpose, fate) {
            (_, 0) => Err("timeout"),
            (_, 1) => {
                self.act(ask);
                Err("timeout")
            }
            (_, 2) => Err("unavailable"),
            (Purpose::Forward, 3) if !known => Err(self.declared(ask)),
            (Purpose::Forward, 4) if !known => Err("breached"),
            (Purpose::Undo, 3 | 4) => Err("conflict"),
            _ => Ok(self.act(ask)),
        };
        let result = result.map_err(|code| Box::new(refusal(code)));
        Input::Answered { place: ask.place.clone(), purpose: ask.purpose, result }
    }

    fn declared(&mut self, ask: &Ask) -> &'static str {
        match ask.callee.name() {
            "reserve" => "out-of-stock",
            "charge" => "declined",
            "quote" => "unknown-sku",
            _ => "breached",
        }
    }

    fn act(&mut self, ask: &Ask) -> Value {
        if let Some(answer) = self.answered.get(&ask.key) {
            return answer.clone();
        }
        match ask.purpose {
            Purpose::Undo => {
                let at = self.effects.iter().position(|(_, place)| *place == ask.place);
                let (key, _) = self.effects.remove(at.expect("what is taken back was done"));
                self.undone.push(key);
            }
            Purpose::Forward | Purpose::Settle => self.effects.push((ask.key.clone(), ask.place.clone())),
        }
        let answer = match ask.callee.name() {
            "quote" => format!("{{\"price\": {}}}", self.below(100)),
            "look" => format!("{{\"done\": {}}}", self.below(2) == 0),
            _ => format!("{{\"id\": \"x{}\"}}", self.below(100)),
        };
        let answer = parse(answer.as_bytes()).unwrap();
        self.answered.insert(ask.key.clone(), answer.clone());
        answer
    }
}

/// Runs `workflow` to its end.
pub(super) fn check(workflow: &Arc<Workflow>, seed: u64, beside: &str) {
    let mut world = World::new(seed);
    let mut now = Timestamp::UNIX_EPOCH;
    let input = parse(br#"{"orderId": "o1", "skus": ["a", "b", "c", "d"]}"#).unwrap();
    let (mut run, mut out) = begin(workflow, input, now);
    let mut journal: Vec<Vec<u8>> = Vec::new();
    let mut through: BTreeSet<(Place, Purpose)> = BTreeSet::new();
    for step in 0..STEPS_MAX {
        if let Some(end) = run.ended() {
            same(workflow, &run, &journal);
            return finished(workflow, end, &world, beside);
        }
        let sent = |ask: &Ask| out.iter().any(|sent: &Ask| sent.place == ask.place && sent.key == ask.key);
        for ask in run.asking() {
            assert!(sent(ask), "{beside}: {ask:?} is waited for, and nobody was asked");
            assert!(!through.contains(&(ask.place.clone(), ask.purpose)), "{beside}: {ask:?} is asked again");
        }
        let trouble = step < TROUBLE;
        let wakes = run.wakes_at();
        now = now.checked_add(SignedDuration::from_millis(world.below(4_000) as i64)).unwrap();
        let waits = run.waits().first().map(|wait| wait.place.clone());
        let input = match world.below(12) {
            0 if trouble && seed.is_multiple_of(3) && step > 3 => {
                Input::Cancelled { why: "no more".to_owned() }
            }
            1 => Input::Hurried,
            2 | 3 => match waits {
                Some(place) => {
                    let note = if world.below(2) == 0 { "" } else { "left" };
                    let event = format!(
                        "{{\"type\": \"Delivered\", \"data\": {{\"orderId\": \"o1\", \"note\": \"{note}\"}}}}"
                    );
                    Input::Happened { place, event: parse(event.as_bytes()).unwrap() }
                }
                None => Input::Woken,
            },
            4 if wakes.is_some() => {
                now = now.max(wakes.unwrap());
                Input::Woken
            }
            _ if out.is_empty() => {
                now =
                    now.max(wakes.unwrap_or_else(|| panic!("{beside}: nothing ends it: {:?}", run.status())));
                Input::Woken
            }
            chance => {
                let ask = out.remove(chance as usize % out.len());
                world.answer(&ask, trouble)
            }
        };
        if let Input::Answered { place, purpose, result: Ok(_) } = &input {
            through.insert((place.clone(), *purpose));
        }
        journal.push(encode_input(&input, now));
        out.extend(run.step(input, now));
        if world.below(10) == 0 {
            same(workflow, &run, &journal);
        }
    }
    panic!("{beside}: it does not come to an end: {:?}", run.status());
}

/// What is left of a run that failed is what nothing takes back; of one that is done, nothing is twice.
pub(super) fn finished(workflow: &Workflow, end: &End, world: &World, beside: &str) {
    let undoable = |place: &Place| match &workflow.step(place.step).kind {
        StepKind::Call(call) => matches!(call.undo, Undo::Call(_)),
        _ => false,
    };
    let left: Vec<_> = world.effects.iter().filter(|(_, place)| undoable(place)).collect();
    if matches!(end, End::Failed(_)) {
        assert!(left.is_empty(), "{beside}: {left:?} was not taken back");
    }
    let keys: BTreeSet<_> = world.effects.iter().map(|(key, _)| key).chain(&world.undone).collect();
    assert_eq!(keys.len(), world.effects.len() + world.undone.len(), "{beside}: something was done twice");
}
