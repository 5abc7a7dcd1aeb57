//! What the lock names, as what serves: nothing is built, nothing is judged.

use std::sync::Arc;

use mote_contract::{Law, System};
use mote_verify::{Derived, PublicKey};

use super::{Candidate, Code, Failure, Prepared, Problem, Workshop};
use crate::lock::Lock;
use crate::standing::Standing;

impl Workshop {
    /// What `lock` names, for the contracts of `system`, under the keys `trusted`. What does not hold
    /// is a failure.
    pub fn locked_releases(&self, system: &System, lock: &Lock, trusted: &[PublicKey]) -> Prepared {
        let mut prepared = Prepared::default();
        for law in system.laws.values() {
            match self.locked_release(law, lock, trusted) {
                Ok(candidate) => prepared.candidates.push(candidate),
                Err(problem) => prepared.failures.push(Failure {
                    service: law.contract.service.clone(),
                    operations: vec![law.contract.name.clone()],
                    problem,
                }),
            }
        }
        prepared
    }

    fn locked_release(
        &self,
        law: &Arc<Law>,
        lock: &Lock,
        trusted: &[PublicKey],
    ) -> Result<Candidate, Problem> {
        let stored = Standing::of(&self.folder, &self.artifacts, lock).serves(law, trusted)?;
        let verdict = lock.releases.get(&law.contract.name).map(|locked| locked.verdict.to_string());
        let code = match Derived::of(law) {
            Some(derived) => Code::Contract(derived),
            None => Code::Component(self.host.load(&stored.bytes)?),
        };
        Ok(Candidate {
            law: law.clone(),
            source: stored.verdict().provenance.source,
            code,
            verdict: verdict.unwrap_or_default(),
        })
    }
}
