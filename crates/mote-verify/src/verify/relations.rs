//! The relations of the contract: a second call that follows from a first, and what both answers have
//! to do with each other. Where the contract itself decides the second call otherwise than its relation
//! says, it is the contract's fault.

use mote_contract::{Accepted, Element, Inner, Law, Relation, Root, Situation, Turn};
use mote_expr::Value;

use super::generated::Recorded;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, ask, decided};
use crate::random::Random;
use crate::subject::Subject;
use crate::verification::{Fault, Stage};

/// How many recordings each relation is tried on, spread evenly over what there is.
const TRIED_MAX: usize = 200;
/// How many other orders of one list are tried: the opposite one, and chance's.
const ORDERS: u64 = 2;

impl Run<'_> {
    pub(super) fn relations(&mut self, recorded: &[Recorded]) -> Staged<()> {
        let (law, subject, seed) = (self.law, self.subject, self.plan.seed);
        let step = recorded.len().div_ceil(TRIED_MAX).max(1);
        let tried: Vec<&Recorded> = recorded.iter().step_by(step).collect();
        for (at, relation) in law.contract.relations.iter().enumerate() {
            let done_before = at * tried.len();
            let total = law.contract.relations.len() * tried.len();
            let judged = parallel::map(
                self.plan.threads,
                tried.len(),
                &|done| self.tell(Stage::Relations, done_before + done, total),
                &|index| related(law, subject, relation, &tried[index].case, &seed),
            );
            self.figures.related += judged.iter().flatten().count() as u64;
            let found = judged
                .into_iter()
                .zip(&tried)
                .filter_map(|(judged, recorded)| Some((judged?.err()?, recorded.case.clone())));
            let found: Vec<(Broken, Case)> = found.map(|(broken, case)| (*broken, case)).collect();
            self.reject(Stage::Relations, found, tried.len(), &mut |case| match related(
                law, subject, relation, case, &seed,
            ) {
                Some(Err(broken)) => Finding::Broken(broken),
                Some(Ok(())) | None => Finding::Raised(String::new()),
            })?;
        }
        Ok(())
    }
}

/// Whether `relation` holds between the answer to `case` and what follows from it. None where nothing
/// follows: the first call is no success, or the list has no other order.
fn related(
    law: &Law,
    subject: &dyn Subject,
    relation: &Relation,
    case: &Case,
    seed: &crate::random::Seed,
) -> Option<Result<(), Box<Broken>>> {
    let (Finding::Success(first), _) = ask(law, subject, &case.situation) else { return None };
    match &relation.turn {
        Turn::Repeat(error) => {
            let again = repeated(law, case, &first)?;
            Some(after_repeating(law, subject, relation, error.as_deref(), &first, &again))
        }
        Turn::Permute(steps) => {
            let mut others = permuted(&case.situation, steps, seed).into_iter().filter_map(|other| {
                let input = law.admit_value(other.input).ok()?.input;
                Some(Situation { input, ..other })
            });
            let first_other = others.next()?;
            let mut all = [first_other].into_iter().chain(others);
            Some(all.try_for_each(|other| after_permuting(law, subject, relation, &first, &other)))
        }
    }
}

/// The same call in the state, and with the rows, that the first one led to.
fn repeated(law: &Law, case: &Case, first: &Accepted) -> Option<Situation> {
    let events = case.given.iter().chain(&first.events);
    let after = events.clone().try_fold(law.nothing_before(), |before, event| law.with_event(&before, event));
    law.situation(&after.ok()?, case.situation.input.clone(), case.situation.context.clone()).ok()
}

/// The situations with the list at `steps` in other orders.
fn permuted(situation: &Situation, steps: &[Inner], seed: &crate::random::Seed) -> Vec<Situation> {
    let found = steps.iter().try_fold(&situation.input, |at, step| match step {
        Inner::Field(name) => at.field(name),
        Inner::Items | Inner::Values => None,
    });
    let items = found.and_then(Value::as_list).unwrap_or(&[]);
    let opposite: Vec<usize> = (0..items.len()).rev().collect();
    let orders = (0..ORDERS).map(|at| match at {
        0 => opposite.clone(),
        at => Random::of(seed, "permuted", at).order(items.len()),
    });
    let lists = orders.map(|order| Value::list(order.into_iter().map(|at| items[at].clone())));
    let others = lists.filter(|list| list.as_list() != Some(items));
    others
        .map(|list| Situation { input: replaced(&situation.input, steps, list), ..situation.clone() })
        .collect()
}

