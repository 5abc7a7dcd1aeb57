//! What the host decides alone: requirements and conditional errors. The code is not called for them.

use super::{Law, Situation};
use crate::contract::ErrorClause;
use crate::outcome::{Outcome, PlatformError, Refusal};

/// What comes of a situation before any code has run.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The service is asked.
    Call,
    /// The host answers.
    Refuse(Box<Refusal>),
}

impl Law {
    /// Decide what the contract decides: `requires`, then the errors with a condition, in order.
    pub fn decide(&self, situation: &Situation) -> Decision {
        match self.first_refusal(situation) {
            Some(refusal) => Decision::Refuse(Box::new(refusal)),
            None => Decision::Call,
        }
    }

    fn first_refusal(&self, situation: &Situation) -> Option<Refusal> {
        let bindings = self.bind(situation);
        for rule in &self.requires {
            let clause = format!("requires/{}", rule.name);
            match rule.holds(&bindings) {
                Ok(true) => {}
                Ok(false) => {
                    let detail = format!(
                        "the input breaks the requirement `{}`: {}",
                        rule.name,
                        rule.expr.source().trim()
                    );
                    let error = PlatformError::RequirementFailed;
                    return Some(Refusal::platform(Outcome::Invalid, error, detail).by(clause));
                }
                Err(error) => return Some(Refusal::contract_fault(clause, error)),
            }
        }
        for error in &self.errors {
            let Some(condition) = &error.condition else { continue };
            match condition.holds(&bindings) {
                Ok(false) => {}
                Ok(true) => return Some(self.declared(error, situation)),
                Err(fault) => return Some(Refusal::contract_fault(format!("errors/{}", error.code), fault)),
            }
        }
        None
    }

    fn declared(&self, error: &ErrorClause, situation: &Situation) -> Refusal {
        let clause = format!("errors/{}", error.code);
        let data = match error.data.as_ref().map(|data| data.eval(&self.bind(situation))).transpose() {
            Ok(data) => data,
            Err(fault) => return Refusal::contract_fault(clause, fault),
        };
        let source = error.condition.as_ref().map_or("", |condition| condition.expr.source().trim());
        let detail = format!("the condition of `{}` holds: {source}", error.code);
        Refusal {
            code: error.code.clone(),
            status: error.status,
            data,
            ..Refusal::platform(Outcome::Declared, PlatformError::Conflict, detail).by(clause)
        }
    }
}
