//! One case asked and judged: the same question in every stage.
//! Owns what counts as broken, and whose fault that is. Never chooses cases.

use mote_contract::{Accepted, Decision, Event, Law, Outcome, Refusal, Situation};
use mote_expr::Value;

use crate::counterexample::{Counterexample, shown};
use crate::sequences::Trail;
use crate::subject::{Mode, Observed, Stopped, Subject};
use crate::verification::{Fault, Stage};

/// What was before, and what is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// The events that led to the state, in order.
    pub(crate) given: Vec<Event>,
    /// Everything the decision is a function of.
    pub(crate) situation: Situation,
    /// The calls that led to the state, where commands did.
    pub(crate) trail: Option<Trail>,
}

impl Case {
    /// A case whose state no command is known to lead to.
    pub(crate) fn of(given: Vec<Event>, situation: Situation) -> Case {
        Case { given, situation, trail: None }
    }
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Finding {
    /// The service answered within its contract.
    Success(Box<Accepted>),
    /// The service raised an error that it may raise.
    Raised(String),
    /// The host answers alone: the clause that decided.
    Refused(String),
    /// A clause is broken.
    Broken(Box<Broken>),
}

/// What is wrong in one case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Broken {
    pub(crate) clause: String,
    pub(crate) message: String,
    pub(crate) expression: Option<String>,
    pub(crate) values: Vec<(String, Value)>,
    pub(crate) fault: Fault,
    /// What the service answered, for people.
    pub(crate) got: Option<String>,
}

impl Broken {
    /// A service's fault without a rule behind it.
    pub(crate) fn service(clause: impl Into<String>, message: impl Into<String>) -> Broken {
        Broken {
            clause: clause.into(),
            message: message.into(),
            expression: None,
            values: Vec::new(),
            fault: Fault::Service,
            got: None,
        }
    }

    pub(crate) fn by(stopped: &Stopped) -> Broken {
        Broken::service(&stopped.clause, &stopped.message)
    }

    #[must_use]
    pub(crate) fn answered(mut self, answer: &[u8]) -> Broken {
        self.got = Some(shown(answer));
        self
    }

    /// The record of it, for a case that shows it.
    pub(crate) fn shown_by(self, case: &Case, stage: Stage) -> Counterexample {
        Counterexample {
            stage,
            written: None,
            hidden: false,
            clause: self.clause,
            message: self.message,
            expression: self.expression,
            values: self.values,
            given: case.given.clone(),
            state: case.situation.state.clone(),
            origin: None,
            rows: case.situation.rows.as_ref().map(|rows| rows.rows.clone()),
            input: case.situation.input.clone(),
            context: case.situation.context.clone(),
            got: self.got,
            nearest_passing: Vec::new(),
            common: false,
        }
    }
}

/// What the host decides before the service is asked. None: the service is asked.
pub(crate) fn decided(law: &Law, situation: &Situation) -> Option<Finding> {
    let refusal = match law.authorise(situation) {
        Err(refusal) => refusal,
        Ok(()) => match law.decide(situation) {
            Decision::Refuse(refusal) => *refusal,
            Decision::Call => return None,
        },
    };
    Some(match refusal.outcome {
        Outcome::ContractFault => Finding::Broken(Box::new(contract_fault(refusal))),
        _ => Finding::Refused(refusal.clause.unwrap_or(refusal.code)),
    })
}

/// Ask the service, where it is asked at all, and judge its answer.
pub(crate) fn ask(law: &Law, subject: &dyn Subject, situation: &Situation) -> (Finding, Option<Observed>) {
    if let Some(finding) = decided(law, situation) {
        return (finding, None);
    }
    let (finding, observed) = match subject.answer(&law.call(situation), Mode::Fresh) {
        Ok(observed) => (judged(law, situation, &observed.answer), Some(observed)),
        Err(stopped) => (Finding::Broken(Box::new(Broken::by(&stopped))), None),
    };
    match finding {
        // Where there is no code, only the rules can be wrong.
        Finding::Broken(broken) if law.is_derived() => {
            (Finding::Broken(Box::new(Broken { fault: Fault::Contract, ..*broken })), observed)
        }
        finding => (finding, observed),
    }
}

/// What the law says to an answer.
fn judged(law: &Law, situation: &Situation, answer: &[u8]) -> Finding {
    let refusal = match law.judge(situation, answer) {
        Ok(accepted) => return Finding::Success(Box::new(accepted)),
        Err(refusal) => refusal,
    };
    let broken = match (refusal.outcome, refusal.breach) {
        (Outcome::Declared, _) => return Finding::Raised(refusal.code),
        (_, Some(breach)) => Broken {
            expression: breach.expression,
            values: breach.values,
            ..Broken::service(breach.clause, breach.message)
        },
        (_, None) => contract_fault(Refusal { breach: None, ..refusal }),
    };
    Finding::Broken(Box::new(broken.answered(answer)))
}

/// An expression of the contract erred: never held against the service.
pub(crate) fn contract_fault(refusal: Refusal) -> Broken {
    let clause = refusal.clause.unwrap_or(refusal.code);
    Broken { fault: Fault::Contract, ..Broken::service(clause, refusal.detail) }
}
