//! How much a contract says: which wrong answers it would have accepted.
//!
//! Owns the measurement. It edits the recorded answers of a service that passed, one way at a time,
//! and asks the same law that judges in production what it says to each. It measures the contract,
//! never the service, and only relative to this service: a wrong one has wrong neighbours. Only what
//! the examples that builders see do not decide counts. Start at [`measure`].

mod answers;
mod bits;
mod edits;
mod guards;
mod matrix;
mod operators;
mod report;
mod suggest;
mod waivers;

use std::collections::BTreeMap;

use mote_contract::{Element, Heard, Hearing, Law, Waiver};
use mote_expr::suggest as nearest;

pub(crate) use answers::{Answer, Recording};
use bits::Bits;
pub(crate) use edits::within;
use guards::guards;
use matrix::{Bench, Fate, Row};
pub use operators::Class;
pub(crate) use operators::{Asked, Edit, Operator, operators};
pub use report::{Hole, Mutant, Pinned, Regions, RuleKills, Shown, Strength};
use suggest::{Place, Suggestions, Witness};

use crate::verify::parallel;

/// How many wrong answers of one hole a suggested rule is tried on.
const WITNESSES_MAX: usize = 24;
/// How many regions of one element are told of: the first shows what is missing.
const REGIONS_TOLD_MAX: usize = 2;

/// What the service answered where a part of the call was another: by operator, by recording.
pub(crate) type AskedAnswers = BTreeMap<usize, Vec<Option<Answer>>>;

/// Measure `law` by what was recorded. `asked` belongs to the operators of [`operators`].
pub(crate) fn measure(law: &Law, all: &[Recording], asked: &AskedAnswers, threads: usize) -> Strength {
    let operators = operators(law);
    let hearings: Vec<Hearing<'_>> =
        all.iter().map(|recording| Hearing::of(law, &recording.case.situation)).collect();
    let counted = Bits::of(all.len(), |at| !all[at].visible);
    let guards = guards(law, all, &hearings, &counted);
    let bench = Bench { law, all, hearings: &hearings, counted: &counted, guards: &guards, asked };
    let rows = parallel::map(threads, operators.len(), &|_| (), &|at| bench.row(&operators[at], at));
    let mut measured = Strength { recordings: counted.count() as u64, ..Strength::default() };
    let accepted = Waivers::of(law, &operators, &mut measured);
    let mut holes = Holes::default();
    for (at, (operator, row)) in operators.iter().zip(&rows).enumerate() {
        if operator.class == Class::Shape {
            measured.shape.1 += u64::from(row.fates[0] != Fate::Unreached);
            measured.shape.0 += u64::from(row.fates[0] == Fate::Killed);
            continue;
        }
        count(row, accepted.cover(operator), &mut measured);
        if !accepted.cover(operator) {
            holes.collect(operator, at, row, &guards);
        }
    }
    measured.elements = elements(&operators, &rows, &accepted);
    measured.rules = rules(law, &operators, &rows);
    accepted.tell(&operators, &rows, &mut measured);
    let suggestions = Suggestions::of(law, all, &hearings);
    measured.holes = holes.told(&bench, &operators, &rows, &suggestions);
    measured
}

fn count(row: &Row, waived: bool, measured: &mut Strength) {
    match row.fates[0] {
        Fate::Killed => measured.killed += 1,
        Fate::Hole if waived => measured.waived += 1,
        Fate::Hole => {}
        Fate::Unreached => measured.unreached += 1,
    }
    for fate in &row.fates[1..] {
        match fate {
            Fate::Killed => measured.regions.killed += 1,
            // A waiver is about all regions.
            Fate::Hole if waived => {}
            Fate::Hole => measured.regions.holes += 1,
            Fate::Unreached => measured.regions.unreached += 1,
        }
    }
}

/// The elements that recordings can be wrong about, and whether all that is wrong about them dies.
fn elements(operators: &[Operator], rows: &[Row], accepted: &Waivers<'_>) -> Vec<Pinned> {
    let mut elements: Vec<Pinned> = Vec::new();
    for (operator, row) in operators.iter().zip(rows) {
        if operator.class == Class::Shape || operator.class == Class::Stale || row.fates[0] == Fate::Unreached
        {
            continue;
        }
        let dies = row.fates[0] == Fate::Killed || accepted.cover(operator);
        match elements.iter_mut().find(|known| known.element == operator.about) {
            Some(known) => known.pinned &= dies,
            None => elements.push(Pinned { element: operator.about.clone(), pinned: dies }),
        }
    }
    elements
}

