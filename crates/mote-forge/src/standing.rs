//! Whether a release that the lock names still holds for what is on disk.
//!
//! Owns that question for everybody who asks it: whoever would verify again, whoever checks a verdict,
//! and whoever serves the lock alone. Builds nothing, loads nothing, and never signs.

use std::path::PathBuf;
use std::sync::Arc;

use mote_contract::Law;
use mote_expr::Digest;
use mote_verify::{Artifact, Derived, PublicKey, Verdict, VerdictError, Verified};

use crate::artifacts::{Artifacts, GetError};
use crate::folder::SystemFolder;
use crate::lock::{Lock, Locked};
use crate::typescript::{ReadError, ServiceSource};

/// What does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// There is no verdict.
    #[error("`mote.lock` names no release of it")]
    NoRelease,
    /// The contract is another one.
    #[error("the contract changed since: it was {}, it is {}", was.short(), is.short())]
    Contract {
        /// What was released.
        was: Digest,
        /// What the files say.
        is: Digest,
    },
    /// The cases beside the contract are others.
    #[error("its tests or its regressions changed since")]
    Cases,
    /// The source is another one.
    #[error("the source changed since, or the template and the toolchain did")]
    Source,
    /// The source cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is no source.
    #[error("there is no service: `{}` does not exist", .0.display())]
    NoService(PathBuf),
    /// The artifact is not there, or damaged.
    #[error(transparent)]
    Artifact(#[from] GetError),
    /// The verdict does not count.
    #[error(transparent)]
    Verdict(#[from] VerdictError),
}

/// What answers, as it is on disk.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The component; nothing where the contract's rules answer.
    pub bytes: Vec<u8>,
    digest: Digest,
}

impl Artifact for Stored {
    fn digest(&self) -> Digest {
        self.digest
    }
}

/// What the lock and the disk say about the releases of one system.
pub struct Standing<'s> {
    folder: &'s SystemFolder,
    artifacts: &'s Artifacts,
    lock: &'s Lock,
}

impl<'s> Standing<'s> {
    /// Ask about what `lock` names.
    pub fn of(folder: &'s SystemFolder, artifacts: &'s Artifacts, lock: &'s Lock) -> Standing<'s> {
        Standing { folder, artifacts, lock }
    }

    /// The artifact that may serve `law` under the keys `trusted`: what the lock names, with a verdict
    /// that holds. The source is not looked at: what serves is the artifact.
    pub fn serves(&self, law: &Arc<Law>, trusted: &[PublicKey]) -> Result<Verified<Stored>, Flaw> {
        let locked = self.locked(law)?;
        let stored = match Derived::of(law) {
            // The rules are what answers: there are no bytes beside the contract.
            Some(derived) => Stored { bytes: Vec::new(), digest: derived.digest() },
            // The hash was checked while reading.
            None => Stored { bytes: self.artifacts.get(&locked.artifact.0)?, digest: locked.artifact },
        };
        Ok(Verdict::admit(&locked.verdict.to_string(), trusted, law.digest, stored)?)
    }

    /// The same, if also the source is the one that was judged: there is nothing to verify then.
    /// `operations` are all that the service answers.
    pub fn unchanged(
        &self,
        law: &Arc<Law>,
        operations: &[String],
        trusted: &[PublicKey],
    ) -> Result<Verified<Stored>, Flaw> {
        let locked = self.locked(law)?;
        let folder = self.folder.service(&law.contract.service);
        if law.is_derived() {
            // Code beside such a contract is an error, and told by whoever prepares it.
            return if folder.is_dir() { Err(Flaw::Source) } else { self.judged(law, trusted) };
        }
        if !folder.is_dir() {
            return Err(Flaw::NoService(folder));
        }
        let source = ServiceSource::of(self.folder, &law.contract.service, operations)?;
        if Digest(source.hash()) != locked.source {
            return Err(Flaw::Source);
        }
        self.judged(law, trusted)
    }

    /// What serves, if it was judged by the cases that there are now. A case that was added since makes no
    /// release wrong that serves: it is a reason to judge again.
    fn judged(&self, law: &Arc<Law>, trusted: &[PublicKey]) -> Result<Verified<Stored>, Flaw> {
        let verified = self.serves(law, trusted)?;
        if verified.verdict().cases == law.cases.digest { Ok(verified) } else { Err(Flaw::Cases) }
    }

    fn locked(&self, law: &Law) -> Result<&'s Locked, Flaw> {
        let locked = self.lock.releases.get(&law.contract.name).ok_or(Flaw::NoRelease)?;
        if locked.contract != law.digest {
            return Err(Flaw::Contract { was: locked.contract, is: law.digest });
        }
        Ok(locked)
    }
}
