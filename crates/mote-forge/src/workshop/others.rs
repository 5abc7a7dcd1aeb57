//! The other operations of an aggregate, beside which one is judged: what they lead to is what its
//! states are first. Owns which those are: as far as they are built from their sources as they are.
//! Never builds one, and never fails: without them, states are made of events.

use std::sync::Arc;

use mote_contract::{Law, System};
use mote_expr::Digest;
use mote_verify::{Actor, Artifact as _, Named, Subject};

use super::{Built, Code, Workshop};
use crate::typescript::ServiceSource;

/// Another operation of the aggregate.
pub(super) struct Other {
    law: Arc<Law>,
    artifact: Digest,
    subject: Box<dyn Subject>,
}

impl Other {
    fn of(law: &Arc<Law>, built: &Built) -> Other {
        Other { law: law.clone(), artifact: built.code.digest(), subject: built.subject(law) }
    }

    /// As verification asks it.
    pub(super) fn actor(&self) -> Actor<'_> {
        Actor { law: &self.law, subject: &*self.subject }
    }

    /// As a verdict names it.
    pub(super) fn named(&self) -> mote_verify::Other {
        let contract = Named { name: self.law.contract.name.clone(), digest: self.law.digest };
        mote_verify::Other { contract, artifact: self.artifact }
    }
}

impl Workshop {
    /// The others that touch the aggregate of `law`.
    pub(super) fn others(&self, system: &System, law: &Law) -> Vec<Other> {
        let Some(aggregate) = &law.contract.aggregate else { return Vec::new() };
        let touches = |other: &Arc<Law>| {
            other.contract.aggregate.as_ref() == Some(aggregate) && other.contract.name != law.contract.name
        };
        let mut others = Vec::new();
        for (service, laws) in system.services() {
            if laws.iter().any(|law| touches(law))
                && let Some(built) = self.built_already(service, &laws)
            {
                others.extend(laws.into_iter().filter(|law| touches(law)).map(|law| Other::of(law, &built)));
            }
        }
        for law in system.derived().filter(|law| touches(law)) {
            others.extend(self.rules(law).ok().map(|built| Other::of(law, &built)));
        }
        others
    }

    /// What was built from the sources of a service as they are.
    fn built_already(&self, service: &str, laws: &[&Arc<Law>]) -> Option<Built> {
        let operations: Vec<String> = laws.iter().map(|law| law.contract.name.clone()).collect();
        let source = ServiceSource::of(&self.folder, service, &operations).ok()?;
        let hash = Digest(source.hash());
        let artifact = self.artifacts.built(&hash.0)?;
        let component = self.host.load(&self.artifacts.get(&artifact).ok()?).ok()?;
        Some(Built { source: hash, template: source.template.digest(), code: Code::Component(component) })
    }
}
