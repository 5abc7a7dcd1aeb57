//! The compiled form of an expression: names resolved to slots, operators chosen by type.

use std::sync::Arc;

use super::definition::Call;
use super::functions::Function;
use super::scope::Slot;
use crate::schema::Pattern;
use crate::value::Value;

/// Bytes of the source text, from and to.
pub(super) type Span = (u32, u32);

/// A node and where it stands in the text.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) node: Node,
    pub(super) span: Span,
}

impl PartialEq for At {
    /// Two nodes are the same if they say the same, wherever they stand.
    fn eq(&self, other: &At) -> bool {
        self.node == other.node
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Const(Value),
    /// A binding or a `let`.
    Slot(Slot),
    /// A macro's variable, counted outwards from the innermost.
    Local(usize),
    Field(Box<At>, Arc<str>),
    Has(Box<At>, Arc<str>),
    Index(Box<At>, Box<At>),
    Not(Box<At>),
    Negate(Box<At>),
    And(Box<At>, Box<At>),
    Or(Box<At>, Box<At>),
    If(Box<[At; 3]>),
    Compare(Comparison, Operands, Box<At>, Box<At>),
    Arithmetic(Arithmetic, Box<At>, Box<At>),
    In(Box<At>, Box<At>),
    List(Vec<At>),
    Object(Vec<(At, At)>),
    Call(&'static Function, Vec<At>),
    /// A function that the system defines.
    Defined(Call),
    Matches(Box<At>, Arc<Pattern>),
    Loop {
        kind: Loop,
        range: Box<At>,
        body: Box<At>,
        result: Option<Box<At>>,
    },
}

impl Node {
    /// The nodes right below, in the order they are written.
    pub(super) fn children(&self) -> Vec<&At> {
        match self {
            Node::Const(_) | Node::Slot(_) | Node::Local(_) => Vec::new(),
            Node::Field(inner, _)
            | Node::Has(inner, _)
            | Node::Not(inner)
            | Node::Negate(inner)
            | Node::Matches(inner, _) => vec![&**inner],
            Node::Index(left, right)
            | Node::And(left, right)
            | Node::Or(left, right)
            | Node::Compare(_, _, left, right)
            | Node::Arithmetic(_, left, right)
            | Node::In(left, right) => vec![&**left, &**right],
            Node::If(parts) => parts.iter().collect(),
            Node::List(items) | Node::Call(_, items) => items.iter().collect(),
            Node::Defined(call) => call.arguments.iter().collect(),
            Node::Object(fields) => fields.iter().flat_map(|(key, value)| [key, value]).collect(),
            Node::Loop { range, body, result, .. } => {
                [Some(&**range), Some(&**body), result.as_deref()].into_iter().flatten().collect()
            }
        }
    }
}

impl Node {
    /// The same as [`Node::children`], to be changed.
    pub(super) fn children_mut(&mut self) -> Vec<&mut At> {
        match self {
            Node::Const(_) | Node::Slot(_) | Node::Local(_) => Vec::new(),
            Node::Field(inner, _)
            | Node::Has(inner, _)
            | Node::Not(inner)
            | Node::Negate(inner)
            | Node::Matches(inner, _) => vec![&mut **inner],
            Node::Index(left, right)
            | Node::And(left, right)
            | Node::Or(left, right)
            | Node::Compare(_, _, left, right)
            | Node::Arithmetic(_, left, right)
            | Node::In(left, right) => vec![&mut **left, &mut **right],
            Node::If(parts) => parts.iter_mut().collect(),
            Node::List(items) | Node::Call(_, items) => items.iter_mut().collect(),
            Node::Defined(call) => call.arguments.iter_mut().collect(),
            Node::Object(fields) => fields.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
            Node::Loop { range, body, result, .. } => {
                [Some(&mut **range), Some(&mut **body), result.as_deref_mut()].into_iter().flatten().collect()
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What the types of both sides of a comparison say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operands {
    Integers,
    /// At least one side may have a fraction.
    Numbers,
    Others,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    /// Of two values whose types are not known: the sum's length is bounded when it is made.
    AddDynamic,
    Subtract,
    Multiply,
    /// Of two integers: rounds towards zero.
    Divide,
    /// Of numbers of which at least one may have a fraction.
    DivideFloat,
    Modulo,
}

/// CEL's macros over a list, or over the keys of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loop {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// With a `result`, `body` filters first.
    Map,
    SortBy,
}
