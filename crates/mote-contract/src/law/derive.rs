//! The answer of a contract whose rules leave nothing open: there is no code, its rules are solved.
//!
//! Owns how an answer is made from the equations that were chosen when the contract was read. What is
//! made is judged like any other answer; a refusal is then the contract's own fault. Start at
//! [`Law::derive`]; which equations are chosen is decided in `plan`.

mod cover;
mod goals;
mod plan;

use std::borrow::Cow;
use std::sync::Arc;

use mote_expr::expr::{Condition, Operand, Part};
use mote_expr::{Bindings, EvalError, Object, Slot, Step, Value, parse};

pub(crate) use plan::plan;

use super::{Law, Rows, Situation};
use crate::aggregate::Event;
use crate::outcome::{Outcome, PlatformError, Refusal};

/// How the parts of an answer are made, each after those that it is said in terms of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Derivation {
    pub(crate) made: Vec<Made>,
}

/// One part of an answer, or whether it is there.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) what: What,
    /// Of things that happened: in which of the cases of which list.
    pub(crate) within: Option<(Slot, usize)>,
    /// Whether it is said in terms of other parts.
    pub(crate) reads_answer: bool,
    /// Whether it is said in terms of the state after the call.
    pub(crate) reads_after: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// An object, whose fields are made one by one.
    Open(Part),
    /// Whether an optional part is there.
    Presence(Part, Vec<Case>),
    /// What a part is.
    Value(Part, Vec<Case>),
    /// Which things happened, by their types: a case each.
    Happened(Slot, Vec<(Vec<Condition>, Vec<String>)>),
}

/// What a part is when all the conditions hold.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) when: Vec<Condition>,
    pub(crate) is: Operand,
}

/// An answer that is being made.
#[derive(Default)]
struct Answer {
    parts: Vec<(Slot, Value)>,
    absent: Vec<Part>,
    /// Which case of which list of things that happened.
    happened: Vec<(Slot, usize)>,
}

impl Law {
    /// Whether the contract's rules answer, and no code.
    pub fn is_derived(&self) -> bool {
        self.derivation.is_some()
    }

    /// The bytes of the answer that the rules determine in `situation`, which is one in which a
    /// service would be asked. None for a contract that a service answers.
    pub fn derive(&self, situation: &Situation) -> Option<Result<Vec<u8>, Refusal>> {
        let derivation = self.derivation.as_ref()?;
        Some(self.solve(derivation, situation).map(|answer| self.bytes(&answer)))
    }

    /// The answer to `call`, which [`Law::call`] wrote, as [`Law::derive`] gives it.
    pub fn derive_call(&self, call: &[u8]) -> Option<Result<Vec<u8>, Refusal>> {
        let read = parse(call).map_err(|error| Refusal::contract_fault("implementation", error));
        match read {
            Ok(call) => self.derive(&situation(&call)),
            Err(refusal) => self.is_derived().then_some(Err(refusal)),
        }
    }

    fn solve(&self, derivation: &Derivation, situation: &Situation) -> Result<Answer, Refusal> {
        let mut answer = Answer::default();
        let before = self.bind(situation);
        for made in &derivation.made {
            if !answer.concerns(made) {
                continue;
            }
            let erred = |error: EvalError| Refusal::contract_fault("implementation", error);
            if !made.reads_answer && !made.reads_after {
                let chosen = made.what.choose(&before).map_err(erred)?;
                answer.take(&made.what, chosen);
                continue;
            }
            let after = match made.reads_after {
                true => self.apply(situation, &answer.events(self)).map_err(Refusal::of_the_contract)?,
                false => None,
            };
            let known = answer.parts.clone();
            let mut bindings = self.bind(situation);
            for (slot, value) in &known {
                bindings.set(*slot, value);
            }
            if let (Some(slot), Some(after)) = (self.slots.after, &after) {
                bindings.set(slot, after);
            }
            let chosen = made.what.choose(&bindings).map_err(erred)?;
            answer.take(&made.what, chosen);
        }
        Ok(answer)
    }

    /// The answer as a service would write it.
    fn bytes(&self, answer: &Answer) -> Vec<u8> {
        let named = answer.parts.iter().filter_map(|(slot, value)| {
            let name = if *slot == self.slots.output {
                "output"
            } else if Some(*slot) == self.slots.events {
                "events"
            } else {
                return None;
            };
            Some((name, value.clone()))
        });
        Value::object([("ok", Value::object(named))]).canonical()
    }
}

/// The situation that a call tells of.
fn situation(call: &Value) -> Situation {
    let part = |name: &str| call.field(name).cloned();
    Situation {
        input: part("input").unwrap_or(Value::Null),
        context: part("context").unwrap_or(Value::Null),
        state: part("state"),
        rows: part("rows").map(|rows| Rows { rows, next: part("next") }),
    }
}

/// What one step came to.
enum Chosen {
    Open,
    Absent,
    Present,
    Value(Value),
    Happened(usize),
    /// No case applies: a condition that errs in one rule can keep another from deciding.
    Nothing,
}

