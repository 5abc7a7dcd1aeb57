//! Why a rule came out as it did: the part that decided, and the values it compared.

use super::definition::Call;
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

/// How many calls of definitions are shown with their values.
const CALLS_MAX: usize = 8;

/// The two sides of the comparison that made the rule false, and the calls of definitions in it; what
/// decided in the definition, if the rule is a call of one. Empty if no single part decided.
pub(super) fn explain(source: &str, root: &At, bindings: &Bindings<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    let decisive = decisive(root, bindings);
    let text = |at: &At| source.get(at.span.0 as usize..at.span.1 as usize).unwrap_or("").to_owned();
    let mut show = |at: &At| {
        if let Ok(value) = at.eval(bindings, None) {
            let text = text(at);
            if terms.iter().all(|term: &Term| term.text != text) {
                terms.push(Term { text, value: value.into_owned() });
            }
        }
    };
    if let Some((left, right)) = sides(decisive) {
        let compared = [left, right].into_iter().filter(|side| !matches!(side.node, Node::Const(_)));
        compared.clone().for_each(&mut show);
        let mut calls = Vec::new();
        compared.for_each(|side| outer_calls(side, &mut calls));
        calls.truncate(CALLS_MAX);
        calls.into_iter().for_each(show);
    } else if let Some((at, call)) = defined(decisive) {
        show(at);
        call.arguments.iter().filter(|at| !matches!(at.node, Node::Const(_))).for_each(show);
        if let Ok(values) = call.evaluated(bindings, None) {
            let body = call.definition.body();
            terms.extend(body.explain(&call.definition.bindings(&values)));
        }
    }
    terms
}

/// The call that `at` is, or is the negation of.
fn defined(at: &At) -> Option<(&At, &Call)> {
    match &at.node {
        Node::Defined(call) => Some((at, call)),
        Node::Not(inner) => defined(inner),
        _ => None,
    }
}

/// The calls of definitions in `at` that depend on no loop's variable.
fn outer_calls<'n>(at: &'n At, found: &mut Vec<&'n At>) {
    match &at.node {
        Node::Loop { range, .. } => outer_calls(range, found),
        node => {
            if let Node::Defined(_) = node {
                found.push(at);
            }
            node.children().into_iter().for_each(|child| outer_calls(child, found));
        }
    }
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
