//! What an expression means: CEL, typed against schemas, bounded in cost, evaluated over values.
//!
//! Owns the language of rules. The `cel` crate's parser reads the text; the types, the cost bound
//! and the evaluation are ours, so that a rule that compiles can fail only in the ways listed in
//! [`EvalErrorKind`]. Never reads a clock, never calls out. Start at [`Expr::compile`].

mod atoms;
mod check;
mod definition;
mod equations;
mod eval;
mod explain;
mod functions;
mod infer;
mod node;
mod parse;
mod scan;
mod scope;
mod template;
mod types;

pub use atoms::{Atom, Consequences, Distance, Goal, Measured, Truth};
pub use definition::Definition;
pub use equations::{Aspect, Condition, Equation, Operand, Part};
pub use eval::{EvalError, EvalErrorKind};
pub use explain::Term;
pub use infer::Known;
pub use scope::{Bindings, Scope, Slot, Uses};
pub use template::{Template, TemplateError};
pub use types::{FieldType, Type};

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::Value;

/// The highest static cost of one expression, in evaluated nodes: about ten milliseconds.
pub const COST_MAX: u64 = 1_000_000;

/// The largest value that an expression can make, in parts as its type bounds them: about a second
/// to write. What it is for is values that share their parts, small in memory and endless on paper.
const SIZE_MAX: u64 = 100_000_000;

/// How deep one expression may nest.
const DEPTH_MAX: usize = 96;

/// How deep an expression may nest with the `let`s it reads and the definitions it calls. Evaluating a level takes less than a
/// kilobyte of stack (three in a development build), and threads have two megabytes.
const DEPTH_WITH_LETS_MAX: usize = 384;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expr {
    source: Arc<str>,
    root: Arc<node::At>,
    ty: Type,
    cost: u64,
    depth: usize,
    uses: Uses,
    mentions: Uses,
}

/// Why a text is not an expression of this scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// Where in the text, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if we know.
    pub hint: Option<String>,
}

impl Expr {
    /// Parse, type and bound `source`.
    pub fn compile(source: &str, scope: &Scope) -> Result<Expr, ExprError> {
        let (ast, offsets, depth) = parse::parse(source)?;
        let mut checker = check::Checker::new(scope, &offsets);
        let typed = checker.check(&ast)?;
        let depth = depth + checker.depth_behind();
        let mentions = checker.mentions();
        let refuse = |message: String, hint: &str| {
            Err(ExprError { span: 0..source.len(), message, hint: Some(hint.to_owned()) })
        };
        if typed.cost > COST_MAX {
            let message = format!("this may take {} steps, the most is {COST_MAX}", typed.cost);
            return refuse(message, "lower the `maxItems` of the lists it loops over");
        }
        if typed.ty.size() > SIZE_MAX {
            let message =
                format!("this may make a value of {} parts, the most is {SIZE_MAX}", typed.ty.size());
            return refuse(message, "lower the `maxItems` of the lists it is made of");
        }
        if depth > DEPTH_WITH_LETS_MAX {
            let message =
                format!("with what it refers to this nests deeper than {DEPTH_WITH_LETS_MAX} levels");
            return refuse(message, "write fewer `let`s and functions that build on each other");
        }
        Ok(Expr {
            source: Arc::from(source),
            root: Arc::new(typed.at),
            ty: typed.ty,
            cost: typed.cost,
            depth,
            uses: typed.uses,
            mentions,
        })
    }

    /// Compile an expression that decides: its type is boolean.
    pub fn compile_rule(source: &str, scope: &Scope) -> Result<Expr, ExprError> {
        let expr = Expr::compile(source, scope)?;
        match expr.ty {
            Type::Bool | Type::Dyn => Ok(expr),
            ref other => Err(ExprError {
                span: 0..source.len(),
                message: format!("a rule is true or false, this is {other}"),
                hint: Some("compare it with what it should be: `… == …`".to_owned()),
            }),
        }
    }

    /// The forms of all functions that expressions can call, such as `text.trim()`. Loops are not
    /// among them: they are part of the language.
    pub fn functions() -> impl Iterator<Item = &'static str> {
        functions::forms()
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of its values.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The most steps one evaluation can take.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// Which names it mentions itself: a `let` counts as a name.
    pub fn mentions(&self) -> Uses {
        self.mentions
    }

    /// The definitions that it calls itself.
    pub fn calls(&self) -> Vec<&Arc<Definition>> {
        let mut found = Vec::new();
        definition::called(&self.root, &mut found);
        found
    }

    /// Whether functions of expressions, or loops, have this name already.
    pub fn is_builtin(name: &str) -> bool {
        functions::names().chain(check::LOOPS).any(|known| known == name)
    }

    /// How deep it nests, `let`s included.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Which bindings it reads, through `let`s.
    pub fn uses(&self) -> Uses {
        self.uses
    }

    /// Evaluate.
    pub fn eval<'e>(&'e self, bindings: &'e Bindings<'_>) -> Result<Cow<'e, Value>, EvalError> {
        self.root.eval(bindings, None)
    }

    /// Evaluate an expression that decides.
    pub fn holds(&self, bindings: &Bindings<'_>) -> Result<bool, EvalError> {
        match self.eval(bindings)?.as_ref() {
            Value::Bool(holds) => Ok(*holds),
            other => Err(EvalError::new(
                self.root.span,
                EvalErrorKind::Type { expected: "a boolean", found: other.kind() },
            )),
        }
    }

    /// Why it came out as it did: the values on both sides of the comparison that decided.
    pub fn explain(&self, bindings: &Bindings<'_>) -> Vec<Term> {
        explain::explain(&self.source, &self.root, bindings)
    }
}
