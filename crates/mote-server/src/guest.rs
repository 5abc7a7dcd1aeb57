//! The code that serves: a component of the sandbox that verification has proven.

use std::sync::Arc;

use mote_contract::Law;
use mote_engine::Release;
use mote_expr::Digest;
use mote_verify::{Artifact, PublicKey, Verdict, VerdictError, Verified};

/// A component that is loaded into the sandbox.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The component.
    pub component: mote_host::Artifact,
}

impl Artifact for Guest {
    fn digest(&self) -> Digest {
        Digest(self.component.digest())
    }
}

/// A release of `law` with `component`, if `verdict` is a signed verdict about just these two.
///
/// The only way code comes to serve: a [`Verified`] cannot be made in any other way.
pub fn release(
    law: Arc<Law>,
    component: mote_host::Artifact,
    verdict: &str,
    trusted: &[PublicKey],
) -> Result<Release<Verified<Guest>>, VerdictError> {
    let guest = Guest { component };
    let artifact = guest.digest();
    let verified = Verdict::admit(verdict, trusted, law.digest, guest)?;
    Ok(Release::new(law, verified, artifact))
}
