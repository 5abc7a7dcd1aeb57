//! The rules of a contract as what is judged: where there is no code, the contract answers itself.
//!
//! Owns what such an answer is named by in verdicts. It is verified like code: that the rules say
//! everything was checked when they were read, that they never contradict each other is tried here.

use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Digest;

use crate::subject::{Mode, Observed, Stopped, Subject};
use crate::verdict::Artifact;

/// What the digest of every derived answer begins with. Raised where rules come to mean another answer:
/// what was verified before is then another artifact.
const DOMAIN: &[u8] = b"mote derived answer 1\n";

/// The rules of a contract that answer without code.
#[derive(Clone, Debug)]
pub struct Derived {
    law: Arc<Law>,
}

impl Derived {
    /// The rules of `law`. None if a service answers.
    pub fn of(law: &Arc<Law>) -> Option<Derived> {
        law.is_derived().then(|| Derived { law: law.clone() })
    }

    /// The contract whose rules these are.
    pub fn law(&self) -> &Arc<Law> {
        &self.law
    }
}

impl Artifact for Derived {
    fn digest(&self) -> Digest {
        Digest::of(&[DOMAIN, &self.law.digest.0[..]].concat())
    }
}

impl Subject for Derived {
    fn answer(&self, call: &[u8], _: Mode) -> Result<Observed, Stopped> {
        let stopped = |clause: &str, message: String| Stopped { clause: clause.to_owned(), message };
        match self.law.derive_call(call) {
            // What rules cost was bounded when they were read: there is nothing to measure.
            Some(Ok(answer)) => Ok(Observed { answer, fuel: 0, memory: 0 }),
            Some(Err(refusal)) => {
                Err(stopped(refusal.clause.as_deref().unwrap_or("implementation"), refusal.detail))
            }
            None => Err(stopped("implementation", "a service answers this contract".to_owned())),
        }
    }
}
