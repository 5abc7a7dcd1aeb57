//! Examples, tests and regressions obey the contract they belong to. A contradiction is the contract's fault, never the
//! service's, so it is found before any service is asked.

use super::ContractFile;
use crate::contract::{CaseKind, Example, Then};
use crate::diagnostic::Code;
use crate::law::{Decision, Law};
use crate::outcome::{Outcome, Refusal};
use crate::read::Sink;

pub(super) fn check(contracts: &[ContractFile], sink: &Sink) {
    // A rule that does not compile is not there: what an example says of it would be blamed wrongly.
    for law in contracts.iter().filter(|contract| contract.clean).filter_map(|contract| contract.law.as_ref())
    {
        let examples = law.contract.examples.iter().map(|example| (CaseKind::Example, example));
        let tests = law.cases.tests.iter().map(|test| (CaseKind::Test, &test.case));
        let regressions = law.cases.regressions.iter().map(|case| (CaseKind::Regression, case));
        for (kind, case) in examples.chain(tests).chain(regressions) {
            if let Err((why, hint)) = obeys(law, case) {
                let message = format!("the {} `{}` contradicts the contract: {why}", kind.word(), case.name);
                sink.error(Code::Example, case.place.clone(), message, hint);
            }
        }
    }
}

/// Why not, and what to write instead.
type Contradiction = (String, Option<String>);

fn obeys(law: &Law, example: &Example) -> Result<(), Contradiction> {
    let situation = match law.situation_of(example) {
        Ok(situation) => situation,
        Err(refusal) => return expect(&example.then, &refusal),
    };
    match (law.decide(&situation), &example.then) {
        (Decision::Refuse(refusal), then) => expect(then, &refusal),
        (Decision::Call, Then::Anything) => Ok(()),
        (Decision::Call, Then::Error(code)) => may_be_raised(law, code),
        (Decision::Call, Then::Ok { output, events }) => {
            law.agrees(&situation, output.as_ref(), events.as_deref()).map_err(|refusal| {
                (explain(&refusal), Some("change what `then` expects, or the rule".to_owned()))
            })
        }
    }
}

fn may_be_raised(law: &Law, code: &str) -> Result<(), Contradiction> {
    match law.errors.iter().find(|error| error.code == code) {
        Some(error) => match &error.condition {
            None => Ok(()),
            Some(condition) => {
                let source = condition.expr.source().trim();
                let hint = "change what is given or asked, or what `then` expects".to_owned();
                Err((format!("`{code}` is answered if `{source}`, which is not so here"), Some(hint)))
            }
        },
        None => {
            let known: Vec<_> = law.errors.iter().map(|error| error.code.as_str()).collect();
            let hint = match mote_expr::suggest(code, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it: `errors: [{{code: {code}, if: …}}]`"),
            };
            Err((format!("the contract has no error `{code}`"), Some(hint)))
        }
    }
}

fn expect(then: &Then, refusal: &Refusal) -> Result<(), Contradiction> {
    // An example that cannot be is not mended by expecting that.
    if refusal.clause.as_deref() == Some(crate::law::GIVEN) {
        let hint = "give events that can happen, in an order in which they can".to_owned();
        return Err((refusal.detail.clone(), Some(hint)));
    }
    let answer = format!("the contract answers `{}`: {}", refusal.code, refusal.detail);
    let hint = Some(format!("change what is given, or write `then: {{error: {}}}`", refusal.code));
    match then {
        Then::Anything if refusal.outcome == Outcome::ContractFault => {
            Err((answer, Some("change the contract: a rule of it errs on this case".to_owned())))
        }
        Then::Anything => Ok(()),
        Then::Error(code) if *code == refusal.code => Ok(()),
        Then::Error(code) => Err((format!("it expects `{code}`, {answer}"), hint)),
        Then::Ok { .. } => Err((answer, hint)),
    }
}

fn explain(refusal: &Refusal) -> String {
    let Some(breach) = &refusal.breach else { return refusal.detail.clone() };
    match &breach.expression {
        Some(rule) => format!("`{}` is not true: {rule}{}", breach.clause, breach.listed()),
        None => format!("`{}`: {}", breach.clause, breach.message),
    }
}
