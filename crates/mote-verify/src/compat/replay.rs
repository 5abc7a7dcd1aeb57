//! What two contracts do with the same calls: rules cannot be compared on paper, so they are tried.
//!
//! Owns the trial: calls that were answered must not be refused now, and what the service answers now
//! must keep the rules of then. The calls are the examples of then, and generated ones.

use std::collections::BTreeSet;

use mote_contract::{Law, Outcome, Situation};
use mote_expr::Value;

use super::Change;
use crate::asked::{Broken, Case, Finding, ask, decided};
use crate::counterexample::given_value;
use crate::random::Seed;
use crate::search::{Aim, Situations};
use crate::shrink::{come_about, shrink};
use crate::subject::Subject;
use crate::verification::Fault;
use crate::verify::case_of;

/// How many generated calls are tried.
const CALLS: u64 = 300;

/// Try calls of `before` under `now`. `said` is what shapes and texts have shown to break already.
pub(super) fn compare(
    before: &Law,
    now: &Law,
    subject: Option<&dyn Subject>,
    seed: &Seed,
    said: &[Change],
) -> Vec<Change> {
    let breaking = said.iter().filter(|change| change.breaking);
    let mut told: BTreeSet<String> = breaking.map(|change| change.part.clone()).collect();
    let trial = Trial { before, now, subject };
    let situations = Situations::of(before, *seed, &[]);
    let examples = before.contract.examples.iter().filter_map(|example| case_of(before, example)?.ok());
    let generated = (0..CALLS).filter_map(|index| Some(situations.make(Aim::Called, index)?.draft.case()));
    let (mut changes, mut judged) = (Vec::new(), 0);
    for case in examples.chain(generated).filter(|case| decided(before, &case.situation).is_none()) {
        match trial.call(&case) {
            Tried::Judged => judged += 1,
            Tried::Untold => {}
            // Where the shapes differ, it was said how.
            Tried::Lost if !told.is_empty() => {}
            Tried::Lost => {
                told.insert("given".to_owned());
                let message = "a call that was answered cannot come about now";
                changes.push(Change::breaking("given", message).shown_by(shown(&case)));
            }
            // The first case of each clause says enough.
            Tried::Broken(broken) => {
                if told.insert(broken.clause.clone()) {
                    changes.push(trial.smallest(case, *broken));
                }
            }
        }
    }
    changes.extend(rules(before, now, &told, judged));
    changes
}

pub(super) struct Trial<'t> {
    pub(super) before: &'t Law,
    pub(super) now: &'t Law,
    pub(super) subject: Option<&'t dyn Subject>,
}

/// What came of one call.
pub(super) enum Tried {
    /// The answer of now keeps the rules of then.
    Judged,
    /// Nobody answers, or with an error.
    Untold,
    /// There is no such call now.
    Lost,
    /// A clause lets its caller down.
    Broken(Box<Broken>),
}

impl Trial<'_> {
    /// Try one call that was answered.
    fn call(&self, case: &Case) -> Tried {
        match come_about(self.now, self.known_now(case.clone())) {
            None => Tried::Lost,
            Some(now) => self.answered(&case.situation, &now.situation),
        }
    }

    /// Try a call that was answered `then`, and is another situation `now`.
    pub(super) fn answered(&self, then: &Situation, now: &Situation) -> Tried {
        let broken = |clause: &str, message: &str| Tried::Broken(Box::new(Broken::service(clause, message)));
        if self.before.stream_key(then).ok() != self.now.stream_key(now).ok() {
            return broken("key", "the same call means another instance now");
        }
        let (finding, observed) = match (decided(self.now, now), self.subject) {
            (Some(finding), _) => (finding, None),
            (None, None) => return Tried::Untold,
            (None, Some(subject)) => ask(self.now, subject, now),
        };
        match finding {
            Finding::Refused(clause) => broken(&clause, "refuses a call that was answered"),
            Finding::Broken(found) if found.fault == Fault::Contract => {
                broken(&found.clause, &format!("cannot be decided: {}", found.message))
            }
            // A service that does not keep its own contract says nothing about the one before.
            Finding::Broken(_) | Finding::Raised(_) => Tried::Untold,
            Finding::Success(_) => {
                let answer = observed.map(|observed| observed.answer).unwrap_or_default();
                match self.before.judge(then, &answer) {
                    Err(refusal) if refusal.outcome != Outcome::Declared => {
                        let clause = refusal.clause.unwrap_or(refusal.code);
                        broken(&clause, "was promised, and an answer of now breaks it")
                    }
                    _ => Tried::Judged,
                }
            }
        }
    }

    /// What breaks, shown by the smallest call that shows it.
    fn smallest(&self, case: Case, broken: Broken) -> Change {
        let shrunk =
            shrink(self.before, case, broken, &mut |case| match decided(self.before, &case.situation) {
                Some(finding) => finding,
                None => match self.call(case) {
                    Tried::Broken(broken) => Finding::Broken(broken),
                    _ => Finding::Raised(String::new()),
                },
            });
        Change::breaking(shrunk.broken.clause, shrunk.broken.message).shown_by(shown(&shrunk.case))
    }

    /// The case without events that only the view of then read, since a contract may read another
    /// now, and with the others in the shape that is declared now.
    fn known_now(&self, mut case: Case) -> Case {
        let own = self.before.aggregate.as_ref();
        case.given.retain(|event| {
            own.is_some_and(|own| own.events.contains_key(&event.kind))
                || self.now.event_type(&event.kind).is_some()
        });
        for event in &mut case.given {
            let stored = own.and_then(|own| own.events.get(&event.kind));
            let read = stored
                .zip(self.now.aggregate.as_ref())
                .and_then(|(stored, now)| now.read(&event.kind, stored.shape, event.data.clone()).ok());
            *event = read.unwrap_or_else(|| event.clone());
        }
        case
    }
}

/// Rules that read otherwise, and how it was decided that they promise no less.
fn rules(before: &Law, now: &Law, told: &BTreeSet<String>, judged: usize) -> Vec<Change> {
    let text = |source: &str| source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut changes = Vec::new();
    for rule in &before.ensures {
        let part = format!("ensures/{}", rule.name);
        let kept = now
            .ensures
            .iter()
            .any(|now| now.name == rule.name && text(now.expr.source()) == text(rule.expr.source()));
        if judged > 0 && !kept && !told.contains(&part) {
            let message = format!("is not what it was, and {judged} answers of now keep it");
            changes.push(Change::harmless(part, message));
        } else if judged == 0 && told.is_empty() {
            let message = "nobody can say whether it is kept: there is no answer of now to judge by it";
            changes.push(Change::breaking(part, message));
        }
    }
    for rule in &now.ensures {
        if before.ensures.iter().all(|before| before.name != rule.name) {
            changes.push(Change::harmless(format!("ensures/{}", rule.name), "is new"));
        }
    }
    changes
}

/// A call as it is shown.
fn shown(case: &Case) -> Value {
    Value::object([("given", given_value(&case.given)), ("input", case.situation.input.clone())])
}
