//! `repeat`: a body until something holds.

use mote_contract::workflow::{Block, StepKind};

use super::call::Calling;
use super::place::Place;
use super::sequence::{Leaf, Sequence};
use super::values::Values;
use super::walk::{Turn, Walk};

/// Where the rounds are.
#[derive(Clone, Debug)]
pub(super) struct Repeating {
    place: Place,
    /// From 0.
    round: u32,
    sequence: Sequence,
    /// Whether all rounds were not enough, and what is done then is under way.
    exhausted: bool,
}

impl Repeating {
    pub(super) fn begin(place: Place, body: &Block) -> Repeating {
        Repeating { place, round: 0, sequence: Sequence::of(body), exhausted: false }
    }

    pub(super) fn go(&mut self, walk: &mut Walk<'_>, values: &mut Values, rounds: &[u32]) -> Turn {
        let step = walk.step(&self.place);
        let StepKind::Repeat { body, until, max, otherwise } = &step.kind else { return Turn::Through };
        loop {
            if self.exhausted {
                return self.sequence.go(walk, values, rounds);
            }
            let mut of_round = rounds.to_vec();
            of_round.push(self.round);
            match self.sequence.go(walk, values, &of_round) {
                Turn::Through => {}
                other => return other,
            }
            match until.holds(&values.bindings(walk.workflow)) {
                Ok(true) => return Turn::Through,
                Ok(false) if self.round + 1 < *max => {
                    (self.round, self.sequence) = (self.round + 1, Sequence::of(body));
                }
                Ok(false) => (self.exhausted, self.sequence) = (true, Sequence::of(otherwise)),
                Err(error) => return Turn::Failed(walk.fault(&self.place, "until", &error)),
            }
        }
    }

    pub(super) fn leaves<'r>(&'r self, see: &mut dyn FnMut(Leaf<'r>)) {
        self.sequence.leaves(see);
    }

    pub(super) fn calls<'r>(&'r self, values: &'r Values, see: &mut dyn FnMut(&'r Calling, &'r Values)) {
        self.sequence.calls(values, see);
    }
}
