//! Whether an atom matters: whether a rule would say something else if the atom did. A `let` that is
//! right for one month in twelve, and then not used, shows nothing.
//! Owns the comparison: the atom is turned into its opposite, and what the rules make of all that is
//! known is evaluated both ways.

use std::sync::Arc;

use super::distance::{ABSENT, Distance, WRONG};
use super::measure::guards;
use super::{Atom, Step};
use crate::expr::node::{At, Node};
use crate::expr::scope::{Bindings, Scope, Slot, Uses};
use crate::expr::{EvalError, Expr};
use crate::value::Value;

/// What rules make of what is known before the code answers: the parts of them that nothing else
/// decides, and where they read each `let`.
#[derive(Clone, Debug)]
pub struct Consequences {
    said: Vec<Said>,
    lets: Vec<(Slot, Arc<At>)>,
    readings: Vec<Reading>,
}

/// A part of a rule, as large as can be, that known bindings decide.
#[derive(Clone, Debug)]
struct Said {
    root: Arc<At>,
    steps: Vec<usize>,
}

/// A place where a `let` is read.
#[derive(Clone, Debug)]
struct Reading {
    of: Slot,
    root: Arc<At>,
    steps: Vec<Step>,
    /// The `let` that reads it, where no rule does.
    into: Option<Slot>,
}

impl Scope {
    /// What `rules` make of the `known` bindings.
    pub fn consequences(&self, rules: &[&Expr], known: Uses) -> Consequences {
        let lets: Vec<(Slot, Arc<At>)> =
            self.all_lets().map(|(slot, _, expr)| (slot, Arc::clone(&expr.root))).collect();
        let mut found = Consequences { said: Vec::new(), lets: lets.clone(), readings: Vec::new() };
        for rule in rules {
            self.said(&rule.root, &rule.root, known, &mut Vec::new(), &mut found.said);
            self.readings(&rule.root, &rule.root, None, &mut Vec::new(), &mut found.readings);
        }
        for (slot, root) in &lets {
            self.readings(root, root, Some(*slot), &mut Vec::new(), &mut found.readings);
        }
        found
    }

    fn said(&self, root: &Arc<At>, at: &At, known: Uses, steps: &mut Vec<usize>, out: &mut Vec<Said>) {
        if self.decides(at, known, 0) {
            if !matches!(at.node, Node::Const(_)) {
                out.push(Said { root: Arc::clone(root), steps: steps.clone() });
            }
            return;
        }
        for (child, inner) in at.node.children().into_iter().enumerate() {
            steps.push(child);
            self.said(root, inner, known, steps, out);
            steps.pop();
        }
    }

    /// Whether known bindings are all that this reads; `inside` counts the loops around it within.
    fn decides(&self, at: &At, known: Uses, inside: usize) -> bool {
        match &at.node {
            Node::Slot(slot) => self.uses(*slot).without(known).is_empty(),
            Node::Local(depth) => *depth < inside,
            Node::Loop { range, body, result, .. } => {
                let within = |at: &At| self.decides(at, known, inside + 1);
                self.decides(range, known, inside)
                    && within(body)
                    && result.as_ref().is_none_or(|at| within(at))
            }
            node => node.children().into_iter().all(|child| self.decides(child, known, inside)),
        }
    }

    fn readings(
        &self,
        root: &Arc<At>,
        at: &At,
        into: Option<Slot>,
        steps: &mut Vec<Step>,
        out: &mut Vec<Reading>,
    ) {
        if let Node::Slot(slot) = at.node
            && self.derived_at(usize::from(slot.0)).is_some()
        {
            out.push(Reading { of: slot, root: Arc::clone(root), steps: steps.clone(), into });
        }
        for (child, inner) in at.node.children().into_iter().enumerate() {
            steps.push(Step { child, beside_known: false });
            self.readings(root, inner, into, steps, out);
            steps.pop();
        }
    }
}

