//! Executes a workflow.
//!
//! Owns every decision about a run: what is asked next, what an answer means, what is tried again, what is taken back.
//! Never reads a clock, a log or an answer by itself: what happened arrives as an [`Input`] with a time, and what is to be
//! asked leaves as [`Ask`]s. Start at [`Run::step`], then `sequence.rs`; each kind of step has a file.
//!
//! A run is a function of its inputs: stepped through them again, it is the same run. So a journal of inputs is all that
//! has to be kept, and a run that a crash cut off goes on from there: what it had asked is asked again, with the same keys.

mod branches;
mod call;
mod drive;
mod each;
mod input;
mod journal;
mod place;
mod repeat;
mod retreat;
mod sequence;
mod status;
mod values;
mod wait;
mod walk;

use std::sync::Arc;

use jiff::Timestamp;
use mote_contract::{Outcome, PlatformError, Refusal, Workflow};
use mote_expr::Value;

pub use drive::{RunError, RunPorts, Started};
pub use input::{Ask, End, Input, Wait};
pub use journal::{Began, decode_began, decode_end, decode_input, encode_began, encode_end, encode_input};
pub use place::{Place, Purpose};
pub use status::{Phase, Status, StepStatus};

use retreat::Retreat;
use sequence::{Leaf, Sequence};
use values::Values;
use walk::{Turn, Walk, after_ms};

/// One execution of a workflow.
#[derive(Clone, Debug)]
pub struct Run {
    workflow: Arc<Workflow>,
    began: Arc<Began>,
    /// When it stops going forward.
    deadline: Timestamp,
    values: Values,
    going: Going,
    /// What was done and can be taken back, oldest first.
    done: Vec<retreat::Done>,
    /// What is being taken back.
    retreats: Vec<Retreat>,
}

/// Where to.
#[derive(Clone, Debug)]
enum Going {
    Forward(Sequence),
    /// It is known how it ends; some of what it did is being taken back.
    Back(End),
    Nowhere(End),
}

impl Run {
    /// Begins a run of `workflow`; what began it says with what. The input is one that the workflow admitted.
    pub fn begin(workflow: Arc<Workflow>, began: Began) -> (Run, Vec<Ask>) {
        let slots = workflow.slots;
        let mut values = Values::default();
        let caller = began.context.field("caller").cloned().unwrap_or(Value::Null);
        values.set(slots.caller, caller);
        values.set(slots.input, began.input.clone());
        values.set(slots.context, began.context.clone());
        let now = began.now;
        let mut run = Run {
            deadline: after_ms(now, workflow.deadline_ms),
            going: Going::Forward(Sequence::of(&workflow.body)),
            values,
            done: Vec::new(),
            retreats: Vec::new(),
            workflow,
            began: Arc::new(began),
        };
        let asks = run.go(None, now);
        (run, asks)
    }

    /// Takes in what happened, at `now`, and says what is to be asked. Nothing else is to be done before an answer
    /// arrives, an event that [`Run::waits`] names, or the time of [`Run::wakes_at`].
    pub fn step(&mut self, input: Input, now: Timestamp) -> Vec<Ask> {
        self.go(Some(input), now)
    }

    fn go(&mut self, news: Option<Input>, now: Timestamp) -> Vec<Ask> {
        let workflow = Arc::clone(&self.workflow);
        let began = Arc::clone(&self.began);
        let mut walk = Walk {
            workflow: &workflow,
            run: &began.id,
            now,
            deadline: self.deadline,
            news,
            asks: Vec::new(),
            done: std::mem::take(&mut self.done),
            retreats: std::mem::take(&mut self.retreats),
        };
        if let Going::Forward(sequence) = &mut self.going {
            let turn = match &walk.news {
                Some(Input::Cancelled { why }) => Turn::Failed(Box::new(cancelled(why))),
                _ => sequence.go(&mut walk, &mut self.values, &[]),
            };
            let end = match turn {
                Turn::Waits if now < self.deadline => None,
                Turn::Waits => Some(Err(Box::new(late(&workflow)))),
                Turn::Failed(refusal) => Some(Err(refusal)),
                Turn::Through => Some(workflow.answer(&self.values.bindings(&workflow)).map_err(Box::new)),
            };
            match end {
                None => {}
                Some(Ok(output)) => self.going = Going::Back(End::Done(output)),
                Some(Err(refusal)) => self.fail(*refusal, &mut walk),
            }
        }
        self.done = std::mem::take(&mut walk.done);
        // What is taken back can only go on, never begin anything of its own.
        let mut retreats = std::mem::take(&mut walk.retreats);
        retreats.retain_mut(|retreat| !retreat.go(&mut walk));
        self.retreats = retreats;
        if let (Going::Back(end), true) = (&self.going, self.retreats.is_empty()) {
            self.going = Going::Nowhere(end.clone());
        }
        walk.asks
    }

