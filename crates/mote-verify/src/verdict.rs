//! The signed judgement of one artifact against one contract.
//!
//! Owns what a verdict says, how it is signed, and the only way to [`Verified`]. Never judges: a
//! verdict is made from a [`Verification`] that passed. Start at [`Verdict::of`], then
//! [`Verdict::admit`].

mod admit;
mod envelope;
mod key;
mod statement;

use mote_contract::Law;
use mote_expr::{Digest, Value};

use crate::verification::Verification;

pub use admit::{Artifact, VerdictError, Verified};
pub use envelope::{Envelope, EnvelopeError, Stated};
pub use key::{Key, KeyError, PublicKey};

/// What our judging means. Raised by hand when a change of ours could turn an accepted answer into
/// a refused one, or the other way round: older verdicts then no longer count.
pub const SEMANTICS: u32 = 4;

/// The type of the predicate in the in-toto statement.
pub const PREDICATE_TYPE: &str = "urn:mote:verdict:v1";

/// A judgement: this artifact keeps this contract, as far as these figures say.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What was judged.
    pub artifact: Named,
    /// What it was judged against: the contract with everything it refers to.
    pub contract: Named,
    /// The hash of the tests and regressions beside the contract that were asked. None: there were none.
    pub cases: Option<Digest>,
    /// The version of the contract, as its author counts.
    pub contract_version: String,
    /// Who answers for the contract.
    pub owner: String,
    /// What the artifact was built from, by what.
    pub provenance: Provenance,
    /// What else led to states that were tried, in the order of the contracts' names. It says what
    /// was tried, as the seeds do; the verdict holds whatever becomes of these.
    pub among: Vec<Other>,
    /// What was tried, and the worst that was seen.
    pub figures: Value,
    /// The hash of the seed of the generated cases.
    pub seed_commitment: Digest,
    /// The hash of the seed of the sealed cases, which stays secret.
    pub sealed_commitment: Digest,
    /// When it was judged, RFC 3339.
    pub time: String,
    /// The meaning of our judging at that time; see [`SEMANTICS`].
    pub semantics: u32,
}

/// A thing by its name and the hash that identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// For people.
    pub name: String,
    /// What it is.
    pub digest: Digest,
}

/// Another operation of the same aggregate, as it was when an artifact was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its contract.
    pub contract: Named,
    /// What answered under it.
    pub artifact: Digest,
}

/// Where an artifact comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The hash of the sources.
    pub source: Digest,
    /// The hash of the template that it was built with.
    pub template: Digest,
    /// The hash of the toolchain.
    pub toolchain: Digest,
    /// Who wrote the sources.
    pub builder: Builder,
}

/// Who wrote the sources of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builder {
    /// Its name: a command, a model, a person.
    pub name: String,
    /// Whether it could reach nothing but its workspace while it worked.
    pub confined: bool,
}

/// A verification that found something wrong, stopped before its end or was of another contract
/// cannot become a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoVerdict {
    /// The service, or its contract, was rejected.
    #[error("verification ended in the stage `{0}`")]
    Rejected(&'static str),
    /// The figures are about another contract.
    #[error("this verification judged the contract {judged}, not {contract}")]
    OtherContract {
        /// The contract that was judged.
        judged: Digest,
        /// The contract the verdict should be about.
        contract: Digest,
    },
    /// The sealed cases were not asked.
    #[error("this verification ended before its sealed cases")]
    NotSealed,
}

impl Verdict {
    /// The verdict on `artifact`, which answered in `verification`, `among` these others, and was built
    /// as `provenance` says. `time` is when it was judged, RFC 3339.
    pub fn of(
        law: &Law,
        verification: &Verification,
        artifact: Named,
        mut among: Vec<Other>,
        provenance: Provenance,
        time: &str,
    ) -> Result<Verdict, NoVerdict> {
        if let Some(rejection) = verification.rejection() {
            return Err(NoVerdict::Rejected(rejection.stage.name()));
        }
        if verification.contract() != law.digest {
            return Err(NoVerdict::OtherContract { judged: verification.contract(), contract: law.digest });
        }
        let sealed_commitment = verification.sealed_commitment().ok_or(NoVerdict::NotSealed)?;
        among.sort_by(|a, b| a.contract.name.cmp(&b.contract.name));
        Ok(Verdict {
            artifact,
            among,
            contract: Named { name: law.contract.name.clone(), digest: law.digest },
            cases: verification.cases(),
            contract_version: law.contract.version.clone(),
            owner: law.contract.owner.clone(),
            provenance,
            figures: verification.figures().to_value(),
            seed_commitment: verification.seed_commitment(),
            sealed_commitment,
            time: time.to_owned(),
            semantics: SEMANTICS,
        })
    }

    /// The verdict in an envelope that `key` signed.
    pub fn sign(&self, key: &Key) -> Envelope {
        Envelope::sign(self.to_statement().canonical(), key)
    }
}
