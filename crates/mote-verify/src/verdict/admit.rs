//! The proof that an artifact may serve: [`Verified`].
//! Owns every check between a text from a disk and that type. Never trusts a field before the
//! signature over it was checked.

use std::ops::Deref;
use std::sync::Arc;

use mote_expr::{Digest, parse};

use super::envelope::Untrusted;
use super::statement::semantics;
use super::{Envelope, EnvelopeError, PublicKey, SEMANTICS, Verdict};

/// Something built that is named by the hash of its bytes.
pub trait Artifact {
    /// The hash of the bytes that would run.
    fn digest(&self) -> Digest;
}

/// An artifact with a verdict on it. To have one is the proof: there is no other way to it than
/// [`Verdict::admit`], and whoever serves takes nothing else.
#[derive(Clone, Debug)]
pub struct Verified<A> {
    artifact: A,
    verdict: Arc<Verdict>,
    signed_by: Digest,
}

impl<A> Verified<A> {
    /// The verdict on it.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The id of the key that signed the verdict.
    pub fn signed_by(&self) -> Digest {
        self.signed_by
    }
}

impl<A> Deref for Verified<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.artifact
    }
}

/// Why an artifact may not serve: what does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerdictError {
    /// The text is not an envelope, or what was signed is not a verdict.
    #[error("the verdict is damaged: {0}")]
    Damaged(String),
    /// No signature is by a key that is trusted here.
    #[error("the verdict is signed with no key that is trusted here")]
    UnknownKey,
    /// The verdict, or its signature, was changed after it was signed.
    #[error("the signature of the key {key} does not fit the verdict")]
    BadSignature {
        /// The key's id.
        key: Digest,
    },
    /// Our judging means something else now.
    #[error("the verdict was made under semantics {verdict}, this is {current}: verify again")]
    Semantics {
        /// The epoch of the verdict.
        verdict: u32,
        /// Ours.
        current: u32,
    },
    /// The verdict is about another contract, or another version of it.
    #[error("the verdict is about the contract {verdict}, this is {contract}")]
    OtherContract {
        /// The contract the verdict is about.
        verdict: Digest,
        /// The contract that is to be served.
        contract: Digest,
    },
    /// The verdict is about another artifact.
    #[error("the verdict is about the artifact {verdict}, this is {artifact}")]
    OtherArtifact {
        /// The artifact the verdict is about.
        verdict: Digest,
        /// The artifact that is to serve.
        artifact: Digest,
    },
}

impl From<EnvelopeError> for VerdictError {
    fn from(error: EnvelopeError) -> VerdictError {
        VerdictError::Damaged(error.to_string())
    }
}

/// The verdict that `payload` states, under our semantics. Its signature was checked before.
fn stated(payload: &[u8]) -> Result<Verdict, VerdictError> {
    let damaged = || VerdictError::Damaged("what was signed is not a verdict".to_owned());
    let statement = parse(payload).map_err(|_| damaged())?;
    match semantics(&statement) {
        Some(SEMANTICS) => Verdict::of_statement(&statement).ok_or_else(damaged),
        Some(verdict) => Err(VerdictError::Semantics { verdict, current: SEMANTICS }),
        None => Err(damaged()),
    }
}

impl Verdict {
    /// `artifact`, if `envelope` holds a verdict that one of `trusted` signed, on this artifact,
    /// against the contract whose law has the hash `contract`.
    pub fn admit<A: Artifact>(
        envelope: &str,
        trusted: &[PublicKey],
        contract: Digest,
        artifact: A,
    ) -> Result<Verified<A>, VerdictError> {
        let envelope: Envelope = envelope.parse()?;
        let (payload, signed_by) = envelope.open(trusted).map_err(|why| match why {
            Untrusted::UnknownKey => VerdictError::UnknownKey,
            Untrusted::BadSignature(key) => VerdictError::BadSignature { key },
        })?;
        let verdict = stated(payload)?;
        if verdict.contract.digest != contract {
            return Err(VerdictError::OtherContract { verdict: verdict.contract.digest, contract });
        }
        let digest = artifact.digest();
        if verdict.artifact.digest != digest {
            return Err(VerdictError::OtherArtifact { verdict: verdict.artifact.digest, artifact: digest });
        }
        Ok(Verified { artifact, verdict: Arc::new(verdict), signed_by })
    }
}
