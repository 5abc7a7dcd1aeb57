//! Which effects stay when a run fails later.

use super::{Block, StepId, StepKind, Undo, Workflow};

impl Workflow {
    /// The calls with effects that nothing takes back, and nothing says that they may stay, though the run can still
    /// fail after them.
    pub fn left_behind(&self) -> Vec<StepId> {
        let mut found = Vec::new();
        self.look(&self.body, false, &mut found);
        found
    }

    /// `later`: whether the run can fail after the block.
    fn look(&self, block: &Block, later: bool, found: &mut Vec<StepId>) {
        for (at, id) in block.iter().enumerate() {
            let later = later || self.can_fail(&block[at + 1..]);
            match &self.step(*id).kind {
                StepKind::Call(call) => {
                    if later && matches!(call.undo, Undo::Stays { said: false }) {
                        found.push(*id);
                    }
                    call.catch.iter().for_each(|catch| self.look(&catch.body, later, found));
                }
                StepKind::Parallel { branches, .. } => {
                    for (at, branch) in branches.iter().enumerate() {
                        let mut others = branches.iter().enumerate().filter(|(other, _)| *other != at);
                        let beside = others.any(|(_, other)| self.can_fail(&other.body));
                        self.look(&branch.body, later || beside, found);
                    }
                }
                StepKind::Each { body, .. } => self.look(body, later || self.can_fail(body), found),
                StepKind::Repeat { body, otherwise, .. } => {
                    self.look(body, later || self.can_fail(body) || self.can_fail(otherwise), found);
                    self.look(otherwise, later, found);
                }
                kind => blocks(kind).into_iter().for_each(|block| self.look(block, later, found)),
            }
        }
    }

    fn can_fail(&self, block: &[StepId]) -> bool {
        block.iter().any(|id| match &self.step(*id).kind {
            StepKind::Call(_) | StepKind::Fail(_) => true,
            StepKind::Event(wait) => wait.timeout_ms.is_none() || self.can_fail(&wait.otherwise),
            kind => blocks(kind).into_iter().any(|block| self.can_fail(block)),
        })
    }
}

/// The blocks right below a step, in the order of the file.
pub(crate) fn blocks(kind: &StepKind) -> Vec<&Block> {
    match kind {
        StepKind::Call(call) => call.catch.iter().map(|catch| &catch.body).collect(),
        StepKind::Parallel { branches, .. } => branches.iter().map(|branch| &branch.body).collect(),
        StepKind::If { then, otherwise, .. } => vec![then, otherwise],
        StepKind::Switch { cases, default, .. } => {
            cases.iter().map(|(_, block)| block).chain([default]).collect()
        }
        StepKind::Each { body, .. } => vec![body],
        StepKind::Repeat { body, otherwise, .. } => vec![body, otherwise],
        StepKind::Event(wait) => vec![&wait.otherwise],
        StepKind::Pause(_) | StepKind::Let(_) | StepKind::Fail(_) => Vec::new(),
    }
}
