//! The expressions that decide a call, one by one, for whoever looks for calls they decide in
//! another way. Owns which they are and what is known before the code is asked.

use mote_expr::schema::Shape;
use mote_expr::{Atom, Consequences, Expr, Schema, Slot, Uses};

use super::{Bound, Law};
use crate::diagnostic::Place;

/// An expression of a contract and what it is called.
#[derive(Clone, Debug)]
pub struct Clause<'l> {
    /// Such as `requires/distinct-skus`, `errors/out-of-stock`, `let/percent`.
    pub name: String,
    /// What decides.
    pub expr: &'l Expr,
    /// Where it is written, if that is known.
    pub place: Option<&'l Place>,
}

impl Law {
    /// Every expression of the contract that decides on a call, `let`s that one of them reads among
    /// them, in the order of a call.
    pub fn clauses(&self) -> Vec<Clause<'_>> {
        let allow = self.allow.iter().map(|expr| Clause { name: "allow".to_owned(), expr, place: None });
        let requires = self.requires.iter().map(|rule| ("requires", rule));
        let errors = self.errors.iter().filter_map(|error| Some(("errors", error.condition.as_ref()?)));
        let ensures = self.ensures.iter().map(|rule| ("ensures", rule));
        let rules = requires.chain(errors).chain(ensures).map(|(section, rule)| Clause {
            name: format!("{section}/{}", rule.name),
            expr: &rule.expr,
            place: Some(&rule.place),
        });
        let mut clauses: Vec<Clause<'_>> = allow.chain(rules).collect();
        let mut lets: Vec<Clause<'_>> = Vec::new();
        for (name, expr) in clauses.iter().flat_map(|clause| self.scope.lets(clause.expr)) {
            let name = format!("let/{name}");
            if lets.iter().all(|known| known.name != name) {
                lets.push(Clause { name, expr, place: None });
            }
        }
        clauses.extend(lets);
        clauses
    }

    /// The atoms of `expr` that are decided before the code is asked.
    pub fn atoms(&self, expr: &Expr) -> Vec<Atom> {
        let known = self.known();
        let rows = self.rows_schema();
        self.scope.atoms(expr, known, &|slot| self.schema_of(slot, rows.as_ref()))
    }

    /// What its rules make of what is known before the code is asked.
    pub fn consequences(&self) -> Consequences {
        let rules = self.requires.iter().chain(&self.ensures);
        let conditions = self.errors.iter().filter_map(|error| error.condition.as_ref());
        let rules: Vec<&Expr> =
            self.allow.iter().chain(rules.chain(conditions).map(|rule| &rule.expr)).collect();
        self.scope.consequences(&rules, self.known())
    }

    /// What is known before the code is asked.
    fn known(&self) -> Uses {
        let delivered = [self.slots.input, self.slots.event, self.slots.meta];
        let known = [Some(self.slots.context), Some(self.slots.caller)].into_iter().chain(delivered);
        let read = [self.slots.state, self.slots.rows, self.slots.next];
        known.into_iter().chain(read).flatten().map(Uses::of).fold(Uses::default(), Uses::and)
    }

    /// Whether a rule about the answer mentions who asks, when, or in which call.
    pub fn minds_the_context(&self) -> bool {
        let of_context = |uses: Uses| uses.contains(self.slots.context) || uses.contains(self.slots.caller);
        self.ensures.iter().any(|rule| of_context(rule.expr.uses()))
    }

    /// Whether `expr` has one truth for every input, state, row and output that fits its schema.
    pub fn proven(&self, expr: &Expr) -> Option<bool> {
        let rows = self.rows_schema();
        self.scope.proven(expr, &|slot| self.schema_of(slot, rows.as_ref()))
    }

    fn schema_of<'s>(&'s self, slot: Slot, rows: Option<&'s Schema>) -> Option<&'s Schema> {
        let slot = Some(slot);
        let part = |name| self.input.field(name).map(|part| &*part.schema);
        if slot == self.slots.input {
            Some(&self.input)
        } else if slot == self.slots.event {
            part("event")
        } else if slot == self.slots.meta {
            part("meta")
        } else if slot == Some(self.slots.output) {
            Some(&self.output)
        } else if slot == self.slots.state || slot == self.slots.after {
            self.aggregate.as_ref().map(|aggregate| &aggregate.state)
        } else if slot == self.slots.rows {
            rows
        } else {
            None
        }
    }

    fn rows_schema(&self) -> Option<Schema> {
        let reads = self.reads.as_ref()?;
        let (Bound::Limit(most) | Bound::Page(most)) = reads.bound;
        let item = reads.view.row.clone().into();
        Some(Schema::of(Shape::List { item, min: 0, max: most as u64, unique: false }))
    }
}
