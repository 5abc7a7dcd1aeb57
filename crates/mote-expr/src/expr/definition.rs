//! A function that a system defines: an expression of its parameters, and of nothing else.
//! Owns what an argument must be, so that the types and the cost of the body hold for every call.
//! A definition calls only what was defined before it: nothing calls itself.

mod argument;

use std::borrow::Cow;
use std::sync::Arc;

use super::eval::Locals;
use super::node::{At, Node};
use super::scope::Bindings;
use super::{EvalError, EvalErrorKind, Expr, Scope, Type};
use crate::Digest;
use crate::value::Value;

pub(super) use argument::{Argument, argument};

/// A function that is called like any other.
#[derive(Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Where it is written, for messages.
    pub origin: String,
    /// What tells it from every other: of its parameters, its text and what it calls.
    pub digest: Digest,
    /// The parameters, and the functions that the body can call.
    scope: Scope,
    body: Expr,
}

impl Definition {
    /// The function that is `body`. Its parameters are the names of `scope`, in order.
    pub fn new(name: &str, origin: &str, digest: Digest, scope: Scope, body: Expr) -> Definition {
        Definition { name: name.to_owned(), origin: origin.to_owned(), digest, scope, body }
    }

    /// How it is written: `lineTotal(line)`.
    pub fn form(&self) -> String {
        format!("{}({})", self.name, self.scope.names().collect::<Vec<_>>().join(", "))
    }

    /// What it evaluates.
    pub fn body(&self) -> &Expr {
        &self.body
    }

    /// The names that its body uses.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The names and types of its parameters.
    pub(super) fn parameters(&self) -> impl ExactSizeIterator<Item = (&str, &Type)> {
        self.scope.typed()
    }

    /// Its value for `arguments`, as many as there are parameters.
    pub(super) fn call(&self, arguments: &[Cow<'_, Value>]) -> Result<Value, EvalErrorKind> {
        let bindings = self.bindings(arguments);
        let value = self.body.eval(&bindings).map(Cow::into_owned);
        value.map_err(|error| self.erred(error))
    }

    /// The bindings of the body in a call with `arguments`.
    pub(super) fn bindings<'v>(&'v self, arguments: &'v [Cow<'_, Value>]) -> Bindings<'v> {
        let mut bindings = Bindings::new(&self.scope);
        for (slot, argument) in self.scope.slots().zip(arguments) {
            bindings.set(slot, argument);
        }
        bindings
    }

    fn erred(&self, error: EvalError) -> EvalErrorKind {
        EvalErrorKind::Definition {
            name: self.name.clone(),
            origin: self.origin.clone(),
            error: Box::new(error),
        }
    }
}

/// A call of a definition, checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) definition: Arc<Definition>,
    pub(super) arguments: Vec<At>,
    /// Which arguments are known only when evaluated, and are looked at then.
    pub(super) dynamic: Vec<bool>,
}

impl Call {
    /// The arguments' values, each as its parameter takes it.
    pub(super) fn evaluated<'e>(
        &'e self,
        bindings: &'e Bindings<'_>,
        locals: Option<&'e Locals<'e>>,
    ) -> Result<Vec<Cow<'e, Value>>, EvalError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        let each = self.arguments.iter().zip(&self.dynamic).zip(self.definition.parameters());
        for ((at, dynamic), (name, ty)) in each {
            let value = at.eval(bindings, locals)?;
            if *dynamic && !argument::takes(ty, &value) {
                let why = format!("`{name}` of `{}` is {ty} within its bounds", self.definition.name);
                return Err(EvalError::new(at.span, EvalErrorKind::Function(why)));
            }
            values.push(value);
        }
        Ok(values)
    }
}

impl PartialEq for Definition {
    /// Two definitions are the same if they mean the same: their digests say so.
    fn eq(&self, other: &Definition) -> bool {
        self.digest == other.digest && self.name == other.name
    }
}

/// The definitions that `at` calls, without those that they call themselves.
pub(super) fn called<'n>(at: &'n At, found: &mut Vec<&'n Arc<Definition>>) {
    if let Node::Defined(call) = &at.node {
        found.push(&call.definition);
    }
    at.node.children().into_iter().for_each(|child| called(child, found));
}
