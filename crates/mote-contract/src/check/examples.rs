//! Examples obey the contract they belong to. A contradiction is the contract's fault, never the
//! service's, so it is found before any service is asked.

use mote_expr::Value;

use crate::contract::{Example, Then};
use crate::diagnostic::Code;
use crate::law::{Decision, Law};
use crate::outcome::Refusal;
use crate::read::Sink;
use crate::system::System;

pub(super) fn check(system: &System, sink: &Sink) {
    for law in system.laws.values() {
        for example in &law.contract.examples {
            if let Err(why) = obeys(law, example) {
                let message = format!("the example `{}` contradicts the contract: {why}", example.name);
                sink.error(Code::Example, example.place.clone(), message, None);
            }
        }
    }
}

fn obeys(law: &Law, example: &Example) -> Result<(), String> {
    let situation = match law.situation_of(example) {
        Ok(situation) => situation,
        Err(refusal) => return expect(&example.then, &refusal),
    };
    match (law.decide(&situation), &example.then) {
        (Decision::Refuse(refusal), then) => expect(then, &refusal),
        (Decision::Call, Then::Error(code)) => match law.errors.iter().find(|error| error.code == *code) {
            Some(error) if error.condition.is_none() => Ok(()),
            Some(_) => Err(format!("`{code}` does not apply to it")),
            None => Err(format!("the contract has no error `{code}`")),
        },
        (Decision::Call, Then::Ok { output: Some(output), events }) => {
            let answer = answer(output, events.as_deref().unwrap_or(&[]));
            // Without its events an example says nothing that could be judged but the output.
            if events.is_none() && !law.contract.emits.is_empty() {
                return match law.output.violations(output).first() {
                    Some(violation) => Err(format!("its output does not fit: {violation}")),
                    None => Ok(()),
                };
            }
            law.judge(&situation, &answer.canonical()).map(drop).map_err(|refusal| explain(&refusal))
        }
        (Decision::Call, Then::Ok { output: None, .. }) => Ok(()),
    }
}

fn expect(then: &Then, refusal: &Refusal) -> Result<(), String> {
    match then {
        Then::Error(code) if *code == refusal.code => Ok(()),
        Then::Error(code) => {
            Err(format!("it expects `{code}`, the contract answers `{}`: {}", refusal.code, refusal.detail))
        }
        Then::Ok { .. } => Err(format!("the contract answers `{}`: {}", refusal.code, refusal.detail)),
    }
}

fn explain(refusal: &Refusal) -> String {
    let Some(breach) = &refusal.breach else { return refusal.detail.clone() };
    let values: Vec<_> = breach.values.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    format!("`{}`: {}{values}", breach.clause, breach.message)
}

/// What a service would answer to give this output and these events.
fn answer(output: &Value, events: &[(String, Value)]) -> Value {
    let events = events
        .iter()
        .map(|(kind, data)| Value::object([("type", Value::text(kind)), ("data", data.clone())]));
    let ok = Value::object([("output", output.clone()), ("events", Value::list(events))]);
    Value::object([("ok", ok)])
}
