//! The envelope of a signed statement: DSSE 1.0, as in-toto uses it.
//! Owns the bytes that are signed and the text that is kept. Never reads the statement inside.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use mote_expr::{Digest, Value, parse};

use super::key::{Key, PublicKey};

/// The type of the payload: an in-toto statement.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A payload with the signatures over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    payload_type: String,
    signatures: Vec<Signed>,
}

/// A signature and the name of the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signed {
    key: Digest,
    signature: Vec<u8>,
}

/// Why a text is not an envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EnvelopeError(String);

/// Why no signature of an envelope counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untrusted {
    /// None was made with a trusted key.
    UnknownKey,
    /// A trusted key is named, and its signature is not over this payload.
    BadSignature(Digest),
}

/// What an envelope says, and the ids of the keys that are said to have signed it. To be shown to
/// people: nothing of it was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The statement.
    pub statement: Value,
    /// The ids of the keys.
    pub signed_by: Vec<Digest>,
}

impl Envelope {
    /// What it says, unchecked.
    pub fn stated(&self) -> Result<Stated, EnvelopeError> {
        let statement = parse(&self.payload)
            .map_err(|error| EnvelopeError(format!("its payload is not JSON: {error}")))?;
        Ok(Stated { statement, signed_by: self.signatures.iter().map(|signed| signed.key).collect() })
    }

    /// `payload` signed with `key`.
    pub(super) fn sign(payload: Vec<u8>, key: &Key) -> Envelope {
        let signature = key.sign(&pae(PAYLOAD_TYPE, &payload)).to_vec();
        let signatures = vec![Signed { key: key.public().id(), signature }];
        Envelope { payload, payload_type: PAYLOAD_TYPE.to_owned(), signatures }
    }

    /// The payload, if it is a statement that one of `trusted` signed, and which one did.
    pub(super) fn open(&self, trusted: &[PublicKey]) -> Result<(&[u8], Digest), Untrusted> {
        let message = pae(&self.payload_type, &self.payload);
        let mut why = Untrusted::UnknownKey;
        for signed in &self.signatures {
            let Some(key) = trusted.iter().find(|key| key.id() == signed.key) else { continue };
            if self.payload_type == PAYLOAD_TYPE && key.checks(&message, &signed.signature) {
                return Ok((&self.payload, signed.key));
            }
            why = Untrusted::BadSignature(signed.key);
        }
        Err(why)
    }
}

/// What is signed: DSSE's pre-authentication encoding.
pub(super) fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl fmt::Display for Envelope {
    /// The envelope as canonical JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signatures = self.signatures.iter().map(|signed| {
            Value::object([
                ("keyid", Value::text(signed.key.to_string())),
                ("sig", Value::text(BASE64.encode(&signed.signature))),
            ])
        });
        let envelope = Value::object([
            ("payload", Value::text(BASE64.encode(&self.payload))),
            ("payloadType", Value::text(&self.payload_type)),
            ("signatures", Value::list(signatures)),
        ]);
        envelope.fmt(f)
    }
}

impl FromStr for Envelope {
    type Err = EnvelopeError;

    fn from_str(text: &str) -> Result<Envelope, EnvelopeError> {
        let wrong = |what: &str| EnvelopeError(what.to_owned());
        let value = parse(text.as_bytes()).map_err(|error| EnvelopeError(format!("not JSON: {error}")))?;
        let field = |value: &Value, key: &str| value.field(key).and_then(Value::as_text).map(str::to_owned);
        let bytes = |value: &Value, key: &str| BASE64.decode(field(value, key)?).ok();
        let payload = bytes(&value, "payload").ok_or_else(|| wrong("`payload` is base64"))?;
        let payload_type = field(&value, "payloadType").ok_or_else(|| wrong("there is no `payloadType`"))?;
        let signatures = value.field("signatures").and_then(Value::as_list).unwrap_or(&[]);
        let signatures: Option<Vec<Signed>> = signatures
            .iter()
            .map(|signed| {
                let key = field(signed, "keyid")?.parse().ok()?;
                Some(Signed { key, signature: bytes(signed, "sig")? })
            })
            .collect();
        match signatures {
            Some(signatures) if !signatures.is_empty() => Ok(Envelope { payload, payload_type, signatures }),
            _ => Err(wrong("`signatures` is a list of at least one `keyid` with its `sig`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_the_specification_says() {
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
        // Lengths count bytes, not characters.
        assert_eq!(pae("é", "ö".as_bytes()), "DSSEv1 2 é 2 ö".as_bytes());
    }

    #[test]
    fn an_envelope_is_the_same_after_a_trip_through_text() {
        let key = Key::from_bytes([7; 32]);
        let envelope = Envelope::sign(b"{}".to_vec(), &key);
        let read: Envelope = envelope.to_string().parse().unwrap();
        assert_eq!(read, envelope);
        assert_eq!(read.open(&[key.public()]), Ok((&b"{}"[..], key.public().id())));
    }
}
