//! Types a call of a function that the system defines.
//! Owns what such a call costs and what its arguments must be. The body was typed and bounded once,
//! for every argument within its parameter's bounds.

use std::sync::Arc;

use super::super::definition::{Argument, Call, argument};
use super::super::node::{At, Node, Span};
use super::super::types::Type;
use super::super::{Definition, ExprError};
use super::{Checked, Checker, Typed, Uses, range};
use crate::value::Value;

pub(super) fn check(
    checker: &mut Checker<'_>,
    definition: Arc<Definition>,
    typed: Vec<Typed>,
    span: Span,
) -> Checked {
    let name = &definition.name;
    let (wanted, given) = (definition.parameters().len(), typed.len());
    if wanted != given {
        let message = format!("`{name}` takes {}, this has {given}", counted(wanted));
        return Err(checker.error(span, &message, Some(&format!("its form is `{}`", definition.form()))));
    }
    let mut dynamic = Vec::with_capacity(given);
    let (mut cost, mut uses) = (definition.body().cost().saturating_add(1), Uses::default());
    for (argument_at, (parameter, wanted)) in typed.iter().zip(definition.parameters()) {
        dynamic.push(match argument(name, parameter, &argument_at.ty, wanted) {
            Argument::Fits => false,
            Argument::Dynamic => {
                // It is looked at whole, before the body is evaluated.
                cost = cost.saturating_add(wanted.size());
                true
            }
            Argument::Refused(message, hint) => {
                return Err(ExprError { span: range(argument_at.at.span), message, hint });
            }
        });
        cost = cost.saturating_add(argument_at.cost).saturating_add(1);
        uses = uses.and(argument_at.uses);
    }
    checker.depth_behind = checker.depth_behind.max(definition.body().depth() + 1);
    let ty = definition.body().ty().clone();
    let arguments = typed.into_iter().map(|argument| argument.at).collect();
    let node = Node::Defined(Call { definition, arguments, dynamic });
    Ok(Typed { at: At { node, span }, ty, cost, uses })
}

/// A call of what could not be read, which is reported there: nothing is said about it here.
pub(super) fn unreadable(typed: Vec<Typed>, span: Span) -> Typed {
    let uses = typed.iter().fold(Uses::default(), |uses, argument| uses.and(argument.uses));
    Typed { at: At { node: Node::Const(Value::Null), span }, ty: Type::Dyn, cost: 1, uses }
}

fn counted(count: usize) -> String {
    match count {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        more => format!("{more} arguments"),
    }
}