impl Consequences {
    /// How far what is read of `slot` is from counting in a rule: past the conditions around each place
    /// that reads it, and around those that read what reads it.
    fn to_reading(&self, slot: Slot, bindings: &Bindings<'_>) -> Distance {
        let mut far: Vec<(Slot, Distance)> = Vec::new();
        let of = |far: &[(Slot, Distance)], slot: Slot| {
            far.iter().find(|(known, _)| *known == slot).map_or(Distance::ABSENT, |(_, distance)| *distance)
        };
        // A `let` is read only by those after it.
        for (slot, _) in self.lets.iter().rev() {
            let read = self.readings.iter().filter(|reading| reading.of == *slot);
            let nearest = read.map(|reading| {
                let then = reading.into.map_or(Distance::REACHED, |into| of(&far, into));
                guards(&reading.root, &reading.steps, bindings) + then
            });
            far.push((*slot, nearest.fold(Distance::ABSENT, Distance::or)));
        }
        of(&far, slot)
    }
}

impl Atom {
    /// How far `bindings` are from those in which a rule would say something else if this atom did.
    pub fn to_matter(&self, consequences: &Consequences, bindings: &Bindings<'_>) -> Distance {
        let Some(turned) = &self.turned else { return Distance::REACHED };
        let of = consequences.lets.iter().find(|(_, root)| Arc::ptr_eq(root, &self.root));
        let Some((slot, _)) = of else {
            let own = consequences.said.iter().filter(|said| Arc::ptr_eq(&said.root, &self.root));
            let mut own = own.filter(|said| self.lies_in(said)).peekable();
            let matters = own.peek().is_none()
                || own.any(|said| differ(&said.of(&self.root, bindings), &said.of(turned, bindings)));
            return Distance::of_test(matters);
        };
        let (value, other) = (self.root.eval(bindings, None), turned.eval(bindings, None));
        let (Ok(value), Ok(other)) = (value, other) else { return Distance::REACHED };
        if value == other {
            return Distance::of_test(false);
        }
        let mut otherwise = bindings.unevaluated();
        otherwise.set(*slot, &other);
        let matters = consequences
            .said
            .iter()
            .any(|said| differ(&said.of(&said.root, bindings), &said.of(&said.root, &otherwise)));
        if matters {
            return Distance::REACHED;
        }
        // Nearer than not meeting the atom at all, whatever is in the way.
        Distance::new(WRONG / 2.0) + consequences.to_reading(*slot, bindings).within(WRONG)
    }

    fn lies_in(&self, said: &Said) -> bool {
        self.steps.len() >= said.steps.len()
            && self.steps.iter().zip(&said.steps).all(|(step, child)| step.child == *child)
    }
}

impl Said {
    /// What it is in `root`, which has its form.
    fn of(&self, root: &At, bindings: &Bindings<'_>) -> Result<Value, EvalError> {
        let mut at = root;
        for child in &self.steps {
            let Some(inner) = at.node.children().get(*child).copied() else { break };
            at = inner;
        }
        at.eval(bindings, None).map(std::borrow::Cow::into_owned)
    }
}

/// Whether one is another value than the other. What errs is told elsewhere.
fn differ(a: &Result<Value, EvalError>, b: &Result<Value, EvalError>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => a != b,
        (Err(_), Err(_)) => false,
        _ => true,
    }
}

/// `root` with the opposite of the truth that `steps` lead to. None where they lead into a definition.
pub(super) fn turned(root: &At, steps: &[Step]) -> Option<At> {
    let mut root = root.clone();
    let mut at = &mut root;
    for step in steps {
        at = at.node.children_mut().into_iter().nth(step.child)?;
    }
    let atom = at.clone();
    at.node = Node::Not(Box::new(atom));
    Some(root)
}

impl Distance {
    /// The same order, all of it below `most`.
    fn within(self, most: f64) -> Distance {
        let far = if self.is_reached() { 0.0 } else { self.0.min(ABSENT * 64.0) };
        Distance(most * far / (1.0 + far))
    }
}
