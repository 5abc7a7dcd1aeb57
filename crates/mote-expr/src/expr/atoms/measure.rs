//! Walks an expression with values and measures: of `&&` the sum, of `||` the lesser, of a loop the
//! nearest item. Both outcomes are measured in one walk, so the cost stays that of evaluating.

use std::borrow::Cow;
use std::cell::Cell;

use super::decide::{compared, contained, unique};
use super::distance::{ABSENT, Distance, Measured, Truth};
use super::gap::{difference, near};
use super::{Goal, Step};
use crate::expr::definition::Call;
use crate::expr::eval::Locals;
use crate::expr::node::{At, Loop, Node};
use crate::expr::scope::{Bindings, Slot};
use crate::expr::{COST_MAX, EvalError};
use crate::value::Value;

pub(super) fn truth(root: &At, bindings: &Bindings<'_>) -> Truth {
    Meter::new(bindings).truth(root, None)
}

/// `deciding`: what stands beside the atom may not settle what the atom should.
pub(super) fn measure(
    root: &At,
    steps: &[Step],
    goal: &Goal,
    deciding: bool,
    bindings: &Bindings<'_>,
) -> Measured {
    Way { meter: Meter::new(bindings), goal: Some(goal), deciding }.down(root, steps, None)
}

/// How far `bindings` are from what `steps` lead to being evaluated and counting there.
pub(super) fn guards(root: &At, steps: &[Step], bindings: &Bindings<'_>) -> Distance {
    Way { meter: Meter::new(bindings), goal: None, deciding: false }.down(root, steps, None).distance
}

/// One measurement.
struct Meter<'m, 'v> {
    bindings: &'m Bindings<'v>,
    /// What may still be spent on walking through `let`s: two that read each other's results twice
    /// would otherwise double the walk with every level.
    left: Cell<u64>,
}

impl<'m, 'v> Meter<'m, 'v> {
    fn new(bindings: &'m Bindings<'v>) -> Meter<'m, 'v> {
        Meter { bindings, left: Cell::new(COST_MAX) }
    }

    fn truth(&self, at: &At, locals: Option<&Locals<'_>>) -> Truth {
        match &at.node {
            Node::Not(inner) => self.truth(inner, locals).negated(),
            Node::And(left, right) => self.truth(left, locals).and(self.truth(right, locals)),
            Node::Or(left, right) => {
                self.truth(left, locals).negated().and(self.truth(right, locals).negated()).negated()
            }
            Node::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let chosen = self.truth(condition, locals);
                let (yes, no) = (self.truth(then, locals), self.truth(otherwise, locals));
                Truth {
                    to_true: (chosen.to_true + yes.to_true).or(chosen.to_false + no.to_true),
                    to_false: (chosen.to_true + yes.to_false).or(chosen.to_false + no.to_false),
                }
            }
            Node::Compare(comparison, _, left, right) => self
                .both(left, right, locals)
                .map_or(Truth::ERRED, |(left, right)| compared(*comparison, &left, &right)),
            Node::In(item, container) => self
                .both(item, container, locals)
                .map_or(Truth::ERRED, |(item, container)| contained(&item, &container)),
            Node::Call(function, arguments) if function.name == "unique" => match arguments.as_slice() {
                [list] => self
                    .value(list, locals)
                    .map_or(Truth::ERRED, |list| unique(list.as_list().unwrap_or(&[]))),
                _ => self.plain(at, locals),
            },
            Node::Loop { kind: kind @ (Loop::All | Loop::Exists | Loop::ExistsOne), range, body, .. } => {
                let Ok(range) = self.value(range, locals) else { return Truth::ERRED };
                let items = items(&range);
                let each = items.iter().map(|value| self.truth(body, Some(&Locals { value, outer: locals })));
                match kind {
                    Loop::Exists => Truth::of_all(each.map(Truth::negated)).negated(),
                    Loop::ExistsOne => Truth::of_one(&each.collect::<Vec<_>>()),
                    _ => Truth::of_all(each),
                }
            }
            Node::Slot(slot) => self.through(*slot, at, locals),
            Node::Defined(call) => self.inside(call, at, locals),
            _ => self.plain(at, locals),
        }
    }

    /// Inside the definition that is called, where it may be afforded.
    fn inside(&self, call: &Call, at: &At, locals: Option<&Locals<'_>>) -> Truth {
        let body = call.definition.body();
        let Some(left) = self.left.get().checked_sub(body.cost()) else { return self.plain(at, locals) };
        let Ok(values) = call.evaluated(self.bindings, locals) else { return Truth::ERRED };
        self.left.set(left);
        let bindings = call.definition.bindings(&values);
        let inner = Meter { bindings: &bindings, left: Cell::new(self.left.get()) };
        let truth = inner.truth(&body.root, None);
        self.left.set(inner.left.get());
        truth
    }

    /// Through a `let`, where it may be afforded.
    fn through(&self, slot: Slot, at: &At, locals: Option<&Locals<'_>>) -> Truth {
        let Some(derived) = self.bindings.let_of(slot) else { return self.plain(at, locals) };
        match self.left.get().checked_sub(derived.cost()) {
            Some(left) => {
                self.left.set(left);
                self.truth(&derived.root, None)
            }
            None => self.plain(at, locals),
        }
    }

    fn plain(&self, at: &At, locals: Option<&Locals<'_>>) -> Truth {
        match self.value(at, locals).as_deref() {
            Ok(Value::Bool(holds)) => Truth::plain(*holds),
            Ok(_) | Err(_) => Truth::ERRED,
        }
    }

    fn value<'e>(&'e self, at: &'e At, locals: Option<&'e Locals<'e>>) -> Result<Cow<'e, Value>, EvalError> {
        at.eval(self.bindings, locals)
    }

    fn both<'e>(
        &'e self,
        left: &'e At,
        right: &'e At,
        locals: Option<&'e Locals<'e>>,
    ) -> Option<(Cow<'e, Value>, Cow<'e, Value>)> {
        Some((self.value(left, locals).ok()?, self.value(right, locals).ok()?))
    }
}

