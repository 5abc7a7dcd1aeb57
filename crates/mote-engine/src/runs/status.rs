//! What a run is about, for people.

use jiff::Timestamp;
use mote_contract::Refusal;

use super::retreat::Retreat;
use super::sequence::Leaf;
use super::{End, Going, Place, Purpose, Run};

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It goes forward.
    Running,
    /// It failed, and takes back what it did.
    Undoing,
    /// It has its output, and takes back what a branch did that lost.
    Finishing,
    /// It ended with an output.
    Done,
    /// It ended with an error, and nothing is left of what could be taken back.
    Failed,
}

/// What a run is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Where it is.
    pub phase: Phase,
    /// How it ended, or will when all is taken back.
    pub end: Option<End>,
    /// What it waits for, step by step.
    pub steps: Vec<StepStatus>,
    /// Effects that are taken back after those in `steps`.
    pub undo_left: usize,
}

/// What a step waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct StepStatus {
    /// Which step.
    pub place: Place,
    /// Where it is in the workflow.
    pub path: String,
    /// What for, in a sentence.
    pub doing: String,
    /// What happens then at the latest. None: only an answer, or a person, ends it.
    pub until: Option<Timestamp>,
}

impl Run {
    /// What it is about now.
    pub fn status(&self) -> Status {
        let mut steps = Vec::new();
        let mut add = |place: &Place, doing: String, until| {
            let path = self.workflow.step(place.step).path.clone();
            steps.push(StepStatus { place: place.clone(), path, doing, until });
        };
        if let Going::Forward(sequence) = &self.going {
            sequence.leaves(&mut |leaf| match leaf {
                Leaf::Call(calling) => {
                    let (ask, name) = (calling.ask(), calling.ask().callee.name());
                    match calling.pause() {
                        None => add(&ask.place, format!("asks `{name}`, try {}", ask.tries), Some(ask.until)),
                        Some((refusal, until)) => {
                            let what = format!("asks `{name}` again after {}", told(refusal));
                            add(&ask.place, what, Some(until));
                        }
                    }
                }
                Leaf::Pause(pausing) => add(&pausing.place, "waits".to_owned(), Some(pausing.until)),
                Leaf::Event(awaiting) => {
                    let event = awaiting.waits().map_or("", |wait| &wait.event);
                    add(&awaiting.place, format!("waits for `{event}`"), awaiting.until);
                }
            });
        }
        for trial in self.retreats.iter().flat_map(Retreat::trials) {
            let (ask, name) = (&trial.ask, trial.ask.callee.name());
            let what = match ask.purpose {
                Purpose::Undo => "is taken back",
                Purpose::Forward | Purpose::Settle => "is found out about",
            };
            match &trial.pause {
                None => add(&ask.place, format!("{what}: asks `{name}`, try {}", ask.tries), Some(ask.until)),
                Some((why, until)) => {
                    let until = Some(*until).filter(|until| *until < Timestamp::MAX);
                    add(&ask.place, format!("{what}: asks `{name}` again after {why}"), until);
                }
            }
        }
        let (phase, end) = match &self.going {
            Going::Forward(_) => (Phase::Running, None),
            Going::Back(end @ End::Done(_)) => (Phase::Finishing, Some(end.clone())),
            Going::Back(end @ End::Failed(_)) => (Phase::Undoing, Some(end.clone())),
            Going::Nowhere(end @ End::Done(_)) => (Phase::Done, Some(end.clone())),
            Going::Nowhere(end @ End::Failed(_)) => (Phase::Failed, Some(end.clone())),
        };
        Status { phase, end, steps, undo_left: self.retreats.iter().map(Retreat::left).sum() }
    }
}

fn told(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.code, refusal.detail)
}
