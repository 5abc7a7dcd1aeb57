//! The keys that verdicts are signed with and checked against.
//! Owns their text forms. Never makes chance: a new key's bytes come from the caller.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use mote_expr::Digest;

/// A key that signs verdicts. Its text form is a secret; [`fmt::Debug`] shows the public part alone.
#[derive(Clone)]
pub struct Key(SigningKey);

/// A key that verdicts are checked against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(&'static str);

/// How the text of a signing key begins.
const SECRET_PREFIX: &str = "mote-secret-key:ed25519:";
/// How the text of a public key begins.
const PUBLIC_PREFIX: &str = "ed25519:";

impl Key {
    /// The key made from 32 bytes of chance.
    pub fn from_bytes(bytes: [u8; 32]) -> Key {
        Key(SigningKey::from_bytes(&bytes))
    }

    /// The part that others check signatures against.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The secret as text, for a file that only its owner reads.
    pub fn to_secret_text(&self) -> String {
        format!("{SECRET_PREFIX}{}", BASE64.encode(self.0.as_bytes()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Key, KeyError> {
        bytes_after(SECRET_PREFIX, text)
            .map(Key::from_bytes)
            .ok_or(KeyError("a secret key is `mote-secret-key:ed25519:` and 32 bytes in base64"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(secret of {})", self.public())
    }
}

impl PublicKey {
    /// The key's name in a signature: the SHA-256 of its bytes.
    pub fn id(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// Whether `signature` over `message` was made with this key.
    pub(super) fn checks(&self, message: &[u8], signature: &[u8]) -> bool {
        // Strict: a signature has one form, so an envelope cannot be changed without being noticed.
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<PublicKey, KeyError> {
        let bytes = bytes_after(PUBLIC_PREFIX, text)
            .ok_or(KeyError("a public key is `ed25519:` and 32 bytes in base64"))?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError("these bytes are no Ed25519 key"))?;
        if key.is_weak() {
            return Err(KeyError("this key would accept signatures that nobody made"));
        }
        Ok(PublicKey(key))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_PREFIX}{}", BASE64.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

fn bytes_after(prefix: &str, text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text.trim().strip_prefix(prefix)?).ok()?.try_into().ok()
}