fn rules(law: &Law, operators: &[Operator], rows: &[Row]) -> Vec<RuleKills> {
    let of_rule = |rule: &mote_contract::Rule| {
        let clause = format!("ensures/{}", rule.name);
        let kills =
            |row: &Row| row.refused.iter().find(|(known, _)| *known == clause).map_or(0, |(_, count)| *count);
        let alone = |(operator, row): &(&Operator, &Row)| {
            operator.class != Class::Shape && row.only.contains(&clause)
        };
        RuleKills {
            name: rule.name.clone(),
            kills: rows.iter().map(kills).sum(),
            alone: operators.iter().zip(rows).filter(alone).count() as u64,
        }
    };
    law.ensures.iter().map(of_rule).collect()
}

/// The waivers of a contract, as far as they hold.
struct Waivers<'l> {
    valid: Vec<&'l Waiver>,
}

impl<'l> Waivers<'l> {
    fn of(law: &'l Law, operators: &[Operator], measured: &mut Strength) -> Waivers<'l> {
        let mut valid = Vec::new();
        for waiver in &law.contract.verify.accept {
            let Some(operator) = operators.iter().find(|operator| operator.id == waiver.mutant) else {
                let near = nearest(&waiver.mutant, operators.iter().map(|operator| operator.id.as_str()));
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                measured
                    .waivers
                    .push(format!("`accept` names `{}`, which is no way to be wrong{near}", waiver.mutant));
                continue;
            };
            let covers = waivers::covers(law, operator);
            if covers == waiver.covers {
                valid.push(waiver);
            } else {
                measured.waivers.push(format!(
                    "the waiver of `{}` has expired: it was given for {}, and what it is about is now {covers}; \
                     look at it again, then write `for: {covers}`, or leave it out",
                    waiver.mutant, waiver.covers
                ));
            }
        }
        Waivers { valid }
    }

    fn cover(&self, operator: &Operator) -> bool {
        self.valid.iter().any(|waiver| waiver.mutant == operator.id)
    }

    /// A waiver of what is refused anyway does nothing.
    fn tell(&self, operators: &[Operator], rows: &[Row], measured: &mut Strength) {
        for waiver in &self.valid {
            let fates = operators.iter().zip(rows).find(|(operator, _)| operator.id == waiver.mutant);
            if fates.is_some_and(|(_, row)| {
                row.fates.iter().all(|fate| *fate != Fate::Hole) && row.fates[0] == Fate::Killed
            }) {
                measured.waivers.push(format!(
                    "`accept` names `{}`, which the contract refuses: leave it out",
                    waiver.mutant
                ));
            }
        }
    }
}

/// The operators that survive, by element and region.
#[derive(Default)]
struct Holes(Vec<Open>);

/// Operators that survive together.
struct Open {
    element: String,
    guard: usize,
    survivors: Vec<usize>,
    /// The parts that are wrong together; none if it is one part alone.
    parts: Vec<String>,
}

impl Holes {
    /// An operator is told of at its weakest region: everywhere, or in the largest that no other holds.
    fn collect(&mut self, operator: &Operator, at: usize, row: &Row, guards: &[guards::Guard]) {
        let mut told: Vec<usize> = Vec::new();
        let mut open: Vec<usize> =
            (0..row.fates.len()).filter(|guard| row.fates[*guard] == Fate::Hole).collect();
        open.sort_by_key(|guard| std::cmp::Reverse(guards[*guard].cases.and(&row.survived).count()));
        for guard in open {
            let here = guards[guard].cases.and(&row.survived);
            if !told.iter().any(|wider| here.within(&guards[*wider].cases)) {
                told.push(guard);
            }
        }
        let parts = parts_of(operator, row);
        for guard in told.into_iter().take(REGIONS_TOLD_MAX) {
            // Parts that are wrong together are one hole, whichever of them is named first.
            let same = |open: &&mut Open| {
                open.guard == guard
                    && (open.element == operator.about || (!parts.is_empty() && open.parts == parts))
            };
            match self.0.iter_mut().find(same) {
                Some(open) => open.survivors.push(at),
                None => self.0.push(Open {
                    element: operator.about.clone(),
                    guard,
                    survivors: vec![at],
                    parts: parts.clone(),
                }),
            }
        }
    }

