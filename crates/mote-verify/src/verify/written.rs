//! The cases that people wrote, and those that were met while serving: examples, tests and regressions.
//! Broken ones are the service's fault: that they obey the contract was checked when the files were read.

use mote_contract::{Accepted, CaseKind, Event, Example, Law, Then};
use mote_expr::Value;

use super::budget::excess;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, ask, contract_fault};
use crate::counterexample::given_value;
use crate::subject::Observed;
use crate::verification::Stage;

/// A written case as it is shown.
pub(super) struct Written {
    pub(super) name: String,
    pub(super) case: Case,
    /// Whether whoever writes the service may see it.
    pub(super) visible: bool,
}

/// A written case that was asked.
struct Asked {
    case: Result<Case, Broken>,
    came: Option<(Finding, Option<Observed>)>,
}

impl Run<'_> {
    pub(super) fn examples(&mut self) -> Staged<()> {
        let cases: Vec<_> = self.law.contract.examples.iter().map(|example| (example, true)).collect();
        self.figures.examples = cases.len() as u64;
        self.written(Stage::Examples, CaseKind::Example, &cases)
    }

    pub(super) fn tests(&mut self) -> Staged<()> {
        let cases: Vec<_> = self.law.cases.tests.iter().map(|test| (&test.case, test.visible)).collect();
        self.figures.tests = cases.len() as u64;
        self.written(Stage::Tests, CaseKind::Test, &cases)
    }

    pub(super) fn regressions(&mut self) -> Staged<()> {
        let cases: Vec<_> = self.law.cases.regressions.iter().map(|case| (case, true)).collect();
        self.figures.regressions = cases.len() as u64;
        self.written(Stage::Regressions, CaseKind::Regression, &cases)
    }

    /// Ask all `cases`, each with whether a builder may see it.
    fn written(&mut self, stage: Stage, kind: CaseKind, cases: &[(&Example, bool)]) -> Staged<()> {
        let (law, subject, total) = (self.law, self.subject, cases.len());
        let asked = parallel::map(self.plan.threads, total, &|done| self.tell(stage, done, total), &|at| {
            let case = case_of(law, cases[at].0)?;
            let came = case.as_ref().ok().map(|case| ask(law, subject, &case.situation));
            Some(Asked { case, came })
        });
        let mut found = Vec::new();
        for ((example, visible), asked) in cases.iter().zip(asked) {
            // The host refuses before any state is read, and was judged when the files were read.
            let Some(Asked { case, came }) = asked else { continue };
            let broken = match (&case, came) {
                (Err(broken), _) => Some(broken.clone()),
                (Ok(_), Some((finding, observed))) => self.came_of(kind, example, finding, observed),
                (Ok(_), None) => None,
            };
            let Some(broken) = broken else { continue };
            let case = case.unwrap_or_else(|_| bare_case(example));
            found.push((broken, Written { name: example.name.clone(), case, visible: *visible }));
        }
        self.reject_written(stage, found, total)
    }

    /// What is wrong with what came of `example`, if anything is.
    fn came_of(
        &mut self,
        kind: CaseKind,
        example: &Example,
        finding: Finding,
        observed: Option<Observed>,
    ) -> Option<Broken> {
        let law = self.law;
        if let Some(observed) = &observed {
            self.figures.worst.meet(observed);
        }
        let broken = match finding {
            Finding::Broken(broken) => return Some(*broken),
            Finding::Refused(_) => None,
            Finding::Raised(code) => {
                *self.figures.reached.raised.entry(code.clone()).or_default() += 1;
                unexpected_error(kind, example, &code)
            }
            Finding::Success(accepted) => unexpected_success(law, kind, example, &accepted),
        };
        let observed = observed?;
        broken.map(|broken| broken.answered(&observed.answer)).or_else(|| excess(law, &observed))
    }
}

/// The case of an example. None where the host refuses it before any state is read.
pub(crate) fn case_of(law: &Law, example: &Example) -> Option<Result<Case, Broken>> {
    match law.situation_of(example) {
        Ok(situation) => Some(Ok(Case::of(given(example), situation))),
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
fn bare_case(example: &Example) -> Case {
    let situation = mote_contract::Situation {
        input: example.input.clone(),
        context: example.context.clone(),
        state: None,
        rows: None,
    };
    Case::of(given(example), situation)
}

fn clause(kind: CaseKind, example: &Example) -> String {
    format!("{}/{}", kind.plural(), example.name)
}

fn unexpected_error(kind: CaseKind, example: &Example, code: &str) -> Option<Broken> {
    match &example.then {
        Then::Anything => None,
        Then::Error(expected) if expected == code => None,
        Then::Error(expected) => Some(Broken::service(
            clause(kind, example),
            format!("the error is `{code}`, expected `{expected}`"),
        )),
        Then::Ok { .. } => {
            Some(Broken::service(clause(kind, example), format!("the error `{code}` instead of a success")))
        }
    }
}

fn unexpected_success(law: &Law, kind: CaseKind, example: &Example, accepted: &Accepted) -> Option<Broken> {
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
        Broken {
            values,
            ..Broken::service(clause(kind, example), format!("not the {what} of the {}", kind.word()))
        }
    };
    match &example.then {
        Then::Error(expected) => Some(Broken::service(
            clause(kind, example),
            format!("a success instead of the error `{expected}`"),
        )),
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
        Then::Ok { .. } | Then::Anything => None,
    }
}
