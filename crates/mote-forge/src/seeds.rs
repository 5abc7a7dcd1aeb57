//! The seeds that cases are made from, and the attempts that use them up.
//!
//! Owns the folder `.mote/sealed`: a file for each contract, by its hash, with what `mote-verify`
//! counts. A seed is the HMAC of the contract, the source, the purpose and the attempt under a key of
//! the platform: nobody who writes a service knows it before, and whoever judges can make it again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac as _};
use mote_expr::Digest;
use mote_verify::{Attempt, Attempts, Seed, TooManyTries};
use sha2::Sha256;

use crate::files::write_whole;
use crate::secrets::{SecretError, secret_bytes};

/// The seeds of one system.
pub(crate) struct Seeds {
    folder: PathBuf,
    key: [u8; 32],
}

/// Why no attempt can be made.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// Too many services failed in a row.
    #[error(transparent)]
    TooMany(#[from] TooManyTries),
    /// The count cannot be read or written.
    #[error("cannot use `{path}`, which counts attempts on sealed cases: {source}")]
    Access {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The count is not one.
    #[error("`{path}`, which counts attempts on sealed cases, is damaged: {why}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl Seeds {
    /// The seeds of the system with these folders for secrets and for counts.
    pub(crate) fn open(keys: &Path, sealed: PathBuf) -> Result<Seeds, SecretError> {
        Ok(Seeds { folder: sealed, key: secret_bytes(keys, "seeds")? })
    }

    /// The seed for `purpose` in an attempt of `source` on `contract`.
    pub(crate) fn seed(&self, contract: Digest, source: Digest, purpose: &str, attempt: Attempt) -> Seed {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.key)
            .expect("HMAC takes a key of any length");
        // Every part has one length but the purpose, which no other purpose begins with.
        for part in [&contract.0[..], &source.0[..], &attempt.number.to_le_bytes(), purpose.as_bytes()] {
            mac.update(part);
        }
        Seed(mac.finalize().into_bytes().into())
    }

    /// The attempt that `source` is at.
    pub(crate) fn at(&self, contract: Digest, source: Digest) -> Result<Attempt, AttemptError> {
        Ok(self.read(contract)?.at(source))
    }

    /// Count an attempt, on disk when this returns: ending the process gives no other dice.
    pub(crate) fn begin(&self, contract: Digest, source: Digest) -> Result<Attempt, AttemptError> {
        let mut attempts = self.read(contract)?;
        let attempt = attempts.begin(source)?;
        self.write(contract, &attempts)?;
        Ok(attempt)
    }

    /// The attempt passed.
    pub(crate) fn pass(&self, contract: Digest, source: Digest) -> Result<(), AttemptError> {
        let mut attempts = self.read(contract)?;
        attempts.pass(source);
        self.write(contract, &attempts)
    }

    fn path(&self, contract: Digest) -> PathBuf {
        self.folder.join(format!("{contract}.json"))
    }

    fn read(&self, contract: Digest) -> Result<Attempts, AttemptError> {
        let path = self.path(contract);
        match fs::read_to_string(&path) {
            Ok(text) => Attempts::parse(&text).map_err(|why| AttemptError::Damaged { path, why }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Attempts::default()),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                Err(AttemptError::Damaged { path, why: error.to_string() })
            }
            Err(source) => Err(AttemptError::Access { path, source }),
        }
    }

    fn write(&self, contract: Digest, attempts: &Attempts) -> Result<(), AttemptError> {
        let path = self.path(contract);
        write_whole(&path, format!("{}\n", attempts.to_value()).as_bytes())
            .map_err(|source| AttemptError::Access { path, source })
    }
}
