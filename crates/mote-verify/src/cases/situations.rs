//! Whole situations: a state, a context and an input, aimed at an outcome.
//! Owns the aiming. What a situation turns out to be is what the law decides, and counted as that.

use mote_contract::{Before, Event, Law, context};
use mote_expr::{Object, Schema, Value};

use super::formats;
use super::known::Known;
use super::states::{Histories, learn};
use super::values::Values;
use crate::asked::{Case, Finding, decided};
use crate::random::{Random, Seed};

/// How many situations are made to hit an aim before the last one is taken as it is.
const TRIES: usize = 120;

/// What a situation should turn out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim<'a> {
    /// The service is asked.
    Called,
    /// The host refuses by this clause.
    Refused(&'a str),
}

/// A situation, and what the host decided about it. None: the service is asked.
pub(crate) struct Made {
    pub(crate) case: Case,
    pub(crate) decided: Option<Finding>,
}

/// Makes situations for one law.
pub(crate) struct Situations<'l> {
    law: &'l Law,
    seed: Seed,
    values: Values,
    histories: Option<Histories>,
    /// What examples and rules mention.
    hints: Known,
    roles: Vec<String>,
}

impl<'l> Situations<'l> {
    pub(crate) fn of(law: &'l Law, seed: Seed) -> Situations<'l> {
        let kinds = law.event_types();
        let events = kinds.iter().filter_map(|kind| law.event_type(kind));
        let schemas: Vec<&Schema> =
            std::iter::once(&law.input).chain(events.map(|event| &event.data)).collect();
        let values = Values::of(schemas);
        let hints = hints(law);
        let histories = (!kinds.is_empty()).then(|| Histories::of(law, &values, &hints, &seed));
        Situations { law, seed, values, histories, hints, roles: roles(law) }
    }

    /// The situation number `index` for `aim`: the same for ever. None where the schema of the input,
    /// as far as we can see, has no value.
    pub(crate) fn make(&self, aim: Aim<'_>, index: u64) -> Option<Made> {
        let purpose = match aim {
            Aim::Called => "called",
            Aim::Refused(clause) => clause,
        };
        let mut random = Random::of(&self.seed, purpose, index);
        let mut last = None;
        for _ in 0..TRIES {
            let Some(case) = self.case(&mut random) else { continue };
            let decided = decided(self.law, &case.situation);
            let hit = match (&decided, aim) {
                (None, Aim::Called) => true,
                (Some(Finding::Refused(clause)), Aim::Refused(aimed)) => clause == aimed,
                // An expression that errs is worth more than any aim.
                (Some(Finding::Broken(_)), _) => true,
                _ => false,
            };
            last = Some(Made { case, decided });
            if hit {
                break;
            }
        }
        last
    }

    fn case(&self, random: &mut Random) -> Option<Case> {
        let nothing = self.law.nothing_before();
        let (given, before): (&[Event], &Before) = match &self.histories {
            Some(histories) => histories.pick(random)?,
            None => (&[], &nothing),
        };
        let context = self.context(random);
        let mut known = self.hints.clone();
        if let Some(caller) = context.field("caller") {
            known.learn(caller);
        }
        // What was before last and twice: what is in it is what rules compare the input with.
        for _ in 0..2 {
            learn(&mut known, before, random);
        }
        let input = self.input(&known, random)?;
        let input = self.law.admit_value(input).ok()?.input;
        let situation = self.law.situation(before, input, context).ok()?;
        Some(Case { given: given.to_vec(), situation })
    }

    /// A new input, or that of an example with one field changed: rules about many fields at once
    /// are hard to meet by chance.
    fn input(&self, known: &Known, random: &mut Random) -> Option<Value> {
        let example = random.pick(&self.law.contract.examples);
        match (example, &self.law.input.shape) {
            (Some(example), mote_expr::schema::Shape::Object(fields)) if random.chance(15) => {
                let mut object = example.input.as_object().cloned().unwrap_or_else(Object::new);
                if let Some(field) = random.pick(fields)
                    && let Some(value) = self.values.value(&field.schema, known, random)
                {
                    object.insert(&field.name, value);
                }
                let input = Value::Object(object.into());
                if self.law.input.accepts(&self.law.input.normalise(input.clone())) {
                    Some(input)
                } else {
                    None
                }
            }
            _ => self.values.value(&self.law.input, known, random),
        }
    }

    fn context(&self, random: &mut Random) -> Value {
        let now = formats::now(random);
        let id = format!("{:016x}{:016x}", random.bits(), random.bits());
        let caller = match random.below(4) {
            0 => "someone".to_owned(),
            1 => format!("{:08x}", random.bits() >> 32),
            _ => self.hints.any_text(random).map_or_else(|| "someone".to_owned(), |text| text.to_string()),
        };
        // All the roles that are known, some of them, or none.
        let share = [100, 50, 0][random.index(3)];
        let roles: Vec<String> = self.roles.iter().filter(|_| random.chance(share)).cloned().collect();
        let claims = random
            .pick(&self.law.contract.examples)
            .and_then(|example| Some(example.context.field("caller")?.field("claims")?.clone()));
        context(&now, &id, &caller, &roles, claims.unwrap_or_else(|| Value::Object(Object::new().into())))
    }
}

/// What examples and rules mention.
fn hints(law: &Law) -> Known {
    let mut known = Known::new();
    let conditions = law.errors.iter().filter_map(|error| error.condition.as_ref());
    let invariants = law.aggregate.iter().flat_map(|aggregate| &aggregate.invariants);
    let rules = law.requires.iter().chain(conditions).chain(&law.ensures).chain(invariants);
    for expr in rules.map(|rule| &rule.expr).chain(law.allow()) {
        known.learn_expression(expr.source());
    }
    for example in &law.contract.examples {
        known.learn(&example.input);
    }
    known
}

/// The roles that examples and rules mention.
fn roles(law: &Law) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    let mut learn = |role: &str| {
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
    };
    for example in &law.contract.examples {
        let caller = example.context.field("caller").and_then(|caller| caller.field("roles"));
        caller.and_then(Value::as_list).unwrap_or(&[]).iter().filter_map(Value::as_text).for_each(&mut learn);
    }
    let conditions = law.errors.iter().filter_map(|error| error.condition.as_ref());
    let rules = conditions.chain(&law.ensures).map(|rule| &rule.expr).chain(law.allow());
    for expr in rules.filter(|expr| expr.source().contains("roles")) {
        let mut known = Known::new();
        known.learn_expression(expr.source());
        known.texts().iter().for_each(|text| learn(text));
    }
    roles
}
