//! Finds the atoms of an expression, and what each can be brought to.
//! Owns what is an atom: every comparison and membership, `has`, and whatever else decides. `&&`,
//! `||` and `!` are none: their sides are.

use std::sync::Arc;

use super::forms::{Form, Forms};
use super::{Atom, Goal, Step, matter};
use crate::expr::definition::Call;
use crate::expr::node::{At, Loop, Node, Operands};
use crate::expr::scope::{Scope, Slot, Uses};
use crate::expr::{Expr, Type};
use crate::schema::Schema;

/// How many nodes of one expression are visited, those of definitions counted with each call.
const NODES_MAX: usize = 50_000;
/// How many items of a written list are aimed at one by one.
const ITEMS_MAX: usize = 24;

pub(super) fn collect<'s>(
    scope: &Scope,
    expr: &Expr,
    known: Uses,
    schemas: &dyn Fn(Slot) -> Option<&'s Schema>,
) -> Vec<Atom> {
    let forms = Forms::new(scope, schemas);
    let mut walk = Walk {
        root: &expr.root,
        scope,
        expr,
        inside: None,
        known,
        forms: &forms,
        locals: Vec::new(),
        steps: Vec::new(),
        found: Vec::new(),
        left: NODES_MAX,
    };
    walk.visit(&expr.root, *expr.ty() == Type::Bool);
    walk.found
}

/// Mark the `let`s that `at` names.
pub(super) fn lets_of(scope: &Scope, at: &At, read: &mut [bool]) {
    if let Node::Slot(slot) = at.node
        && let Some(mark) = read.get_mut(usize::from(slot.0))
    {
        *mark |= scope.derived_at(usize::from(slot.0)).is_some();
    }
    at.node.children().into_iter().for_each(|child| lets_of(scope, child, read));
}

/// The variable of a loop.
struct Variable<'s> {
    form: Form<'s>,
    /// Whether what is looped over is known.
    known: bool,
}

struct Walk<'w, 's> {
    root: &'w Arc<At>,
    scope: &'w Scope,
    /// The text that is walked: of the expression, or of a definition that it calls.
    expr: &'w Expr,
    inside: Option<String>,
    known: Uses,
    forms: &'w Forms<'w, 's>,
    /// Outermost first.
    locals: Vec<Variable<'s>>,
    steps: Vec<Step>,
    found: Vec<Atom>,
    /// How many more nodes are visited.
    left: usize,
}

