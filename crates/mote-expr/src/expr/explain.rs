//! Why a rule came out as it did: the part that decided, and the values it compared.

use super::node::{At, Node};
use super::scope::Bindings;
use crate::value::Value;

/// A part of a rule and the value it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The part's own text.
    pub text: String,
    /// Its value.
    pub value: Value,
}

/// The two sides of the comparison that made the rule false; empty if no single one did.
pub(super) fn explain(source: &str, root: &At, bindings: &Bindings<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((left, right)) = sides(decisive(root, bindings)) {
        for side in [left, right] {
            if matches!(side.node, Node::Const(_)) {
                continue;
            }
            if let Ok(value) = side.eval(bindings, None) {
                let text = source.get(side.span.0 as usize..side.span.1 as usize).unwrap_or("").to_owned();
                terms.push(Term { text, value: value.into_owned() });
            }
        }
    }
    terms
}

/// The conjunct that is false, as deep as it can be named without a loop's variable.
fn decisive<'a>(at: &'a At, bindings: &Bindings<'_>) -> &'a At {
    match &at.node {
        Node::And(left, right) => {
            let left_false = left.eval(bindings, None).is_ok_and(|value| *value == Value::Bool(false));
            decisive(if left_false { left } else { right }, bindings)
        }
        Node::Or(_, right) => decisive(right, bindings),
        Node::If(parts) => {
            let chosen = parts[0].eval(bindings, None).is_ok_and(|value| *value == Value::Bool(true));
            decisive(&parts[if chosen { 1 } else { 2 }], bindings)
        }
        _ => at,
    }
}

fn sides(at: &At) -> Option<(&At, &At)> {
    match &at.node {
        Node::Compare(_, _, left, right) | Node::In(left, right) => Some((left, right)),
        Node::Not(inner) => sides(inner),
        _ => None,
    }
}