/// `value` with `new` where `steps`, fields all, lead.
fn replaced(value: &Value, steps: &[Inner], new: Value) -> Value {
    let (Some((Inner::Field(name), rest)), Value::Object(object)) = (steps.split_first(), value) else {
        return new;
    };
    let inner = object.get(name).cloned().unwrap_or(Value::Null);
    let mut object = (**object).clone();
    object.insert(name, replaced(&inner, rest, new));
    Value::Object(object.into())
}

fn after_permuting(
    law: &Law,
    subject: &dyn Subject,
    relation: &Relation,
    first: &Accepted,
    other: &Situation,
) -> Result<(), Box<Broken>> {
    match ask(law, subject, other) {
        (Finding::Success(second), _) => same(law, relation, first, &second, "in another order"),
        (Finding::Broken(broken), _) => Err(broken),
        (Finding::Refused(clause), _) => {
            Err(contradicts(relation, format!("in another order, the contract refuses it by `{clause}`")))
        }
        (Finding::Raised(code), _) => {
            Err(differs(relation, format!("in another order, the answer is the error `{code}`"), Vec::new()))
        }
    }
}

fn after_repeating(
    law: &Law,
    subject: &dyn Subject,
    relation: &Relation,
    error: Option<&str>,
    first: &Accepted,
    again: &Situation,
) -> Result<(), Box<Broken>> {
    let conditional =
        |code: &str| law.errors.iter().any(|error| error.code == code && error.condition.is_some());
    match (decided(law, again), error) {
        (Some(Finding::Refused(clause)), Some(code)) if clause == format!("errors/{code}") => Ok(()),
        (Some(Finding::Broken(broken)), _) => Err(broken),
        (Some(Finding::Refused(clause)), _) => {
            Err(contradicts(relation, format!("asked again, the contract refuses it by `{clause}`")))
        }
        (_, Some(code)) if conditional(code) => {
            Err(contradicts(relation, format!("asked again, the condition of `{code}` does not hold")))
        }
        (_, error) => match (ask(law, subject, again).0, error) {
            (Finding::Broken(broken), _) => Err(broken),
            (Finding::Raised(raised), Some(code)) if raised == code => Ok(()),
            (Finding::Success(second), None) => same(law, relation, first, &second, "asked again"),
            (Finding::Raised(raised), _) => {
                Err(differs(relation, format!("asked again, the answer is the error `{raised}`"), Vec::new()))
            }
            (Finding::Success(_) | Finding::Refused(_), _) => {
                Err(differs(relation, "asked again, it succeeds again".to_owned(), Vec::new()))
            }
        },
    }
}

/// Whether both answers are the same where the relation says so.
fn same(
    law: &Law,
    relation: &Relation,
    first: &Accepted,
    second: &Accepted,
    when: &str,
) -> Result<(), Box<Broken>> {
    let differing =
        relation.same.iter().find(|element| part(law, first, element) != part(law, second, element));
    let Some(element) = differing else { return Ok(()) };
    let values = vec![
        (element.to_string(), Value::list(part(law, first, element))),
        (format!("{element} {when}"), Value::list(part(law, second, element))),
    ];
    // One value is shown as itself; where a list is on the way there are several.
    let values = values.into_iter().map(|(name, value)| match value.as_list() {
        Some([only]) => (name, only.clone()),
        _ => (name, value),
    });
    Err(differs(relation, format!("{when}, `{element}` is another"), values.collect()))
}

/// All that stands at `element` in an answer, of what is promised.
fn part(law: &Law, accepted: &Accepted, element: &Element) -> Vec<Value> {
    let roots: Vec<Value> = match &element.root {
        Root::Output | Root::Messages => vec![law.promised_output(&accepted.output)],
        Root::Event(kind) => accepted
            .events
            .iter()
            .filter(|event| event.kind == *kind)
            .map(|event| law.promised_event(kind, &event.data))
            .collect(),
    };
    element.steps.iter().fold(roots, |values, step| {
        values
            .iter()
            .flat_map(|value| match (step, value) {
                (Inner::Field(name), _) => value.field(name).cloned().into_iter().collect(),
                (Inner::Items, Value::List(items)) => items.to_vec(),
                (Inner::Values, Value::Object(object)) => object.iter().map(|(_, v)| v.clone()).collect(),
                _ => Vec::new(),
            })
            .collect()
    })
}

fn differs(relation: &Relation, message: String, values: Vec<(String, Value)>) -> Box<Broken> {
    Box::new(Broken { values, ..Broken::service(format!("relations/{}", relation.name), message) })
}

fn contradicts(relation: &Relation, message: String) -> Box<Broken> {
    Box::new(Broken { fault: Fault::Contract, ..*differs(relation, message, Vec::new()) })
}
