//! A minimal case that shows what is wrong, for a builder and for people.
//! Owns its record and its text. Never decides what is minimal: `shrink` does.

use std::fmt;

use mote_contract::{CaseKind, Event, context};
use mote_expr::{Object, Pointer, Value, parse};

use crate::verification::Stage;

/// How much of an answer is shown, in bytes.
const SHOWN_MAX: usize = 1_000;

/// The time of a case that does not depend on it.
const SIMPLEST_NOW: &str = "2026-01-01T00:00:00Z";

/// A case that shows how a clause is broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The stage that met it.
    pub stage: Stage,
    /// The name of the example, the test or the regression it is, where it was not generated.
    pub written: Option<String>,
    /// Whether it is a test that whoever writes the service may not see.
    pub hidden: bool,
    /// The clause that is broken, such as `ensures/complete`, `budget/fuel` or `purity/reused`.
    pub clause: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The rule's text, if a rule is broken.
    pub expression: Option<String>,
    /// The parts of the rule that decided, and `let`s, with their values.
    pub values: Vec<(String, Value)>,
    /// What happened before.
    pub given: Vec<Event>,
    /// The state it led to.
    pub state: Option<Value>,
    /// Where that state comes from. None where nothing happened before, or its author said what did.
    pub origin: Option<Origin>,
    /// The rows that were read.
    pub rows: Option<Value>,
    /// The admitted input.
    pub input: Value,
    /// `now`, `id` and the caller.
    pub context: Value,
    /// What the service answered, cut where it is long. None where it gave no answer, or was not asked.
    pub got: Option<String>,
    /// What to change in `given`, `input` or `context` for the service to pass, if that was met;
    /// `null` for what is to be left out.
    pub nearest_passing: Vec<(Pointer, Value)>,
    /// Whether many of the cases tried break this clause.
    pub common: bool,
}

/// Where a state comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// These commands led to it, called one after the other.
    Commands(Vec<String>),
    /// It is made of events that the rules allow. Whether commands tell them is not known.
    Events,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Commands(operations) => write!(f, "reachable by: {}", operations.join(", ")),
            Origin::Events => f.write_str("made of events that the rules allow"),
        }
    }
}

/// The context of a case that does not depend on it: people are not shown it.
pub(crate) fn simplest_context() -> Value {
    context(SIMPLEST_NOW, "id", "someone", &[], Value::Object(Object::new().into()))
}

/// An answer as text, cut where it is long.
pub(crate) fn shown(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(&answer[..answer.len().min(SHOWN_MAX)]);
    if answer.len() > SHOWN_MAX { format!("{text}… ({} bytes)", answer.len()) } else { text.into_owned() }
}

impl Counterexample {
    /// What a case of its stage is called.
    fn word(&self) -> &'static str {
        let kind = match self.stage {
            Stage::Tests => CaseKind::Test,
            Stage::Regressions => CaseKind::Regression,
            _ => CaseKind::Example,
        };
        kind.word()
    }

    /// The record for `feedback.json`.
    pub fn to_value(&self) -> Value {
        let pairs = |pairs: &[(String, Value)]| {
            Value::object(pairs.iter().map(|(name, value)| (name, value.clone())))
        };
        let mut record = vec![
            ("clause", Value::text(&self.clause)),
            ("message", Value::text(&self.message)),
            ("values", pairs(&self.values)),
            ("given", given_value(&self.given)),
            ("when", self.input.clone()),
            ("context", self.context.clone()),
            ("seen_in", Value::text(if self.common { "many" } else { "few" })),
        ];
        record.extend(self.written.as_ref().map(|name| (self.word(), Value::text(name))));
        record.extend(self.expression.as_ref().map(|text| ("expression", Value::text(text))));
        record.extend(self.origin.as_ref().map(|origin| ("origin", Value::text(origin.to_string()))));
        record.extend(self.state.as_ref().map(|state| ("state", state.clone())));
        record.extend(self.rows.as_ref().map(|rows| ("rows", rows.clone())));
        // As JSON where it is JSON: easier to read than a text with quoted quotes.
        let got = self.got.as_ref().map(|text| parse(text.as_bytes()).unwrap_or_else(|_| Value::text(text)));
        record.extend(got.map(|got| ("got", got)));
        if !self.nearest_passing.is_empty() {
            let changes = self.nearest_passing.iter().map(|(at, value)| (at.to_string(), value.clone()));
            record.push(("nearest_passing", Value::object(changes)));
        }
        Value::object(record)
    }
}

/// Events as they are written in examples.
pub(crate) fn given_value(events: &[Event]) -> Value {
    Value::list(
        events
            .iter()
            .map(|event| Value::object([("type", Value::text(&event.kind)), ("data", event.data.clone())])),
    )
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.clause, self.message)?;
        if let Some(expression) = &self.expression {
            write!(f, "\n  rule     {}", expression.split_whitespace().collect::<Vec<_>>().join(" "))?;
        }
        for (name, value) in &self.values {
            write!(f, "\n  where    {} is {value}", name.split_whitespace().collect::<Vec<_>>().join(" "))?;
        }
        if let Some(name) = &self.written {
            let hidden = if self.hidden { ", hidden from builders" } else { "" };
            write!(f, "\n  {:<8} {name}{hidden}", self.word())?;
        }
        for event in &self.given {
            write!(f, "\n  given    {} {}", event.kind, event.data)?;
        }
        if let Some(origin) = &self.origin {
            write!(f, "\n  origin   {origin}")?;
        }
        if let Some(rows) = &self.rows {
            write!(f, "\n  rows     {rows}")?;
        }
        write!(f, "\n  input    {}", self.input)?;
        if self.context != simplest_context() {
            write!(f, "\n  context  {}", self.context)?;
        }
        if let Some(got) = &self.got {
            write!(f, "\n  got      {got}")?;
        }
        for (at, value) in &self.nearest_passing {
            match value {
                Value::Null => write!(f, "\n  passes   without {at}")?,
                value => write!(f, "\n  passes   with {at} = {value}")?,
            }
        }
        Ok(())
    }
}
