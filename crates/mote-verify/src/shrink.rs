//! From a case that breaks a clause to a minimal one that still does.
//!
//! Owns the search: greedy, one change at a time, each change asked again through the law. Never
//! invents a state: what happened before is replayed, event by event. Start at [`shrink`].

mod nearest;
mod simpler;

pub(crate) use simpler::than as simpler_than;

use mote_contract::{Event, Law, Situation};
use mote_expr::schema::{Shape, TextShape};
use mote_expr::{Object, Pointer, Schema, Value};

use crate::asked::{Broken, Case, Finding};
use crate::cases::simplest_text;
use crate::counterexample::simplest_context;

/// How often one search may ask: at a tenth of a millisecond each, a fifth of a second.
const ASKED_MAX: usize = 2_000;

/// The end of a search.
pub(crate) struct Shrunk {
    pub(crate) case: Case,
    pub(crate) broken: Broken,
    /// What to change for the service to pass, if a neighbour that passes was met.
    pub(crate) nearest_passing: Vec<(Pointer, Value)>,
}

/// The smallest case that breaks the clause of `broken` and that single changes lead to from `start`.
pub(crate) fn shrink(
    law: &Law,
    start: Case,
    broken: Broken,
    probe: &mut dyn FnMut(&Case) -> Finding,
) -> Shrunk {
    let mut search = Search::of(law, start, broken, probe);
    search.run();
    search.end()
}

/// The same, with what happened before as it is: of a case that commands led to, only the call is
/// made simpler, and it goes on to name the same instance. `shorter`: the same call where less happened.
pub(crate) fn shrink_call(
    law: &Law,
    start: Case,
    shorter: &[Case],
    broken: Broken,
    probe: &mut dyn FnMut(&Case) -> Finding,
) -> Shrunk {
    let key = law.stream_key(&start.situation).ok().flatten();
    let mut search = Search::of(law, start, broken, probe);
    search.key = Some(key);
    search.run();
    let Situation { input, context, .. } = search.case.situation.clone();
    for case in shorter {
        let situation =
            Situation { input: input.clone(), context: context.clone(), ..case.situation.clone() };
        let case = Case::of(case.given.clone(), situation);
        if let Finding::Success(_) | Finding::Raised(_) = (search.probe)(&case) {
            search.passing.push(case);
        }
    }
    search.end()
}

/// The simplest value of `schema` that single changes lead to from `start`, and that is still `wanted`.
pub(crate) fn simplest(schema: &Schema, start: Value, wanted: &dyn Fn(&Value) -> bool) -> Value {
    let (mut value, mut asked) = (start, 0);
    loop {
        let simpler = simpler::than(schema, &value).into_iter().find(|simpler| {
            asked += 1;
            let size = |value: &Value| (value.canonical().len(), value.canonical());
            size(simpler) < size(&value) && schema.accepts(simpler) && wanted(simpler)
        });
        match simpler {
            Some(simpler) if asked < ASKED_MAX => value = simpler,
            Some(simpler) => return simpler,
            None => return value,
        }
    }
}

/// How large a case is: fewer events, then fewer bytes, then plainer ones. What is as simple
/// as can be (a default, the usual time) weighs nothing.
pub(crate) fn weight(law: &Law, case: &Case) -> (usize, usize, Vec<u8>) {
    let data = |event: &Event| {
        let kind = law.event_type(&event.kind);
        kind.map_or_else(|| event.data.clone(), |kind| bare(&kind.data, &event.data))
    };
    let events = case.given.iter().map(data);
    let parts = Value::list([
        bare(&law.input, &case.situation.input),
        bare_context(&case.situation.context),
        Value::list(events),
    ]);
    let bytes: Vec<u8> = parts.canonical().into_iter().map(strangeness).collect();
    (case.given.len(), bytes.len(), bytes)
}

