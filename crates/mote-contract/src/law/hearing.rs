//! Many answers to one situation: everything that speaks against each, not only the first thing.
//! Owns what is worked out once for all of them. What counts is decided by the same rules as in
//! production; nothing here accepts an answer for anybody.

use mote_expr::{Bindings, ExprError, Slot, Uses, Value};

use super::{Accepted, Law, Situation};
use crate::outcome::Outcome;
use crate::rule::Rule;

/// One situation, prepared to hear answers: the `let`s that do not depend on the answer are known.
pub struct Hearing<'l> {
    law: &'l Law,
    situation: &'l Situation,
    known: Vec<(Slot, Value)>,
}

/// What speaks against an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Nothing: it is a success that keeps every rule.
    Accepted(Box<Accepted>),
    /// Nothing: it is an error that the code may raise.
    Raised(String),
    /// It has not the shape of an answer; the clause that says so.
    Misshapen(String),
    /// The clauses that it breaks, or that cannot be evaluated with it. At least one.
    Broken(Vec<String>),
}

impl<'l> Hearing<'l> {
    /// Prepare `situation`.
    pub fn of(law: &'l Law, situation: &'l Situation) -> Hearing<'l> {
        let bindings = law.bind(situation);
        let answer = law.answer_uses();
        let lets = law.scope.all_lets().filter(|(_, _, expr)| expr.uses().without(answer) == expr.uses());
        // A `let` that errs errs again in the rule that needs it, where it is told.
        let known = lets.filter_map(|(slot, _, expr)| Some((slot, expr.eval(&bindings).ok()?.into_owned())));
        Hearing { law, situation, known: known.collect() }
    }

    /// The law.
    pub fn law(&self) -> &'l Law {
        self.law
    }

    /// The situation.
    pub fn situation(&self) -> &'l Situation {
        self.situation
    }

    /// The `let`s that do not depend on the answer: name and value.
    pub fn known(&self) -> impl Iterator<Item = (&'l str, &Value)> {
        let lets = self.law.scope.all_lets();
        lets.filter_map(|(slot, name, _)| {
            Some((name, &self.known.iter().find(|(known, _)| *known == slot)?.1))
        })
    }

    /// Whether `rule`, which is about what is known before the code answers, is true here. None if it
    /// cannot be evaluated.
    pub fn decides(&self, rule: &Rule) -> Option<bool> {
        let mut bindings = self.law.bind(self.situation);
        for (slot, value) in &self.known {
            bindings.set(*slot, value);
        }
        rule.holds(&bindings).ok()
    }

    /// Everything that speaks against `answer`: the value that a service's bytes mean.
    pub fn hear(&self, answer: &Value) -> Heard {
        let accepted = match self.law.shaped(self.situation, answer) {
            Ok(accepted) => accepted,
            Err(refusal) => {
                let clause = refusal.clause.unwrap_or(refusal.code.clone());
                return match refusal.outcome {
                    Outcome::Declared => Heard::Raised(refusal.code),
                    _ if ["answer", "output", "publishes", "emits"].contains(&clause.as_str()) => {
                        Heard::Misshapen(clause)
                    }
                    _ => Heard::Broken(vec![clause]),
                };
            }
        };
        let broken = self.broken(&self.law.ensures, &accepted);
        if broken.is_empty() { Heard::Accepted(Box::new(accepted)) } else { Heard::Broken(broken) }
    }

    /// Whether `rule` of this law's scope is true of a success. None if it cannot be evaluated.
    pub fn holds(&self, rule: &Rule, accepted: &Accepted) -> Option<bool> {
        let events = Law::events_value(&accepted.events);
        rule.holds(&self.bind(accepted, &events)).ok()
    }

    fn broken(&self, rules: &[Rule], accepted: &Accepted) -> Vec<String> {
        let events = Law::events_value(&accepted.events);
        let bindings = self.bind(accepted, &events);
        let broken = rules.iter().filter(|rule| rule.holds(&bindings) != Ok(true));
        broken.map(|rule| format!("ensures/{}", rule.name)).collect()
    }

    fn bind<'b>(&'b self, accepted: &'b Accepted, events: &'b Value) -> Bindings<'b> {
        let mut bindings = self.law.bind(self.situation);
        for (slot, value) in &self.known {
            bindings.set(*slot, value);
        }
        bindings.set(self.law.slots.output, &accepted.output);
        if let Some(slot) = self.law.slots.events {
            bindings.set(slot, events);
        }
        if let (Some(slot), Some(after)) = (self.law.slots.after, &accepted.after) {
            bindings.set(slot, after);
        }
        bindings
    }
}

impl Law {
    /// A rule about a success of this contract, as it would be written under `ensures`.
    pub fn rule(&self, name: &str, source: &str) -> Result<Rule, ExprError> {
        let expr = mote_expr::Expr::compile_rule(source, &self.scope)?;
        Ok(Rule { name: name.to_owned(), expr, place: self.contract.place.clone() })
    }

    /// The `let`s, in order: name, text, and whether the value is known before the code answers.
    pub fn lets(&self) -> impl Iterator<Item = (&str, &mote_expr::Expr, bool)> {
        let answer = self.answer_uses();
        self.scope
            .all_lets()
            .map(move |(_, name, expr)| (name, expr, expr.uses().without(answer) == expr.uses()))
    }

    /// The comparisons and tests in the contract's expressions that are about what is known before
    /// the code answers, each once.
    pub fn comparisons(&self) -> Vec<Rule> {
        let answer = self.answer_uses();
        let slots = self.scope.names().filter_map(|name| self.scope.slot(name));
        let known = slots.map(Uses::of).fold(Uses::default(), Uses::and).without(answer);
        let conditions = self.errors.iter().filter_map(|error| error.condition.as_ref());
        let rules = self.requires.iter().chain(conditions).chain(&self.ensures).map(|rule| &rule.expr);
        let lets = self.scope.all_lets().map(|(_, _, expr)| expr);
        let atoms = rules.chain(lets).flat_map(|expr| self.scope.atoms(expr, known, &|_| None));
        let mut found: Vec<Rule> = Vec::new();
        for atom in atoms.filter(|atom| !atom.looped) {
            let text = atom.text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !found.iter().any(|known| known.name == text) {
                found.extend(self.rule(&text, &atom.text).ok());
            }
        }
        found.retain(|rule| rule.expr.uses().without(answer) == rule.expr.uses());
        found
    }

    /// What is bound by the answer alone.
    fn answer_uses(&self) -> Uses {
        let slots = [Some(self.slots.output), self.slots.events, self.slots.after];
        slots.into_iter().flatten().map(Uses::of).fold(Uses::default(), Uses::and)
    }
}
