//! What a builder is told after a rejection: the record of `feedback.json`.
//! Owns its keys. Never tells how many cases there were or what the others looked like.

use std::collections::BTreeSet;

use mote_contract::Law;
use mote_expr::Value;

use super::{Fault, Stage, Verification, number};
use crate::counterexample::Counterexample;

impl Verification {
    /// The record for the builder.
    pub fn feedback(&self, law: &Law) -> Value {
        let ended = self.rejection.as_ref().map(|rejection| rejection.stage);
        let passed = Stage::ALL.iter().filter(|(stage, _)| ended.is_none_or(|ended| *stage < ended));
        let mut record = vec![
            ("verdict", Value::text(self.verdict_word())),
            ("passed_stages", Value::list(passed.map(|(_, name)| Value::text(name)))),
            ("budget", self.budget(law)),
        ];
        if let Some(rejection) = &self.rejection {
            let (hidden, shown): (Vec<_>, Vec<_>) =
                rejection.counterexamples.iter().partition(|found| found.hidden);
            let hidden: BTreeSet<&str> = hidden.into_iter().map(hidden_clause).collect();
            let clauses: BTreeSet<&str> = shown
                .iter()
                .map(|found| found.clause.as_str())
                .chain(hidden.iter().copied())
                .chain(rejection.withheld.as_deref())
                .collect();
            let clause_alone = |clause: &str, why: &str| {
                Value::object([("clause", Value::text(clause)), ("message", Value::text(why))])
            };
            let hidden =
                hidden.iter().map(|clause| clause_alone(clause, "a hidden test failed; it is not told"));
            let withheld = rejection
                .withheld
                .iter()
                .map(|clause| clause_alone(clause, "a sealed case broke this clause; its case is not told"));
            let violations = shown.iter().map(|found| found.to_value()).chain(hidden).chain(withheld);
            record.extend([
                ("stage", Value::text(rejection.stage.name())),
                ("violations", Value::list(violations)),
                ("unreached", Value::list(rejection.unreached.iter().map(Value::text))),
                ("unreadable", Value::list(rejection.unreadable.iter().map(Value::text))),
                ("clauses_failed", number(clauses.len() as u64)),
                ("next", Value::text(next(rejection.fault))),
            ]);
        }
        Value::object(record)
    }

    fn verdict_word(&self) -> &'static str {
        match &self.rejection {
            None => "verified",
            Some(rejection) if rejection.fault == Fault::Contract => "contract-error",
            Some(_) => "rejected",
        }
    }

    fn budget(&self, law: &Law) -> Value {
        let budget = &law.contract.budget;
        let worst = &self.figures.worst;
        Value::object([
            ("fuel", number(worst.fuel)),
            ("fuel_limit", number(budget.fuel)),
            ("memory_bytes", number(worst.memory)),
            ("memory_limit_bytes", number(budget.memory)),
            ("answer_bytes", number(worst.answer)),
            ("answer_limit_bytes", number(budget.answer)),
        ])
    }
}

/// What a hidden test broke, where that is a rule: its own name may say what it is about.
fn hidden_clause(found: &Counterexample) -> &str {
    if found.clause.starts_with("tests/") { "tests" } else { &found.clause }
}

fn next(fault: Fault) -> &'static str {
    match fault {
        Fault::Service => "change the service only: the contract is fixed",
        Fault::Contract => "the contract must be mended: no service can",
    }
}
