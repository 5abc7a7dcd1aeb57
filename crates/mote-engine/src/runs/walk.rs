//! One pass over what is under way in a run.
//!
//! Owns what every kind of step needs while it goes on: the time, what arrived, what is to be asked, and what was done
//! so far. Never knows which steps there are.

use jiff::{SignedDuration, Timestamp};
use mote_contract::workflow::Step;
use mote_contract::{Refusal, Workflow};
use mote_expr::{EvalError, Value};

use super::input::{Ask, Input};
use super::place::{Place, Purpose};
use super::retreat::{Done, Retreat};

/// What came of letting a step go on.
pub(super) enum Turn {
    /// It waits for an answer, an event or a time.
    Waits,
    /// It is through.
    Through,
    /// It cannot go on, and nothing in it says what then.
    Failed(Box<Refusal>),
}

/// One pass.
pub(super) struct Walk<'w> {
    pub(super) workflow: &'w Workflow,
    /// The run's id.
    pub(super) run: &'w str,
    pub(super) now: Timestamp,
    /// When the run stops going forward.
    pub(super) deadline: Timestamp,
    /// What arrived, until the step that it is for takes it.
    pub(super) news: Option<Input>,
    /// What is to be asked.
    pub(super) asks: Vec<Ask>,
    /// What was done and can be taken back, oldest first.
    pub(super) done: Vec<Done>,
    /// What is being taken back while the run goes on.
    pub(super) retreats: Vec<Retreat>,
}

impl<'w> Walk<'w> {
    /// The step at a place.
    pub(super) fn step(&self, place: &Place) -> &'w Step {
        self.workflow.step(place.step)
    }

    /// What a call came to, if that arrived. An answer to an earlier try counts: it was the same call.
    pub(super) fn answer_to(
        &mut self,
        place: &Place,
        purpose: Purpose,
    ) -> Option<Result<Value, Box<Refusal>>> {
        let is_it = |input: &mut Input| matches!(input, Input::Answered { place: of, purpose: then, .. } if of == place && *then == purpose);
        match self.news.take_if(is_it) {
            Some(Input::Answered { result, .. }) => Some(result),
            _ => None,
        }
    }

    /// The event that arrived for a place.
    pub(super) fn event_for(&mut self, place: &Place) -> Option<Value> {
        let is_it = |input: &mut Input| matches!(input, Input::Happened { place: of, .. } if of == place);
        match self.news.take_if(is_it) {
            Some(Input::Happened { event, .. }) => Some(event),
            _ => None,
        }
    }

    /// Forgets a call that is to be asked after this pass, and says whether there was one.
    pub(super) fn forget(&mut self, ask: &Ask) -> bool {
        let before = self.asks.len();
        self.asks.retain(|other| other.place != ask.place || other.purpose != ask.purpose);
        self.asks.len() < before
    }

    /// Whether a pause until then is over.
    pub(super) fn over(&self, until: Timestamp) -> bool {
        until <= self.now || self.news == Some(Input::Hurried)
    }

    /// So many milliseconds from now.
    pub(super) fn after_ms(&self, ms: u64) -> Timestamp {
        after_ms(self.now, ms)
    }

    /// The refusal where an expression of a step erred. `part` says which: `with`, `until`.
    pub(super) fn fault(&self, place: &Place, part: &str, error: &EvalError) -> Box<Refusal> {
        Box::new(self.workflow.fault(format!("{}/{part}", self.step(place).path), error))
    }
}

/// So many milliseconds after a time, as far as times go.
pub(super) fn after_ms(time: Timestamp, ms: u64) -> Timestamp {
    let pause = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    time.checked_add(pause).unwrap_or(Timestamp::MAX)
}
