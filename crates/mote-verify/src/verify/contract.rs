//! The contract itself: can cases of every outcome be made? What is wrong here is the contract's
//! fault; services are asked for the states that they lead to, and not held to their answers.

use std::collections::BTreeMap;

use mote_contract::Law;
use mote_expr::Expr;

use super::written::case_of;
use super::{Run, Staged, parallel};
use crate::asked::{Broken, Case, Finding, decided};
use crate::cases::Draft;
use crate::search::{Aim, Made, Situations};
use crate::sequences::reached;
use crate::verification::{Fault, Rejection, Stage, Unreached};

/// How many cases are aimed at each way the host refuses: it decides those alone, so a few show
/// that they can be reached.
const REFUSED_EACH: usize = 16;

impl<'r> Run<'r> {
    /// The generated cases in which the service is asked, and what made them.
    pub(super) fn contract(&mut self) -> Staged<(Situations<'r>, Vec<Draft>)> {
        let law = self.law;
        let reached = reached(self.actors, &self.plan.seed, self.plan.threads);
        let situations = Situations::of(law, self.plan.seed, &reached);
        let (called, clauses) = (self.plan.cases as usize, refusals(law));
        let total = called + clauses.len() * REFUSED_EACH;
        let made: Vec<Option<Made>> = parallel::map(
            self.plan.threads,
            total,
            &|done| self.tell(Stage::Contract, done, total),
            &|index| match index.checked_sub(called) {
                None => situations.make(Aim::Called, index as u64),
                Some(rest) => {
                    let aim = Aim::Refused(&clauses[rest / REFUSED_EACH]);
                    situations.make(aim, (rest % REFUSED_EACH) as u64)
                }
            },
        );
        let mut drafts = Vec::with_capacity(called);
        let mut erred: Vec<(Broken, Case)> = Vec::new();
        // What refuses those that should have reached the service.
        let mut blocked: BTreeMap<String, u64> = BTreeMap::new();
        for (at, made) in made.into_iter().enumerate() {
            let Some(Made { draft, decided }) = made else { continue };
            self.count(decided.as_ref());
            match decided {
                Some(Finding::Refused(clause)) if at < called => *blocked.entry(clause).or_default() += 1,
                // What was aimed elsewhere stays out: the service is asked as often as was planned.
                None if at < called => {
                    self.figures.states.count(law, &draft);
                    drafts.push(draft);
                }
                None | Some(Finding::Refused(_) | Finding::Raised(_) | Finding::Success(_)) => {}
                Some(Finding::Broken(broken)) => erred.push((*broken, draft.case())),
            }
        }
        for case in law.written_cases().filter_map(|case| case_of(law, case)?.ok()) {
            self.count(decided(law, &case.situation).as_ref());
        }
        self.reject(Stage::Contract, erred, total, &mut |case| {
            decided(law, &case.situation).unwrap_or(Finding::Refused(String::new()))
        })?;
        self.reached_all(&blocked)?;
        Ok((situations, drafts))
    }

    fn count(&mut self, decided: Option<&Finding>) {
        match decided {
            None => self.figures.reached.called += 1,
            Some(Finding::Refused(clause)) => {
                *self.figures.reached.refused.entry(clause.clone()).or_default() += 1;
            }
            Some(_) => {}
        }
    }

    /// An outcome that no case reaches is a promise that nobody tried: that the service is never
    /// asked is an error, that the host never refuses in one of its ways is said.
    fn reached_all(&mut self, blocked: &BTreeMap<String, u64>) -> Staged<()> {
        if self.figures.reached.called == 0 {
            return contract_fault(vec![self.unreachable(blocked)]);
        }
        let refused = &self.figures.reached.refused;
        let unreached = self.law.clauses().into_iter().filter(|clause| {
            let host_refuses = clause.name.starts_with("requires/") || clause.name.starts_with("errors/");
            host_refuses && !refused.contains_key(&clause.name)
        });
        let unreached: Vec<Unreached> = unreached
            .map(|clause| Unreached {
                about: text(clause.expr),
                wanted: "the refusal".to_owned(),
                why: "no case that was found is refused by it; add an example of one".to_owned(),
                place: clause.place.cloned(),
                clause: clause.name,
            })
            .collect();
        self.figures.unreached.extend(unreached);
        Ok(())
    }
}

impl Run<'_> {
    /// Why the service is never asked: the clause that refuses most of what should have reached it.
    fn unreachable(&self, blocked: &BTreeMap<String, u64>) -> String {
        let none = "no case reaches the service";
        let Some((name, count)) = blocked.iter().max_by_key(|(_, count)| **count) else {
            return format!("{none}: none was found that fits the schema of its input. Add an example");
        };
        let total: u64 = blocked.values().sum();
        let clause = self.law.clauses().into_iter().find(|clause| clause.name == *name);
        let rule = clause.map_or_else(String::new, |clause| format!(" (`{}`)", text(clause.expr)));
        format!(
            "{none}: `{name}`{rule} refuses {count} of the {total} that were made for it. Add an example of a \
             success, or loosen that rule"
        )
    }
}

/// An expression on one line.
fn text(expr: &Expr) -> String {
    expr.source().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn contract_fault(unreached: Vec<String>) -> Staged<()> {
    if unreached.is_empty() {
        return Ok(());
    }
    Err(Box::new(Rejection { unreached, ..Rejection::of(Stage::Contract, Fault::Contract) }))
}

/// The clauses by which the host refuses: requirements and conditional errors.
fn refusals(law: &Law) -> Vec<String> {
    let requires = law.requires.iter().map(|rule| format!("requires/{}", rule.name));
    let errors = law.errors.iter().filter(|error| error.condition.is_some());
    requires.chain(errors.map(|error| format!("errors/{}", error.code))).collect()
}
