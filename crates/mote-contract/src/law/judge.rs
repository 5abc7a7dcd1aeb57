//! Whether a service's answer may count. An answer that breaks the contract is withheld whole.

use mote_expr::{Bindings, Value, parse};

use super::{Law, Situation};
use crate::aggregate::{Event, FoldError};
use crate::outcome::{Breach, Outcome, PlatformError, Refusal};

/// A success that kept the contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The output.
    pub output: Value,
    /// The events to store.
    pub events: Vec<Event>,
    /// The state with the events applied, for a contract that touches an aggregate.
    pub after: Option<Value>,
}

impl Law {
    /// Judge the bytes that a service answered in `situation`.
    ///
    /// The refusal is a `breach` where the code broke a clause, `declared` where it raised an error
    /// that it may raise, `contract-fault` where a rule could not be evaluated.
    pub fn judge(&self, situation: &Situation, answer: &[u8]) -> Result<Accepted, Refusal> {
        let breach = |clause: &str, message: String| {
            Err(Refusal::breach(Breach {
                clause: clause.to_owned(),
                message,
                expression: None,
                values: Vec::new(),
            }))
        };
        if answer.len() as u64 > self.contract.budget.answer {
            let message =
                format!("the answer has {} bytes, the most is {}", answer.len(), self.contract.budget.answer);
            return breach("budget/answer", message);
        }
        let value = match parse(answer) {
            Ok(value) => value,
            Err(error) => {
                return breach("answer", format!("the answer is not JSON as Mote reads it: {error}"));
            }
        };
        match value.as_object().map(|object| (object.len(), object)) {
            Some((1, object)) => {
                if let Some(ok) = object.get("ok") {
                    return self.judge_success(situation, ok);
                }
                if let Some(error) = object.get("error") {
                    return self.judge_error(error);
                }
                if let Some(fault) = object.get("fault") {
                    return breach("answer", fault_message(fault));
                }
                breach("answer", "the answer is neither `ok` nor `error`".to_owned())
            }
            _ => breach("answer", "the answer is not an object with `ok` or `error` alone".to_owned()),
        }
    }

    /// An error that the code raised: only those without a condition are its to raise.
    fn judge_error(&self, error: &Value) -> Result<Accepted, Refusal> {
        let code = error.field("code").and_then(Value::as_text).unwrap_or("");
        let breach = |message: String| {
            let clause = format!("errors/{code}");
            Err(Refusal::breach(Breach { clause, message, expression: None, values: Vec::new() }))
        };
        match self.errors.iter().find(|declared| declared.code == code) {
            None => breach(format!("the contract declares no error `{code}`")),
            Some(declared) if declared.condition.is_some() => {
                breach(format!("the host decides on `{code}`: it did not apply here"))
            }
            Some(declared) => Err(Refusal {
                code: declared.code.clone(),
                status: declared.status,
                data: error.field("data").filter(|data| **data != Value::Null).cloned(),
                ..Refusal::platform(Outcome::Declared, PlatformError::Conflict, format!("`{code}`"))
                    .by(format!("errors/{code}"))
            }),
        }
    }

    fn judge_success(&self, situation: &Situation, ok: &Value) -> Result<Accepted, Refusal> {
        let breach = |clause: String, message: String| {
            Refusal::breach(Breach { clause, message, expression: None, values: Vec::new() })
        };
        let empty = mote_expr::Object::new();
        let fields = ok.as_object().unwrap_or(&empty);
        if let Some((key, _)) = fields.iter().find(|(key, _)| !matches!(*key, "output" | "events")) {
            return Err(breach("answer".to_owned(), format!("the answer has an unknown part `{key}`")));
        }
        let output = fields.get("output").cloned().unwrap_or(Value::Null);
        if let Some(violation) = self.output.violations(&output).first() {
            return Err(breach("output".to_owned(), format!("the output does not fit: {violation}")));
        }
        let events = self.read_events(fields.get("events"))?;
        let after = self.apply(situation, &events)?;
        let accepted = Accepted { output, events, after };
        self.ensure(situation, &accepted)?;
        Ok(accepted)
    }

