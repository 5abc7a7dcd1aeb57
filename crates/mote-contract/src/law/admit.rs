//! Before anything is decided: is this an input, who may ask, and which instance is meant.

use mote_expr::schema::Violation;
use mote_expr::{Digest, Value, parse};

use super::{Law, Situation, delivery};
use crate::outcome::{Outcome, PlatformError, Refusal};

/// An input that fits its schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted {
    /// The input with its defaults filled in.
    pub input: Value,
    /// The hash of its canonical bytes: two bodies that mean the same are the same.
    pub digest: Digest,
}

impl Admitted {
    /// A completed input, unless there is something that it breaks.
    pub(crate) fn of(input: Value, violations: Vec<Violation>) -> Result<Admitted, Refusal> {
        if let Some(first) = violations.first() {
            let detail = format!("the input does not fit: {first}");
            let refusal =
                Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, detail).by("input");
            return Err(Refusal { violations, ..refusal });
        }
        let digest = input.digest();
        Ok(Admitted { input, digest })
    }
}

impl Law {
    /// Read, complete and validate a caller's body.
    pub fn admit(&self, body: &[u8]) -> Result<Admitted, Refusal> {
        let invalid =
            |detail: String| Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, detail);
        let value = parse(body)
            .map_err(|error| invalid(format!("the body is not JSON as Mote reads it: {error}")))?;
        self.admit_value(value)
    }

    /// Complete and validate an input that is already a value.
    pub fn admit_value(&self, value: Value) -> Result<Admitted, Refusal> {
        let input = if self.completes_input { self.input.normalise(value) } else { value };
        let input = if self.publishing.is_some() { delivery::identified(input) } else { input };
        let mut violations = self.input.violations(&input);
        if violations.is_empty() {
            violations.extend(self.undeliverable(&input));
        }
        Admitted::of(input, violations)
    }

    /// Whether the caller may ask this. Reads no state.
    pub fn authorise(&self, situation: &Situation) -> Result<(), Refusal> {
        let Some(allow) = &self.allow else { return Ok(()) };
        match allow.holds(&self.bind(situation)) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let detail = "the caller may not do this";
                Err(Refusal::platform(Outcome::Invalid, PlatformError::Forbidden, detail).by("allow"))
            }
            Err(error) => Err(Refusal::contract_fault("allow", error)),
        }
    }

    /// Which instance of the aggregate is meant. None for a contract without one.
    pub fn stream_key(&self, situation: &Situation) -> Result<Option<String>, Refusal> {
        let Some(key) = &self.key else { return Ok(None) };
        match key.eval(&self.bind(situation)) {
            Ok(Value::Text(key)) => Ok(Some(key.to_string())),
            Ok(key @ (Value::Int(_) | Value::Bool(_))) => Ok(Some(key.to_string())),
            Ok(other) => {
                let why = format!("a key is a string, an integer or a boolean, this is {}", other.kind());
                Err(Refusal::contract_fault("key", why))
            }
            Err(error) => Err(Refusal::contract_fault("key", error)),
        }
    }
}
