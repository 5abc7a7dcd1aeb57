//! Built artifacts on disk, by what they are and by what they were built from.
//!
//! Owns the folder `.mote/artifacts`: `<sha256>.wasm` is a component, `source/<sha256>` names the component that
//! was built from a source. A file appears whole or not at all, and bytes that do not fit their name are
//! refused, never repaired. Never decides which artifact serves.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::files::write_whole;
use crate::typescript::{BuildError, ServiceSource, build};

/// The store of artifacts.
#[derive(Clone, Debug)]
pub struct Artifacts {
    folder: PathBuf,
}

/// Why the store cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{path}`")]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: std::io::Error,
}

/// Why an artifact cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// There is none with this digest.
    #[error("there is no artifact {digest}; build its service again")]
    Missing {
        /// The digest, in hexadecimal.
        digest: String,
    },
    /// The bytes under this digest are others.
    #[error("the artifact {digest} is damaged; build its service again")]
    Damaged {
        /// The digest, in hexadecimal.
        digest: String,
    },
    /// The file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Why [`Artifacts::build`] gave no artifact.
#[derive(Debug, thiserror::Error)]
pub enum BuildFailure {
    /// The service is not right.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The store cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Artifacts {
    /// Opens the store in a folder, which is made if it is missing.
    pub fn open(folder: &Path) -> Result<Self, WriteError> {
        let sources = folder.join("source");
        fs::create_dir_all(&sources).map_err(|source| WriteError { path: sources, source })?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The digest of the artifact for a source: of the one built before, or of a new one.
    pub fn build(&self, source: &ServiceSource) -> Result<[u8; 32], BuildFailure> {
        if let Some(digest) = self.built(&source.hash())
            && self.get(&digest).is_ok()
        {
            return Ok(digest);
        }
        let built = build(source)?;
        let digest = self.put(&built.component)?;
        self.remember(&built.source, &digest)?;
        Ok(digest)
    }

    /// Keeps a component and returns its digest.
    pub fn put(&self, component: &[u8]) -> Result<[u8; 32], WriteError> {
        let digest = Sha256::digest(component).into();
        // Also when the file is there: if it is damaged, this repairs it.
        if self.get(&digest).is_err() {
            self.write(&self.path(&digest), component)?;
        }
        Ok(digest)
    }

    /// The component with this digest.
    pub fn get(&self, digest: &[u8; 32]) -> Result<Vec<u8>, GetError> {
        let path = self.path(digest);
        let component = fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => GetError::Missing { digest: hex(digest) },
            _ => GetError::Read { path, source },
        })?;
        if <[u8; 32]>::from(Sha256::digest(&component)) != *digest {
            return Err(GetError::Damaged { digest: hex(digest) });
        }
        Ok(component)
    }

    /// The file of the component with this digest, whether it is there or not.
    #[must_use]
    pub fn path(&self, digest: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}.wasm", hex(digest)))
    }

    /// The digest of the component that was built from a source, if one was.
    #[must_use]
    pub fn built(&self, source: &[u8; 32]) -> Option<[u8; 32]> {
        unhex(fs::read_to_string(self.source_path(source)).ok()?.trim())
    }

    /// Remembers which component was built from a source.
    pub fn remember(&self, source: &[u8; 32], digest: &[u8; 32]) -> Result<(), WriteError> {
        self.write(&self.source_path(source), format!("{}\n", hex(digest)).as_bytes())
    }

    fn source_path(&self, source: &[u8; 32]) -> PathBuf {
        self.folder.join("source").join(hex(source))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        write_whole(path, bytes).map_err(|source| WriteError { path: path.to_owned(), source })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}
