//! A named rule: an expression that is true or false.

use mote_expr::{Bindings, EvalError, Expr, Value};

use crate::diagnostic::Place;
use crate::outcome::Breach;

/// A rule of a contract or an aggregate.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What must be true.
    pub expr: Expr,
    /// Where it is written.
    pub place: Place,
}

impl Rule {
    /// Whether it holds.
    pub fn holds(&self, bindings: &Bindings<'_>) -> Result<bool, EvalError> {
        self.expr.holds(bindings)
    }

    /// What to tell about an answer that broke the rule, whose clause is in `section`.
    pub fn breach(&self, section: &str, bindings: &Bindings<'_>) -> Breach {
        let terms = self.expr.explain(bindings).into_iter().map(|term| (term.text, term.value));
        let lets = bindings.derived().into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
        let mut values: Vec<(String, Value)> = terms.collect();
        for (name, value) in lets {
            if values.iter().all(|(known, _)| *known != name) {
                values.push((name, value));
            }
        }
        Breach {
            clause: format!("{section}/{}", self.name),
            message: format!("`{}` is not true", self.name),
            expression: Some(self.expr.source().trim().to_owned()),
            values,
        }
    }
}
