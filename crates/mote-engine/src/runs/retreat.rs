//! Taking back what a run did.
//!
//! Owns the order: first it is found out of every call that was left open whether it had an effect, by asking again with
//! the same key; then what was done is taken back, the last first, one by one. Each is tried until it succeeds, with
//! growing pauses, and says meanwhile what it failed in.

use jiff::Timestamp;
use mote_contract::workflow::{StepKind, Undo};
use mote_contract::{Refusal, Workflow};
use mote_expr::Value;

use super::call::{Calling, leaves_open};
use super::input::Ask;
use super::place::{Place, Purpose, key};
use super::values::Values;
use super::walk::{Walk, after_ms};
use crate::deliveries::after_tries;

/// How long an answer is waited for, in milliseconds.
const ANSWER_MS: u64 = 30_000;

/// An effect that can be taken back.
#[derive(Clone, Debug)]
pub(super) struct Done {
    ask: Ask,
    /// Why the input of the call that takes it back could not be made.
    fault: Option<String>,
}

/// A call that is made until it comes to something.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) ask: Ask,
    /// What the last try came to, and when the next one is; `None` while it is being asked.
    pub(super) pause: Option<(String, Timestamp)>,
    /// Since when; `None` before the first time.
    pub(super) since: Option<Timestamp>,
}

/// Effects that are being taken back.
#[derive(Clone, Debug, Default)]
pub(super) struct Retreat {
    /// Calls of which nobody knows whether they had an effect, with what the run knew.
    open: Vec<(Trial, Values)>,
    done: Vec<Done>,
    undoing: Option<Trial>,
}

impl Done {
    /// The effect of a call that succeeded, if the workflow says how to take it back. `values` has its result.
    pub(super) fn of(ask: &Ask, values: &Values, workflow: &Workflow, run: &str) -> Option<Done> {
        let StepKind::Call(call) = &workflow.step(ask.place.step).kind else { return None };
        let Undo::Call(undo) = &call.undo else { return None };
        let (input, fault) = match undo.with.eval(&values.bindings(workflow)) {
            Ok(input) => (input, None),
            Err(error) => (Value::Null, Some(format!("its input cannot be made: {error}"))),
        };
        let ask = Ask {
            purpose: Purpose::Undo,
            tries: 0,
            callee: undo.callee.clone(),
            input,
            key: key(run, &ask.place, Purpose::Undo),
            ..ask.clone()
        };
        Some(Done { ask, fault })
    }

    pub(super) fn place(&self) -> &Place {
        &self.ask.place
    }
}

impl Retreat {
    /// Takes these back.
    pub(super) fn of(done: Vec<Done>) -> Retreat {
        Retreat { done, ..Retreat::default() }
    }

    /// Finds out about a call that is given up, and takes back what it did. An answer that is on its way is waited for;
    /// what was never asked has done nothing.
    pub(super) fn settle(&mut self, calling: &Calling, values: &Values, walk: &mut Walk<'_>) {
        let (unsent, tries) = (walk.forget(calling.ask()), calling.ask().tries);
        if !calling.is_open() || (unsent && tries == 1) {
            return;
        }
        let tries = if calling.is_asking() && !unsent { tries } else { 0 };
        let ask = Ask { purpose: Purpose::Settle, tries, ..calling.ask().clone() };
        self.open.push((Trial { ask, pause: None, since: None }, values.clone()));
    }

    /// Goes on as far as it can, and says whether everything is taken back.
    pub(super) fn go(&mut self, walk: &mut Walk<'_>) -> bool {
        let mut at = 0;
        while let Some((trial, values)) = self.open.get_mut(at) {
            if !can_be_undone(walk.workflow, &trial.ask.place) {
                self.open.remove(at);
                continue;
            }
            match trial.go(walk, &|refusal| !leaves_open(refusal)) {
                None => {
                    at += 1;
                    continue;
                }
                Some(Err(())) => {}
                Some(Ok(output)) => {
                    if let Some(result) = walk.workflow.step(trial.ask.place.step).result {
                        values.set(result, output);
                    }
                    self.done.extend(Done::of(&trial.ask, values, walk.workflow, walk.run));
                }
            }
            self.open.remove(at);
        }
        if !self.open.is_empty() {
            return false;
        }
        loop {
            if self.undoing.is_none() {
                let Some(done) = self.done.pop() else { return true };
                self.undoing = Some(Trial::first(done, walk.now));
            }
            let Some(undoing) = &mut self.undoing else { return true };
            let accepted = accepted(walk.workflow, &undoing.ask.place);
            if undoing.go(walk, &|refusal| accepted.contains(&refusal.code)).is_none() {
                return false;
            }
            self.undoing = None;
        }
    }

    /// The calls that it makes now.
    pub(super) fn trials(&self) -> impl Iterator<Item = &Trial> {
        self.open.iter().map(|(trial, _)| trial).chain(&self.undoing)
    }

    /// What still has to be taken back, after what is under way.
    pub(super) fn left(&self) -> usize {
        self.done.len()
    }
}

impl Trial {
    fn first(done: Done, now: Timestamp) -> Trial {
        let pause = done.fault.map(|fault| (fault, Timestamp::MAX));
        Trial { ask: done.ask, pause, since: Some(now) }
    }

    /// Asks, or takes in what it came to: an output, or a refusal that settles it as well.
    fn go(&mut self, walk: &mut Walk<'_>, settles: &dyn Fn(&Refusal) -> bool) -> Option<Result<Value, ()>> {
        let answer = walk.answer_to(&self.ask.place, self.ask.purpose).or_else(|| match self.ask.purpose {
            Purpose::Settle => walk.answer_to(&self.ask.place, Purpose::Forward),
            Purpose::Forward | Purpose::Undo => None,
        });
        match answer {
            Some(Ok(output)) => return Some(Ok(output)),
            Some(Err(refusal)) if settles(&refusal) => return Some(Err(())),
            Some(Err(refusal)) => {
                let why = format!("{}: {}", refusal.code, refusal.detail);
                self.pause = Some((why, after_tries(walk.now, self.ask.tries)));
            }
            None => {}
        }
        let due = match &self.pause {
            // What cannot be made will not be made later.
            Some((_, until)) if *until == Timestamp::MAX => false,
            Some((_, until)) => walk.over(*until),
            None => self.ask.tries == 0,
        };
        if due {
            self.since.get_or_insert(walk.now);
            self.pause = None;
            self.ask.tries = self.ask.tries.saturating_add(1);
            self.ask.until = after_ms(walk.now, ANSWER_MS);
            walk.asks.push(self.ask.clone());
        }
        None
    }

    /// Whether an answer is on its way.
    pub(super) fn is_asking(&self) -> bool {
        self.pause.is_none() && self.ask.tries > 0
    }
}

fn can_be_undone(workflow: &Workflow, place: &Place) -> bool {
    matches!(&workflow.step(place.step).kind, StepKind::Call(call) if matches!(call.undo, Undo::Call(_)))
}

/// The errors that mean that there is nothing to take back.
fn accepted(workflow: &Workflow, place: &Place) -> Vec<String> {
    match &workflow.step(place.step).kind {
        StepKind::Call(call) => match &call.undo {
            Undo::Call(undo) => undo.accept.clone(),
            Undo::Effectless | Undo::Stays { .. } => Vec::new(),
        },
        _ => Vec::new(),
    }
}
