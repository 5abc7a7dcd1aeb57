//! How far a situation is from an outcome that the host decides on.
//! Owns the order: a clause decides only where those before it let it.

use mote_contract::Law;
use mote_expr::{Bindings, Distance};

/// What a situation should turn out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim<'a> {
    /// The service is asked.
    Called,
    /// The host refuses by this clause.
    Refused(&'a str),
}

/// How far a situation with these bindings is from `aim`.
pub(crate) fn distance(law: &Law, bindings: &Bindings<'_>, aim: Aim<'_>) -> Distance {
    let mut distance = match law.allow() {
        None => Distance::REACHED,
        Some(allow) => {
            let truth = allow.truth(bindings);
            if aim == Aim::Refused("allow") {
                return truth.to_false;
            }
            truth.to_true
        }
    };
    let requires = law.requires.iter().map(|rule| ("requires/", rule, true));
    let errors = law.errors.iter().filter_map(|error| Some(("errors/", error.condition.as_ref()?, false)));
    for (section, rule, passes) in requires.chain(errors) {
        let truth = rule.expr.truth(bindings);
        let (pass, refuse) =
            if passes { (truth.to_true, truth.to_false) } else { (truth.to_false, truth.to_true) };
        if let Aim::Refused(clause) = aim
            && clause.strip_prefix(section) == Some(&rule.name)
        {
            return distance + refuse;
        }
        distance = distance + pass;
    }
    distance
}
