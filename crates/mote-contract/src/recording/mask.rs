//! What of a recorded call is masked before anybody keeps it: all that a schema calls sensitive, and where
//! anything is, also what no schema describes.

use mote_expr::schema::{Mask, Schema};
use mote_expr::{Value, parse};

use super::{Ended, Recording};
use crate::law::{Law, Rows};
use crate::outcome::{Outcome, Refusal};

impl Law {
    /// `recording` with everything masked that this contract, its aggregate and its view call sensitive.
    #[must_use]
    pub fn masked(&self, recording: &Recording, mask: &Mask) -> Recording {
        if !self.has_sensitive() {
            return recording.clone();
        }
        let state = self.aggregate.as_ref().map(|aggregate| &aggregate.state);
        let row = self.reads.as_ref().map(|reads| &reads.view.row);
        let by = |schema: Option<&Schema>, value: &Value| {
            schema.map_or_else(|| mask.any(value), |schema| schema.mask(value, mask))
        };
        let rows = recording.rows.as_ref().map(|rows| {
            let items = rows.rows.as_list().unwrap_or(&[]);
            // A cursor is made of what its row holds.
            let hides = row.is_none_or(Schema::has_sensitive);
            let next = rows.next.as_ref().map(|next| if hides { mask.any(next) } else { next.clone() });
            Rows { rows: Value::list(items.iter().map(|item| by(row, item))), next }
        });
        let masked = Recording {
            input: recording.input.as_ref().map(|input| self.input.mask(input, mask)),
            state: recording.state.as_ref().map(|value| by(state, value)),
            rows,
            answer: recording.answer.as_ref().and_then(|answer| self.masked_answer(answer, mask)),
            refusal: recording.refusal.as_ref().map(|ended| self.told(ended, mask)),
            ..recording.clone()
        };
        // What a message leaves out is no part of the call.
        let same = Recording { refusal: recording.refusal.clone(), ..masked.clone() } == *recording;
        Recording { masked: recording.masked || !same, ..masked }
    }

    /// What the code answered, masked. None if it is not JSON: then nobody knows what it holds. An answer in
    /// which nothing was masked keeps its bytes.
    fn masked_answer(&self, answer: &str, mask: &Mask) -> Option<String> {
        let value = parse(answer.as_bytes()).ok()?;
        let fields = value.as_object()?.iter().map(|(part, value)| {
            let masked = match (part, value.as_object()) {
                ("ok", Some(ok)) => Value::object(ok.iter().map(|(part, value)| {
                    let masked = match part {
                        "events" => self.masked_events(value, mask),
                        part if part == self.answered() => self.output.mask(value, mask),
                        _ => mask.any(value),
                    };
                    (part, masked)
                })),
                ("error", Some(error)) => Value::object(error.iter().map(|(part, value)| {
                    let declared = |code: &str| self.errors.iter().any(|error| error.code == code);
                    let plain = part == "code" && value.as_text().is_some_and(declared);
                    (part, if plain { value.clone() } else { mask.any(value) })
                })),
                _ => mask.any(value),
            };
            (part, masked)
        });
        let masked = Value::object(fields);
        Some(if masked == value { answer.to_owned() } else { masked.to_string() })
    }

    fn masked_events(&self, events: &Value, mask: &Mask) -> Value {
        let Some(items) = events.as_list() else { return mask.any(events) };
        Value::list(items.iter().map(|event| {
            let kind = event.field("type").and_then(Value::as_text);
            let declared = kind.and_then(|kind| self.aggregate.as_ref()?.events.get(kind));
            let (Some(declared), Some(fields)) = (declared, event.as_object()) else {
                return mask.any(event);
            };
            Value::object(fields.iter().map(|(part, value)| {
                let masked = match part {
                    "type" => value.clone(),
                    "data" => declared.data.mask(value, mask),
                    _ => mask.any(value),
                };
                (part, masked)
            }))
        }))
    }

    /// What may be told of an end: which clause, not what it saw.
    fn told(&self, ended: &Ended, mask: &Mask) -> Ended {
        let clause = ended.clause.as_deref().map(|clause| self.own_words(clause).to_owned());
        // These quote the contract, or a violation, which leaves out what is sensitive.
        let quotes = |clause: &str| {
            matches!(clause, "input" | "allow")
                || clause.starts_with("requires/")
                || clause.starts_with("errors/")
        };
        let plain = !matches!(ended.outcome, Outcome::Breach | Outcome::ContractFault)
            && clause.as_deref().is_some_and(quotes);
        let message = if plain { ended.message.clone() } else { Refusal::MASKED.to_owned() };
        Ended { clause, message, data: ended.data.as_ref().map(|data| mask.any(data)), ..ended.clone() }
    }

    /// `clause` without words that only the code has chosen.
    fn own_words<'c>(&self, clause: &'c str) -> &'c str {
        let known = |section: &str, name: &str| match section {
            "errors" => self.errors.iter().any(|error| error.code == name),
            "events" => {
                let kind = name.split('/').next().unwrap_or(name);
                self.aggregate.as_ref().is_some_and(|aggregate| aggregate.events.contains_key(kind))
            }
            _ => true,
        };
        match clause.split_once('/') {
            Some((section, name)) if !known(section, name) => section,
            _ => clause,
        }
    }
}
