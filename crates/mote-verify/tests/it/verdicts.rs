//! Verdicts: signed, kept as text, admitted only for what they are about.

use mote_expr::{Digest, Value, parse};
use mote_verify::{
    Artifact, Builder, Key, Named, NoVerdict, Provenance, PublicKey, Seed, Verdict, VerdictError, Verified,
};

use super::system::{Native, error, greet, law, run, run_sealed};

#[derive(Clone, Debug, PartialEq)]
struct Bytes(&'static [u8]);

impl Artifact for Bytes {
    fn digest(&self) -> Digest {
        Digest::of(self.0)
    }
}

const ARTIFACT: Bytes = Bytes(b"component");

fn key() -> Key {
    Key::from_bytes([42; 32])
}

fn provenance() -> Provenance {
    Provenance {
        source: Digest::of(b"source"),
        template: Digest::of(b"template"),
        toolchain: Digest::of(b"toolchain"),
        builder: Builder { name: "somebody".to_owned(), confined: true },
    }
}

fn verdict() -> Verdict {
    let law = law("greet");
    let verification = run_sealed(&law, &Native(greet));
    let artifact = Named { name: "greet".to_owned(), digest: ARTIFACT.digest() };
    Verdict::of(&law, &verification, artifact, Vec::new(), provenance(), "2026-01-01T00:00:00Z").unwrap()
}

fn admit(envelope: &str) -> Result<Verified<Bytes>, VerdictError> {
    Verdict::admit(envelope, &[key().public()], law("greet").digest, ARTIFACT)
}

#[test]
fn a_verdict_makes_its_artifact_verified() {
    let verified = admit(&verdict().sign(&key()).to_string()).unwrap();
    assert_eq!(*verified, ARTIFACT);
    assert_eq!(verified.verdict(), &verdict());
    assert_eq!(verified.signed_by(), key().public().id());
    assert_eq!(verified.clone().digest(), ARTIFACT.digest());
}

#[test]
fn a_statement_is_in_toto() {
    use base64::Engine as _;
    let envelope = parse(verdict().sign(&key()).to_string().as_bytes()).unwrap();
    assert_eq!(envelope.field("payloadType").unwrap().as_text(), Some("application/vnd.in-toto+json"));
    let payload = envelope.field("payload").unwrap().as_text().unwrap();
    let payload = base64::engine::general_purpose::STANDARD.decode(payload).unwrap();
    let statement = parse(&payload).unwrap();
    assert_eq!(statement.canonical(), payload);
    assert_eq!(statement.field("_type").unwrap().as_text(), Some("https://in-toto.io/Statement/v1"));
    assert_eq!(statement.field("predicateType").unwrap().as_text(), Some("urn:mote:verdict:v1"));
    let subject = &statement.field("subject").unwrap().as_list().unwrap()[0];
    let digest = subject.field("digest").unwrap().field("sha256").unwrap();
    assert_eq!(digest.as_text(), Some(ARTIFACT.digest().to_string().as_str()));
}

/// What is said of an envelope that was changed after it was signed.
#[track_caller]
fn tampered(change: impl Fn(&mut mote_expr::Object), expected: &VerdictError) {
    let envelope = parse(verdict().sign(&key()).to_string().as_bytes()).unwrap();
    let mut object = envelope.as_object().unwrap().clone();
    change(&mut object);
    assert_eq!(&admit(&Value::Object(object.into()).to_string()).unwrap_err(), expected);
}

#[test]
fn another_artifact_is_refused() {
    let envelope = verdict().sign(&key()).to_string();
    let other = Bytes(b"component, changed");
    let refused =
        Verdict::admit(&envelope, &[key().public()], law("greet").digest, other.clone()).unwrap_err();
    assert_eq!(refused, VerdictError::OtherArtifact { verdict: ARTIFACT.digest(), artifact: other.digest() });
}

#[test]
fn another_contract_is_refused() {
    let envelope = verdict().sign(&key()).to_string();
    let contract = law("sign-guestbook").digest;
    let refused = Verdict::admit(&envelope, &[key().public()], contract, ARTIFACT).unwrap_err();
    assert_eq!(refused, VerdictError::OtherContract { verdict: law("greet").digest, contract });
}

#[test]
fn another_epoch_of_semantics_is_refused() {
    let old = Verdict { semantics: 0, ..verdict() };
    let refused = admit(&old.sign(&key()).to_string()).unwrap_err();
    assert_eq!(refused, VerdictError::Semantics { verdict: 0, current: mote_verify::SEMANTICS });
}

#[test]
fn a_key_that_is_not_trusted_is_refused() {
    let envelope = verdict().sign(&Key::from_bytes([1; 32])).to_string();
    assert_eq!(admit(&envelope).unwrap_err(), VerdictError::UnknownKey);
    let envelope = verdict().sign(&key()).to_string();
    let refused = Verdict::admit(&envelope, &[], law("greet").digest, ARTIFACT).unwrap_err();
    assert_eq!(refused, VerdictError::UnknownKey);
}

#[test]
fn a_changed_payload_or_signature_is_refused() {
    let bad = VerdictError::BadSignature { key: key().public().id() };
    let other = Verdict { owner: "somebody else".to_owned(), ..verdict() };
    let other = parse(other.sign(&Key::from_bytes([1; 32])).to_string().as_bytes()).unwrap();
    tampered(|envelope| drop(envelope.insert("payload", other.field("payload").unwrap().clone())), &bad);
    tampered(|envelope| drop(envelope.insert("payloadType", Value::text("text/plain"))), &bad);
    // The name of a trusted key over the signature of another.
    let signature = other.field("signatures").unwrap().as_list().unwrap()[0].clone();
    let mut signature = signature.as_object().unwrap().clone();
    signature.insert("keyid", Value::text(key().public().id().to_string()));
    let signatures = Value::list([Value::Object(signature.into())]);
    tampered(|envelope| drop(envelope.insert("signatures", signatures.clone())), &bad);
}

#[test]
fn a_damaged_envelope_is_refused() {
    let text = verdict().sign(&key()).to_string();
    let damaged = ["", "{}", "null", &text[..text.len() - 1], &text.replace("\"sig\":\"", "\"sig\":\"!")];
    for text in damaged {
        assert!(matches!(admit(text), Err(VerdictError::Damaged(_))), "{text}");
    }
    let none =
        VerdictError::Damaged("`signatures` is a list of at least one `keyid` with its `sig`".to_owned());
    tampered(|envelope| drop(envelope.insert("signatures", Value::list([]))), &none);
}

#[test]
fn what_was_rejected_has_no_verdict() {
    let law = law("greet");
    let verification = run(&law, &Native(|_: &Value| error("no")));
    let artifact = Named { name: "greet".to_owned(), digest: ARTIFACT.digest() };
    let of = |law, verification| {
        Verdict::of(law, verification, artifact.clone(), Vec::new(), provenance(), "2026-01-01T00:00:00Z")
    };
    assert_eq!(of(&law, &verification).unwrap_err(), NoVerdict::Rejected("examples"));
    let verification = run(&law, &Native(greet));
    assert_eq!(of(&law, &verification).unwrap_err(), NoVerdict::NotSealed);
    let other = super::system::law("sign-guestbook");
    let refused = of(&other, &verification).unwrap_err();
    assert_eq!(refused, NoVerdict::OtherContract { judged: law.digest, contract: other.digest });
}

#[test]
fn keys_are_the_same_after_a_trip_through_text() {
    let read: Key = key().to_secret_text().parse().unwrap();
    assert_eq!(read.public(), key().public());
    let public = key().public();
    assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
    assert_eq!(public.id().to_string(), "b600306cfa76723fdec395e53a9b3d9fdb78b1e2d7a23c32fcbcd2dc6d0c4092");
    assert!("ed25519:AAAA".parse::<PublicKey>().is_err());
    // The neutral element: everything is signed with it.
    assert!("ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".parse::<PublicKey>().is_err());
}

#[test]
fn a_secret_is_not_shown() {
    let shown = format!("{:?} {:?}", key(), Seed([42; 32]));
    assert!(!shown.contains("KioqKioq") && !shown.contains("2a2a") && !shown.contains("42, 42"), "{shown}");
}
