//! What a rule says of the parts of an answer: equations that any answer which keeps it solves.
//!
//! Owns which forms say what a part is: comparisons for equality, `has`, a part that is true by
//! itself, the types and the number of things that happened; through `&&`, `||`, `!`, conditions,
//! `let`s and calls of definitions. Never decides whether they say enough: the caller does.

mod inline;

use std::borrow::Cow;
use std::sync::Arc;

use super::node::{At, Comparison, Loop, Node};
use super::{Bindings, EvalError, Expr, Scope, Slot, Uses};
use crate::value::{Step, Value};

/// How many nodes of rules are looked at: `let`s that read each other twice would otherwise double
/// the walk with every level.
const NODES_MAX: usize = 20_000;

/// A part of an answer: a binding, and the way into its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The binding.
    pub slot: Slot,
    /// The way into it.
    pub steps: Vec<Step>,
}

/// What is said of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// What it is.
    Value,
    /// Whether it is there.
    Presence,
    /// The `type`s of its items, in order.
    Types,
    /// How many items it has.
    Size,
}

/// A part of a rule that can be evaluated alone.
#[derive(Clone, Debug)]
pub struct Operand {
    at: Arc<At>,
    reads: Vec<(Part, Aspect)>,
}

/// Something that decides whether an equation holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is asked.
    pub of: Operand,
    /// What it must come to.
    pub truth: bool,
}

/// When all conditions hold, this aspect of the part is what the operand comes to.
#[derive(Clone, Debug)]
pub struct Equation {
    /// Of what.
    pub part: Part,
    /// What of it.
    pub aspect: Aspect,
    /// When; always, if there are none.
    pub when: Vec<Condition>,
    /// What it is.
    pub is: Operand,
}

impl Part {
    /// The binding itself.
    pub fn of(slot: Slot) -> Part {
        Part { slot, steps: Vec::new() }
    }

    /// The part of this part under `step`.
    pub fn then(&self, step: Step) -> Part {
        Part { slot: self.slot, steps: self.steps.iter().cloned().chain([step]).collect() }
    }

    /// Whether `other` is this part or lies in it.
    pub fn holds(&self, other: &Part) -> bool {
        self.slot == other.slot && other.steps.starts_with(&self.steps)
    }
}

impl PartialEq for Operand {
    fn eq(&self, other: &Operand) -> bool {
        self.at == other.at
    }
}

impl Operand {
    /// Its value.
    pub fn eval<'e>(&'e self, bindings: &'e Bindings<'_>) -> Result<Cow<'e, Value>, EvalError> {
        self.at.eval(bindings, None)
    }

    /// What is always `value`.
    pub fn fixed(value: Value) -> Operand {
        Operand { at: Arc::new(At { node: Node::Const(value), span: (0, 0) }), reads: Vec::new() }
    }

    /// Its value, where that is written out.
    pub fn constant(&self) -> Option<Value> {
        constant(&self.at)
    }

    /// What it reads of the answer.
    pub fn reads(&self) -> &[(Part, Aspect)] {
        &self.reads
    }

    /// The part whose presence it is, if it is nothing else.
    pub fn presence(&self) -> Option<&Part> {
        match (&self.at.node, self.reads.as_slice()) {
            (Node::Has(..), [(part, Aspect::Presence)]) => Some(part),
            _ => None,
        }
    }
}

fn constant(at: &At) -> Option<Value> {
    match &at.node {
        Node::Const(value) => Some(value.clone()),
        Node::List(items) => items.iter().map(constant).collect::<Option<Vec<_>>>().map(Value::list),
        _ => None,
    }
}

impl Scope {
    /// What `rule`, where it is true, says of the parts of `answer`.
    pub fn equations(&self, rule: &Expr, answer: Uses) -> Vec<Equation> {
        let mut walk = Walk { scope: self, answer, left: NODES_MAX, found: Vec::new() };
        walk.holds(&rule.root, true, &[]);
        walk.found
    }

    /// The ways in which `rule` comes to `truth`: it does where all conditions of one of them hold.
    pub fn ways(&self, rule: &Expr, truth: bool, answer: Uses) -> Vec<Vec<Condition>> {
        Walk { scope: self, answer, left: 0, found: Vec::new() }.ways(&rule.root, truth)
    }

