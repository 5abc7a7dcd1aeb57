//! The record as JSON: one object, whose keys are a promise to programs.

use std::str::FromStr;

use mote_expr::{Object, Value, parse};

use super::{Ended, Recording};
use crate::contract::Kind;
use crate::law::Rows;
use crate::outcome::Outcome;

/// Why bytes are not a recording as this version writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recording cannot be read: {0}")]
pub struct FormError(String);

impl Recording {
    /// The record for programs and for the disk.
    pub fn to_value(&self) -> Value {
        let text = |text: &String| Value::text(text);
        let mut record = vec![
            ("artifact", Value::text(self.artifact.to_string())),
            ("context", self.context.clone()),
            ("contract", Value::text(self.contract.to_string())),
            ("id", Value::text(&self.id)),
            ("kind", Value::text(self.kind.name())),
            ("masked", Value::Bool(self.masked)),
            ("operation", Value::text(&self.operation)),
            ("outcome", Value::text(self.outcome())),
            ("release", Value::text(self.release.to_string())),
            ("version", Value::text(&self.version)),
        ];
        record.extend(self.input.clone().map(|input| ("input", input)));
        record.extend(self.state.clone().map(|state| ("state", state)));
        record.extend(self.rows.as_ref().map(|rows| ("rows", rows.rows.clone())));
        let next = self.rows.as_ref().and_then(|rows| rows.next.clone());
        record.extend(next.map(|next| ("next", next)));
        record.extend(self.answer.as_ref().map(|answer| ("answer", text(answer))));
        record.extend(self.position.as_ref().map(|position| ("position", text(position))));
        if let Some(ended) = &self.refusal {
            record.push(("code", text(&ended.code)));
            record.push(("message", text(&ended.message)));
            record.extend(ended.clause.as_ref().map(|clause| ("clause", text(clause))));
            record.extend(ended.data.clone().map(|data| ("data", data)));
        }
        Value::object(record)
    }

    /// The recording of bytes that [`Recording::to_value`] made.
    pub fn read(bytes: &[u8]) -> Result<Recording, FormError> {
        let value = parse(bytes).map_err(|error| FormError(error.to_string()))?;
        let object = value.as_object().ok_or_else(|| FormError("it is no object".to_owned()))?;
        let fields = Fields(object);
        let named = fields.text("outcome")?;
        let outcome = Outcome::ALL.into_iter().find(|(_, name)| *name == named);
        let refusal = match (outcome, named) {
            (_, "ok") => None,
            (Some((outcome, _)), _) => Some(Ended {
                outcome,
                code: fields.text("code")?.to_owned(),
                clause: fields.optional_text("clause"),
                message: fields.text("message")?.to_owned(),
                data: object.get("data").cloned(),
            }),
            (None, named) => return Err(FormError(format!("there is no outcome `{named}`"))),
        };
        let kind = fields.text("kind")?;
        let kind = Kind::ALL.into_iter().find(|(name, _)| *name == kind).map(|(_, kind)| kind);
        let masked = fields.take("masked")?.as_bool();
        Ok(Recording {
            id: fields.text("id")?.to_owned(),
            operation: fields.text("operation")?.to_owned(),
            kind: kind.ok_or_else(|| FormError("its `kind` is unknown".to_owned()))?,
            version: fields.text("version")?.to_owned(),
            contract: fields.parsed("contract")?,
            release: fields.parsed("release")?,
            artifact: fields.parsed("artifact")?,
            context: fields.take("context")?.clone(),
            input: object.get("input").cloned(),
            state: object.get("state").cloned(),
            rows: object
                .get("rows")
                .map(|rows| Rows { rows: rows.clone(), next: object.get("next").cloned() }),
            answer: fields.optional_text("answer"),
            refusal,
            position: fields.optional_text("position"),
            masked: masked.ok_or_else(|| FormError("its `masked` is no boolean".to_owned()))?,
        })
    }
}

/// The fields of a record.
struct Fields<'o>(&'o Object);

impl<'o> Fields<'o> {
    fn take(&self, key: &str) -> Result<&'o Value, FormError> {
        self.0.get(key).ok_or_else(|| FormError(format!("it has no `{key}`")))
    }

    fn text(&self, key: &str) -> Result<&'o str, FormError> {
        self.take(key)?.as_text().ok_or_else(|| FormError(format!("its `{key}` is no string")))
    }

    fn optional_text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_text().map(str::to_owned)
    }

    fn parsed<T: FromStr>(&self, key: &str) -> Result<T, FormError> {
        self.text(key)?.parse().map_err(|_| FormError(format!("its `{key}` is malformed")))
    }
}
