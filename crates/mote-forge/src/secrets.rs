//! The system's own secrets, below `.mote/keys`: made on first use, readable by their owner alone.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use mote_expr::schema::Mask;
use mote_verify::Key;

use crate::folder::SystemFolder;
use crate::workshop::OpenError;

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("cannot use the secret `{path}`: {source}")]
    Access {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file does not hold a secret.
    #[error("`{path}` does not hold a secret: {why}; move it away and a new one is made")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The machine gives no chance.
    #[error("the system gives no random bytes: {0}")]
    NoChance(String),
}

/// The key that verdicts are signed with.
pub(crate) fn signing_key(folder: &Path) -> Result<Key, SecretError> {
    let path = folder.join("verdict.key");
    let text = load_or_make(&path, |bytes| Key::from_bytes(bytes).to_secret_text())?;
    text.trim().parse().map_err(|error| SecretError::Damaged { path, why: format!("{error}") })
}

/// What sensitive values are masked with in this system, wherever they are shown or kept.
pub fn mask(folder: &SystemFolder) -> Result<Mask, OpenError> {
    Ok(Mask::new(secret_bytes(&folder.state("keys")?, "mask")?))
}

/// Thirty-two secret bytes of this name: for MACs and for seeds.
pub(crate) fn secret_bytes(folder: &Path, name: &str) -> Result<[u8; 32], SecretError> {
    let path = folder.join(format!("{name}.key"));
    let text = load_or_make(&path, |bytes| mote_expr::Digest(bytes).to_string())?;
    let read = text.trim().parse::<mote_expr::Digest>();
    read.map(|digest| digest.0).map_err(|error| SecretError::Damaged { path, why: error.to_string() })
}

fn load_or_make(path: &Path, form: impl FnOnce([u8; 32]) -> String) -> Result<String, SecretError> {
    let access = |source| SecretError::Access { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(access(error)),
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| SecretError::NoChance(error.to_string()))?;
    let text = form(bytes);
    // Written beside and linked: a second process either makes the key or reads the first one's,
    // and nobody ever reads half of one. The temporary file is private from its creation.
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(access)?;
    writeln!(file, "{text}").and_then(|()| file.as_file().sync_all()).map_err(access)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(text),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            fs::read_to_string(path).map_err(access)
        }
        Err(error) => Err(access(error.error)),
    }
}