    /// What must be so for `operand` to come to `truth`: nothing where it always does, and none where it
    /// never does.
    pub fn conditions(&self, operand: &Operand, truth: bool, answer: Uses) -> Option<Vec<Condition>> {
        if let Some(Value::Bool(known)) = operand.constant() {
            return (known == truth).then(Vec::new);
        }
        let walk = Walk { scope: self, answer, left: 0, found: Vec::new() };
        let mut conditions = Vec::new();
        walk.condition(&operand.at, truth, &mut conditions);
        Some(conditions)
    }
}

/// How many ways to a truth are told apart.
const WAYS_MAX: usize = 32;

/// The one form of comparisons that ask the same: `a >= b` is `!(a < b)`, and `a > b` is `b < a`.
fn plain(at: &At, truth: bool) -> (Cow<'_, At>, bool) {
    let Node::Compare(comparison, of, a, b) = &at.node else { return (Cow::Borrowed(at), truth) };
    let as_one = |comparison, a: &At, b: &At| {
        let node = Node::Compare(comparison, *of, Box::new(a.clone()), Box::new(b.clone()));
        Cow::Owned(At { node, span: at.span })
    };
    match comparison {
        Comparison::Equal | Comparison::Less => (Cow::Borrowed(at), truth),
        Comparison::NotEqual => (as_one(Comparison::Equal, a, b), !truth),
        Comparison::Greater => (as_one(Comparison::Less, b, a), truth),
        Comparison::GreaterOrEqual => (as_one(Comparison::Less, a, b), !truth),
        Comparison::LessOrEqual => (as_one(Comparison::Less, b, a), !truth),
    }
}

struct Walk<'w> {
    scope: &'w Scope,
    answer: Uses,
    left: usize,
    found: Vec<Equation>,
}

