//! A call as it was judged: all that its answer is a function of, what was answered, and how it ended.
//!
//! Owns the record of it, what of it is masked, and whether it can be asked again. Never says which calls
//! are recorded, nor where: the engine tells, the server chooses and keeps.

mod form;
mod mask;

use std::collections::BTreeMap;

use mote_expr::rows::{Row, Selection};
use mote_expr::{Digest, Value};

use crate::aggregate::FoldError;
use crate::contract::Kind;
use crate::law::{Bound, Law, RowTable, Rows, Situation};
use crate::outcome::{Outcome, Refusal};

pub use form::FormError;

/// One recorded call.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The id of the call: `context.id`.
    pub id: String,
    /// What was called.
    pub operation: String,
    /// What that is.
    pub kind: Kind,
    /// The version of the contract that judged it.
    pub version: String,
    /// The hash of that contract.
    pub contract: Digest,
    /// The hash of the release.
    pub release: Digest,
    /// The hash of the artifact that answered.
    pub artifact: Digest,
    /// `now`, `id` and the caller.
    pub context: Value,
    /// The input as it arrived, before its defaults. None if it was not JSON.
    pub input: Option<Value>,
    /// The state it was judged against. None where none was read.
    pub state: Option<Value>,
    /// The rows that were read.
    pub rows: Option<Rows>,
    /// What the code answered, byte for byte. None if it was not asked, or gave no answer.
    pub answer: Option<String>,
    /// How it ended. None: it succeeded.
    pub refusal: Option<Ended>,
    /// The place in the log at which it was decided.
    pub position: Option<String>,
    /// Whether something in it is masked: then it is no call that anybody made.
    pub masked: bool,
}

/// How a recorded call ended that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whose matter it was.
    pub outcome: Outcome,
    /// The declared error's code, or a platform error's.
    pub code: String,
    /// The clause that decided.
    pub clause: Option<String>,
    /// What happened, in a sentence.
    pub message: String,
    /// What a declared error carried.
    pub data: Option<Value>,
}

impl Ended {
    /// How `refusal` ended a call, with what the judge said where code broke its contract.
    pub fn of(refusal: &Refusal) -> Ended {
        let message = match &refusal.breach {
            Some(breach) => format!("{}{}", breach.message, breach.listed()),
            None => refusal.detail.clone(),
        };
        Ended {
            outcome: refusal.outcome,
            code: refusal.code.clone(),
            clause: refusal.clause.clone(),
            message,
            data: refusal.data.clone(),
        }
    }
}

/// Why a recorded call cannot be asked again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// What it hides may decide.
    #[error("it is masked: what it hides may decide")]
    Masked,
    /// There was no input to judge.
    #[error("its input was not JSON")]
    NoInput,
    /// The input, the state or the rows are not what the contract is about.
    #[error("its {part} does not fit the contract: {why}")]
    Shape {
        /// `input`, `state` or `list of rows`.
        part: &'static str,
        /// What does not fit.
        why: String,
    },
    /// It was over before the state or the rows were read.
    #[error("it ended before its {0} was read")]
    Unread(&'static str),
}

impl Recording {
    /// How it ended, in a word: `ok`, or the name of an outcome.
    pub fn outcome(&self) -> String {
        self.refusal.as_ref().map_or_else(|| "ok".to_owned(), |ended| ended.outcome.to_string())
    }

    /// The clause that decided, where one did.
    pub fn clause(&self) -> Option<&str> {
        self.refusal.as_ref()?.clause.as_deref()
    }

    /// What it is one of many of: its operation, and how it ended by which clause.
    pub fn label(&self) -> String {
        match &self.refusal {
            None => format!("{} ok", self.operation),
            Some(ended) => {
                let by = ended.clause.as_ref().unwrap_or(&ended.code);
                format!("{} {} {by}", self.operation, ended.outcome)
            }
        }
    }

    /// Whether the code broke its contract.
    pub fn is_breach(&self) -> bool {
        self.refusal.as_ref().is_some_and(|ended| ended.outcome == Outcome::Breach)
    }

    /// Whether the call was answered as the contract has it: with a success or a declared error.
    pub fn was_answered(&self) -> bool {
        self.refusal.as_ref().is_none_or(|ended| ended.outcome == Outcome::Declared)
    }

    /// The time of the call, as its context has it.
    pub fn now(&self) -> &str {
        self.context.field("now").and_then(Value::as_text).unwrap_or("")
    }
}

impl Law {
    /// The situation of a recorded call, to be decided under this contract, which may be another than the
    /// one it was recorded under: all of it must fit.
    pub fn situation_recorded(&self, recording: &Recording) -> Result<Situation, Unfit> {
        let bare = self.situation_asked(recording)?;
        Ok(Situation {
            state: self.recorded_state(recording)?,
            rows: self.recorded_rows(recording, &bare)?,
            ..bare
        })
    }

    /// The same without what the platform read for it: enough to say whether it is admitted.
    pub fn situation_asked(&self, recording: &Recording) -> Result<Situation, Unfit> {
        if recording.masked {
            return Err(Unfit::Masked);
        }
        let input = recording.input.clone().ok_or(Unfit::NoInput)?;
        let admitted = self.admit_value(input).map_err(|refusal| {
            let violation = refusal.violations.first().map(ToString::to_string);
            Unfit::Shape { part: "input", why: violation.unwrap_or(refusal.detail) }
        })?;
        let context = self.context_of(&admitted.input, || recording.context.clone());
        Ok(Situation { input: admitted.input, context, state: None, rows: None })
    }

    fn recorded_state(&self, recording: &Recording) -> Result<Option<Value>, Unfit> {
        let Some(aggregate) = &self.aggregate else { return Ok(None) };
        let state = recording.state.clone().ok_or(Unfit::Unread("state"))?;
        let why = |error: FoldError| match error {
            FoldError::State(why) => why,
            FoldError::Invariant(breach) => format!("it breaks `{}`", breach.clause),
            error => error.to_string(),
        };
        aggregate.permits(&state).map_err(|error| Unfit::Shape { part: "state", why: why(error) })?;
        Ok(Some(state))
    }

    fn recorded_rows(&self, recording: &Recording, bare: &Situation) -> Result<Option<Rows>, Unfit> {
        let unfit = |why: String| Unfit::Shape { part: "list of rows", why };
        let Some(reads) = &self.reads else { return Ok(None) };
        let rows = recording.rows.clone().ok_or(Unfit::Unread("list of rows"))?;
        let items = rows.rows.as_list().unwrap_or(&[]);
        for row in items {
            if let Some(violation) = reads.view.row.violations(row).first() {
                return Err(unfit(violation.to_string()));
            }
        }
        // A contract that selects otherwise would not have been told these.
        if let Some(selection) = self.selection(bare).map_err(|refusal| unfit(refusal.detail))? {
            // Their keys are not known, and stood in this order where all else is equal.
            let kept = items.iter().enumerate();
            let kept: BTreeMap<_, _> =
                kept.map(|(at, row)| (format!("{at:08}"), Row::sound(row.clone()))).collect();
            let most = selection.count - 1;
            let chosen = RowTable(kept).select(&Selection { after: None, count: most, ..selection });
            let chosen = chosen.map_err(|marked| unfit(marked.to_string()))?;
            if !chosen.iter().map(|(_, row)| row).eq(items) {
                return Err(unfit("they are not the rows that it reads".to_owned()));
            }
        }
        if rows.next.is_some() != matches!(reads.bound, Bound::Page(_)) {
            return Err(unfit("only one of it and then reads pages".to_owned()));
        }
        Ok(Some(rows))
    }
}
