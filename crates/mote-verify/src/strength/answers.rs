//! Recorded answers of a service that passed, as strength works on them.
//! Owns what an answer is here, and when two mean the same. Never judges.

use mote_contract::{Accepted, Event, Heard, Hearing, Law};
use mote_expr::Value;

use crate::asked::Case;

/// What a service answered, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// A success.
    Success { output: Value, events: Vec<Event> },
    /// An error that the code may raise.
    Raised(String),
}

/// A case, what was answered, and whether builders were shown it.
pub(crate) struct Recording {
    pub(crate) case: Case,
    pub(crate) answer: Answer,
    /// What the answer led to, for a success.
    pub(crate) accepted: Option<Accepted>,
    pub(crate) visible: bool,
}

impl Recording {
    /// The recording of an answer that keeps the contract. None for any other.
    pub(crate) fn of(law: &Law, case: Case, answer: &[u8], visible: bool) -> Option<Recording> {
        let answer = mote_expr::parse(answer).ok()?;
        let heard = Hearing::of(law, &case.situation).hear(&answer);
        let (answer, accepted) = match heard {
            Heard::Accepted(accepted) => {
                let (output, events) = (accepted.output.clone(), accepted.events.clone());
                (Answer::Success { output, events }, Some(*accepted))
            }
            Heard::Raised(code) => (Answer::Raised(code), None),
            Heard::Misshapen(_) | Heard::Broken(_) => return None,
        };
        Some(Recording { case, answer, accepted, visible })
    }
}

impl Answer {
    /// The value that a service would have answered.
    pub(crate) fn to_value(&self, law: &Law) -> Value {
        match self {
            Answer::Success { output, events } => {
                let mut ok = vec![(law.answered(), output.clone())];
                if !events.is_empty() {
                    ok.push(("events", events_value(events)));
                }
                Value::object([("ok", Value::object(ok))])
            }
            Answer::Raised(code) => Value::object([("error", Value::object([("code", Value::text(code))]))]),
        }
    }

    /// What of it is promised: equal for two answers that mean the same.
    pub(crate) fn promised(&self, law: &Law) -> Answer {
        match self {
            Answer::Success { output, events } if !law.contract.freedom.is_empty() => Answer::Success {
                output: law.promised_output(output),
                events: events
                    .iter()
                    .map(|event| Event {
                        kind: event.kind.clone(),
                        data: law.promised_event(&event.kind, &event.data),
                    })
                    .collect(),
            },
            other => other.clone(),
        }
    }
}

/// Events as rules see them.
pub(super) fn events_value(events: &[Event]) -> Value {
    crate::counterexample::given_value(events)
}
