//! Calls that somebody made of the contract before: what it admitted must still be admitted, and what it
//! answered still be answered.
//!
//! Owns what is said of them: one sentence for each clause, with how many calls it is about and the newest of
//! them. A recording that does not fit the contract of now in state or rows is tried as far as it goes.

use std::collections::BTreeMap;

use mote_contract::{Decision, Law, Outcome, Recording, Situation, Unfit};
use mote_expr::Value;

use super::Change;
use super::replay::{Trial, Tried};
use crate::asked::decided;
use crate::subject::Subject;

/// How many recordings are tried, the newest first.
const TRIED_MAX: usize = 1_000;

/// What recorded calls say of the change from `before` to `now`.
pub(super) fn compare(
    before: &Law,
    now: &Law,
    subject: Option<&dyn Subject>,
    recordings: &[Recording],
) -> Vec<Change> {
    let trial = Trial { before, now, subject };
    let answered = recordings.iter().filter(|recording| {
        recording.contract == before.digest && recording.was_answered() && !recording.masked
    });
    let answered: Vec<&Recording> = answered.take(TRIED_MAX).collect();
    let mut said = Said::default();
    for recording in &answered {
        // What was recorded under a contract fits it, unless what it was folded from has changed since.
        if let Ok(then) = before.situation_recorded(recording) {
            tried(&trial, recording, &then, &mut said);
        }
    }
    said.changes(answered.len())
}

fn tried(trial: &Trial<'_>, recording: &Recording, then: &Situation, said: &mut Said) {
    let now = trial.now;
    let bare = match now.situation_asked(recording) {
        Ok(bare) => bare,
        Err(unfit) => {
            let why = if let Unfit::Shape { why, .. } = unfit { why } else { unfit.to_string() };
            return said.note(
                "input",
                &format!("refuses an input that was accepted: {why}"),
                true,
                recording,
            );
        }
    };
    let situation = match now.situation_recorded(recording) {
        Ok(situation) => situation,
        Err(unfit) => {
            said.note("given", &unfit.to_string(), false, recording);
            if let Some(clause) = refused_unread(now, &bare) {
                said.note(&clause, "refuses a call that was accepted", true, recording);
            }
            return;
        }
    };
    // A call that the host refused then may be refused in another way now.
    if decided(trial.before, then).is_some() {
        return;
    }
    if let Tried::Broken(broken) = trial.answered(then, &situation) {
        said.note(&broken.clause, &broken.message, true, recording);
    }
    let Some(answer) = &recording.answer else { return };
    if let Err(refusal) = now.judge(&situation, answer.as_bytes())
        && refusal.outcome == Outcome::Breach
    {
        let clause = refusal.clause.unwrap_or(refusal.code);
        said.note(&clause, "refuses an answer that was given, and promises more", false, recording);
    }
}

/// The clause that refuses a call before its state or its rows are read.
fn refused_unread(law: &Law, bare: &Situation) -> Option<String> {
    if let Err(refusal) = law.authorise(bare) {
        return refusal.clause;
    }
    match law.decide(bare) {
        // Requirements come first, and see the input alone; what comes after them would see the rest.
        Decision::Refuse(refusal) => refusal.clause.filter(|clause| clause.starts_with("requires/")),
        Decision::Call => None,
    }
}

/// What was met, by part and sentence.
#[derive(Default)]
struct Said(BTreeMap<(String, bool), Met>);

struct Met {
    message: String,
    calls: usize,
    shown: Value,
}

impl Said {
    fn note(&mut self, part: &str, message: &str, breaking: bool, recording: &Recording) {
        let met = self.0.entry((part.to_owned(), breaking)).or_insert_with(|| Met {
            message: message.to_owned(),
            calls: 0,
            shown: Value::object([
                ("call", Value::text(&recording.id)),
                ("input", recording.input.clone().unwrap_or(Value::Null)),
            ]),
        });
        met.calls += 1;
    }

    fn changes(self, all: usize) -> Vec<Change> {
        let change = |((part, breaking), met): ((String, bool), Met)| {
            let message = format!("{} ({} of {all} recorded calls)", met.message, met.calls);
            let change =
                if breaking { Change::breaking(part, message) } else { Change::harmless(part, message) };
            change.shown_by(met.shown)
        };
        self.0.into_iter().map(change).collect()
    }
}
