//! What answers under a contract: a component that was built, or the contract's own rules.

use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Digest;
use mote_verify::{Artifact, Builder, Derived, Provenance, Subject};

use crate::subject::Sandboxed;

/// What answers under a contract.
#[derive(Clone, Debug)]
pub enum Code {
    /// A component, loaded.
    Component(mote_host::Artifact),
    /// The contract's rules: there is nothing to build.
    Contract(Derived),
}

impl Artifact for Code {
    fn digest(&self) -> Digest {
        match self {
            Code::Component(component) => Digest(component.digest()),
            Code::Contract(derived) => derived.digest(),
        }
    }
}

/// Code, and where it comes from.
pub(super) struct Built {
    /// The hash of the sources, the template and the toolchain; of rules, that of their contract.
    pub(super) source: Digest,
    /// The hash of the template; of rules, of what makes answers of them.
    pub(super) template: Digest,
    pub(super) code: Code,
}

impl Built {
    /// The rules of `law`. None if a service answers.
    pub(super) fn of_rules(law: &Arc<Law>) -> Option<Built> {
        let derived = Derived::of(law)?;
        Some(Built { source: law.digest, template: derived.digest(), code: Code::Contract(derived) })
    }

    /// What verification asks.
    pub(super) fn subject(&self, law: &Law) -> Box<dyn Subject> {
        match &self.code {
            Code::Component(component) => Box::new(Sandboxed::new(component.clone(), &law.contract.budget)),
            Code::Contract(derived) => Box::new(derived.clone()),
        }
    }

    pub(super) fn provenance(&self) -> Provenance {
        let (toolchain, builder) = match &self.code {
            Code::Component(_) => {
                (crate::typescript::toolchain(), Builder { name: "by hand".to_owned(), confined: false })
            }
            // The rules are all there is: what makes answers of them is part of the digest.
            Code::Contract(derived) => {
                (derived.digest(), Builder { name: "contract".to_owned(), confined: true })
            }
        };
        Provenance { source: self.source, template: self.template, toolchain, builder }
    }
}
