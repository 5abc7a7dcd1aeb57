//! The search for a sequence that breaks something.
//! Owns how calls are chosen: from what calls before took, told and left behind, so that commands
//! meet each other, and again and again until the service is asked.

use std::collections::BTreeMap;

use mote_contract::{Event, Law, context};
use mote_expr::schema::Shape;
use mote_expr::{Object, Schema, Value};

use super::reached::Reached;
use super::shorten::shorten;
use super::world::{Done, World};
use super::{Actor, Exploration, Explored, Step};
use crate::asked::{Broken, Case, decided};
use crate::cases::{Known, Values};
use crate::random::{Random, Seed};
use crate::verify::parallel;

/// How many calls most sequences have at most.
const SHORT_MAX: u64 = 8;
/// How many calls every fifth sequence has at most: some states take long to get to.
const LONG_MAX: u64 = 40;
/// How many calls are made up until one asks a service.
const TRIES: usize = 16;
/// How often a broken sequence is performed again: at some calls of a tenth of a millisecond each, a
/// second.
const PERFORMED_MAX: usize = 1_500;
/// How many events from elsewhere a sequence begins with at most, where views tell of them.
const ELSEWHERE_MAX: u64 = 12;

/// One sequence, performed.
pub(super) struct Performed {
    steps: Vec<Step>,
    succeeded: Vec<String>,
    refused: Vec<String>,
    elsewhere: Vec<Event>,
    broken: Option<Box<(Broken, Case)>>,
    pub(super) reached: Option<Reached>,
}

pub(super) fn explore(actors: &[Actor<'_>], plan: &Exploration, progress: &dyn Fn(usize)) -> Explored {
    let maker = Maker::of(actors);
    let count = if actors.is_empty() { 0 } else { plan.sequences as usize };
    let performed =
        parallel::map(plan.threads, count, progress, &|index| maker.perform(&plan.seed, index as u64));
    let mut explored = Explored {
        sequences: count as u64,
        succeeded: BTreeMap::new(),
        refused: BTreeMap::new(),
        broken: None,
        histories: Vec::new(),
    };
    for Performed { steps, succeeded, refused, elsewhere, broken, reached } in performed {
        for (counts, names) in [(&mut explored.succeeded, succeeded), (&mut explored.refused, refused)] {
            names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
        }
        let history = |reached: Reached| reached.calls.iter().flat_map(|call| call.events.clone()).collect();
        explored.histories.extend(reached.map(history));
        // The first one, so that the same is told each time.
        if let (None, Some(found)) = (&explored.broken, broken) {
            explored.broken = Some(shorten(actors, elsewhere, steps, *found, PERFORMED_MAX).shown());
        }
    }
    explored
}

pub(super) struct Maker<'a> {
    actors: &'a [Actor<'a>],
    values: Values,
    /// What each contract's examples and rules mention.
    hints: Vec<Known>,
    /// Events that views tell of and no actor emits, with their data.
    elsewhere: Vec<(String, &'a Schema)>,
}

