//! Envelopes as frames; the input is the body.

use mote_expr::Value;

use super::{Reader, WireError, frame, named, packed, unframe, unpacked};
use crate::envelope::{Caller, Envelope, Origin};
use crate::release::ReleaseName;

/// The bytes of an envelope.
pub fn encode_envelope(envelope: &Envelope) -> Vec<u8> {
    let caller = Value::object([
        ("id", Value::text(&envelope.caller.id)),
        ("roles", Value::list(envelope.caller.roles.iter().map(Value::text))),
        ("claims", packed(&envelope.caller.claims)),
    ]);
    let mut head = vec![
        ("operation", Value::text(&envelope.release.operation)),
        ("release", Value::text(envelope.release.digest.to_string())),
        ("caller", caller),
        ("deadline", Value::text(envelope.deadline.to_string())),
        ("origin", Value::text(envelope.origin.name())),
        ("now", Value::text(envelope.now.to_string())),
        ("id", Value::text(&envelope.id)),
    ];
    head.extend(envelope.key.as_ref().map(|key| ("key", Value::text(key))));
    head.extend(envelope.traceparent.as_ref().map(|trace| ("traceparent", Value::text(trace))));
    frame(Value::object(head), &envelope.input)
}

/// The envelope of bytes.
pub fn decode_envelope(bytes: &[u8]) -> Result<Envelope, WireError> {
    let (mut head, body) = unframe(bytes)?;
    let envelope = Envelope {
        release: ReleaseName { operation: head.text("operation")?, digest: head.parsed("release")? },
        input: body.to_vec(),
        key: head.optional_text("key")?,
        caller: caller(head.take("caller")?)?,
        deadline: head.parsed("deadline")?,
        traceparent: head.optional_text("traceparent")?,
        origin: named(Origin::ALL, &head.text("origin")?)?,
        now: head.parsed("now")?,
        id: head.text("id")?,
    };
    head.finish()?;
    Ok(envelope)
}

fn caller(value: Value) -> Result<Caller, WireError> {
    let mut fields = Reader::of(value)?;
    let roles = fields.list("roles")?;
    let roles = roles.iter().map(|role| {
        role.as_text().map(str::to_owned).ok_or_else(|| WireError("a role is a string".to_owned()))
    });
    let caller = Caller {
        id: fields.text("id")?,
        roles: roles.collect::<Result<_, _>>()?,
        claims: unpacked(&fields.take("claims")?)?,
    };
    fields.finish()?;
    Ok(caller)
}
