//! `parallel`: branches beside each other.

use mote_contract::Refusal;
use mote_contract::workflow::{Branch, Join, StepKind};

use super::call::Calling;
use super::place::Place;
use super::retreat::Retreat;
use super::sequence::{Leaf, Sequence};
use super::values::Values;
use super::walk::{Turn, Walk};

/// Where the branches are.
#[derive(Clone, Debug)]
pub(super) struct Branches {
    place: Place,
    join: Join,
    under_way: Vec<(usize, Sequence)>,
}

impl Branches {
    pub(super) fn begin(place: Place, branches: &[Branch], join: Join) -> Branches {
        let under_way =
            branches.iter().enumerate().map(|(at, branch)| (at, Sequence::of(&branch.body))).collect();
        Branches { place, join, under_way }
    }

    pub(super) fn go(&mut self, walk: &mut Walk<'_>, values: &mut Values, rounds: &[u32]) -> Turn {
        let mut last: Option<Box<Refusal>> = None;
        let mut at = 0;
        while let Some((branch, sequence)) = self.under_way.get_mut(at) {
            match (sequence.go(walk, values, rounds), self.join) {
                (Turn::Waits, _) => {
                    at += 1;
                    continue;
                }
                (Turn::Failed(refusal), Join::All) => return Turn::Failed(refusal),
                (Turn::Failed(refusal), Join::Any) => {
                    let (branch, sequence) = (*branch, sequence.clone());
                    self.take_back(branch, &sequence, walk, values);
                    last = Some(refusal);
                }
                (Turn::Through, Join::All) => {}
                (Turn::Through, Join::Any) => {
                    let winner = *branch;
                    let others = std::mem::take(&mut self.under_way);
                    for (branch, sequence) in others.iter().filter(|(branch, _)| *branch != winner) {
                        self.take_back(*branch, sequence, walk, values);
                    }
                    return Turn::Through;
                }
            }
            self.under_way.remove(at);
        }
        match last {
            Some(refusal) if self.under_way.is_empty() => Turn::Failed(refusal),
            _ if self.under_way.is_empty() => Turn::Through,
            _ => Turn::Waits,
        }
    }

    /// Stops a branch where it is and takes back what it did, while the run goes on.
    fn take_back(&self, branch: usize, sequence: &Sequence, walk: &mut Walk<'_>, values: &Values) {
        let StepKind::Parallel { branches, .. } = &walk.step(&self.place).kind else { return };
        let inside = walk.workflow.within(&branches[branch].body);
        let of_branch =
            |place: &Place| inside.contains(&place.step) && place.rounds.starts_with(&self.place.rounds);
        let (lost, kept) =
            std::mem::take(&mut walk.done).into_iter().partition(|done| of_branch(done.place()));
        walk.done = kept;
        let mut retreat = Retreat::of(lost);
        sequence.calls(values, &mut |calling, values| retreat.settle(calling, values, walk));
        walk.retreats.push(retreat);
    }

    pub(super) fn leaves<'r>(&'r self, see: &mut dyn FnMut(Leaf<'r>)) {
        self.under_way.iter().for_each(|(_, sequence)| sequence.leaves(see));
    }

    pub(super) fn calls<'r>(&'r self, values: &'r Values, see: &mut dyn FnMut(&'r Calling, &'r Values)) {
        self.under_way.iter().for_each(|(_, sequence)| sequence.calls(values, see));
    }
}
