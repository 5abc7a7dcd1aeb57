//! Every rule leaves something open: what the schemas decide for ever is a promise about nothing.

use mote_expr::Expr;

use super::{Aggregates, ContractFile};
use crate::diagnostic::Code;
use crate::law::Law;
use crate::read::Sink;
use crate::rule::Rule;

pub(super) fn check(aggregates: &Aggregates, contracts: &[ContractFile], sink: &Sink) {
    for file in aggregates.good.values() {
        // One that no state keeps is broken by the initial state, and said there.
        let implied = |rule: &&Rule| file.aggregate.proven(&rule.expr) == Some(true);
        file.aggregate.invariants.iter().filter(implied).for_each(|rule| says_nothing(rule, sink));
    }
    for law in contracts.iter().filter_map(|contract| contract.law.as_ref()) {
        of_contract(law, sink);
    }
}

fn of_contract(law: &Law, sink: &Sink) {
    for rule in &law.requires {
        let never = "no input meets the requirement";
        told(rule, law.proven(&rule.expr), never, "loosen a bound of the input", sink);
    }
    for rule in &law.ensures {
        let never = "no answer keeps the rule";
        told(rule, law.proven(&rule.expr), never, "loosen a bound of the output", sink);
    }
    for rule in law.errors.iter().filter_map(|error| error.condition.as_ref()) {
        let (name, condition) = (&rule.name, text(&rule.expr));
        let (message, hint) = match law.proven(&rule.expr) {
            None => continue,
            Some(false) => (
                format!("the error `{name}` is never the answer: the schemas exclude `{condition}`"),
                "leave the error out, or loosen a bound",
            ),
            Some(true) => (
                format!("the error `{name}` is always the answer: the schemas imply `{condition}`"),
                "tighten its condition, or loosen a bound",
            ),
        };
        sink.error(Code::Impossible, rule.place.clone(), message, Some(hint.to_owned()));
    }
}

/// What is said of a rule that is `proven` one way or the other.
fn told(rule: &Rule, proven: Option<bool>, never: &str, loosen: &str, sink: &Sink) {
    match proven {
        None => {}
        Some(false) => {
            let message = format!("{never} `{}`: the schemas exclude `{}`", rule.name, text(&rule.expr));
            sink.error(Code::Impossible, rule.place.clone(), message, Some(format!("{loosen}, or the rule")));
        }
        Some(true) => says_nothing(rule, sink),
    }
}

fn says_nothing(rule: &Rule, sink: &Sink) {
    let message = format!("`{}` says nothing: the schemas imply `{}`", rule.name, text(&rule.expr));
    let hint = Some("leave it out, or compare with what varies".to_owned());
    sink.error(Code::Implied, rule.place.clone(), message, hint);
}

/// An expression on one line.
fn text(expr: &Expr) -> String {
    expr.source().split_whitespace().collect::<Vec<_>>().join(" ")
}
