//! What the answers took, against the contract's budget. More is the service's fault, even where
//! the sandbox did not stop it.

use mote_contract::Law;

use super::generated::Recorded;
use super::{Run, Staged};
use crate::asked::{Broken, Case, Finding};
use crate::subject::{Mode, Observed};
use crate::verification::Stage;

impl Run<'_> {
    pub(super) fn budget(&mut self, recorded: &[Recorded]) -> Staged<()> {
        let (law, subject) = (self.law, self.subject);
        let found: Vec<(Broken, Case)> = recorded
            .iter()
            .filter_map(|recorded| Some((excess(law, &recorded.observed)?, recorded.case.clone())))
            .collect();
        self.reject(Stage::Budget, found, recorded.len(), &mut |case| match subject
            .answer(&law.call(&case.situation), Mode::Fresh)
        {
            Ok(observed) => match excess(law, &observed) {
                Some(broken) => Finding::Broken(Box::new(broken)),
                None => Finding::Raised(String::new()),
            },
            Err(stopped) => Finding::Broken(Box::new(Broken::by(&stopped))),
        })
    }
}

/// The part of the budget that an answer went beyond.
pub(super) fn excess(law: &Law, observed: &Observed) -> Option<Broken> {
    let budget = law.contract.budget;
    let beyond = |clause: &str, what: &str, used: u64, limit: u64| {
        let message = format!("the call took {used} {what}, the most is {limit}");
        (used > limit).then(|| Broken::service(clause, message).answered(&observed.answer))
    };
    beyond("budget/fuel", "units of fuel", observed.fuel, budget.fuel)
        .or_else(|| beyond("budget/memory", "bytes of memory", observed.memory, budget.memory))
}