    fn told(
        self,
        bench: &Bench<'_>,
        operators: &[Operator],
        rows: &[Row],
        suggestions: &Suggestions<'_>,
    ) -> Vec<Hole> {
        let law = bench.law;
        let mut holes = Vec::new();
        for Open { element, guard, survivors, .. } in self.0 {
            let region = &bench.guards[guard];
            let mut witnesses: Vec<Witness> = Vec::new();
            let each = (WITNESSES_MAX / survivors.len()).max(1);
            for at in &survivors {
                let survived = rows[*at].survived.and(&region.cases);
                let cases = (0..bench.all.len()).filter(|case| survived.contains(*case));
                witnesses.extend(
                    cases
                        .take(each)
                        .filter_map(|case| witness(bench, &operators[*at], *at, case, rows[*at].joint)),
                );
            }
            let first = survivors[0];
            let part = match &operators[first].edit {
                Edit::Part(element, _) => Some(element.clone()),
                Edit::Joint(joints) => joints[rows[first].joint].first().map(|(element, _)| element.clone()),
                _ => None,
            };
            let rule = suggestions.rule(part.as_ref(), &witnesses);
            let Some(shown) = shown(bench, operators, rows, &survivors, region, part.as_ref(), suggestions)
            else {
                continue;
            };
            let mutant = |at: &usize| {
                let operator = &operators[*at];
                Mutant {
                    id: operator.id.clone(),
                    class: operator.class,
                    says: says(operator, &rows[*at]),
                    covers: waivers::covers(law, operator),
                }
            };
            let mentioned = waivers::mentioning(law, &operators[first]);
            holes.push(Hole {
                element,
                region: region.text.clone(),
                mutants: survivors.iter().map(mutant).collect(),
                shown,
                mentioned_by: mentioned.into_iter().map(|(name, _)| name.to_owned()).collect(),
                suggestion: rule.or_else(|| closing(operators, first)),
            });
        }
        holes
    }
}

/// The parts that are wrong together, in one order; none if it is one part alone.
fn parts_of(operator: &Operator, row: &Row) -> Vec<String> {
    let Edit::Joint(joints) = &operator.edit else { return Vec::new() };
    let joint = joints.get(row.joint).into_iter().flatten();
    let mut parts: Vec<String> = joint.map(|(element, _)| element.to_string()).collect();
    parts.sort();
    parts
}

/// What is wrong, in words; of several parts that are wrong together, which.
fn says(operator: &Operator, row: &Row) -> String {
    let Edit::Joint(joints) = &operator.edit else { return operator.says.clone() };
    let joint = joints.get(row.joint).map_or(&[][..], Vec::as_slice);
    let others: Vec<String> = joint.iter().skip(1).map(|(element, _)| format!("`{element}`")).collect();
    format!("a wrong one with {} wrong to match", others.join(" and "))
}

/// What closes a hole that no rule about a success can close.
fn closing(operators: &[Operator], at: usize) -> Option<String> {
    match &operators[at].edit {
        Edit::Raise(code) | Edit::Swallow(code) => {
            Some(format!("errors: - {{code: {code}, if: …}}   # with `if` the host decides, and nobody else"))
        }
        _ => None,
    }
}

fn witness(bench: &Bench<'_>, operator: &Operator, index: usize, at: usize, joint: usize) -> Option<Witness> {
    let answer = bench.wrong(operator, index, at, joint)?;
    match bench.hearings[at].hear(&answer.to_value(bench.law)) {
        Heard::Accepted(accepted) => Some(Witness { at, answer, accepted: *accepted }),
        _ => None,
    }
}

/// The smallest case that shows a hole.
fn shown(
    bench: &Bench<'_>,
    operators: &[Operator],
    rows: &[Row],
    survivors: &[usize],
    region: &guards::Guard,
    part: Option<&Element>,
    suggestions: &Suggestions<'_>,
) -> Option<Shown> {
    let first = survivors[0];
    let survived = rows[first].survived.and(&region.cases);
    let cases = (0..bench.all.len()).filter(|case| survived.contains(*case));
    let size = |at: &usize| crate::shrink::weight(bench.law, &bench.all[*at].case);
    let at = cases.min_by_key(size)?;
    let wrong = bench.wrong(&operators[first], first, at, rows[first].joint)?;
    let recording = &bench.all[at];
    // Of two whole answers, what differs.
    let differs = match suggestions.differing(at, &wrong).into_iter().next() {
        Some(Place::Part(element)) => Some(element),
        Some(Place::Events) | None => None,
    };
    let part = part.cloned().or(differs);
    let text = |answer: &Answer| match (&part, answer) {
        (Some(element), Answer::Success { .. }) => match edits::found(answer, element, at) {
            Some(value) => format!("{element} is {value}"),
            None => format!("{element} is left out"),
        },
        (None, Answer::Success { events, .. }) => {
            format!("events are {}", crate::counterexample::given_value(events))
        }
        (_, Answer::Raised(code)) => format!("the error `{code}`"),
    };
    let situation = &recording.case.situation;
    Some(Shown {
        state: situation.state.clone(),
        rows: situation.rows.as_ref().map(|rows| rows.rows.clone()),
        input: situation.input.clone(),
        right: text(&recording.answer),
        wrong: text(&wrong),
    })
}