impl Walk<'_> {
    /// `at` comes to `truth` whenever all of `when` holds.
    fn holds(&mut self, at: &At, truth: bool, when: &[Condition]) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        match (&at.node, truth) {
            (Node::And(a, b), true) | (Node::Or(a, b), false) => {
                self.holds(a, truth, when);
                self.holds(b, truth, when);
            }
            // Where one side does not decide, the other does.
            (Node::Or(a, b), true) | (Node::And(a, b), false) => {
                self.holds(b, truth, &self.and(when, a, !truth));
                self.holds(a, truth, &self.and(when, b, !truth));
            }
            (Node::Not(inner), _) => self.holds(inner, !truth, when),
            (Node::If(parts), _) => {
                let [condition, then, otherwise] = parts.as_ref();
                self.holds(then, truth, &self.and(when, condition, true));
                self.holds(otherwise, truth, &self.and(when, condition, false));
            }
            (Node::Compare(Comparison::Equal, _, a, b), true)
            | (Node::Compare(Comparison::NotEqual, _, a, b), false) => {
                self.equal(a, b, when);
                self.equal(b, a, when);
            }
            (Node::Defined(call), _) => {
                if let Some(body) = inline::body(call, &mut self.left) {
                    self.holds(&body, truth, when);
                }
            }
            (Node::Slot(slot), _) if let Some(derived) = self.scope.derived(*slot) => {
                self.holds(&derived.root, truth, when);
            }
            _ => {
                let is = At { node: Node::Const(Value::Bool(truth)), span: at.span };
                if let Some((part, aspect @ (Aspect::Value | Aspect::Presence))) = self.target(at) {
                    self.say(part, aspect, &is, when);
                }
            }
        }
    }

    fn equal(&mut self, a: &At, b: &At, when: &[Condition]) {
        let Some((part, aspect)) = self.target(a) else { return };
        match (&b.node, aspect) {
            // Each side of a condition says what happened in its own case.
            (Node::If(parts), Aspect::Types) => {
                let [condition, then, otherwise] = parts.as_ref();
                self.equal(a, then, &self.and(when, condition, true));
                self.equal(a, otherwise, &self.and(when, condition, false));
            }
            _ => self.say(part, aspect, b, when),
        }
    }

    fn say(&mut self, part: Part, aspect: Aspect, is: &At, when: &[Condition]) {
        self.found.push(Equation { part, aspect, when: when.to_vec(), is: self.operand(is) });
    }

    /// `when`, and that `at` comes to `truth`.
    fn and(&self, when: &[Condition], at: &At, truth: bool) -> Vec<Condition> {
        let mut all = when.to_vec();
        self.condition(at, truth, &mut all);
        all
    }

    fn condition(&self, at: &At, truth: bool, all: &mut Vec<Condition>) {
        match (&at.node, truth) {
            (Node::Not(inner), _) => self.condition(inner, !truth, all),
            (Node::And(a, b), true) | (Node::Or(a, b), false) => {
                self.condition(a, truth, all);
                self.condition(b, truth, all);
            }
            _ => {
                let (at, truth) = plain(at, truth);
                all.push(Condition { of: self.operand(&at), truth });
            }
        }
    }

    fn ways(&self, at: &At, truth: bool) -> Vec<Vec<Condition>> {
        let ways = match (&at.node, truth) {
            (Node::Not(inner), _) => self.ways(inner, !truth),
            (Node::Or(a, b), true) | (Node::And(a, b), false) => {
                self.ways(a, truth).into_iter().chain(self.ways(b, truth)).collect()
            }
            (Node::And(a, b), true) | (Node::Or(a, b), false) => {
                let (first, second) = (self.ways(a, truth), self.ways(b, truth));
                if first.len() * second.len() > WAYS_MAX {
                    return Vec::new();
                }
                let with = |one: &Vec<Condition>| {
                    second.iter().map(|two| one.iter().chain(two).cloned().collect()).collect::<Vec<_>>()
                };
                first.iter().flat_map(with).collect()
            }
            _ => vec![self.and(&[], at, truth)],
        };
        if ways.len() > WAYS_MAX { Vec::new() } else { ways }
    }

    fn operand(&self, at: &At) -> Operand {
        let mut reads = Vec::new();
        self.reads(at, &mut reads, &mut Uses::default());
        Operand { at: Arc::new(at.clone()), reads }
    }

    /// What is said something of by a comparison with `at`.
    fn target(&self, at: &At) -> Option<(Part, Aspect)> {
        match &at.node {
            Node::Has(object, key) => {
                Some((self.part(object)?.then(Step::Key(key.to_string())), Aspect::Presence))
            }
            Node::Call(function, arguments) if function.name == "size" => {
                Some((self.part(arguments.first()?)?, Aspect::Size))
            }
            Node::Loop { kind: Loop::Map, range, body, result: None } => match &body.node {
                Node::Field(item, key) if item.node == Node::Local(0) && **key == *"type" => {
                    Some((self.part(range)?, Aspect::Types))
                }
                _ => None,
            },
            _ => Some((self.part(at)?, Aspect::Value)),
        }
    }

    /// The part of the answer that `at` is.
    fn part(&self, at: &At) -> Option<Part> {
        match &at.node {
            Node::Slot(slot) if self.answer.contains(*slot) => Some(Part::of(*slot)),
            Node::Slot(slot) => self.part(&self.scope.derived(*slot)?.root),
            Node::Field(object, key) => Some(self.part(object)?.then(Step::Key(key.to_string()))),
            Node::Index(object, index) => match &index.node {
                Node::Const(Value::Int(index)) => {
                    Some(self.part(object)?.then(Step::Index(usize::try_from(*index).ok()?)))
                }
                Node::Const(Value::Text(key)) => Some(self.part(object)?.then(Step::Key(key.to_string()))),
                _ => None,
            },
            _ => None,
        }
    }

    /// What `at` reads of the answer. `lets` were looked at before.
    fn reads(&self, at: &At, found: &mut Vec<(Part, Aspect)>, lets: &mut Uses) {
        let read = self.target(at).map(|(part, aspect)| match aspect {
            // How many there are is known with their types.
            Aspect::Size => (part, Aspect::Types),
            aspect => (part, aspect),
        });
        match (read, &at.node) {
            (Some(read), _) => {
                if !found.contains(&read) {
                    found.push(read);
                }
            }
            (None, Node::Slot(slot)) => {
                if let (Some(derived), false) = (self.scope.derived(*slot), lets.contains(*slot)) {
                    *lets = lets.and(Uses::of(*slot));
                    self.reads(&derived.root, found, lets);
                }
            }
            (None, node) => node.children().into_iter().for_each(|child| self.reads(child, found, lets)),
        }
    }
}
