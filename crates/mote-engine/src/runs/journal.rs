//! A run's journal as bytes: what it began with, and every input with its time.
//!
//! Owns the form in which they are kept. Bytes of another form are refused, never guessed at.

use jiff::Timestamp;
use mote_contract::workflow::StepId;
use mote_expr::{Digest, Value, parse};

use super::input::{End, Input};
use super::place::{Place, Purpose};
use crate::wire::{Reader, WireError, decode_refusal, encode_refusal, named, packed, unpacked};

/// What a run began with.
#[derive(Clone, Debug, PartialEq)]
pub struct Began {
    /// Its id.
    pub id: String,
    /// The workflow's hash, with everything that it refers to.
    pub workflow: Digest,
    /// When.
    pub now: Timestamp,
    /// The admitted input.
    pub input: Value,
    /// When and for whom; see [`context`](mote_contract::context).
    pub context: Value,
}

/// The bytes of a beginning.
pub fn encode_began(began: &Began) -> Vec<u8> {
    Value::object([
        ("id", Value::text(&began.id)),
        ("workflow", Value::text(began.workflow.to_string())),
        ("now", Value::text(began.now.to_string())),
        ("input", packed(&began.input)),
        ("context", packed(&began.context)),
    ])
    .canonical()
}

/// The beginning that bytes hold.
pub fn decode_began(bytes: &[u8]) -> Result<Began, WireError> {
    let mut fields = Reader::of(value(bytes)?)?;
    let began = Began {
        id: fields.text("id")?,
        workflow: fields.text("workflow")?.parse().map_err(|_| WireError::of("`workflow` is not a hash"))?,
        now: time(&fields.text("now")?)?,
        input: unpacked(&fields.take("input")?)?,
        context: unpacked(&fields.take("context")?)?,
    };
    fields.finish()?;
    Ok(began)
}

/// The bytes of an input that happened at `now`.
pub fn encode_input(input: &Input, now: Timestamp) -> Vec<u8> {
    let place = |place: &Place| {
        let rounds = place.rounds.iter().map(|round| Value::Int(i64::from(*round)));
        let step = i64::try_from(place.step.index()).unwrap_or(mote_expr::INT_MAX);
        ("place", Value::list([Value::Int(step)].into_iter().chain(rounds)))
    };
    let (what, rest) = match input {
        Input::Answered { place: of, purpose, result } => {
            let result = match result {
                Ok(output) => ("output", packed(output)),
                Err(refusal) => ("refusal", encode_refusal(refusal)),
            };
            ("answered", vec![place(of), ("purpose", Value::text(purpose.name())), result])
        }
        Input::Happened { place: of, event } => ("happened", vec![place(of), ("event", packed(event))]),
        Input::Woken => ("woken", vec![]),
        Input::Cancelled { why } => ("cancelled", vec![("why", Value::text(why))]),
        Input::Hurried => ("hurried", vec![]),
    };
    let head = [("what", Value::text(what)), ("now", Value::text(now.to_string()))];
    Value::object(head.into_iter().chain(rest)).canonical()
}

/// The input that bytes hold, and when it happened.
pub fn decode_input(bytes: &[u8]) -> Result<(Input, Timestamp), WireError> {
    let mut fields = Reader::of(value(bytes)?)?;
    let now = time(&fields.text("now")?)?;
    let input = match fields.text("what")?.as_str() {
        "answered" => {
            let place = place(&mut fields)?;
            let purpose = named(Purpose::ALL, &fields.text("purpose")?)?;
            let result = match fields.optional("refusal") {
                Some(refusal) => Err(Box::new(decode_refusal(refusal)?)),
                None => Ok(unpacked(&fields.take("output")?)?),
            };
            Input::Answered { place, purpose, result }
        }
        "happened" => {
            Input::Happened { place: place(&mut fields)?, event: unpacked(&fields.take("event")?)? }
        }
        "woken" => Input::Woken,
        "cancelled" => Input::Cancelled { why: fields.text("why")? },
        "hurried" => Input::Hurried,
        other => return Err(WireError::of(format!("`{other}` is nothing that happens to a run"))),
    };
    fields.finish()?;
    Ok((input, now))
}

/// The bytes of an end.
pub fn encode_end(end: &End) -> Vec<u8> {
    let field = match end {
        End::Done(output) => ("output", packed(output)),
        End::Failed(refusal) => ("refusal", encode_refusal(refusal)),
    };
    Value::object([field]).canonical()
}

/// The end that bytes hold.
pub fn decode_end(bytes: &[u8]) -> Result<End, WireError> {
    let mut fields = Reader::of(value(bytes)?)?;
    let end = match fields.optional("refusal") {
        Some(refusal) => End::Failed(Box::new(decode_refusal(refusal)?)),
        None => End::Done(unpacked(&fields.take("output")?)?),
    };
    fields.finish()?;
    Ok(end)
}

fn place(fields: &mut Reader) -> Result<Place, WireError> {
    let malformed = || WireError::of("`place` is malformed");
    let numbers = fields.take("place")?;
    let numbers = numbers.as_list().ok_or_else(malformed)?.iter();
    let numbers: Option<Vec<u32>> = numbers.map(|number| number.as_int()?.try_into().ok()).collect();
    let (step, rounds) = numbers.as_deref().and_then(<[u32]>::split_first).ok_or_else(malformed)?;
    Ok(Place { step: StepId::at(*step as usize), rounds: rounds.to_vec() })
}

fn value(bytes: &[u8]) -> Result<Value, WireError> {
    parse(bytes).map_err(|error| WireError::of(error.to_string()))
}

fn time(text: &str) -> Result<Timestamp, WireError> {
    text.parse().map_err(|_| WireError::of("`now` is not a time"))
}