/// How much a byte of a text asks of its reader: letters least, then digits, in their order.
fn strangeness(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        b'A'..=b'Z' => byte - b'A' + 36,
        _ => byte.saturating_add(62),
    }
}

struct Search<'s> {
    law: &'s Law,
    case: Case,
    weight: (usize, usize, Vec<u8>),
    /// The instance that the call goes on to name, where only the call is made simpler.
    key: Option<Option<String>>,
    broken: Broken,
    probe: &'s mut dyn FnMut(&Case) -> Finding,
    asked: usize,
    /// Cases of the last pass that passed: neighbours of the smallest one.
    passing: Vec<Case>,
}

impl<'s> Search<'s> {
    fn of(
        law: &'s Law,
        case: Case,
        broken: Broken,
        probe: &'s mut dyn FnMut(&Case) -> Finding,
    ) -> Search<'s> {
        Search {
            law,
            weight: weight(law, &case),
            key: None,
            case,
            broken,
            probe,
            asked: 0,
            passing: Vec::new(),
        }
    }

    fn run(&mut self) {
        // Each pass ends with fewer or simpler parts, and there is a smallest case.
        while self.pass() && self.asked < ASKED_MAX {}
    }

    fn end(self) -> Shrunk {
        let nearest_passing = nearest::change(&self.case, &self.passing);
        Shrunk { case: self.case, broken: self.broken, nearest_passing }
    }

    /// Try every single change. Whether any was kept.
    fn pass(&mut self) -> bool {
        self.passing.clear();
        let mut kept = false;
        if self.key.is_none() {
            kept |= self.drop_events();
        }
        kept |= self.simplify(
            |case, _| contexts(&case.situation.context),
            |case, context| {
                case.situation.context = context;
            },
        );
        kept |= self.simplify(
            |case, law| simpler::than(&law.input, &case.situation.input),
            |case, input| case.situation.input = input,
        );
        let events = if self.key.is_none() { self.case.given.len() } else { 0 };
        for at in 0..events {
            kept |= self.simplify(
                move |case, law| {
                    let event = &case.given[at];
                    let kind = law.event_type(&event.kind);
                    kind.map(|kind| simpler::than(&kind.data, &event.data)).unwrap_or_default()
                },
                move |case, data| case.given[at].data = data,
            );
        }
        kept
    }

    /// Leave out events: all, half of them, a quarter, each.
    fn drop_events(&mut self) -> bool {
        let mut kept = false;
        let mut length = self.case.given.len();
        while length > 0 {
            let mut from = 0;
            while from < self.case.given.len() {
                let mut smaller = self.case.clone();
                smaller.given.drain(from..smaller.given.len().min(from + length));
                if self.keeps(smaller) {
                    kept = true;
                } else {
                    from += length;
                }
            }
            length /= 2;
        }
        kept
    }

    /// Put simpler values, as `candidates` finds them, in place with `put`, as long as one is kept.
    fn simplify(
        &mut self,
        candidates: impl Fn(&Case, &Law) -> Vec<Value>,
        put: impl Fn(&mut Case, Value),
    ) -> bool {
        let mut kept = false;
        'again: loop {
            for candidate in candidates(&self.case, self.law) {
                let mut smaller = self.case.clone();
                put(&mut smaller, candidate);
                if self.keeps(smaller) {
                    kept = true;
                    continue 'again;
                }
            }
            return kept;
        }
    }

    /// Keep `draft` if it can come about, is smaller, and breaks the same clause.
    fn keeps(&mut self, draft: Case) -> bool {
        if self.asked >= ASKED_MAX {
            return false;
        }
        let Some(case) = come_about(self.law, draft) else { return false };
        let key = || self.law.stream_key(&case.situation).ok().flatten();
        if self.key.as_ref().is_some_and(|same| *same != key()) {
            return false;
        }
        let weight = weight(self.law, &case);
        if weight >= self.weight {
            return false;
        }
        self.asked += 1;
        match (self.probe)(&case) {
            Finding::Broken(broken) if broken.clause == self.broken.clause => {
                (self.case, self.weight, self.broken) = (case, weight, *broken);
                self.passing.clear();
                true
            }
            Finding::Success(_) | Finding::Raised(_) => {
                self.passing.push(case);
                false
            }
            Finding::Broken(_) | Finding::Refused(_) => false,
        }
    }
}

