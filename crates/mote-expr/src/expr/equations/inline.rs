//! The body of a definition with a call's arguments in place of its parameters.
//! Owns the copy. A body has no names but its parameters, and a call outside of loops has no loop's
//! variable in its arguments, so nothing is taken for something else.

use super::super::definition::Call;
use super::super::node::{At, Node};

/// None where more than `left` nodes would be made.
pub(super) fn body(call: &Call, left: &mut usize) -> Option<At> {
    copy(&call.definition.body().root, &call.arguments, left)
}

fn copy(at: &At, arguments: &[At], left: &mut usize) -> Option<At> {
    *left = left.checked_sub(1)?;
    if let Node::Slot(slot) = &at.node {
        let argument = arguments.get(usize::from(slot.0))?;
        *left = left.checked_sub(count(argument))?;
        return Some(argument.clone());
    }
    let mut one = |inner: &At| copy(inner, arguments, left);
    let node = match &at.node {
        Node::Const(_) | Node::Local(_) | Node::Slot(_) => at.node.clone(),
        Node::Field(inner, key) => match one(inner)?.node {
            // Of an object that is written out, a field is what stands there.
            Node::Object(fields) if let Some(field) = written(&fields, key) => return Some(field),
            node => Node::Field(Box::new(At { node, span: inner.span }), key.clone()),
        },
        Node::Has(inner, key) => Node::Has(Box::new(one(inner)?), key.clone()),
        Node::Not(inner) => Node::Not(Box::new(one(inner)?)),
        Node::Negate(inner) => Node::Negate(Box::new(one(inner)?)),
        Node::Matches(inner, pattern) => Node::Matches(Box::new(one(inner)?), pattern.clone()),
        Node::Index(a, b) => Node::Index(Box::new(one(a)?), Box::new(one(b)?)),
        Node::And(a, b) => Node::And(Box::new(one(a)?), Box::new(one(b)?)),
        Node::Or(a, b) => Node::Or(Box::new(one(a)?), Box::new(one(b)?)),
        Node::In(a, b) => Node::In(Box::new(one(a)?), Box::new(one(b)?)),
        Node::Compare(how, of, a, b) => Node::Compare(*how, *of, Box::new(one(a)?), Box::new(one(b)?)),
        Node::Arithmetic(op, a, b) => Node::Arithmetic(*op, Box::new(one(a)?), Box::new(one(b)?)),
        Node::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            Node::If(Box::new([one(condition)?, one(then)?, one(otherwise)?]))
        }
        Node::List(items) => Node::List(items.iter().map(one).collect::<Option<_>>()?),
        Node::Call(function, items) => Node::Call(function, items.iter().map(one).collect::<Option<_>>()?),
        Node::Defined(call) => {
            let arguments = call.arguments.iter().map(one).collect::<Option<_>>()?;
            Node::Defined(Call { arguments, ..call.clone() })
        }
        Node::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| Some((one(key)?, one(value)?)));
            Node::Object(fields.collect::<Option<_>>()?)
        }
        Node::Loop { kind, range, body, result } => Node::Loop {
            kind: *kind,
            range: Box::new(one(range)?),
            body: Box::new(one(body)?),
            result: match result {
                Some(result) => Some(Box::new(one(result)?)),
                None => None,
            },
        },
    };
    Some(At { node, span: at.span })
}

fn written(fields: &[(At, At)], key: &str) -> Option<At> {
    let names =
        |(name, _): &&(At, At)| matches!(&name.node, Node::Const(value) if value.as_text() == Some(key));
    fields.iter().find(names).map(|(_, value)| value.clone())
}

fn count(at: &At) -> usize {
    1 + at.node.children().into_iter().map(count).sum::<usize>()
}