/// The way from the root down to an atom.
struct Way<'w, 'm, 'v> {
    meter: Meter<'m, 'v>,
    /// None: to be there is all.
    goal: Option<&'w Goal>,
    deciding: bool,
}

impl Way<'_, '_, '_> {
    /// What guards a step must hold, and of a loop the nearest item counts.
    fn down(&self, at: &At, steps: &[Step], locals: Option<&Locals<'_>>) -> Measured {
        let Some((step, rest)) = steps.split_first() else {
            let there = Measured { distance: Distance::REACHED, excess: None };
            return self.goal.map_or(there, |goal| self.meter.leaf(at, goal, locals));
        };
        let go = |inner: &At| self.down(inner, rest, locals);
        let truth = |at: &At| self.meter.truth(at, locals);
        let beside = self.deciding && step.beside_known;
        match (&at.node, step.child) {
            (Node::And(left, right), 1) => go(right).behind(truth(left).to_true),
            (Node::And(left, right), 0) if beside => go(left).behind(truth(right).to_true),
            (Node::Or(left, right), 1) => go(right).behind(truth(left).to_false),
            (Node::Or(left, right), 0) if beside => go(left).behind(truth(right).to_false),
            (Node::If(parts), 1) => go(&parts[1]).behind(truth(&parts[0]).to_true),
            (Node::If(parts), 2) => go(&parts[2]).behind(truth(&parts[0]).to_false),
            (Node::Loop { kind, range, body, result }, 1 | 2) => {
                let Ok(range) = self.meter.value(range, locals) else { return Measured::ABSENT };
                let items = items(&range);
                let truth = |value: &Value| self.meter.truth(body, Some(&Locals { value, outer: locals }));
                let others = if beside { others(*kind, items.iter().map(truth)) } else { Vec::new() };
                let each = items.iter().enumerate().map(|(at, value)| {
                    let locals = Some(&Locals { value, outer: locals });
                    let inner = match (step.child, result) {
                        (2, Some(result)) => self.down(result, rest, locals).behind(truth(value).to_true),
                        _ => self.down(body, rest, locals),
                    };
                    inner.behind(others.get(at).copied().unwrap_or(Distance::REACHED))
                });
                let nearest = each.reduce(|a, b| if b.distance < a.distance { b } else { a });
                // An item that cannot be measured is nearer than none.
                nearest.unwrap_or(Measured::ABSENT.behind(Distance::ABSENT))
            }
            (Node::Defined(call), child) if child == call.arguments.len() => {
                let Ok(values) = call.evaluated(self.meter.bindings, locals) else {
                    return Measured::ABSENT;
                };
                let bindings = call.definition.bindings(&values);
                let inner = Way { meter: Meter::new(&bindings), ..*self };
                inner.down(&call.definition.body().root, rest, None)
            }
            (node, child) => node.children().get(child).map_or(Measured::ABSENT, |child| go(child)),
        }
    }
}