impl<'a> Maker<'a> {
    pub(super) fn of(actors: &'a [Actor<'a>]) -> Maker<'a> {
        let mut elsewhere = BTreeMap::new();
        for law in actors.iter().map(|actor| actor.law) {
            let own = |kind: &str| law.aggregate.as_ref().is_some_and(|own| own.events.contains_key(kind));
            for kind in law.event_types().into_iter().filter(|kind| !own(kind)) {
                elsewhere.extend(law.event_type(kind).map(|event| (kind.to_owned(), &event.data)));
            }
        }
        let inputs = actors.iter().map(|actor| &actor.law.input);
        let values = Values::of(inputs.chain(elsewhere.values().copied()));
        let hints = actors.iter().map(|actor| crate::search::hints(actor.law)).collect();
        Maker { actors, values, hints, elsewhere: elsewhere.into_iter().collect() }
    }

    /// The sequence with this number.
    pub(super) fn perform(&self, seed: &Seed, index: u64) -> Performed {
        let random = &mut Random::of(seed, "sequences", index);
        let elsewhere = self.happened_elsewhere(random);
        let mut world = World::new(self.actors, &elsewhere);
        let length = 1 + random.below(if index.is_multiple_of(5) { LONG_MAX } else { SHORT_MAX });
        let mut told = Told::default();
        elsewhere.iter().for_each(|event| told.learn(&event.data));
        let mut performed = Performed {
            steps: Vec::new(),
            succeeded: Vec::new(),
            refused: Vec::new(),
            elsewhere,
            broken: None,
            reached: None,
        };
        for _ in 0..length {
            let Some(step) = self.step(&world, &told, random) else { continue };
            let done = world.call(&step);
            told.learn(&step.input);
            let operation = step.operation.clone();
            performed.steps.push(step);
            match done {
                Done::Succeeded(output, events) => {
                    told.learn(&output);
                    events.iter().for_each(|event| told.learn(&event.data));
                    performed.succeeded.push(operation);
                }
                Done::Refused(clause) => performed.refused.push(format!("{operation} {clause}")),
                Done::Impossible => {}
                Done::Broken(broken) => {
                    performed.broken = Some(broken);
                    break;
                }
            }
        }
        performed.reached = world.longest();
        performed
    }

    fn happened_elsewhere(&self, random: &mut Random) -> Vec<Event> {
        if self.elsewhere.is_empty() {
            return Vec::new();
        }
        let mut known = Known::new();
        let events = (0..random.below(ELSEWHERE_MAX + 1)).filter_map(|_| {
            let (kind, schema) = random.pick(&self.elsewhere)?;
            let data = self.values.value(schema, &known, random)?;
            known.learn(&data);
            Some(Event { kind: kind.clone(), data })
        });
        events.collect()
    }

    /// A call that asks a service, if one is found soon; else the last that was made up.
    fn step(&self, world: &World<'_>, told: &Told, random: &mut Random) -> Option<Step> {
        let mut last = None;
        for _ in 0..TRIES {
            let actor = random.index(self.actors.len());
            let law = self.actors[actor].law;
            let mut known = self.hints[actor].clone();
            told.known(&mut known);
            world.states().for_each(|state| known.learn(state));
            for (key, row) in world.rows(actor).0.iter().take(8) {
                known.learn(&Value::text(key));
                known.learn(&row.value);
            }
            let Some(input) = self.input(law, &known, told, random) else { continue };
            let context = self.context(law, random);
            let Some((case, _)) = world.case(actor, input, context) else { continue };
            let asks = decided(law, &case.situation).is_none();
            let Case { situation, .. } = case;
            let step = Step {
                operation: law.contract.name.clone(),
                input: situation.input,
                context: situation.context,
            };
            if asks {
                return Some(step);
            }
            last = Some(step);
        }
        last
    }

    /// A new input, or that of an example; some of its fields as they were in calls before.
    fn input(&self, law: &Law, known: &Known, told: &Told, random: &mut Random) -> Option<Value> {
        let example = random.pick(&law.contract.examples).filter(|_| random.chance(25));
        let input = match example {
            Some(example) => example.input.clone(),
            None => self.values.value(&law.input, known, random)?,
        };
        let (Shape::Object(fields), Value::Object(object)) = (&law.input.shape, &input) else {
            return Some(input);
        };
        let mut object: Object = (**object).clone();
        for field in fields {
            let Some(values) = told.by_name.get(&field.name) else { continue };
            let again = random.pick(values).filter(|value| field.schema.accepts(value));
            if let Some(value) = again.filter(|_| random.chance(60)) {
                object.insert(&field.name, value.clone());
            }
        }
        Some(Value::Object(object.into()))
    }

    /// The time moves on with chance; whoever asks is one of a few, with the roles that rules mention.
    fn context(&self, law: &Law, random: &mut Random) -> Value {
        let now = format!("2026-01-{:02}T{:02}:00:00Z", 1 + random.below(28), random.below(24));
        let id = format!("{:016x}{:016x}", random.bits(), random.bits());
        let caller = random.pick(&["someone", "somebody", "another"]).copied().unwrap_or("someone");
        let roles = if random.chance(80) { crate::search::roles(law) } else { Vec::new() };
        context(&now, &id, caller, &roles, Value::Object(Object::new().into()))
    }
}

/// What calls before took and told, by the names of its fields.
#[derive(Default)]
struct Told {
    by_name: BTreeMap<String, Vec<Value>>,
}

impl Told {
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                for (name, inner) in object.iter() {
                    self.by_name.entry(name.to_owned()).or_default().push(inner.clone());
                    self.learn(inner);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    fn known(&self, known: &mut Known) {
        self.by_name.values().flatten().for_each(|value| known.learn(value));
    }
}
