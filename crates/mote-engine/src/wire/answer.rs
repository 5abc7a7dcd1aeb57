//! Answers as frames; the output of a success is the body.

use mote_contract::{Breach, Outcome, Refusal};
use mote_expr::schema::Violation;
use mote_expr::{Pointer, Step, Value, parse};

use super::{Reader, WireError, frame, named, packed, unframe, unpacked};
use crate::answer::Answer;

/// The bytes of an answer.
pub fn encode_answer(answer: &Answer) -> Vec<u8> {
    let mut head = vec![("replayed", Value::Bool(answer.replayed))];
    head.extend(answer.position.map(|position| ("position", Value::text(position.to_string()))));
    match &answer.result {
        Ok(output) => frame(Value::object(head), &output.canonical()),
        Err(refusal) => {
            head.push(("refusal", encode_refusal(refusal)));
            frame(Value::object(head), b"")
        }
    }
}

/// The answer of bytes.
pub fn decode_answer(bytes: &[u8]) -> Result<Answer, WireError> {
    let (mut head, body) = unframe(bytes)?;
    let replayed = head.take("replayed")?.as_bool();
    let replayed = replayed.ok_or_else(|| WireError("`replayed` is not a boolean".to_owned()))?;
    let position = match head.optional_text("position")? {
        Some(token) => Some(token.parse().map_err(|_| WireError("`position` is malformed".to_owned()))?),
        None => None,
    };
    let result = match head.optional("refusal") {
        Some(_) if !body.is_empty() => return Err(WireError("a refusal has no body".to_owned())),
        Some(refusal) => Err(Box::new(decode_refusal(refusal)?)),
        None => Ok(parse(body).map_err(|error| WireError(error.to_string()))?),
    };
    head.finish()?;
    Ok(Answer { result, position, replayed })
}

pub(crate) fn encode_refusal(refusal: &Refusal) -> Value {
    let violations = refusal.violations.iter().map(|violation| {
        let steps = violation.at.0.iter().map(|step| match step {
            Step::Key(key) => Value::text(key),
            Step::Index(index) => Value::Int(*index as i64),
        });
        Value::object([("at", Value::list(steps)), ("message", Value::text(&violation.message))])
    });
    let mut fields = vec![
        ("outcome", Value::text(refusal.outcome.to_string())),
        ("code", Value::text(&refusal.code)),
        ("status", Value::Int(i64::from(refusal.status))),
        ("detail", Value::text(&refusal.detail)),
        ("violations", Value::list(violations)),
    ];
    fields.extend(refusal.clause.as_ref().map(|clause| ("clause", Value::text(clause))));
    fields.extend(refusal.data.as_ref().map(|data| ("data", packed(data))));
    fields.extend(refusal.breach.as_ref().map(|breach| ("breach", encode_breach(breach))));
    Value::object(fields)
}

fn encode_breach(breach: &Breach) -> Value {
    let values = breach.values.iter().map(|(name, value)| Value::list([Value::text(name), packed(value)]));
    let mut fields = vec![
        ("clause", Value::text(&breach.clause)),
        ("message", Value::text(&breach.message)),
        ("values", Value::list(values)),
    ];
    fields.extend(breach.expression.as_ref().map(|expression| ("expression", Value::text(expression))));
    Value::object(fields)
}

pub(crate) fn decode_refusal(value: Value) -> Result<Refusal, WireError> {
    let mut fields = Reader::of(value)?;
    let outcomes = Outcome::ALL.map(|(outcome, name)| (name, outcome));
    let status = fields.take("status")?.as_int().and_then(|status| u16::try_from(status).ok());
    let refusal = Refusal {
        outcome: named(outcomes, &fields.text("outcome")?)?,
        code: fields.text("code")?,
        status: status.ok_or_else(|| WireError("`status` is malformed".to_owned()))?,
        detail: fields.text("detail")?,
        clause: fields.optional_text("clause")?,
        violations: fields.list("violations")?.into_iter().map(decode_violation).collect::<Result<_, _>>()?,
        data: fields.optional("data").as_ref().map(unpacked).transpose()?,
        breach: fields.optional("breach").map(decode_breach).transpose()?.map(Box::new),
    };
    fields.finish()?;
    Ok(refusal)
}

fn decode_violation(value: Value) -> Result<Violation, WireError> {
    let mut fields = Reader::of(value)?;
    let steps = fields.list("at")?.into_iter().map(|step| match step {
        Value::Int(index) => {
            usize::try_from(index).map(Step::Index).map_err(|_| WireError("a malformed index".to_owned()))
        }
        Value::Text(key) => Ok(Step::Key(key.to_string())),
        other => Err(WireError(format!("a step is no {}", other.kind()))),
    });
    let violation =
        Violation { at: Pointer(steps.collect::<Result<_, _>>()?), message: fields.text("message")? };
    fields.finish()?;
    Ok(violation)
}

fn decode_breach(value: Value) -> Result<Breach, WireError> {
    let mut fields = Reader::of(value)?;
    let values = fields.list("values")?.into_iter().map(|pair| match pair.as_list() {
        Some([Value::Text(name), value]) => Ok((name.to_string(), unpacked(value)?)),
        _ => Err(WireError("a value has a name".to_owned())),
    });
    let breach = Breach {
        clause: fields.text("clause")?,
        message: fields.text("message")?,
        expression: fields.optional_text("expression")?,
        values: values.collect::<Result<_, _>>()?,
    };
    fields.finish()?;
    Ok(breach)
}
