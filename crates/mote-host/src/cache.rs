//! The compiled-code cache: machine code on disk, believed only when its keyed MAC fits.
//!
//! Owns the files of one folder. A file that is missing, cut, foreign or tampered with is the same to the
//! caller: there is nothing, compile again. Never deserialises; that is done beside the engine, with bytes
//! that came from here.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Where compiled code is kept, and the key that proves it is ours.
#[derive(Clone)]
pub struct Cache {
    /// The folder; made if it is missing.
    pub folder: PathBuf,
    /// The key of the MAC. Whoever has it can make this process run any machine code.
    pub key: [u8; 32],
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

const MAC_BYTES: usize = 32;

/// What compiled code is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A component, after the digests of the modules that were told apart from it.
    Component,
    /// A module that several components may hold.
    Module,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Component => "code",
            Kind::Module => "module",
        }
    }
}

/// A [`Cache`] for the code of one engine.
pub(crate) struct Shelf {
    cache: Cache,
    /// The hash of everything about the engine that compiled code depends on.
    engine: [u8; 32],
}

impl Shelf {
    pub(crate) fn new(cache: Cache, engine: &wasmtime::Engine) -> Self {
        let mut hasher = StableHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self { cache, engine: hasher.0.finalize().into() }
    }

    /// The compiled code of a component or module, if it is there and was written by a holder of the key.
    pub(crate) fn read(&self, kind: Kind, digest: &[u8; 32]) -> Option<Vec<u8>> {
        let mut file = fs::read(self.path(kind, digest)).ok()?;
        let body = file.len().checked_sub(MAC_BYTES)?;
        self.mac(kind, digest, &file[..body]).verify_slice(&file[body..]).ok()?;
        file.truncate(body);
        Some(file)
    }

    /// Keeps the compiled code of a component or module; readers see the old file or the whole new one.
    pub(crate) fn write(&self, kind: Kind, digest: &[u8; 32], code: &[u8]) -> std::io::Result<()> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let path = self.path(kind, digest);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{serial}.tmp", std::process::id()));
        let mac = self.mac(kind, digest, code).finalize().into_bytes();
        let written = write_all(&draft, &[code, &mac]).and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            // Nothing was promised: the next start compiles again.
            let _ = fs::remove_file(&draft);
        }
        written
    }

    /// Binds the code to what it was compiled from and to the engine, so that no valid file can stand in for
    /// another.
    fn mac(&self, kind: Kind, digest: &[u8; 32], code: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.cache.key).expect("HMAC takes a key of any length");
        mac.update(b"mote compiled code 2\n");
        mac.update(kind.name().as_bytes());
        mac.update(digest);
        mac.update(&self.engine);
        mac.update(code);
        mac
    }

    fn path(&self, kind: Kind, digest: &[u8; 32]) -> PathBuf {
        self.cache.folder.join(format!("{}-{}.{}", hex(digest), hex(&self.engine[..8]), kind.name()))
    }
}

fn write_all(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    parts.iter().try_for_each(|part| file.write_all(part))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Feeds a `Hash` into SHA-256: unlike the default hasher, the same in every process.
struct StableHasher(Sha256);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Only the whole digest is ever used.
        0
    }
}
