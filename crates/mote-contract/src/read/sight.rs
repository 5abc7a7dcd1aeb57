//! What an expression can see at each point of a call, and which of it is known there.

use mote_expr::schema::Schema;
use mote_expr::{Scope, Slot, Type, Uses};

use super::Fields;
use super::aggregate::{caller_type, context_type, events_type};
use super::reads::Viewed;
use super::rules::Rules;
use crate::aggregate::Aggregate;
use crate::law::Slots;

/// What an expression can see, and what is known at its point.
pub(crate) struct Sight<'s> {
    pub(crate) scope: &'s Scope,
    pub(crate) known: Uses,
    /// Why the rest is not known, such as `` `requires` is about the input alone ``.
    pub(crate) because: &'static str,
    /// Where the rest may be used.
    pub(crate) instead: &'static str,
}

impl<'s> Sight<'s> {
    /// Every name of `scope` is known.
    pub(crate) fn everything(scope: &'s Scope) -> Sight<'s> {
        let known = scope.names().filter_map(|name| scope.slot(name)).map(Uses::of);
        Sight { scope, known: known.fold(Uses::default(), Uses::and), because: "", instead: "" }
    }
}

/// The aggregate that a contract names.
pub(super) enum Touched<'a> {
    Nothing,
    /// It has problems of its own, or is not there: rules that use its state are not judged.
    Unreadable,
    Aggregate(&'a Aggregate),
}

/// The names of a contract's expressions: bindings first, then its `let`s.
pub(super) fn contract_scope(
    rules: &Rules<'_>,
    fields: &Fields<'_, '_>,
    (input, output): (Option<&Schema>, Option<&Schema>),
    touched: &Touched<'_>,
    viewed: &Viewed<'_, '_>,
    emits: &[String],
    functions: &Scope,
) -> Option<(Scope, Slots, Known)> {
    // What could not be compiled is dynamic, so that its rules are not reported too.
    let ty = |schema: Option<&Schema>| schema.map_or(Type::Dyn, Type::of);
    let (state, events) = match touched {
        Touched::Nothing => (None, None),
        Touched::Unreadable => (Some(Type::Dyn), Some(Type::Dyn)),
        Touched::Aggregate(aggregate) => {
            (Some(Type::of(&aggregate.state)), Some(events_type(aggregate, emits)))
        }
    };
    let (rows, next) = viewed.types();
    let mut scope = functions.clone();
    let input = scope.bind("input", ty(input))?;
    let slots = Slots {
        input: Some(input),
        event: None,
        meta: None,
        context: scope.bind("context", context_type())?,
        caller: scope.bind("caller", caller_type())?,
        output: scope.bind("output", ty(output))?,
        state: state.clone().and_then(|ty| scope.bind("state", ty)),
        rows: rows.and_then(|ty| scope.bind("rows", ty)),
        next: next.and_then(|ty| scope.bind("next", ty)),
        events: events.and_then(|ty| scope.bind("events", ty)),
        after: state.and_then(|ty| scope.bind("after", ty)),
    };
    let broken = rules.lets(fields, &mut scope);
    let known = Known::of(input, &slots, broken);
    Some((scope, slots, known))
}

/// The names of a publisher's expressions: the event, its `meta`, the messages, then its `let`s.
pub(super) fn publisher_scope(
    rules: &Rules<'_>,
    fields: &Fields<'_, '_>,
    (event, meta, messages): (Type, Type, Type),
    functions: &Scope,
) -> Option<(Scope, Slots)> {
    let mut scope = functions.clone();
    let slots = Slots {
        input: None,
        event: Some(scope.bind("event", event)?),
        meta: Some(scope.bind("meta", meta)?),
        context: scope.bind("context", context_type())?,
        caller: scope.bind("caller", caller_type())?,
        output: scope.bind("messages", messages)?,
        state: None,
        rows: None,
        next: None,
        events: None,
        after: None,
    };
    rules.lets(fields, &mut scope);
    Some((scope, slots))
}

/// What is known at each point of a call.
pub(super) struct Known {
    input: Uses,
    caller: Uses,
    /// With everything that was read: the state, the rows.
    state: Uses,
}

impl Known {
    /// `broken` lets are known everywhere: their own problem is the one to mend.
    fn of(input: Slot, slots: &Slots, broken: Uses) -> Known {
        let input = Uses::of(input).and(broken);
        let caller = input.and(Uses::of(slots.context)).and(Uses::of(slots.caller));
        let read = [slots.state, slots.rows, slots.next].into_iter().flatten().map(Uses::of);
        Known { input, caller, state: read.fold(caller, Uses::and) }
    }

    pub(super) fn for_key<'s>(&self, scope: &'s Scope) -> Sight<'s> {
        let because = "a key is about the input and the caller";
        let instead = "take it from the input: `key: ${input.orderId}`";
        Sight { scope, known: self.caller, because, instead }
    }

    pub(super) fn for_allow<'s>(&self, scope: &'s Scope) -> Sight<'s> {
        let because = "`allow` is about the input and the caller";
        let instead = "what depends on the state is an error: `errors: [{code: not-yours, if: …}]`";
        Sight { scope, known: self.caller, because, instead }
    }

    pub(super) fn for_reads<'s>(&self, scope: &'s Scope) -> Sight<'s> {
        let because = "which rows are read is about the input and the caller";
        let instead = "take it from the input: `match: {customerId: \"${input.customerId}\"}`";
        Sight { scope, known: self.caller, because, instead }
    }

    pub(super) fn for_requires<'s>(&self, scope: &'s Scope) -> Sight<'s> {
        let because = "`requires` is about the input alone";
        let instead = "what depends on more is an error: `errors: [{code: not-now, if: …}]`";
        Sight { scope, known: self.input, because, instead }
    }

    pub(super) fn for_errors<'s>(&self, scope: &'s Scope) -> Sight<'s> {
        let because = "the host decides on an error before the code is called";
        let instead = "what is about the answer stands under `ensures:`";
        Sight { scope, known: self.state, because, instead }
    }
}