impl<'s> Walk<'_, 's> {
    /// `decides`: whether the expression, or a loop or a condition in it, goes by this truth.
    fn visit(&mut self, at: &At, decides: bool) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        self.take(at, decides);
        match &at.node {
            Node::Defined(call) => {
                for (step, argument) in call.arguments.iter().enumerate() {
                    self.child(step, argument, false);
                }
                self.body(call, decides);
            }
            Node::Not(inner) => self.child(0, inner, decides),
            Node::And(left, right) | Node::Or(left, right) => {
                self.beside(0, left, right);
                self.beside(1, right, left);
            }
            Node::If(parts) => {
                self.child(0, &parts[0], true);
                self.child(1, &parts[1], decides);
                self.child(2, &parts[2], decides);
            }
            Node::Loop { kind, range, body, result } => {
                self.child(0, range, false);
                let known = self.is_known(range, &self.known_locals());
                let form = Forms::item(&self.forms.form(range, &self.local_forms()));
                self.locals.push(Variable { form, known });
                let tests = !matches!(kind, Loop::Map | Loop::SortBy) || result.is_some();
                // Beside an item stand the others.
                let beside_known = self.is_known(body, &self.known_locals());
                self.step(Step { child: 1, beside_known }, body, tests);
                if let Some(result) = result {
                    self.child(2, result, false);
                }
                self.locals.pop();
            }
            node => {
                for (step, child) in node.children().into_iter().enumerate() {
                    self.child(step, child, false);
                }
            }
        }
    }

    /// The body of a definition, where what it is given is known.
    fn body(&mut self, call: &Call, decides: bool) {
        let locals = self.known_locals();
        if !call.arguments.iter().all(|argument| self.is_known(argument, &locals)) {
            return;
        }
        let forms = self.forms.of_call(call, &self.local_forms());
        let (scope, body) = (call.definition.scope(), call.definition.body());
        let step = Step { child: call.arguments.len(), beside_known: false };
        let mut inner = Walk {
            root: self.root,
            scope,
            expr: body,
            inside: Some(call.definition.name.clone()),
            known: scope.slots().map(Uses::of).fold(Uses::default(), Uses::and),
            forms: &forms,
            locals: Vec::new(),
            steps: self.steps.iter().copied().chain([step]).collect(),
            found: std::mem::take(&mut self.found),
            left: self.left,
        };
        inner.visit(&body.root, decides);
        (self.left, self.found) = (inner.left, inner.found);
    }

    fn child(&mut self, child: usize, at: &At, decides: bool) {
        self.step(Step { child, beside_known: false }, at, decides);
    }

    /// A side of `&&` or `||`, beside `other`.
    fn beside(&mut self, child: usize, at: &At, other: &At) {
        let beside_known = self.is_known(other, &self.known_locals());
        self.step(Step { child, beside_known }, at, true);
    }

    fn step(&mut self, step: Step, at: &At, decides: bool) {
        self.steps.push(step);
        self.visit(at, decides);
        self.steps.pop();
    }

    /// Whether known bindings, and loops over what they hold, are all that this reads.
    fn is_known(&self, at: &At, locals: &[bool]) -> bool {
        match &at.node {
            Node::Slot(slot) => self.scope.uses(*slot).without(self.known).is_empty(),
            Node::Local(depth) => {
                locals.len().checked_sub(depth + 1).and_then(|at| locals.get(at)) == Some(&true)
            }
            Node::Loop { range, body, result, .. } => {
                let over = self.is_known(range, locals);
                let inner: Vec<bool> = locals.iter().copied().chain([over]).collect();
                over && [Some(body), result.as_ref()]
                    .into_iter()
                    .flatten()
                    .all(|at| self.is_known(at, &inner))
            }
            node => node.children().into_iter().all(|child| self.is_known(child, locals)),
        }
    }

    fn known_locals(&self) -> Vec<bool> {
        self.locals.iter().map(|local| local.known).collect()
    }

    fn local_forms(&self) -> Vec<Form<'s>> {
        self.locals.iter().map(|local| local.form.clone()).collect()
    }

    /// Take the node in if it is an atom that known bindings decide, and undecided so far.
    fn take(&mut self, at: &At, decides: bool) {
        if !self.is_known(at, &self.known_locals()) {
            return;
        }
        let goals = match &at.node {
            Node::Compare(_, Operands::Integers, left, right) => self.differences(left, right),
            Node::Compare(_, Operands::Numbers, ..) => vec![Goal::Below, Goal::Equal, Goal::Above],
            Node::In(_, container) => self.items(container),
            Node::Compare(..) | Node::Has(..) | Node::Matches(..) => self.truths(at),
            Node::Loop { kind: Loop::All | Loop::Exists | Loop::ExistsOne, .. } => self.truths(at),
            // The text of a `let` has atoms of its own.
            Node::Slot(slot) if self.scope.derived_at(usize::from(slot.0)).is_some() => Vec::new(),
            Node::Slot(_) | Node::Local(_) | Node::Field(..) | Node::Index(..) | Node::Call(..)
                if decides =>
            {
                self.truths(at)
            }
            _ => Vec::new(),
        };
        if goals.is_empty() {
            return;
        }
        let source = |at: &At| self.expr.source().get(at.span.0 as usize..at.span.1 as usize).unwrap_or("");
        let text = match &at.node {
            // Its place is that of the object, whose field it asks for.
            Node::Has(object, field) => format!("has({}.{field})", source(object)),
            _ => source(at).split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let looped = !self.locals.is_empty() && reads_locals(at, 0);
        self.found.push(Atom {
            text,
            span: at.span,
            goals,
            looped,
            inside: self.inside.clone(),
            root: Arc::clone(self.root),
            steps: self.steps.as_slice().into(),
            turned: self
                .inside
                .is_none()
                .then(|| matter::turned(self.root, &self.steps).map(Arc::new))
                .flatten(),
        });
    }

    /// The sides' difference, where their ranges allow it; none if it is always the same.
    fn differences(&self, left: &At, right: &At) -> Vec<Goal> {
        let locals = self.local_forms();
        let (a, b) = self.forms.form(left, &locals).range();
        let (c, d) = self.forms.form(right, &locals).range();
        let possible = (a.saturating_sub(d))..=(b.saturating_sub(c));
        if possible.start() == possible.end() {
            return Vec::new();
        }
        (-1..=1).filter(|by| possible.contains(by)).map(Goal::Difference).collect()
    }

    fn truths(&self, at: &At) -> Vec<Goal> {
        match self.forms.truth(at, &self.local_forms()) {
            Some(_) => Vec::new(),
            None => vec![Goal::True, Goal::False],
        }
    }

    /// Each item of a list that is written out; the first, the last and none of any other.
    fn items(&self, container: &At) -> Vec<Goal> {
        let mut at = container;
        while let Node::Slot(slot) = at.node
            && let Some(derived) = self.scope.derived_at(usize::from(slot.0))
        {
            at = &derived.root;
        }
        let written = match &at.node {
            Node::List(items) if !items.is_empty() && items.len() <= ITEMS_MAX => items
                .iter()
                .map(|item| match &item.node {
                    Node::Const(value) => Some(Goal::Item(value.clone())),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let listed = matches!(self.forms.form(container, &self.local_forms()), Form::List(_, _, 2..));
        let mut goals = match written {
            Some(items) => items,
            None if listed => vec![Goal::First, Goal::Last],
            None => vec![Goal::True],
        };
        goals.push(Goal::False);
        goals
    }
}

/// Whether the node reads the variable of a loop around it; `inside` counts the loops within it.
fn reads_locals(at: &At, inside: usize) -> bool {
    match &at.node {
        Node::Local(depth) => *depth >= inside,
        Node::Loop { range, body, result, .. } => {
            reads_locals(range, inside)
                || reads_locals(body, inside + 1)
                || result.as_ref().is_some_and(|result| reads_locals(result, inside + 1))
        }
        node => node.children().into_iter().any(|child| reads_locals(child, inside)),
    }
}
