//! The parts of an answer that must be said for it to be whole, from its schema.

use mote_expr::expr::{Condition, Part};
use mote_expr::schema::{Schema, Shape};
use mote_expr::{Slot, Step};

/// A part that must be said.
#[derive(Clone, Debug)]
pub(super) struct Goal<'s> {
    pub(super) part: Part,
    /// What it looks like. None: a list of things that happened, their types first, then their data.
    pub(super) schema: Option<&'s Schema>,
    /// Whether it need not be there.
    pub(super) optional: bool,
    /// Of things that happened: in which case of which list, and when that case applies.
    pub(super) within: Option<(Slot, usize)>,
    pub(super) when: Vec<Condition>,
    /// What is in it and can be said one by one.
    pub(super) inner: Vec<Goal<'s>>,
    /// Whether it is known when it is there; of things that happened, which there are.
    pub(super) begun: bool,
    /// Whether an object is made of its fields.
    pub(super) open: bool,
    /// Whether all of it is known.
    pub(super) said: bool,
}

impl<'s> Goal<'s> {
    /// All of a value with this schema.
    pub(super) fn of(part: Part, schema: &'s Schema, optional: bool) -> Goal<'s> {
        let mut goal = Goal::happened(part);
        (goal.schema, goal.optional) = (Some(schema), optional);
        if let (Shape::Object(fields), false) = (&schema.shape, schema.nullable) {
            let inner = fields.iter().map(|field| {
                let optional = !field.required && field.schema.default.is_none();
                Goal::of(goal.part.then(Step::Key(field.name.clone())), &field.schema, optional)
            });
            goal.inner = inner.collect();
        }
        goal
    }

    /// All things that happened.
    pub(super) fn happened(part: Part) -> Goal<'s> {
        let (inner, when) = (Vec::new(), Vec::new());
        let (optional, begun, open, said) = (false, false, false, false);
        Goal { part, schema: None, optional, within: None, when, inner, begun, open, said }
    }

    /// Of things that happened: in this case of theirs.
    #[must_use]
    pub(super) fn within(mut self, case: (Slot, usize), when: &[Condition]) -> Goal<'s> {
        self.within = Some(case);
        self.when = when.to_vec();
        self.inner = self.inner.into_iter().map(|inner| inner.within(case, when)).collect();
        self
    }

    /// Whether it is an object whose fields can be said one by one.
    pub(super) fn is_object(&self) -> bool {
        self.schema.is_some_and(|schema| matches!(schema.shape, Shape::Object(_)) && !schema.nullable)
    }

    /// Whether all that `part` has in common with this was said.
    pub(super) fn tells(&self, part: &Part) -> bool {
        if self.said || (!self.part.holds(part) && !part.holds(&self.part)) {
            return true;
        }
        let begun = if self.schema.is_some() { !self.optional || self.begun } else { self.begun };
        begun && (self.open || self.schema.is_none()) && self.inner.iter().all(|inner| inner.tells(part))
    }

    /// Whether the types of what happened are known, if this is about them.
    pub(super) fn tells_types(&self, part: &Part) -> bool {
        self.part != *part || self.said || self.begun
    }
}
