//! The contract's strength: measured on what the service answered before. Too weak a contract is the
//! contract's fault, never the service's. The service is asked again only to see what it would answer
//! to another call.

use std::collections::BTreeMap;

use mote_contract::{Decision, Law, Situation};
use mote_expr::Value;

use super::generated::Recorded;
use super::{Run, Staged, parallel};
use crate::asked::Case;
use crate::strength::{Answer, Asked, Edit, Recording, measure, operators, within};
use crate::subject::Mode;
use crate::verification::{Fault, Rejection, Stage};

/// How many recordings are worked on: spread evenly over what there is.
const RECORDINGS_MAX: usize = 500;
/// How many recordings the service is asked about again for each part of a call.
const ASKED_EACH: usize = 24;
/// How many other cases are tried for a call that the host lets through.
const DONORS_MAX: usize = 6;

impl Run<'_> {
    pub(super) fn strength(&mut self, recorded: Vec<Recorded>) -> Staged<()> {
        let recordings = self.recordings(recorded);
        let asked = self.ask_otherwise(&recordings);
        let strength = measure(self.law, &recordings, &asked, self.plan.threads);
        // Without a recording that counts nothing was measured; the stages before told why.
        let why = if strength.recordings == 0 { Vec::new() } else { strength.too_weak(self.law) };
        self.figures.strength = Some(strength);
        if why.is_empty() {
            return Ok(());
        }
        Err(Box::new(Rejection { unreached: why, ..Rejection::of(Stage::Strength, Fault::Contract) }))
    }

    /// What was answered, outside the cases that builders see.
    fn recordings(&self, recorded: Vec<Recorded>) -> Vec<Recording> {
        let law = self.law;
        let examples: Vec<Situation> =
            law.shown_cases().filter_map(|case| law.situation_of(case).ok()).collect();
        let decided = |case: &Case| {
            let Situation { input, state, rows, .. } = &case.situation;
            examples.iter().any(|other| other.input == *input && other.state == *state && other.rows == *rows)
        };
        let step = recorded.len().div_ceil(RECORDINGS_MAX).max(1);
        let recorded: Vec<Recorded> = recorded.into_iter().step_by(step).collect();
        let made = parallel::map(self.plan.threads, recorded.len(), &|_| (), &|at| {
            let Recorded { case, observed } = &recorded[at];
            Recording::of(law, case.clone(), &observed.answer, decided(case))
        });
        made.into_iter().flatten().collect()
    }

    /// What the service answers where a part of the call is that of another case.
    fn ask_otherwise(&self, recordings: &[Recording]) -> crate::strength::AskedAnswers {
        let (law, subject) = (self.law, self.subject);
        let counted: Vec<usize> = (0..recordings.len()).filter(|at| !recordings[*at].visible).collect();
        let step = counted.len().div_ceil(ASKED_EACH).max(1);
        let chosen: Vec<usize> = counted.into_iter().step_by(step).collect();
        let operators: Vec<(usize, Asked)> = operators(law)
            .into_iter()
            .enumerate()
            .filter_map(|(at, operator)| match operator.edit {
                Edit::Asked(asked) => Some((at, asked)),
                _ => None,
            })
            .collect();
        let total = operators.len() * chosen.len();
        let answers = parallel::map(
            self.plan.threads,
            total,
            &|done| self.tell(Stage::Strength, done, total),
            &|index| {
                let (operator, at) = (&operators[index / chosen.len()], chosen[index % chosen.len()]);
                let other = otherwise(law, &operator.1, recordings, at)?;
                let observed = subject.answer(&law.call(&other), Mode::Fresh).ok()?;
                let case = Case::of(Vec::new(), other);
                Recording::of(law, case, &observed.answer, false).map(|recording| recording.answer)
            },
        );
        let mut asked: BTreeMap<usize, Vec<Option<Answer>>> = BTreeMap::new();
        for (index, answer) in answers.into_iter().enumerate() {
            let (operator, at) = (operators[index / chosen.len()].0, chosen[index % chosen.len()]);
            asked.entry(operator).or_insert_with(|| vec![None; recordings.len()])[at] = answer;
        }
        asked
    }
}

/// The situation of recording `at` with one part of another, if the service is asked in it.
fn otherwise(law: &Law, asked: &Asked, recordings: &[Recording], at: usize) -> Option<Situation> {
    let own = &recordings[at].case.situation;
    let donors = (1..recordings.len().min(DONORS_MAX + 1))
        .map(|ahead| &recordings[(at + ahead) % recordings.len()].case.situation);
    donors.map(|donor| exchanged(law, asked, own, donor, at)).find_map(|situation| {
        let mut situation = situation?;
        situation.input = law.admit_value(situation.input).ok()?.input;
        situation.context = law.context_of(&situation.input, || situation.context.clone());
        if situation == *own {
            return None;
        }
        let called = law.authorise(&situation).is_ok() && law.decide(&situation) == Decision::Call;
        called.then_some(situation)
    })
}

fn exchanged(law: &Law, asked: &Asked, own: &Situation, donor: &Situation, at: usize) -> Option<Situation> {
    let mut situation = own.clone();
    let context = |situation: &Situation, part: &str| situation.context.field(part).cloned();
    let with = |part: &str, value: Value| {
        let parts = own.context.as_object().into_iter().flat_map(mote_expr::Object::iter);
        let parts = parts.map(|(key, old)| (key, if key == part { value.clone() } else { old.clone() }));
        Value::object(parts)
    };
    match asked {
        Asked::Input(steps) => {
            let theirs = part_of(&donor.input, steps, at);
            situation.input = within(Some(&own.input), steps, at, &|_| Some(theirs.clone()))??;
        }
        Asked::Context(part) => situation.context = with(part, context(donor, part)?),
        Asked::Caller => situation.context = with("caller", context(donor, "caller")?),
        Asked::Initial => situation.state = law.nothing_before().state,
        Asked::OtherState => situation.state.clone_from(&donor.state),
        Asked::NoRows => situation.rows.as_mut()?.rows = Value::list([]),
        Asked::OtherRows => situation.rows.clone_from(&donor.rows),
    }
    Some(situation)
}

/// What stands where `steps` lead in `value`, the item of a list depending on `pick`.
fn part_of(value: &Value, steps: &[mote_contract::Inner], pick: usize) -> Option<Value> {
    let found = std::cell::RefCell::new(None);
    within(Some(value), steps, pick, &|value| {
        *found.borrow_mut() = value.cloned();
        None
    });
    found.into_inner()
}