impl What {
    fn choose(&self, bindings: &Bindings<'_>) -> Result<Chosen, EvalError> {
        Ok(match self {
            What::Open(_) => Chosen::Open,
            What::Presence(_, cases) => match chosen(cases, bindings)?.as_deref() {
                Some(Value::Bool(true)) => Chosen::Present,
                Some(_) => Chosen::Absent,
                None => Chosen::Nothing,
            },
            What::Value(_, cases) => match chosen(cases, bindings)? {
                Some(value) => Chosen::Value(value.into_owned()),
                None => Chosen::Nothing,
            },
            What::Happened(_, cases) => {
                for (at, (when, _)) in cases.iter().enumerate() {
                    if all_hold(when, bindings)? {
                        return Ok(Chosen::Happened(at));
                    }
                }
                Chosen::Nothing
            }
        })
    }
}

fn chosen<'e>(cases: &'e [Case], bindings: &'e Bindings<'_>) -> Result<Option<Cow<'e, Value>>, EvalError> {
    for case in cases {
        if all_hold(&case.when, bindings)? {
            return case.is.eval(bindings).map(Some);
        }
    }
    Ok(None)
}

fn all_hold(when: &[Condition], bindings: &Bindings<'_>) -> Result<bool, EvalError> {
    for condition in when {
        if *condition.of.eval(bindings)? != Value::Bool(condition.truth) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Answer {
    /// Whether the part belongs to what is there and to what happened.
    fn concerns(&self, made: &Made) -> bool {
        let happened = made.within.is_none_or(|case| self.happened.contains(&case));
        let part = match &made.what {
            What::Open(part) | What::Value(part, _) | What::Presence(part, _) => Some(part),
            What::Happened(..) => None,
        };
        happened && part.is_none_or(|part| !self.absent.iter().any(|absent| absent.holds(part)))
    }

    fn take(&mut self, what: &What, chosen: Chosen) {
        match (what, chosen) {
            (What::Presence(part, _), Chosen::Absent | Chosen::Nothing) => self.absent.push(part.clone()),
            (What::Open(part), Chosen::Open) => self.put(part, Value::Object(Object::new().into())),
            (What::Value(part, _), Chosen::Value(value)) => self.put(part, value),
            (What::Happened(slot, cases), Chosen::Happened(case)) => {
                let event = |kind: &String| {
                    let data = Value::Object(Object::new().into());
                    Value::object([("type", Value::text(kind)), ("data", data)])
                };
                let things = cases.get(case).map_or(&[][..], |(_, kinds)| kinds);
                self.put(&Part::of(*slot), Value::list(things.iter().map(event)));
                self.happened.push((*slot, case));
            }
            // What nothing was said of in this case is left out, and the judge says what is missing.
            _ => {}
        }
    }

    fn put(&mut self, part: &Part, value: Value) {
        let at = match self.parts.iter().position(|(slot, _)| *slot == part.slot) {
            Some(at) => at,
            None => {
                self.parts.push((part.slot, Value::Null));
                self.parts.len() - 1
            }
        };
        set(&mut self.parts[at].1, &part.steps, value);
    }

    /// The events so far.
    fn events(&self, law: &Law) -> Vec<Event> {
        let events = self.parts.iter().find(|(slot, _)| Some(*slot) == law.slots.events);
        let events = events.and_then(|(_, value)| value.as_list()).unwrap_or(&[]);
        let event = |value: &Value| {
            let kind = value.field("type").and_then(Value::as_text)?.to_owned();
            Some(Event { data: value.field("data").cloned().unwrap_or(Value::Null), kind })
        };
        events.iter().filter_map(event).collect()
    }
}

/// Put `value` where `steps` lead. What is on the way was put before.
fn set(into: &mut Value, steps: &[Step], value: Value) {
    match (steps.split_first(), into) {
        (None, into) => *into = value,
        (Some((Step::Key(key), rest)), Value::Object(object)) => {
            let object = Arc::make_mut(object);
            match object.get_mut(key) {
                Some(inner) => set(inner, rest, value),
                None => {
                    object.insert(key, if rest.is_empty() { value } else { Value::Null });
                }
            }
        }
        (Some((Step::Index(index), rest)), Value::List(items)) => {
            if let Some(inner) = Arc::make_mut(items).get_mut(*index) {
                set(inner, rest, value);
            }
        }
        (Some(_), _) => {}
    }
}

impl Refusal {
    /// The refusal of an answer that the contract's own rules made: they contradict each other.
    pub(crate) fn of_the_contract(refusal: Refusal) -> Refusal {
        if refusal.outcome != Outcome::Breach {
            return refusal;
        }
        let clause = refusal.clause.clone().unwrap_or_default();
        let detail = format!("the answer that the rules make breaks `{clause}`: they contradict each other");
        let fault = Refusal::platform(Outcome::ContractFault, PlatformError::ContractError, detail);
        Refusal { breach: refusal.breach, ..fault.by(clause) }
    }
}
