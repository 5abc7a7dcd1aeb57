//! The law compiled from a contract: what is admitted, what is decided, what is accepted.
//!
//! The only judge. Verification and production call the same functions with the same arguments, so
//! what was verified is what is enforced. Never calls a service, never stores: answers arrive as
//! bytes, decisions leave as values. In the order of a call: [`Law::admit`], [`Law::authorise`],
//! [`Law::stream_key`], [`Law::selection`], [`Law::decide`], [`Law::call`], [`Law::judge`].

mod admit;
mod before;
mod clauses;
mod decide;
mod delivery;
mod derive;
mod freedom;
mod hearing;
mod judge;
mod reads;

use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Bindings, Digest, Expr, Scope, Slot, Template, Value};

use crate::aggregate::{Aggregate, Event};
use crate::contract::{Cases, Contract, ErrorClause, Example};
use crate::rule::Rule;

pub use admit::Admitted;
pub use before::Before;
pub(crate) use before::GIVEN;
pub use clauses::Clause;
pub use decide::Decision;
pub use delivery::{Publishing, Subscription, delivery_id};
pub(crate) use derive::{Derivation, plan};
pub use freedom::Freedom;
pub use hearing::{Heard, Hearing};
pub use judge::Accepted;
pub(crate) use reads::MATCHES_MAX;
pub use reads::{Bound, Reads, RowTable, Rows};

/// A contract, compiled with everything it refers to.
#[derive(Clone, Debug)]
pub struct Law {
    /// Everything that is not a rule.
    pub contract: Contract,
    /// The hash of the contract with everything it refers to: what a verdict is about.
    pub digest: Digest,
    /// The cases that lie beside the contract.
    pub cases: Cases,
    /// The aggregate it touches.
    pub aggregate: Option<Arc<Aggregate>>,
    /// What it reads of a view.
    pub reads: Option<Reads>,
    /// What a publisher follows, and where its messages go.
    pub publishing: Option<Publishing>,
    /// What the input looks like; of a publisher: `event` and `meta`.
    pub input: Schema,
    /// What the output of a success looks like; of a publisher: the list of its messages.
    pub output: Schema,
    /// The declared errors, in order.
    pub errors: Vec<ErrorClause>,
    /// What is required of the input.
    pub requires: Vec<Rule>,
    /// What is ensured of a success.
    pub ensures: Vec<Rule>,
    /// Whether the input has defaults to fill in, and the output.
    pub(crate) completes_input: bool,
    pub(crate) completes_output: bool,
    pub(crate) key: Option<Template>,
    pub(crate) allow: Option<Expr>,
    pub(crate) scope: Scope,
    pub(crate) slots: Slots,
    /// How the rules answer, where there is no code.
    pub(crate) derivation: Option<Derivation>,
}

/// The bindings of a contract's expressions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    /// None for a publisher, whose rules see the parts of its input.
    pub(crate) input: Option<Slot>,
    pub(crate) event: Option<Slot>,
    pub(crate) meta: Option<Slot>,
    pub(crate) context: Slot,
    pub(crate) caller: Slot,
    pub(crate) state: Option<Slot>,
    pub(crate) rows: Option<Slot>,
    pub(crate) next: Option<Slot>,
    pub(crate) output: Slot,
    pub(crate) events: Option<Slot>,
    pub(crate) after: Option<Slot>,
}

/// Everything that a decision is a function of.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// The admitted input.
    pub input: Value,
    /// `now`, `id` and the caller; see [`context`].
    pub context: Value,
    /// The state of the instance, for a contract that touches one.
    pub state: Option<Value>,
    /// The rows that were read, for a contract that reads a view.
    pub rows: Option<Rows>,
}

/// The context of a call, as rules and services see it.
pub fn context(now: &str, id: &str, caller_id: &str, roles: &[String], claims: Value) -> Value {
    let caller = Value::object([
        ("id", Value::text(caller_id)),
        ("roles", Value::list(roles.iter().map(Value::text))),
        ("claims", claims),
    ]);
    Value::object([("now", Value::text(now)), ("id", Value::text(id)), ("caller", caller)])
}

impl Law {
    /// Who may ask, as the contract writes it. None: everybody.
    pub fn allow(&self) -> Option<&Expr> {
        self.allow.as_ref()
    }

    /// Whether anything that its rules can see is sensitive: then what a rule saw is not told.
    pub fn has_sensitive(&self) -> bool {
        let own = self.aggregate.iter().map(|aggregate| &**aggregate);
        let read = self.reads.iter().map(|reads| &reads.view.row);
        let states = own.clone().map(|aggregate| &aggregate.state);
        let events = own.flat_map(|aggregate| aggregate.events.values().map(|event| &event.data));
        let schemas = [&self.input, &self.output].into_iter().chain(states).chain(events).chain(read);
        schemas.into_iter().any(Schema::has_sensitive)
    }

    /// The cases that whoever writes the service may see: examples and visible tests.
    pub fn shown_cases(&self) -> impl Iterator<Item = &Example> {
        let tests = self.cases.tests.iter().filter(|test| test.visible);
        self.contract.examples.iter().chain(tests.map(|test| &test.case))
    }

    /// All cases that people wrote or that were met while serving.
    pub fn written_cases(&self) -> impl Iterator<Item = &Example> {
        let Cases { tests, regressions, .. } = &self.cases;
        self.contract.examples.iter().chain(tests.iter().map(|test| &test.case)).chain(regressions)
    }

    /// The call for the service, as canonical JSON.
    pub fn call(&self, situation: &Situation) -> Vec<u8> {
        let mut call =
            vec![("operation", Value::text(&self.contract.name)), ("context", situation.context.clone())];
        call.extend(self.asked(&situation.input).into_iter().map(|(name, part)| (name, part.clone())));
        if let Some(state) = &situation.state {
            call.push(("state", state.clone()));
        }
        if let Some(Rows { rows, next }) = &situation.rows {
            call.push(("rows", rows.clone()));
            call.extend(next.as_ref().map(|next| ("next", next.clone())));
        }
        Value::object(call).canonical()
    }

    /// Bindings of everything known before the code answers.
    pub fn bind<'v>(&'v self, situation: &'v Situation) -> Bindings<'v> {
        let mut bindings = Bindings::new(&self.scope);
        if let Some(slot) = self.slots.input {
            bindings.set(slot, &situation.input);
        }
        for (slot, part) in [(self.slots.event, "event"), (self.slots.meta, "meta")] {
            if let (Some(slot), Some(part)) = (slot, situation.input.field(part)) {
                bindings.set(slot, part);
            }
        }
        bindings.set(self.slots.context, &situation.context);
        // A context is made by `context`, which always has a caller.
        bindings.set(self.slots.caller, situation.context.field("caller").unwrap_or(&Value::Null));
        if let (Some(slot), Some(state)) = (self.slots.state, &situation.state) {
            bindings.set(slot, state);
        }
        if let (Some(slot), Some(rows)) = (self.slots.rows, &situation.rows) {
            bindings.set(slot, &rows.rows);
        }
        if let (Some(slot), Some(next)) =
            (self.slots.next, situation.rows.as_ref().and_then(|rows| rows.next.as_ref()))
        {
            bindings.set(slot, next);
        }
        bindings
    }

    /// The events as rules see them.
    pub(crate) fn events_value(events: &[Event]) -> Value {
        Value::list(events.iter().map(crate::aggregate::event_value))
    }
}
