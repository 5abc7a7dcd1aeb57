//! A draft, changed in one or two places: its input, what happened before, or its context.
//! Owns which changes there are. What comes out is admitted, and its events may happen.

use mote_contract::{Event, Law, Situation};
use mote_expr::{Object, Value};

use super::alter::Altering;
use super::situations::Situations;
use crate::cases::{Draft, History, Known, event, learn, longest, now};
use crate::random::Random;

/// From how far back an event is changed: what follows is told again.
const BACK_MAX: usize = 8;
/// The same for one that speaks of what the input names.
const NAMED_BACK_MAX: usize = 24;
/// The most events that one change adds.
const ADDED_MAX: u64 = 64;
/// The same where nothing says that more are missing.
const SOME_MAX: u64 = 12;

/// Changes the drafts of one law.
pub(super) struct Changing<'c> {
    situations: &'c Situations<'c>,
    law: &'c Law,
    kinds: Vec<&'c str>,
    context_matters: bool,
}

/// What becomes of an event that is told again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retold {
    /// It never happened.
    LeftOut,
    /// Any part of it is another.
    Altered,
    /// A number in it is another.
    Stepped,
}

/// What occurs in and around a draft, to be used elsewhere in it.
pub(super) fn known_of(situations: &Situations<'_>, draft: &Draft, random: &mut Random) -> Known {
    let mut known = situations.hints().clone();
    if let Some(caller) = draft.situation.context.field("caller") {
        known.learn(caller);
    }
    known.learn(&draft.situation.input);
    learn(&mut known, draft.history.before(), random);
    known
}

