//! The examples: cases that people wrote, and that the builder saw. Broken ones are the service's
//! fault: that they obey the contract was checked when the files were read.

use mote_contract::{Accepted, Event, Example, Law, Then};
use mote_expr::Value;

use super::{Run, Staged};
use crate::asked::{Broken, Case, Finding, ask, contract_fault};
use crate::counterexample::given_value;
use crate::verification::Stage;

impl Run<'_> {
    pub(super) fn examples(&mut self) -> Staged<()> {
        let law = self.law;
        let mut found = Vec::new();
        for (done, example) in law.contract.examples.iter().enumerate() {
            self.tell(Stage::Examples, done, law.contract.examples.len());
            self.figures.examples += 1;
            let Some(case) = case_of(law, example) else { continue };
            let case = match case {
                Ok(case) => case,
                Err(broken) => {
                    found.push((broken, bare_case(example)));
                    continue;
                }
            };
            let (finding, observed) = ask(law, self.subject, &case.situation);
            if let Some(observed) = &observed {
                self.figures.worst.meet(observed);
            }
            let answer = observed.map(|observed| observed.answer).unwrap_or_default();
            let broken = match finding {
                Finding::Broken(broken) => Some(*broken),
                Finding::Refused(_) => None,
                Finding::Raised(code) => {
                    *self.figures.reached.raised.entry(code.clone()).or_default() += 1;
                    unexpected_error(example, &code).map(|broken| broken.answered(&answer))
                }
                Finding::Success(accepted) => {
                    unexpected_success(law, example, &accepted).map(|broken| broken.answered(&answer))
                }
            };
            found.extend(broken.map(|broken| (broken, (example.name.clone(), case))));
        }
        self.reject_examples(found)
    }
}

/// The case of an example. None where the host refuses it before any state is read.
pub(crate) fn case_of(law: &Law, example: &Example) -> Option<Result<Case, Broken>> {
    match law.situation_of(example) {
        Ok(situation) => Some(Ok(Case { given: given(example), situation })),
        Err(refusal) if refusal.outcome == mote_contract::Outcome::ContractFault => {
            Some(Err(contract_fault(refusal)))
        }
        Err(_) => None,
    }
}

fn given(example: &Example) -> Vec<Event> {
    let events = example.given.iter();
    events.map(|(kind, data)| Event { kind: kind.clone(), data: data.clone() }).collect()
}

/// An example that could not be brought about, as far as it can be shown.
fn bare_case(example: &Example) -> (String, Case) {
    let situation = mote_contract::Situation {
        input: example.input.clone(),
        context: example.context.clone(),
        state: None,
        rows: None,
    };
    (example.name.clone(), Case { given: given(example), situation })
}

fn clause(example: &Example) -> String {
    format!("examples/{}", example.name)
}

fn unexpected_error(example: &Example, code: &str) -> Option<Broken> {
    match &example.then {
        Then::Error(expected) if expected == code => None,
        Then::Error(expected) => {
            Some(Broken::service(clause(example), format!("the error is `{code}`, expected `{expected}`")))
        }
        Then::Ok { .. } => {
            Some(Broken::service(clause(example), format!("the error `{code}` instead of a success")))
        }
    }
}

fn unexpected_success(law: &Law, example: &Example, accepted: &Accepted) -> Option<Broken> {
    let Accepted { output, events, .. } = accepted;
    // What is left to the service may differ from what its author wrote down.
    let promised = |events: &[Event]| {
        let event = |event: &Event| Event {
            kind: event.kind.clone(),
            data: law.promised_event(&event.kind, &event.data),
        };
        events.iter().map(event).collect::<Vec<_>>()
    };
    let differ = |what: &str, expected: &Value, got: &Value| {
        let values = vec![(format!("expected {what}"), expected.clone()), (what.to_owned(), got.clone())];
        Broken { values, ..Broken::service(clause(example), format!("not the {what} of the example")) }
    };
    match &example.then {
        Then::Error(expected) => {
            Some(Broken::service(clause(example), format!("a success instead of the error `{expected}`")))
        }
        Then::Ok { output: Some(expected), .. }
            if law.promised_output(expected) != law.promised_output(output) =>
        {
            Some(differ(law.answered(), expected, output))
        }
        Then::Ok { events: Some(expected), .. } => {
            let expected =
                expected.iter().map(|(kind, data)| Event { kind: kind.clone(), data: data.clone() });
            let expected = expected.collect::<Vec<_>>();
            let differs = promised(&expected) != promised(events);
            differs.then(|| differ("events", &given_value(&expected), &given_value(events)))
        }
        Then::Ok { .. } => None,
    }
}