    fn read_events(&self, source: Option<&Value>) -> Result<Vec<Event>, Refusal> {
        let breach = |message: String| {
            let clause = "emits".to_owned();
            Refusal::breach(Breach { clause, message, expression: None, values: Vec::new() })
        };
        let items = match source {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::List(items)) => items,
            Some(other) => return Err(breach(format!("`events` is a list, this is {}", other.kind()))),
        };
        let mut events = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let kind = item.field("type").and_then(Value::as_text).unwrap_or("");
            if !self.contract.emits.iter().any(|emitted| emitted == kind) {
                return Err(breach(format!("event {at} is a `{kind}`, which the contract does not emit")));
            }
            if item.as_object().is_some_and(|object| object.len() != 2) {
                return Err(breach(format!("event {at} has more than `type` and `data`")));
            }
            let data = item.field("data").cloned().unwrap_or(Value::Null);
            let schema = self
                .aggregate
                .as_ref()
                .and_then(|aggregate| aggregate.events.get(kind))
                .map(|event| &event.data);
            if let Some(violation) = schema.and_then(|schema| schema.violations(&data).into_iter().next()) {
                return Err(breach(format!("the data of event {at}, a `{kind}`, does not fit: {violation}")));
            }
            events.push(Event { kind: kind.to_owned(), data });
        }
        Ok(events)
    }

    /// The state with the events applied, each step judged: no poison event is ever stored.
    fn apply(&self, situation: &Situation, events: &[Event]) -> Result<Option<Value>, Refusal> {
        let (Some(aggregate), Some(state)) = (&self.aggregate, &situation.state) else { return Ok(None) };
        let mut after = state.clone();
        for event in events {
            after = aggregate.evolve(&after, event).map_err(|error| match error {
                FoldError::Fault(clause, why) => Refusal::contract_fault(clause, why),
                FoldError::Invariant(breach) => Refusal::breach(*breach),
                error @ (FoldError::Unknown(_) | FoldError::State(_)) => Refusal::breach(Breach {
                    clause: format!("events/{}", event.kind),
                    message: format!("`{}` cannot happen: {error}", event.kind),
                    expression: None,
                    values: Vec::new(),
                }),
            })?;
        }
        Ok(Some(after))
    }

    fn ensure(&self, situation: &Situation, accepted: &Accepted) -> Result<(), Refusal> {
        let events = Law::events_value(&accepted.events);
        let mut bindings: Bindings<'_> = self.bind(situation);
        bindings.set(self.slots.output, &accepted.output);
        if let Some(slot) = self.slots.events {
            bindings.set(slot, &events);
        }
        if let (Some(slot), Some(after)) = (self.slots.after, &accepted.after) {
            bindings.set(slot, after);
        }
        for rule in &self.ensures {
            match rule.holds(&bindings) {
                Ok(true) => {}
                Ok(false) => return Err(Refusal::breach(rule.breach("ensures", &bindings))),
                Err(error) => return Err(Refusal::contract_fault(format!("ensures/{}", rule.name), error)),
            }
        }
        Ok(())
    }
}

/// What the scaffold says about an answer that its service could not give.
fn fault_message(fault: &Value) -> String {
    let text = |key: &str| fault.field(key).and_then(Value::as_text).unwrap_or("");
    let place = match (text("file"), fault.field("line").and_then(Value::as_int)) {
        ("", _) => String::new(),
        (file, Some(line)) => format!(" ({file}:{line})"),
        (file, None) => format!(" ({file})"),
    };
    match text("kind") {
        "exception" => format!("the service threw: {}{place}", text("message")),
        "promise" => format!("the service returned a promise: answers are synchronous{place}"),
        _ => format!("the service did not answer: {}{place}", text("message")),
    }
}