    /// Goes forward no longer: what is under way is found out about, and everything is taken back.
    fn fail(&mut self, refusal: Refusal, walk: &mut Walk<'_>) {
        let Going::Forward(sequence) = &self.going else { return };
        let mut retreat = Retreat::of(std::mem::take(&mut walk.done));
        sequence.calls(&self.values, &mut |calling, values| retreat.settle(calling, values, walk));
        walk.retreats.push(retreat);
        self.going = Going::Back(End::Failed(Box::new(self.declared(refusal))));
    }

    /// The refusal as the workflow's callers see it: an error that it declares is its own.
    fn declared(&self, refusal: Refusal) -> Refusal {
        match self.workflow.failure(&refusal.code) {
            Some(declared) => Refusal { detail: refusal.detail, ..declared },
            None => refusal,
        }
    }

    /// How it ended, once there is nothing left to do.
    pub fn ended(&self) -> Option<&End> {
        match &self.going {
            Going::Nowhere(end) => Some(end),
            Going::Forward(_) | Going::Back(_) => None,
        }
    }

    /// What it executes.
    pub fn workflow(&self) -> &Arc<Workflow> {
        &self.workflow
    }

    /// What it began with.
    pub fn began(&self) -> &Began {
        &self.began
    }

    /// When it wants to be woken, if nothing else happens.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let mut times = Vec::new();
        if let Going::Forward(sequence) = &self.going {
            times.push(self.deadline);
            sequence.leaves(&mut |leaf| match leaf {
                Leaf::Call(calling) => {
                    times.extend(calling.until());
                    times.extend(calling.pause().map(|(_, until)| until));
                }
                Leaf::Pause(pausing) => times.push(pausing.until),
                Leaf::Event(awaiting) => times.extend(awaiting.until),
            });
        }
        let trials = self.retreats.iter().flat_map(Retreat::trials);
        times.extend(trials.filter_map(|trial| trial.pause.as_ref()).map(|(_, until)| *until));
        times.into_iter().min().filter(|time| *time < Timestamp::MAX)
    }

    /// The events that it waits for.
    pub fn waits(&self) -> Vec<&Wait> {
        let mut waits = Vec::new();
        if let Going::Forward(sequence) = &self.going {
            sequence.leaves(&mut |leaf| {
                if let Leaf::Event(awaiting) = leaf {
                    waits.extend(awaiting.waits());
                }
            });
        }
        waits
    }

    /// The calls whose answers it waits for. After a crash they are made again.
    pub fn asking(&self) -> Vec<&Ask> {
        let mut asks = Vec::new();
        if let Going::Forward(sequence) = &self.going {
            sequence.leaves(&mut |leaf| {
                if let Leaf::Call(calling) = leaf
                    && calling.is_asking()
                {
                    asks.push(calling.ask());
                }
            });
        }
        let trials = self.retreats.iter().flat_map(Retreat::trials);
        asks.extend(trials.filter(|trial| trial.is_asking()).map(|trial| &trial.ask));
        asks
    }
}

/// The refusal of a run that was still going forward at its deadline.
fn late(workflow: &Workflow) -> Refusal {
    let detail = format!("`{}` did not come to an end by its deadline", workflow.name);
    Refusal::platform(Outcome::Unavailable, PlatformError::Timeout, detail)
}

/// The refusal of a run that somebody ended.
fn cancelled(why: &str) -> Refusal {
    Refusal::platform(Outcome::Invalid, PlatformError::Cancelled, why)
}
