//! A case that can still be changed: its history is shared with the case it was made from.

use mote_contract::{Law, Situation};
use mote_expr::Value;

use super::history::History;
use crate::asked::Case;

/// A case in the making.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) history: History,
    pub(crate) situation: Situation,
}

impl Draft {
    /// The draft of a call, if its input is admitted and its rows can be read.
    pub(crate) fn of(law: &Law, history: History, input: Value, context: Value) -> Option<Draft> {
        let input = law.admit_value(input).ok()?.input;
        let situation = law.situation(history.before(), input, context).ok()?;
        Some(Draft { history, situation })
    }

    /// The case as it is asked.
    pub(crate) fn case(&self) -> Case {
        let given = self.history.tail(self.history.len());
        Case { given, situation: self.situation.clone(), trail: self.history.trail().cloned() }
    }
}
