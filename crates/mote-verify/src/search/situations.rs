//! Whole situations: a state, a context and an input, aimed at an outcome.
//! Owns the aiming: by chance first, which is varied, then by climbing, which arrives. What a
//! situation turns out to be is what the law decides, and counted as that.

use mote_contract::{Event, Example, Law, Situation, context};
use mote_expr::{Measured, Object, Schema, Value};

use super::change::{Changing, known_of};
use super::climb::climb;
use super::outcome::{self, Aim};
use crate::asked::{Finding, decided};
use crate::cases::{Draft, Histories, History, Known, Values, learn, now};
use crate::random::{Random, Seed};
use crate::sequences::{Reached, Trail};

/// How many situations are made to hit an aim before one climbs towards it.
const TRIES: usize = 10;
/// How often one climb may measure; where it ends the situation is taken as it is.
const MEASURED_MAX: usize = 600;
/// How many changes lead away from an example at most.
const STEPS_MAX: u64 = 24;

/// A situation, and what the host decided about it. None: the service is asked.
pub(crate) struct Made {
    pub(crate) draft: Draft,
    pub(crate) decided: Option<Finding>,
}

/// Makes situations for one law.
pub(crate) struct Situations<'l> {
    law: &'l Law,
    seed: Seed,
    values: Values,
    histories: Histories,
    /// What examples and rules mention.
    hints: Known,
    roles: Vec<String>,
    /// What examples describe: cases of every outcome that somebody thought of.
    examples: Vec<Draft>,
}

impl<'l> Situations<'l> {
    /// What makes situations of `law`. `reached`: what commands led to.
    pub(crate) fn of(law: &'l Law, seed: Seed, reached: &[Reached]) -> Situations<'l> {
        let kinds = law.event_types();
        let events = kinds.iter().filter_map(|kind| law.event_type(kind));
        let schemas: Vec<&Schema> =
            std::iter::once(&law.input).chain(events.map(|event| &event.data)).collect();
        let values = Values::of(schemas);
        let hints = hints(law);
        let histories = Histories::of(law, &values, &hints, &seed, reached);
        let examples = law.contract.examples.iter().filter_map(|example| draft_of(law, example)).collect();
        Situations { law, seed, values, histories, hints, roles: roles(law), examples }
    }

    /// The situation number `index` for `aim`: the same for ever. None where the schema of the input,
    /// as far as we can see, has no value.
    pub(crate) fn make(&self, aim: Aim<'_>, index: u64) -> Option<Made> {
        let purpose = match aim {
            Aim::Called => "called",
            Aim::Refused(clause) => clause,
        };
        let mut random = Random::of(&self.seed, purpose, index);
        let mut last: Option<Draft> = None;
        for _ in 0..TRIES {
            let Some(draft) = self.draft(&mut random) else { continue };
            let decided = decided(self.law, &draft.situation);
            if hit(decided.as_ref(), aim) {
                return Some(Made { draft, decided });
            }
            last = Some(draft);
        }
        let climbed = climb(self, last?, MEASURED_MAX, &mut random, &|situation| Measured {
            distance: outcome::distance(self.law, &self.law.bind(situation), aim),
            excess: None,
        });
        let found = decided(self.law, &climbed.draft.situation);
        if hit(found.as_ref(), aim) {
            return Some(Made { draft: climbed.draft, decided: found });
        }
        self.walked(aim, &mut random).or(Some(Made { draft: climbed.draft, decided: found }))
    }

    /// Away from an example that hits `aim`, as far as it goes on to: where chance and climbing do
    /// not arrive, somebody has been.
    fn walked(&self, aim: Aim<'_>, random: &mut Random) -> Option<Made> {
        let hits: Vec<&Draft> = self
            .examples
            .iter()
            .filter(|draft| hit(decided(self.law, &draft.situation).as_ref(), aim))
            .collect();
        let mut draft = (*random.pick(&hits)?).clone();
        let changing = Changing::of(self);
        for _ in 0..1 + random.below(STEPS_MAX) {
            let known = known_of(self, &draft, random);
            let Some(changed) = changing.change(&draft, &known, None, random) else { continue };
            if hit(decided(self.law, &changed.situation).as_ref(), aim) {
                draft = changed;
            }
        }
        let decided = decided(self.law, &draft.situation);
        Some(Made { draft, decided })
    }

    pub(super) fn law(&self) -> &'l Law {
        self.law
    }

    pub(super) fn seed(&self) -> &Seed {
        &self.seed
    }

    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    /// What examples and rules mention.
    pub(super) fn hints(&self) -> &Known {
        &self.hints
    }

