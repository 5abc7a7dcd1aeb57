//! Artifacts that were built before, asked whether they serve or not.

use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Digest;
use mote_verify::{Artifact as _, Derived, Subject};

use super::{Problem, Workshop};
use crate::artifacts::GetError;
use crate::subject::Sandboxed;

impl Workshop {
    /// What the artifact with this digest answers under `law`.
    pub fn stored(&self, law: &Arc<Law>, artifact: Digest) -> Result<Box<dyn Subject>, Problem> {
        match Derived::of(law) {
            Some(derived) if derived.digest() == artifact => return Ok(Box::new(derived)),
            Some(_) => return Err(GetError::Missing { digest: artifact.to_string() }.into()),
            None => {}
        }
        let component = self.host.load(&self.artifacts.get(&artifact.0)?)?;
        Ok(Box::new(Sandboxed::new(component, &law.contract.budget)))
    }
}