impl<'c> Changing<'c> {
    pub(super) fn of(situations: &'c Situations<'c>) -> Changing<'c> {
        let law = situations.law();
        let context_matters = law
            .clauses()
            .iter()
            .any(|clause| ["context", "caller"].iter().any(|name| clause.expr.source().contains(name)));
        Changing { situations, law, kinds: law.event_types(), context_matters }
    }

    /// `draft` with one change, at times with two: some are worth nothing alone. None where the
    /// change is not admitted.
    pub(super) fn change(
        &self,
        draft: &Draft,
        known: &Known,
        excess: Option<i64>,
        random: &mut Random,
    ) -> Option<Draft> {
        if let (Some(excess), true) = (excess, random.chance(30)) {
            return self.stepped(draft, known, excess, random);
        }
        let mut history = draft.history.clone();
        let (mut input, mut context) = (draft.situation.input.clone(), draft.situation.context.clone());
        for _ in 0..=u64::from(random.chance(20)) {
            match random.below(100) {
                0..10 if self.context_matters => context = self.context(&context, known, random),
                10..45 if !self.kinds.is_empty() => {
                    history = self.history(&history, &input, known, excess, random)?;
                }
                45..48 => {
                    input = self.situations.values().value(&self.law.input, known, random)?;
                }
                _ => {
                    let values = self.situations.values();
                    let mut altering =
                        Altering { values, known, excess, numbers_only: false, random: &mut *random };
                    input = altering.value(&self.law.input, &input)?;
                }
            }
        }
        Draft::of(self.law, history, input, context)
    }

    /// One number altered, of the input or of an event that speaks of it, by what is in excess.
    fn stepped(&self, draft: &Draft, known: &Known, excess: i64, random: &mut Random) -> Option<Draft> {
        let Situation { input, context, .. } = &draft.situation;
        let (mut history, mut input) = (draft.history.clone(), input.clone());
        let in_history = history.len() > 0 && random.chance(50);
        let values = self.situations.values();
        let excess = Some(excess);
        if in_history {
            history = self.retold(&history, &input, Retold::Stepped, known, excess, random)?;
        } else {
            let mut altering = Altering { values, known, excess, numbers_only: true, random };
            input = altering.value(&self.law.input, &input)?;
        }
        Draft::of(self.law, history, input, context.clone())
    }

    fn history(
        &self,
        history: &History,
        input: &Value,
        known: &Known,
        excess: Option<i64>,
        random: &mut Random,
    ) -> Option<History> {
        let room = (longest(self.law) as u64).saturating_sub(history.len() as u64);
        let missing = excess.filter(|excess| *excess < 0).map_or(1, i64::unsigned_abs);
        match random.below(100) {
            0..25 => Some(self.more(history, 1.min(room), known, random)),
            25..42 => {
                let count = [2, 3, missing, random.below(SOME_MAX)][random.index(4)];
                Some(self.more(history, count.min(room).min(ADDED_MAX), known, random))
            }
            42..46 => self.situations.history(random),
            46..52 => {
                let count = 1 + random.index(history.len().min(4));
                Some(history.without(count))
            }
            52..55 => Some(history.without(history.len())),
            roll => self.retold(
                history,
                input,
                if roll < 65 { Retold::LeftOut } else { Retold::Altered },
                known,
                excess,
                random,
            ),
        }
    }

    /// Up to `count` more events: new ones, or like one of the last, altered.
    fn more(&self, history: &History, count: u64, known: &Known, random: &mut Random) -> History {
        let mut longer = history.clone();
        // Many events may not happen when their turn comes.
        for _ in 0..2 * count {
            if longer.len() as u64 >= history.len() as u64 + count {
                break;
            }
            let like = longer.without(random.index(longer.len().min(BACK_MAX)));
            let next = match like.last() {
                Some(like) if random.chance(50) => self.altered(like, false, known, None, random),
                _ => event(self.law, &self.kinds, self.situations.values(), known, random),
            };
            if let Some(after) = next.and_then(|event| longer.and(self.law, event)) {
                longer = after;
            }
        }
        longer
    }

    /// How far back an event is changed: mostly one that speaks of what the input names.
    fn back(&self, history: &History, input: &Value, random: &mut Random) -> usize {
        if random.chance(70) {
            let mut named = Vec::new();
            texts_of(input, &mut named);
            let far = history.len().min(NAMED_BACK_MAX);
            let speaks = |event: &Event| {
                let mut told = Vec::new();
                texts_of(&event.data, &mut told);
                told.iter().any(|text| named.contains(text))
            };
            let tail = history.tail(far);
            let backs: Vec<usize> = (1..=far).filter(|back| speaks(&tail[far - back])).collect();
            if let Some(back) = random.pick(&backs) {
                return *back;
            }
        }
        1 + random.index(history.len().min(BACK_MAX))
    }

    /// One of the last events altered, or left out, and what followed it told again where it still
    /// may happen.
    fn retold(
        &self,
        history: &History,
        input: &Value,
        how: Retold,
        known: &Known,
        excess: Option<i64>,
        random: &mut Random,
    ) -> Option<History> {
        let back = self.back(history, input, random);
        let mut retold = history.without(back);
        let mut tail = history.tail(back).into_iter();
        let first = tail.next()?;
        if how != Retold::LeftOut {
            let altered = self.altered(&first, how == Retold::Stepped, known, excess, random)?;
            retold = retold.and(self.law, altered)?;
        }
        for event in tail {
            if let Some(after) = retold.and(self.law, event) {
                retold = after;
            }
        }
        Some(retold)
    }

    fn altered(
        &self,
        event: &Event,
        numbers_only: bool,
        known: &Known,
        excess: Option<i64>,
        random: &mut Random,
    ) -> Option<Event> {
        let schema = &self.law.event_type(&event.kind)?.data;
        let values = self.situations.values();
        let data = Altering { values, known, excess, numbers_only, random }.value(schema, &event.data)?;
        schema.accepts(&data).then(|| Event { kind: event.kind.clone(), data })
    }

    /// Another time, another caller, or other roles.
    fn context(&self, context: &Value, known: &Known, random: &mut Random) -> Value {
        let (Some(parts), Some(caller)) =
            (context.as_object(), context.field("caller").and_then(Value::as_object))
        else {
            return context.clone();
        };
        let with = |object: &Object, key: &str, value: Value| {
            let mut object = object.clone();
            object.insert(key, value);
            Value::Object(object.into())
        };
        match random.below(3) {
            0 => {
                // As the host writes it: in UTC.
                let instant =
                    |text: &str| text.ends_with('Z') && mote_expr::schema::Format::DateTime.accepts(text);
                let known = if random.chance(50) { known.text_that(random, &instant) } else { None };
                with(parts, "now", Value::text(known.unwrap_or_else(|| now(random))))
            }
            1 => match known.text_that(random, &|_| true) {
                Some(id) => with(parts, "caller", with(caller, "id", Value::text(id))),
                None => context.clone(),
            },
            _ => {
                let roles = self.situations.roles().iter().filter(|_| random.chance(60));
                let roles = Value::list(roles.map(Value::text));
                with(parts, "caller", with(caller, "roles", roles))
            }
        }
    }
}

/// Every text in `value`.
fn texts_of<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::Text(text) => out.push(text),
        Value::List(items) => items.iter().for_each(|item| texts_of(item, out)),
        Value::Object(object) => object.iter().for_each(|(_, field)| texts_of(field, out)),
        _ => {}
    }
}
