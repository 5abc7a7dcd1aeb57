//! The atoms of an expression: the comparisons and tests by which it is decided.
//!
//! Owns what can be aimed at (both sides of a bound, both truths of a test, each item of a list) and
//! how far a set of values is from it. Measuring is evaluating: it is pure, its cost is bounded, and
//! an expression that errs is merely far away. Start at [`Scope::atoms`], then [`Atom::measure`].

mod collect;
mod decide;
mod distance;
mod forms;
mod gap;
mod matter;
mod measure;

use std::fmt;
use std::sync::Arc;

use super::node::At;
use super::{Bindings, Expr, Scope, Uses};
use crate::schema::Schema;
use crate::value::Value;

pub use distance::{Distance, Measured, Truth};
pub use matter::Consequences;

/// A comparison or a test in an expression, wherever it stands: in a loop it is measured for each
/// item, behind a guard the guard counts too.
#[derive(Clone, Debug)]
pub struct Atom {
    /// Its own text.
    pub text: String,
    /// Where it stands in its text, in bytes.
    pub span: (u32, u32),
    /// What can be aimed at: what the schemas already exclude is not among it.
    pub goals: Vec<Goal>,
    /// The definition in whose text it stands, where that is another text than the expression's.
    pub inside: Option<String>,
    /// Whether it reads a loop's variable, so that its text does not say by itself what it means.
    pub looped: bool,
    root: Arc<At>,
    steps: Box<[Step]>,
    /// The same expression with the opposite of this truth. None in the text of a definition.
    turned: Option<Arc<At>>,
}

/// One level down, on the way from the root to an atom.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Which child to follow.
    child: usize,
    /// Whether what stands beside it is known too, so that it can be made not to decide.
    beside_known: bool,
}

/// What an atom may be brought to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The left integer is so much more than the right one.
    Difference(i64),
    /// The left number is less than the right one.
    Below,
    /// Both numbers are equal.
    Equal,
    /// The left number is more than the right one.
    Above,
    /// It is true.
    True,
    /// It is false.
    False,
    /// What is looked for is this item of a list that the expression writes out.
    Item(Value),
    /// What is looked for is the first of several items.
    First,
    /// What is looked for is the last of several items.
    Last,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goal::Difference(0) => f.write_str("both sides equal"),
            Goal::Difference(by @ ..0) => write!(f, "the left side {} less", by.unsigned_abs()),
            Goal::Difference(by) => write!(f, "the left side {by} more"),
            Goal::Below => f.write_str("the left side less"),
            Goal::Equal => f.write_str("both sides equal"),
            Goal::Above => f.write_str("the left side more"),
            Goal::True => f.write_str("true"),
            Goal::False => f.write_str("false"),
            Goal::Item(item) => write!(f, "{item}"),
            Goal::First => f.write_str("the first of several"),
            Goal::Last => f.write_str("the last of several"),
        }
    }
}

impl Scope {
    /// The atoms of `expr`, an expression of this scope, that `known` bindings decide. Those of the
    /// `let`s it reads are not among them: they have a text of their own, see [`Scope::lets`].
    ///
    /// `schemas` says what a binding looks like, where that is known.
    pub fn atoms<'s>(
        &self,
        expr: &Expr,
        known: Uses,
        schemas: &dyn Fn(super::Slot) -> Option<&'s Schema>,
    ) -> Vec<Atom> {
        collect::collect(self, expr, known, schemas)
    }

    /// Whether `expr` has one value for ever, as far as schemas tell: true, or false.
    pub fn proven<'s>(
        &self,
        expr: &Expr,
        schemas: &dyn Fn(super::Slot) -> Option<&'s Schema>,
    ) -> Option<bool> {
        forms::Forms::new(self, schemas).truth(&expr.root, &[])
    }

    /// The `let`s that `expr` reads, directly or through others, in the order they were declared.
    pub fn lets(&self, expr: &Expr) -> Vec<(&str, &Expr)> {
        let mut read = vec![false; self.count()];
        collect::lets_of(self, &expr.root, &mut read);
        // A `let` reads only those before it.
        for at in (0..read.len()).rev() {
            if let (true, Some(derived)) = (read[at], self.derived_at(at)) {
                collect::lets_of(self, &derived.root, &mut read);
            }
        }
        let named = self.names().enumerate().filter(|(at, _)| read[*at]);
        named.filter_map(|(at, name)| Some((name, self.derived_at(at)?))).collect()
    }
}

impl Atom {
    /// How far `bindings` are from `goal`.
    pub fn measure(&self, goal: &Goal, bindings: &Bindings<'_>) -> Measured {
        measure::measure(&self.root, &self.steps, goal, false, bindings)
    }

    /// Whether something that is known could settle what the atom should: where nothing could, both
    /// measures are the same.
    pub fn can_be_settled(&self) -> bool {
        self.steps.iter().any(|step| step.beside_known)
    }

    /// How far `bindings` are from `goal` in a way that the atom decides: the other side of an `&&` is
    /// true, of an `||` false, and in a loop no other item settles what this one should.
    pub fn measure_deciding(&self, goal: &Goal, bindings: &Bindings<'_>) -> Measured {
        measure::measure(&self.root, &self.steps, goal, true, bindings)
    }
}

impl Expr {
    /// How far `bindings` are from making this true, and from making it false.
    pub fn truth(&self, bindings: &Bindings<'_>) -> Truth {
        measure::truth(&self.root, bindings)
    }
}
