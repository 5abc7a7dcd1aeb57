//! `call`: asking a nanoservice or running another workflow, until there is an answer that counts.
//!
//! Owns retries, the step's timeout and what is caught. An answer that leaves open whether there was an effect is settled
//! apart (see `retreat.rs`), whatever the run does next.

use jiff::Timestamp;
use mote_contract::workflow::{Call, Key, StepKind};
use mote_contract::{Outcome, PlatformError, Refusal};
use mote_expr::Value;

use super::input::Ask;
use super::place::{Place, Purpose, bounded, jittered, key};
use super::retreat::{Done, Retreat};
use super::sequence::{Leaf, Sequence};
use super::values::Values;
use super::walk::{Turn, Walk};

/// A call that is not through.
#[derive(Clone, Debug)]
pub(super) struct Calling {
    ask: Ask,
    /// What the last try came to and when the next one is; `None` while it is being asked.
    pause: Option<(Box<Refusal>, Timestamp)>,
    /// When the step ends in `timeout`, whatever is tried.
    until: Option<Timestamp>,
    /// What is done about an error that was caught.
    caught: Option<Sequence>,
}

impl Calling {
    /// Asks for the first time.
    pub(super) fn begin(
        place: Place,
        call: &Call,
        walk: &mut Walk<'_>,
        values: &Values,
    ) -> Result<Calling, Box<Refusal>> {
        let bindings = values.bindings(walk.workflow);
        let input = call.with.eval(&bindings).map_err(|error| walk.fault(&place, "with", &error))?;
        let key = match &call.key {
            Key::Place => key(walk.run, &place, Purpose::Forward),
            Key::Value(value) => {
                let value = value.eval(&bindings).map_err(|error| walk.fault(&place, "key", &error))?;
                bounded(value.as_text().map_or_else(|| value.to_string(), str::to_owned))
            }
        };
        let until = call.timeout_ms.map(|ms| walk.after_ms(ms));
        let waits = until.map_or(walk.deadline, |until| until.min(walk.deadline));
        let callee = call.callee.clone();
        let ask = Ask { place, purpose: Purpose::Forward, tries: 1, callee, input, key, until: waits };
        walk.asks.push(ask.clone());
        Ok(Calling { ask, pause: None, until, caught: None })
    }

    pub(super) fn go(&mut self, walk: &mut Walk<'_>, values: &mut Values, rounds: &[u32]) -> Turn {
        if let Some(caught) = &mut self.caught {
            return caught.go(walk, values, rounds);
        }
        let step = walk.step(&self.ask.place);
        let StepKind::Call(call) = &step.kind else { return Turn::Through };
        match walk.answer_to(&self.ask.place, Purpose::Forward) {
            Some(Ok(output)) => {
                if let Some(result) = step.result {
                    values.set(result, output.clone());
                }
                walk.done.extend(Done::of(&self.ask, values, walk.workflow, walk.run));
                return Turn::Through;
            }
            Some(Err(refusal)) => return self.refused(refusal, call, walk, values, rounds),
            None => {}
        }
        if self.until.is_some_and(|until| until <= walk.now) {
            let detail = format!("`{}` did not answer in time", self.ask.callee.name());
            let refusal = Refusal::platform(Outcome::Unavailable, PlatformError::Timeout, detail);
            return self.given_up(Box::new(refusal), call, walk, values, rounds);
        }
        if self.pause.as_ref().is_some_and(|(_, until)| walk.over(*until)) {
            self.pause = None;
            self.ask.tries = self.ask.tries.saturating_add(1);
            walk.asks.push(self.ask.clone());
        }
        Turn::Waits
    }

    /// Pauses before the next try, or gives up.
    fn refused(
        &mut self,
        refusal: Box<Refusal>,
        call: &Call,
        walk: &mut Walk<'_>,
        values: &mut Values,
        rounds: &[u32],
    ) -> Turn {
        let (retry, tries) = (&call.retry, self.ask.tries);
        if retry.again(&refusal.code, tries) {
            let pause = retry.pause_ms(tries);
            let pause = if retry.jitter { jittered(pause, &self.ask.key, tries) } else { pause };
            let next = walk.after_ms(pause);
            if next < self.ask.until {
                self.pause = Some((refusal, next));
                return Turn::Waits;
            }
        }
        // No answer is on its way any more.
        self.pause = Some((refusal.clone(), walk.now));
        self.given_up(refusal, call, walk, values, rounds)
    }

    /// Goes the way of the error.
    fn given_up(
        &mut self,
        refusal: Box<Refusal>,
        call: &Call,
        walk: &mut Walk<'_>,
        values: &mut Values,
        rounds: &[u32],
    ) -> Turn {
        let Some(catch) = call.catch.iter().find(|catch| catch.code == refusal.code) else {
            // Whoever ends what it is part of finds out whether it had an effect.
            return Turn::Failed(refusal);
        };
        if leaves_open(&refusal) {
            let mut retreat = Retreat::default();
            retreat.settle(self, values, walk);
            walk.retreats.push(retreat);
        }
        values.set(walk.workflow.slots.error, caught(&refusal));
        self.caught.insert(Sequence::of(&catch.body)).go(walk, values, rounds)
    }

    /// Its place, and what it asks.
    pub(super) fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Whether an answer is on its way.
    pub(super) fn is_asking(&self) -> bool {
        self.pause.is_none() && self.caught.is_none()
    }

    /// What the last try came to, and when the next one is.
    pub(super) fn pause(&self) -> Option<(&Refusal, Timestamp)> {
        self.pause.as_ref().map(|(refusal, until)| (&**refusal, *until))
    }

    /// Whether it may have had an effect that nobody knows of.
    pub(super) fn is_open(&self) -> bool {
        self.caught.is_none() && self.pause.as_ref().is_none_or(|(refusal, _)| leaves_open(refusal))
    }

    /// When the step ends in `timeout`.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until
    }

    pub(super) fn leaves<'r>(&'r self, see: &mut dyn FnMut(Leaf<'r>)) {
        match &self.caught {
            Some(caught) => caught.leaves(see),
            None => see(Leaf::Call(self)),
        }
    }

    pub(super) fn calls<'r>(&'r self, values: &'r Values, see: &mut dyn FnMut(&'r Calling, &'r Values)) {
        match &self.caught {
            Some(caught) => caught.calls(values, see),
            None => see(self, values),
        }
    }
}

/// Whether a refusal says nothing about whether there was an effect. All others were decided before anything was
/// stored.
pub(super) fn leaves_open(refusal: &Refusal) -> bool {
    let open = [PlatformError::Timeout, PlatformError::Unavailable, PlatformError::Cancelled];
    open.iter().any(|error| error.code() == refusal.code)
}

/// What the steps of a `catch` know as `error`.
fn caught(refusal: &Refusal) -> Value {
    let mut fields = vec![("code", Value::text(&refusal.code)), ("detail", Value::text(&refusal.detail))];
    fields.extend(refusal.data.as_ref().map(|data| ("data", data.clone())));
    Value::object(fields)
}