    /// The roles that examples and rules mention.
    pub(super) fn roles(&self) -> &[String] {
        &self.roles
    }

    /// What examples describe.
    pub(crate) fn examples(&self) -> &[Draft] {
        &self.examples
    }

    /// A history of the pool, or the beginning of one.
    pub(super) fn history(&self, random: &mut Random) -> Option<History> {
        self.histories.pick(random)
    }

    /// A situation of chance.
    pub(super) fn draft(&self, random: &mut Random) -> Option<Draft> {
        let history = self.histories.pick(random)?;
        let context = self.context(random);
        let mut known = self.hints.clone();
        if let Some(caller) = context.field("caller") {
            known.learn(caller);
        }
        // What was before last and twice: what is in it is what rules compare the input with.
        for _ in 0..2 {
            learn(&mut known, history.before(), random);
        }
        let mut input = self.input(&known, random)?;
        if let Some(trail) = history.trail() {
            input = same_instance(self.law, input, &context, trail);
        }
        Draft::of(self.law, history, input, context)
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
        let now = now(random);
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

/// `input`, naming the instance whose state it is, where one field of it does that.
fn same_instance(law: &Law, input: Value, context: &Value, trail: &Trail) -> Value {
    let names = |input: &Value| names(law, input, context, trail);
    let (Some(object), false) = (input.as_object(), names(&input)) else { return input };
    let with = |(name, value): (&str, &Value)| {
        let mut object = object.clone();
        object.insert(name, value.clone());
        Value::Object(object.into())
    };
    let fields: Vec<&str> = object.iter().map(|(name, _)| name).collect();
    // As a call before named it, else by its name itself.
    let called = trail.calls().iter().filter_map(|call| call.step.input.as_object());
    let called = called.flat_map(Object::iter).filter(|(name, _)| fields.contains(name)).map(with);
    let key = Value::text(&*trail.reached.key);
    let named = fields.iter().map(|name| with((name, &key)));
    let fits = |input: &Value| law.input.accepts(input) && names(input);
    called.chain(named).find(fits).unwrap_or(input)
}

/// Whether `input` names the instance that calls led to.
pub(crate) fn names(law: &Law, input: &Value, context: &Value, trail: &Trail) -> bool {
    let bare = Situation { input: input.clone(), context: context.clone(), state: None, rows: None };
    law.stream_key(&bare).is_ok_and(|key| key.as_deref() == Some(&*trail.reached.key))
}

/// What an example describes. None where its input is none, or its events cannot have happened.
fn draft_of(law: &Law, example: &Example) -> Option<Draft> {
    let mut history = History::nothing(law);
    for (kind, data) in &example.given {
        let data = law.event_type(kind)?.data.normalise(data.clone());
        history = history.and(law, Event { kind: kind.clone(), data })?;
    }
    Draft::of(law, history, example.input.clone(), example.context.clone())
}

/// Whether what was decided is what was aimed at, or more.
fn hit(decided: Option<&Finding>, aim: Aim<'_>) -> bool {
    match (decided, aim) {
        (None, Aim::Called) => true,
        (Some(Finding::Refused(clause)), Aim::Refused(aimed)) => clause == aimed,
        // An expression that errs is worth more than any aim.
        (Some(Finding::Broken(_)), _) => true,
        _ => false,
    }
}

/// What examples and rules mention.
pub(crate) fn hints(law: &Law) -> Known {
    let mut known = Known::new();
    // Rules first, then the `let`s that they read, whose literals are bounds as well.
    let clauses = law.clauses();
    let invariants = law.aggregate.iter().flat_map(|aggregate| &aggregate.invariants);
    let (lets, rules): (Vec<_>, Vec<_>) = clauses.iter().partition(|clause| clause.name.starts_with("let/"));
    let rules = rules.into_iter().map(|clause| clause.expr);
    for expr in
        rules.chain(invariants.map(|rule| &rule.expr)).chain(lets.into_iter().map(|clause| clause.expr))
    {
        known.learn_expression(expr.source());
    }
    for example in &law.contract.examples {
        known.learn(&example.input);
    }
    known
}

/// The roles that examples and rules mention.
pub(crate) fn roles(law: &Law) -> Vec<String> {
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
    for clause in law.clauses().iter().filter(|clause| clause.expr.source().contains("roles")) {
        let mut known = Known::new();
        known.learn_expression(clause.expr.source());
        known.texts().iter().for_each(|text| learn(text));
    }
    roles
}
