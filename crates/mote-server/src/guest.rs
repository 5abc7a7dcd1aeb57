//! What serves: a component of the sandbox, or a contract whose rules answer, once it is proven.

use std::sync::Arc;

use mote_contract::Law;
use mote_engine::Release;
use mote_expr::Digest;
use mote_verify::{Artifact, Derived, PublicKey, Verdict, VerdictError, Verified};

/// What answers under a contract.
#[derive(Clone, Debug)]
pub enum Guest {
    /// A component that is loaded into the sandbox.
    Component(mote_host::Artifact),
    /// The contract itself: its rules leave nothing open.
    Contract(Derived),
}

impl Artifact for Guest {
    fn digest(&self) -> Digest {
        match self {
            Guest::Component(component) => Digest(component.digest()),
            Guest::Contract(derived) => derived.digest(),
        }
    }
}

/// A release of `law` with `guest`, if `verdict` is a signed verdict about just these two.
///
/// The only way anything comes to serve: a [`Verified`] cannot be made in any other way.
pub fn release(
    law: Arc<Law>,
    guest: Guest,
    verdict: &str,
    trusted: &[PublicKey],
) -> Result<Release<Verified<Guest>>, VerdictError> {
    let artifact = guest.digest();
    let verified = Verdict::admit(verdict, trusted, law.digest, guest)?;
    Ok(Release::new(law, verified, artifact))
}
