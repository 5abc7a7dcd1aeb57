//! How long a workflow may take, by what it says itself: waits, timeouts, pauses between tries, rounds.

use mote_expr::Type;

use super::{Block, Call, Pause, StepId, StepKind, Workflow};

impl Workflow {
    /// The longest that the steps may take by what the file says, in milliseconds. What it leaves open counts as nothing:
    /// a call without a `timeout`, a wait until a moment or without a `timeout`.
    pub fn longest_ms(&self) -> u64 {
        self.block_ms(&self.body)
    }

    /// The step of the body that may take the longest, if any says how long.
    pub fn slowest(&self) -> Option<StepId> {
        let slowest = self.body.iter().copied().max_by_key(|id| self.step_ms(*id))?;
        (self.step_ms(slowest) > 0).then_some(slowest)
    }

    fn block_ms(&self, block: &Block) -> u64 {
        block.iter().fold(0, |sum, id| sum.saturating_add(self.step_ms(*id)))
    }

    fn step_ms(&self, id: StepId) -> u64 {
        let longest = |blocks: &mut dyn Iterator<Item = &Block>| {
            blocks.map(|block| self.block_ms(block)).max().unwrap_or(0)
        };
        match &self.step(id).kind {
            StepKind::Call(call) => {
                let handled = longest(&mut call.catch.iter().map(|catch| &catch.body));
                call_ms(call).saturating_add(handled)
            }
            StepKind::Parallel { branches, .. } => longest(&mut branches.iter().map(|branch| &branch.body)),
            StepKind::If { then, otherwise, .. } => longest(&mut [then, otherwise].into_iter()),
            StepKind::Switch { cases, default, .. } => {
                longest(&mut cases.iter().map(|(_, block)| block).chain([default]))
            }
            StepKind::Each { list, concurrency, body, .. } => {
                let rounds = if let Type::List { max, .. } = list.ty() { *max } else { 1 };
                self.block_ms(body).saturating_mul(rounds.div_ceil(u64::from(*concurrency)))
            }
            StepKind::Repeat { body, max, otherwise, .. } => {
                self.block_ms(body).saturating_mul(u64::from(*max)).saturating_add(self.block_ms(otherwise))
            }
            StepKind::Pause(Pause::For(ms)) => *ms,
            StepKind::Event(wait) => {
                wait.timeout_ms.unwrap_or(0).saturating_add(self.block_ms(&wait.otherwise))
            }
            StepKind::Pause(Pause::Until(_)) | StepKind::Let(_) | StepKind::Fail(_) => 0,
        }
    }
}

fn call_ms(call: &Call) -> u64 {
    call.timeout_ms.unwrap_or_else(|| {
        let tries = call.retry.max.unwrap_or(1);
        (1..tries).fold(0, |sum: u64, tried| sum.saturating_add(call.retry.pause_ms(tried)))
    })
}

/// A time as a file says it, rounded up to two places of its largest units: `3d`, `90s`.
pub fn in_words(ms: u64) -> String {
    const UNITS: [(&str, u64); 5] =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    // The largest unit that says it exactly, or that rounds it by less than a tenth.
    let exact = UNITS.iter().find(|(_, unit)| ms.is_multiple_of(*unit) && ms > 0);
    let near = UNITS.iter().find(|(_, unit)| ms / unit >= 10);
    let (name, unit) = match (exact, near) {
        (Some(exact), Some(near)) if exact.1 >= near.1 => exact,
        (_, Some(near)) => near,
        (Some(exact), None) => exact,
        (None, None) => &UNITS[4],
    };
    format!("{}{name}", ms.div_ceil(*unit))
}
