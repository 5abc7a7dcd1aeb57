//! A component in the sandbox, as what verification asks.

use futures_executor::block_on;
use mote_contract::Budget;
use mote_host::{Artifact, Isolation};
use mote_verify::{Mode, Observed, Stopped, Subject};

/// How often a call is repeated that the sandbox had no room for.
const ASKED_AGAIN_MAX: usize = 1_000;

/// A component that verification can ask, within the budget of its contract.
pub struct Sandboxed {
    component: Artifact,
    budget: mote_host::Budget,
}

impl Sandboxed {
    /// Ask `component` within `budget`.
    pub fn new(component: Artifact, budget: &Budget) -> Sandboxed {
        let budget = mote_host::Budget {
            memory: budget.memory,
            fuel: budget.fuel,
            answer: usize::try_from(budget.answer).unwrap_or(usize::MAX),
        };
        Sandboxed { component, budget }
    }
}

impl Subject for Sandboxed {
    fn answer(&self, call: &[u8], mode: Mode) -> Result<Observed, Stopped> {
        let stopped = |clause: String, message: String| Stopped { clause, message };
        let call =
            std::str::from_utf8(call).map_err(|error| stopped("answer".to_owned(), error.to_string()))?;
        let isolation = match mode {
            Mode::Fresh => Isolation::Fresh,
            Mode::Reused => Isolation::Reused,
        };
        let mut asked = block_on(self.component.call(call, &self.budget, isolation));
        // A full sandbox is not the service's fault: it is asked again, a bounded number of times.
        for _ in 0..ASKED_AGAIN_MAX {
            if !matches!(&asked, Err(trap) if trap.is_unavailable()) {
                break;
            }
            std::thread::yield_now();
            asked = block_on(self.component.call(call, &self.budget, isolation));
        }
        match asked {
            Ok(reply) => {
                Ok(Observed { answer: reply.answer.into_bytes(), fuel: reply.fuel, memory: reply.memory })
            }
            Err(trap) => {
                let clause = trap.exceeded().map_or("answer".to_owned(), |part| format!("budget/{part}"));
                Err(stopped(clause, trap.to_string()))
            }
        }
    }
}