/// For each item of a loop how far the others are from leaving the decision to it.
fn others(kind: Loop, each: impl Iterator<Item = Truth>) -> Vec<Distance> {
    let from = |truth: Truth| match kind {
        Loop::All => truth.to_true,
        Loop::Exists | Loop::ExistsOne => truth.to_false,
        Loop::Filter | Loop::Map | Loop::SortBy => Distance::REACHED,
    };
    let each: Vec<Distance> = each.map(from).collect();
    // Sums from both ends: a sum less one part would not be 0 where the others are.
    let sum = |sum: &mut Distance, part: &Distance| {
        let before = *sum;
        *sum = before + *part;
        Some(before)
    };
    let before: Vec<Distance> = each.iter().scan(Distance::REACHED, sum).collect();
    let after: Vec<Distance> = each.iter().rev().scan(Distance::REACHED, sum).collect();
    before.into_iter().zip(after.into_iter().rev()).map(|(before, after)| before + after).collect()
}

impl Meter<'_, '_> {
    fn leaf(&self, at: &At, goal: &Goal, locals: Option<&Locals<'_>>) -> Measured {
        let distance = match goal {
            Goal::True => self.truth(at, locals).to_true,
            Goal::False => self.truth(at, locals).to_false,
            Goal::Item(_) | Goal::First | Goal::Last => self.item(at, goal, locals),
            Goal::Difference(wanted) => return self.numbers(at, *wanted as f64, f64::abs, locals),
            Goal::Equal => return self.numbers(at, 0.0, f64::abs, locals),
            Goal::Below => {
                return self.numbers(at, 0.0, |by| if by < 0.0 { 0.0 } else { by + 1.0 }, locals);
            }
            Goal::Above => {
                return self.numbers(at, 0.0, |by| if by > 0.0 { 0.0 } else { 1.0 - by }, locals);
            }
        };
        Measured { distance, excess: None }
    }

    /// A comparison of numbers: how far what is left of their difference beyond `wanted` is.
    fn numbers(&self, at: &At, wanted: f64, far: fn(f64) -> f64, locals: Option<&Locals<'_>>) -> Measured {
        let Node::Compare(_, _, left, right) = &at.node else { return Measured::ABSENT };
        let sides = self.both(left, right, locals);
        match sides.and_then(|(left, right)| difference(&left, &right)) {
            Some(by) => {
                let by = by - wanted;
                // At most twice the largest integer; a fraction is no hint what to change by.
                Measured { distance: Distance::new(near(far(by))), excess: Some(by as i64) }
            }
            None => Measured::ABSENT,
        }
    }

    fn item(&self, at: &At, goal: &Goal, locals: Option<&Locals<'_>>) -> Distance {
        let Node::In(item, container) = &at.node else { return Distance::ABSENT };
        let Some((item, container)) = self.both(item, container, locals) else { return Distance::ABSENT };
        let wanted = match (goal, container.as_list()) {
            (Goal::Item(wanted), _) => Some(wanted),
            (Goal::First, Some(items)) if items.len() > 1 => items.first(),
            (Goal::Last, Some(items)) if items.len() > 1 => items.last(),
            _ => None,
        };
        wanted.map_or(Distance::new(ABSENT), |wanted| Distance::between(&item, wanted))
    }
}

/// What a loop goes through: items, or keys.
fn items(range: &Value) -> Cow<'_, [Value]> {
    match range {
        Value::List(items) => Cow::Borrowed(items),
        Value::Object(object) => Cow::Owned(object.iter().map(|(key, _)| Value::text(key)).collect()),
        _ => Cow::Owned(Vec::new()),
    }
}
