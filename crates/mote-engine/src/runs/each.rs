//! `each`: a body for every item of a list.

use mote_contract::Refusal;
use mote_contract::workflow::StepKind;
use mote_expr::Value;

use super::call::Calling;
use super::place::Place;
use super::sequence::{Leaf, Sequence};
use super::values::Values;
use super::walk::{Turn, Walk};

/// Where the rounds are.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    place: Place,
    items: Vec<Value>,
    /// The next item to begin with.
    next: usize,
    under_way: Vec<Round>,
    /// What rounds that are through gave, by item.
    given: Vec<Value>,
}

/// A round, with values of its own.
#[derive(Clone, Debug)]
struct Round {
    /// Its item.
    at: usize,
    sequence: Sequence,
    values: Values,
}

impl Rounds {
    pub(super) fn begin(place: Place, items: Vec<Value>) -> Rounds {
        let given = vec![Value::Null; items.len()];
        Rounds { place, items, next: 0, under_way: Vec::new(), given }
    }

    pub(super) fn go(&mut self, walk: &mut Walk<'_>, values: &mut Values, rounds: &[u32]) -> Turn {
        let step = walk.step(&self.place);
        let StepKind::Each { item, concurrency, body, gives, .. } = &step.kind else { return Turn::Through };
        loop {
            while self.next < self.items.len() && self.under_way.len() < *concurrency as usize {
                let values = values.with(*item, self.items[self.next].clone());
                self.under_way.push(Round { at: self.next, sequence: Sequence::of(body), values });
                self.next += 1;
            }
            let before = self.under_way.len();
            let mut at = 0;
            while let Some(round) = self.under_way.get_mut(at) {
                let mut of_round = rounds.to_vec();
                of_round.push(u32::try_from(round.at).unwrap_or(u32::MAX));
                match round.sequence.go(walk, &mut round.values, &of_round) {
                    Turn::Waits => at += 1,
                    Turn::Failed(refusal) => return Turn::Failed(refusal),
                    Turn::Through => {
                        let round = self.under_way.remove(at);
                        let given =
                            gives.as_ref().map(|gives| gives.eval(&round.values.bindings(walk.workflow)));
                        match given.transpose() {
                            Ok(given) => self.given[round.at] = given.unwrap_or(Value::Null),
                            Err(error) => return Turn::Failed(self.fault(walk, &error)),
                        }
                    }
                }
            }
            if self.under_way.is_empty() && self.next == self.items.len() {
                if let Some(result) = step.result {
                    values.set(result, Value::list(std::mem::take(&mut self.given)));
                }
                return Turn::Through;
            }
            if self.under_way.len() == before {
                return Turn::Waits;
            }
        }
    }

    fn fault(&self, walk: &Walk<'_>, error: &mote_expr::EvalError) -> Box<Refusal> {
        walk.fault(&self.place, "gives", error)
    }

    pub(super) fn leaves<'r>(&'r self, see: &mut dyn FnMut(Leaf<'r>)) {
        self.under_way.iter().for_each(|round| round.sequence.leaves(see));
    }

    pub(super) fn calls<'r>(&'r self, see: &mut dyn FnMut(&'r Calling, &'r Values)) {
        self.under_way.iter().for_each(|round| round.sequence.calls(&round.values, see));
    }
}
