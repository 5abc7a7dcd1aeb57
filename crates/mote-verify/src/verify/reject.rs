//! From what a stage found to a rejection: one minimal counterexample for each clause, three at most.
//! Owns the choice of what is shown, and whose fault the whole is.

use super::written::Written;
use super::{Run, Staged};
use crate::asked::{Broken, Case, Finding, decided};
use crate::counterexample::{Counterexample, Origin};
use crate::sequences::shortest;
use crate::shrink::{shrink, shrink_call, weight};
use crate::verification::{Fault, Rejection, Stage};

/// How many counterexamples a rejection shows. More would be read by nobody.
const SHOWN_MAX: usize = 3;
/// How many cases in reachable states are performed from nothing on to find one that shows the same.
const PERFORMED_MAX: usize = 3;
/// A clause is broken by many if at least one in this number of cases breaks it.
const COMMON_ONE_IN: usize = 10;

impl Run<'_> {
    /// What people wrote is shown as they wrote it: its author knows it by name. Of several cases that
    /// break a clause one is shown that a builder may see, if there is one.
    pub(super) fn reject_written(
        &self,
        stage: Stage,
        mut found: Vec<(Broken, Written)>,
        judged: usize,
    ) -> Staged<()> {
        found.sort_by_key(|(_, written)| !written.visible);
        let (fault, groups) = by_clause(found, judged);
        let shown = groups.into_iter().map(|Group { broken, cases, common }| {
            let Written { name, case, visible } = &cases[0];
            let counterexample = broken.shown_by(case, stage);
            Counterexample { written: Some(name.clone()), hidden: !visible, common, ..counterexample }
        });
        finish(stage, fault, shown.collect())
    }

    /// Recorded calls are shown as they were made: what led to their state is not known, so there is no
    /// way to a smaller one.
    pub(super) fn reject_recorded(&self, found: Vec<(Broken, Case)>, judged: usize) -> Staged<()> {
        let (fault, groups) = by_clause(found, judged);
        let shown = groups.into_iter().map(|Group { broken, cases, common }| {
            let counterexample = broken.shown_by(&cases[0], Stage::Recordings);
            Counterexample { common, ..counterexample }
        });
        finish(Stage::Recordings, fault, shown.collect())
    }

    /// Reject what was `found` in `judged` cases of `stage`, if anything was. `probe` asks about a
    /// smaller case what the stage asked about these.
    pub(super) fn reject(
        &self,
        stage: Stage,
        found: Vec<(Broken, Case)>,
        judged: usize,
        probe: &mut dyn FnMut(&Case) -> Finding,
    ) -> Staged<()> {
        let law = self.law;
        let mut probe = |case: &Case| match decided(law, &case.situation) {
            // The service is never asked what the host decides.
            Some(finding) => finding,
            None => probe(case),
        };
        let (fault, groups) = by_clause(found, judged);
        let shown = groups.into_iter().map(|Group { broken, cases, common }| {
            let reachable = self.reachable(stage, &cases, &broken, &mut probe);
            if let Some(found @ Counterexample { origin: Some(_), .. }) = reachable {
                return Counterexample { common, ..found };
            }
            // From the smallest there is, it is not far to a minimal one. `cases` is never empty.
            let start = cases.iter().min_by_key(|case| weight(law, case)).unwrap_or(&cases[0]).clone();
            let broken = if start == cases[0] { broken } else { again(broken, probe(&start)) };
            let shrunk = shrink(law, start, broken, &mut probe);
            let origin = (!shrunk.case.given.is_empty()).then_some(Origin::Events);
            if let (Some(found), Some(_)) = (reachable, &origin) {
                return Counterexample { common, ..found };
            }
            let counterexample = shrunk.broken.shown_by(&shrunk.case, stage);
            Counterexample { common, origin, nearest_passing: shrunk.nearest_passing, ..counterexample }
        });
        finish(stage, fault, shown.collect())
    }
}

impl Run<'_> {
    /// A counterexample in a state that commands lead to, by as few calls as can be, if any of `cases`
    /// is one: nobody can say of it that it never happens. Without an origin no call is needed.
    fn reachable(
        &self,
        stage: Stage,
        cases: &[Case],
        broken: &Broken,
        probe: &mut dyn FnMut(&Case) -> Finding,
    ) -> Option<Counterexample> {
        // What other stages ask of an answer is more than a call in a sequence shows.
        if !matches!(stage, Stage::Generated | Stage::Boundaries) {
            return None;
        }
        let name = &self.law.contract.name;
        let mut reached: Vec<&Case> = cases.iter().filter(|case| case.trail.is_some()).collect();
        reached.sort_by_cached_key(|case| weight(self.law, case));
        let mut tried = reached.into_iter().take(PERFORMED_MAX);
        let found = tried.find_map(|case| shortest(self.actors, name, case, broken))?;
        let shorter = found.without_one(self.actors);
        let shrunk = shrink_call(self.law, found.case, &shorter, found.broken, probe);
        let before = found.steps.iter().rev().skip(1).rev();
        let operations: Vec<String> = before.map(|step| step.operation.clone()).collect();
        let origin = (!operations.is_empty()).then_some(Origin::Commands(operations));
        let counterexample = shrunk.broken.shown_by(&shrunk.case, stage);
        Some(Counterexample { origin, nearest_passing: shrunk.nearest_passing, ..counterexample })
    }
}

/// What was found about one clause.
struct Group<T> {
    /// As the first of the cases showed it.
    broken: Broken,
    /// At least one.
    cases: Vec<T>,
    common: bool,
}

/// One group for each clause, in the order they were met, and whose fault they all are.
fn by_clause<T>(found: Vec<(Broken, T)>, judged: usize) -> (Fault, Vec<Group<T>>) {
    // A wrong answer can make a rule err, so where both were met the service is told first.
    let service = found.iter().any(|(broken, _)| broken.fault == Fault::Service);
    let fault = if service { Fault::Service } else { Fault::Contract };
    let mut groups: Vec<Group<T>> = Vec::new();
    for (broken, case) in found.into_iter().filter(|(broken, _)| broken.fault == fault) {
        match groups.iter_mut().find(|group| group.broken.clause == broken.clause) {
            Some(group) => group.cases.push(case),
            None => groups.push(Group { broken, cases: vec![case], common: false }),
        }
    }
    groups.truncate(SHOWN_MAX);
    for group in &mut groups {
        group.common = group.cases.len() * COMMON_ONE_IN >= judged;
    }
    (fault, groups)
}

/// What another case shows about the same clause; a service that answers by mood may not show it again.
fn again(first: Broken, finding: Finding) -> Broken {
    match finding {
        Finding::Broken(broken) if broken.clause == first.clause => *broken,
        _ => first,
    }
}

fn finish(stage: Stage, fault: Fault, counterexamples: Vec<Counterexample>) -> Staged<()> {
    if counterexamples.is_empty() {
        return Ok(());
    }
    Err(Box::new(Rejection { counterexamples, ..Rejection::of(stage, fault) }))
}
