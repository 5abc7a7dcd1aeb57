//! Whether a service's answer may count. An answer that breaks the contract is withheld whole.

use mote_expr::{Bindings, Uses, Value, parse};

use super::{Law, Situation};
use crate::aggregate::{EVENTS_MAX, Event, FoldError};
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
    /// that it may raise, `contract-fault` where a rule could not be evaluated, or where there is no
    /// code and the answer that the rules make breaks one of them.
    pub fn judge(&self, situation: &Situation, answer: &[u8]) -> Result<Accepted, Refusal> {
        let judged = self.judge_answer(situation, answer);
        if self.is_derived() { judged.map_err(Refusal::of_the_contract) } else { judged }
    }

    fn judge_answer(&self, situation: &Situation, answer: &[u8]) -> Result<Accepted, Refusal> {
        let breach = |clause: &str, message: String| Err(broke(clause, message));
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
        let accepted = self.shaped(situation, &value)?;
        self.ensure(situation, Some(&accepted.output), Some(&accepted.events), accepted.after.as_ref())?;
        Ok(accepted)
    }

    /// Everything about an answer but the rules: a success that has its shape, whose events may happen.
    pub(super) fn shaped(&self, situation: &Situation, answer: &Value) -> Result<Accepted, Refusal> {
        let breach = |message: &str| Err(broke("answer", message.to_owned()));
        match answer.as_object().map(|object| (object.len(), object)) {
            Some((1, object)) => {
                if let Some(ok) = object.get("ok") {
                    return self.shaped_success(situation, ok);
                }
                if let Some(error) = object.get("error") {
                    return self.judge_error(error);
                }
                if let Some(fault) = object.get("fault") {
                    return breach(&fault_message(fault));
                }
                breach("the answer is neither `ok` nor `error`")
            }
            _ => breach("the answer is not an object with `ok` or `error` alone"),
        }
    }

    /// An error that the code raised: only those without a condition are its to raise.
    fn judge_error(&self, error: &Value) -> Result<Accepted, Refusal> {
        let Some(code) = error.field("code").and_then(Value::as_text) else {
            return Err(broke("answer", "the answer's `error` has no `code`".to_owned()));
        };
        let mut parts = error.as_object().into_iter().flat_map(mote_expr::Object::iter);
        if let Some((part, _)) = parts.find(|(part, _)| !matches!(*part, "code" | "data")) {
            return Err(broke("answer", format!("the answer's `error` has an unknown part `{part}`")));
        }
        let clause = format!("errors/{code}");
        match self.errors.iter().find(|declared| declared.code == code) {
            None => Err(broke(&clause, format!("the contract declares no error `{code}`"))),
            Some(declared) if declared.condition.is_some() => {
                Err(broke(&clause, format!("the host decides on `{code}`: it did not apply here")))
            }
            Some(declared) => Err(Refusal {
                code: declared.code.clone(),
                status: declared.status,
                data: error.field("data").filter(|data| **data != Value::Null).cloned(),
                ..Refusal::platform(Outcome::Declared, PlatformError::Conflict, format!("`{code}`"))
                    .by(clause)
            }),
        }
    }

    fn shaped_success(&self, situation: &Situation, ok: &Value) -> Result<Accepted, Refusal> {
        let Some(fields) = ok.as_object() else {
            let message =
                format!("the answer's `ok` is an object with `{}`, this is {}", self.answered(), ok.kind());
            return Err(broke("answer", message));
        };
        let known = |key: &str| key == self.answered() || (key == "events" && self.publishing.is_none());
        if let Some((key, _)) = fields.iter().find(|(key, _)| !known(key)) {
            return Err(broke("answer", format!("the answer has an unknown part `{key}`")));
        }
        let output = fields.get(self.answered()).cloned().unwrap_or(Value::Null);
        let output = if self.completes_output { self.output.normalise(output) } else { output };
        if let Some(violation) = self.output.violations(&output).first() {
            let clause = if self.publishing.is_some() { "publishes" } else { "output" };
            let message = format!("the {} not fit: {violation}", self.named_part());
            return Err(broke(clause, message));
        }
        let events = self.read_events(fields.get("events"))?;
        let after = self.apply(situation, &events)?;
        Ok(Accepted { output, events, after })
    }

    /// The subject of a sentence about what was answered.
    fn named_part(&self) -> &'static str {
        if self.publishing.is_some() { "messages do" } else { "output does" }
    }

    fn read_events(&self, source: Option<&Value>) -> Result<Vec<Event>, Refusal> {
        let breach = |message: String| broke("emits", message);
        let items = match source {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::List(items)) => items,
            Some(other) => return Err(breach(format!("`events` is a list, this is {}", other.kind()))),
        };
        if items.len() as u64 > EVENTS_MAX {
            return Err(breach(format!("{} events, the most is {EVENTS_MAX}", items.len())));
        }
        items.iter().enumerate().map(|(at, item)| self.read_event(at, item)).collect()
    }

    fn read_event(&self, at: usize, item: &Value) -> Result<Event, Refusal> {
        let breach = |message: String| broke("emits", message);
        let Some(kind) = item.field("type").and_then(Value::as_text) else {
            return Err(breach(format!("event {at} has no `type`")));
        };
        if !self.contract.emits.iter().any(|emitted| emitted == kind) {
            return Err(breach(format!("event {at} is a `{kind}`, which the contract does not emit")));
        }
        let mut parts = item.as_object().into_iter().flat_map(mote_expr::Object::iter);
        if let Some((part, _)) = parts.find(|(part, _)| !matches!(*part, "type" | "data")) {
            return Err(breach(format!("event {at} has an unknown part `{part}`")));
        }
        let data = item.field("data").cloned().unwrap_or(Value::Null);
        // Only an aggregate's events can be emitted.
        let event = self.aggregate.as_ref().and_then(|aggregate| aggregate.events.get(kind));
        let Some(event) = event else { return Ok(Event { kind: kind.to_owned(), data }) };
        let data = event.complete(data);
        match event.data.violations(&data).first() {
            Some(violation) => {
                Err(breach(format!("the data of event {at}, a `{kind}`, does not fit: {violation}")))
            }
            None => Ok(Event { kind: kind.to_owned(), data }),
        }
    }

    /// The state with the events applied, each step judged: no poison event is ever stored.
    pub(super) fn apply(&self, situation: &Situation, events: &[Event]) -> Result<Option<Value>, Refusal> {
        let (Some(aggregate), Some(state)) = (&self.aggregate, &situation.state) else { return Ok(None) };
        let mut after = state.clone();
        for event in events {
            after = aggregate.evolve(&after, event).map_err(|error| match error {
                FoldError::Fault(clause, why) => Refusal::contract_fault(clause, why),
                FoldError::Invariant(breach) => Refusal::breach(*breach),
                error @ (FoldError::Unknown(_) | FoldError::State(_) | FoldError::Row(..)) => broke(
                    &format!("events/{}", event.kind),
                    format!("`{}` cannot happen: {error}", event.kind),
                ),
            })?;
        }
        Ok(Some(after))
    }

    /// Check every rule about a success that reads nothing but what is given.
    fn ensure(
        &self,
        situation: &Situation,
        output: Option<&Value>,
        events: Option<&[Event]>,
        after: Option<&Value>,
    ) -> Result<(), Refusal> {
        let events = events.map(Law::events_value);
        let mut bindings: Bindings<'_> = self.bind(situation);
        let mut missing = Uses::default();
        let given = [
            (Some(self.slots.output), output),
            (self.slots.events, events.as_ref()),
            (self.slots.after, after),
        ];
        for (slot, value) in given {
            match (slot, value) {
                (Some(slot), Some(value)) => bindings.set(slot, value),
                (Some(slot), None) => missing = missing.and(Uses::of(slot)),
                (None, _) => {}
            }
        }
        for rule in &self.ensures {
            // Nothing is missing in production; an example may leave out what it does not promise.
            if rule.expr.uses().without(missing) != rule.expr.uses() {
                continue;
            }
            match rule.holds(&bindings) {
                Ok(true) => {}
                Ok(false) => return Err(Refusal::breach(rule.breach("ensures", &bindings))),
                Err(error) => return Err(Refusal::contract_fault(format!("ensures/{}", rule.name), error)),
            }
        }
        Ok(())
    }

    /// Whether an answer with this output and these events could be accepted, as far as they say.
    pub(crate) fn agrees(
        &self,
        situation: &Situation,
        output: Option<&Value>,
        events: Option<&[(String, Value)]>,
    ) -> Result<(), Refusal> {
        let events = events.map(|events| {
            let event = |(kind, data): &(String, Value)| {
                crate::aggregate::event_value(&Event { kind: kind.clone(), data: data.clone() })
            };
            self.read_events(Some(&Value::list(events.iter().map(event))))
        });
        let events = events.transpose()?;
        let after = match &events {
            Some(events) => self.apply(situation, events)?,
            None => None,
        };
        self.ensure(situation, output, events.as_deref(), after.as_ref())
    }
}

/// The refusal of an answer that broke `clause`, where no rule decided.
fn broke(clause: &str, message: String) -> Refusal {
    Refusal::breach(Breach { clause: clause.to_owned(), message, expression: None, values: Vec::new() })
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