/// The case that a changed one is, if it can be: its input is admitted and its events may happen.
pub(crate) fn come_about(law: &Law, draft: Case) -> Option<Case> {
    let input = law.admit_value(draft.situation.input).ok()?.input;
    let fits = |event: &Event| law.event_type(&event.kind).is_some_and(|kind| kind.data.accepts(&event.data));
    if !draft.given.iter().all(fits) {
        return None;
    }
    let before = draft
        .given
        .iter()
        .try_fold(law.nothing_before(), |before, event| law.with_event(&before, event))
        .ok()?;
    let situation = law.situation(&before, input, draft.situation.context).ok()?;
    Some(Case::of(draft.given, situation))
}

/// Simpler contexts: each part as simple as can be, and roles left out one by one.
fn contexts(context: &Value) -> Vec<Value> {
    let (Some(parts), simplest) = (context.as_object(), simplest_context()) else { return Vec::new() };
    let with = |object: &Object, key: &str, value: Value| {
        let mut object = object.clone();
        object.insert(key, value);
        Value::Object(object.into())
    };
    let fields = simplest.as_object().into_iter().flat_map(Object::iter);
    let mut simpler: Vec<Value> = fields.map(|(key, value)| with(parts, key, value.clone())).collect();
    if let Some(caller) = parts.get("caller").and_then(Value::as_object) {
        let fields = simplest.field("caller").and_then(Value::as_object).into_iter().flat_map(Object::iter);
        let caller_with = |key: &str, value: Value| with(parts, "caller", with(caller, key, value));
        simpler.extend(fields.map(|(key, value)| caller_with(key, value.clone())));
        let roles = caller.get("roles").and_then(Value::as_list).unwrap_or(&[]);
        simpler.extend((0..roles.len()).map(|at| {
            let others = roles.iter().enumerate().filter(|(other, _)| *other != at);
            caller_with("roles", Value::list(others.map(|(_, role)| role.clone())))
        }));
    }
    simpler
}

/// The parts that differ from the simplest context.
fn bare_context(context: &Value) -> Value {
    fn without(value: &Value, simplest: &Value) -> Value {
        let fields = value.as_object().into_iter().flat_map(Object::iter);
        Value::object(fields.filter_map(|(key, field)| match simplest.field(key) {
            Some(simple) if simple == field => None,
            Some(simple @ Value::Object(_)) if key == "caller" => Some((key, without(field, simple))),
            _ => Some((key, field.clone())),
        }))
    }
    without(context, &simplest_context())
}

/// The value without what says nothing: fields with their default, the simplest text of a format.
fn bare(schema: &Schema, value: &Value) -> Value {
    match (&schema.shape, value) {
        (Shape::Object(fields), Value::Object(object)) => {
            let mut rest = Object::new();
            for (key, inner) in object.iter() {
                match fields.iter().find(|field| field.name == key) {
                    Some(field) if field.schema.default.as_ref() == Some(inner) => {}
                    Some(field) => drop(rest.insert(key, bare(&field.schema, inner))),
                    None => drop(rest.insert(key, inner.clone())),
                }
            }
            Value::Object(rest.into())
        }
        (Shape::List { item, .. }, Value::List(items)) => {
            Value::list(items.iter().map(|inner| bare(item, inner)))
        }
        (Shape::Text(TextShape { format: Some(format), .. }), Value::Text(text))
            if **text == *simplest_text(*format) =>
        {
            Value::text("")
        }
        _ => value.clone(),
    }
}
