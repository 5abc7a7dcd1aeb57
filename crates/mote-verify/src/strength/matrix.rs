//! Which wrong answers the contract would have refused: each operator, on each recording, in each region.
//!
//! Owns what counts as a hole. An answer is judged only where that can still decide something: once
//! an operator is refused in every region of a case, the case adds nothing. Never decides what blocks.

use std::collections::BTreeSet;

use mote_contract::{Heard, Hearing, Law};

use super::AskedAnswers;
use super::answers::{Answer, Recording};
use super::bits::Bits;
use super::edits::wrong;
use super::guards::Guard;
use super::operators::{Class, Edit, Operator};

/// How many further answers are judged to see whether a second rule refuses what one does.
const SECOND_LOOKS: usize = 24;

/// What became of an operator in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The contract refuses it somewhere.
    Killed,
    /// It would have been accepted everywhere.
    Hole,
    /// No recording can be wrong in this way.
    Unreached,
}

/// One operator on all recordings.
pub(super) struct Row {
    /// Its fate in each region, in the order of the guards.
    pub(super) fates: Vec<Fate>,
    /// Which of several ways to be wrong at once it is about.
    pub(super) joint: usize,
    /// The recordings in which it would have been accepted, of those judged.
    pub(super) survived: Bits,
    /// The clauses that refused it, and how often.
    pub(super) refused: Vec<(String, u64)>,
    /// The clauses without which it would have been accepted everywhere, as far as was judged: one at
    /// most, or one for each way to be wrong at once.
    pub(super) only: Vec<String>,
}

/// All that a row is judged with.
pub(super) struct Bench<'b> {
    pub(super) law: &'b Law,
    pub(super) all: &'b [Recording],
    pub(super) hearings: &'b [Hearing<'b>],
    /// The recordings that count: those that no example that builders see decides.
    pub(super) counted: &'b Bits,
    pub(super) guards: &'b [Guard],
    /// What the service answered when a part of the call was another: by operator, by recording.
    pub(super) asked: &'b AskedAnswers,
}

impl Bench<'_> {
    /// The wrong answer of `operator`, number `index`, in recording `at`, if it is another answer there.
    pub(super) fn wrong(&self, operator: &Operator, index: usize, at: usize, joint: usize) -> Option<Answer> {
        let asked = matches!(operator.edit, Edit::Asked(_))
            .then(|| self.asked.get(&index)?.get(at)?.as_ref())
            .flatten();
        let answer = wrong(&operator.edit, self.all, at, asked, joint)?;
        let right = &self.all[at].answer;
        // What is free or unordered does not make another answer.
        let differs = answer != *right && answer.promised(self.law) != right.promised(self.law);
        differs.then_some(answer)
    }

    /// Judge one operator. Of several ways to be wrong at once, the first that would have been
    /// accepted counts, else the one that would have been in most regions.
    pub(super) fn row(&self, operator: &Operator, index: usize) -> Row {
        let Edit::Joint(joints) = &operator.edit else {
            return self.row_of(operator, index, 0, self.guards);
        };
        let (mut kept, mut only): (Option<Row>, Vec<String>) = (None, Vec::new());
        for joint in 0..joints.len() {
            let everywhere = &self.guards[..1];
            let mut row = self.row_of(operator, index, joint, everywhere);
            if row.fates[0] == Fate::Hole {
                return row;
            }
            // Regions would multiply by the ways, so only what was accepted somewhere is tried in them.
            if row.fates[0] == Fate::Killed && !row.survived.is_empty() {
                row = self.row_of(operator, index, joint, self.guards);
            }
            let holes = |row: &Row| row.fates.iter().filter(|fate| **fate == Fate::Hole).count();
            only.extend(row.only.iter().filter(|clause| !only.contains(clause)).cloned().collect::<Vec<_>>());
            let better = kept
                .as_ref()
                .is_none_or(|kept| kept.fates[0] == Fate::Unreached || holes(&row) > holes(kept));
            if better {
                kept = Some(row);
            }
        }
        let kept = kept.unwrap_or_else(|| self.row_of(operator, index, 0, &self.guards[..1]));
        Row { only, ..kept }
    }

    fn row_of(&self, operator: &Operator, index: usize, joint: usize, guards: &[Guard]) -> Row {
        let length = self.all.len();
        let mut row = Judging {
            killed: vec![false; guards.len()],
            misshapen: Bits::none(length),
            survived: Bits::none(length),
            reached: Bits::none(length),
            refused: Vec::new(),
            refusing: Vec::new(),
            looks: 0,
        };
        for at in (0..length).filter(|at| self.counted.contains(*at)) {
            let open =
                guards.iter().zip(&row.killed).any(|(guard, killed)| !killed && guard.cases.contains(at));
            if !open {
                // Whether a second rule refuses it too says whether the first could go.
                if operator.class == Class::Shape
                    || matches!(operator.edit, Edit::Joint(_))
                    || row.looks == SECOND_LOOKS
                    || row.only().is_none()
                {
                    continue;
                }
                row.looks += 1;
            }
            let Some(answer) = self.wrong(operator, index, at, joint) else { continue };
            match self.hearings[at].hear(&answer.to_value(self.law)) {
                Heard::Accepted(_) | Heard::Raised(_) => {
                    row.reached.insert(at);
                    row.survived.insert(at);
                }
                Heard::Misshapen(clause) => {
                    row.misshapen.insert(at);
                    row.refuse([clause]);
                }
                Heard::Broken(clauses) => {
                    row.reached.insert(at);
                    for (guard, killed) in guards.iter().zip(&mut row.killed) {
                        *killed |= guard.cases.contains(at);
                    }
                    row.refusing.push(clauses.iter().cloned().collect());
                    row.refuse(clauses);
                }
            }
        }
        let fates = guards.iter().zip(&row.killed).map(|(guard, killed)| match () {
            () if *killed => Fate::Killed,
            () if guard.cases.meets(&row.reached) => Fate::Hole,
            // That a bound refuses the largest number says nothing of the others; but what is never
            // of the right shape is refused by the schema.
            () if guard.cases.meets(&row.misshapen) => Fate::Killed,
            () => Fate::Unreached,
        });
        Row {
            fates: fates.collect(),
            joint,
            only: row.only().into_iter().collect(),
            survived: row.survived,
            refused: row.refused,
        }
    }
}

struct Judging {
    killed: Vec<bool>,
    misshapen: Bits,
    survived: Bits,
    reached: Bits,
    refused: Vec<(String, u64)>,
    /// What refused each of the answers that were refused.
    refusing: Vec<BTreeSet<String>>,
    looks: usize,
}

impl Judging {
    fn refuse(&mut self, clauses: impl IntoIterator<Item = String>) {
        for clause in clauses {
            match self.refused.iter_mut().find(|(known, _)| *known == clause) {
                Some((_, count)) => *count += 1,
                None => self.refused.push((clause, 1)),
            }
        }
    }

    /// The one clause that refused all that was refused.
    fn only(&self) -> Option<String> {
        let first = self.refusing.first()?;
        let alone = first.len() == 1 && self.refusing.iter().all(|refusing| refusing == first);
        alone.then(|| first.iter().next().cloned()).flatten()
    }
}
