//! Reads a contract's settings: who answers, content type, budget, isolation, how hard it is verified.

use mote_expr::schema::{Schema, Shape};
use mote_expr::{Value, suggest};

use super::{Fields, units};
use crate::contract::{Budget, Isolation, Verify, Waiver};
use crate::diagnostic::{Code, Place};
use crate::tree::Tree;

/// Where it says that the contract's rules answer. None: a service does.
pub(super) fn read_implementation(fields: &Fields<'_, '_>) -> Option<Place> {
    let tree = fields.optional("implementation")?;
    let place = fields.at(tree);
    let text = fields.text("implementation")?;
    if text != "contract" {
        let hint = match suggest(text, ["contract"]) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write `implementation: contract`, or leave it out: a service answers".to_owned(),
        };
        let message = format!("there is no implementation `{text}`");
        fields.sink.error(Code::UnknownName, place, message, Some(hint));
        return None;
    }
    for key in ["service", "isolation"] {
        if let Some(tree) = fields.optional(key) {
            no_code(key, tree, fields);
        }
    }
    Some(place)
}

/// A key about code, where there is none.
fn no_code(key: &str, tree: &Tree, fields: &Fields<'_, '_>) {
    let message = format!("`{key}` is about code, and the contract's rules answer");
    let hint = Some("leave it out, or leave out `implementation: contract`".to_owned());
    fields.sink.error(Code::Kind, fields.at(tree), message, hint);
}

/// Where the rules answer, only the answer is measured: their cost is bounded when they are read.
pub(super) fn read_budget(fields: &Fields<'_, '_>, derived: bool) -> Budget {
    let mut budget = Budget::default();
    let Some(tree) = fields.optional("budget") else { return budget };
    let Some(inner) = Fields::of(tree, "a budget", fields.file, fields.sink) else { return budget };
    let read = |name: &'static str,
                example: &str,
                unit: fn(&str) -> Option<u64>,
                limit: &mut u64,
                (max, most): (u64, &str)| {
        let Some(tree) = inner.optional(name) else { return };
        match tree.as_text().and_then(|text| unit(&text.text)) {
            Some(size) if (1..=max).contains(&size) => *limit = size,
            Some(_) => {
                let hint = Some(format!("write `{name}: {most}`"));
                inner.wrong_type(name, &format!("at most {most}"), tree, hint);
            }
            None => {
                let hint = format!("write a whole number and a unit: `{name}: {example}`");
                inner.wrong_type(name, &format!("like `{example}`"), tree, Some(hint));
            }
        }
    };
    read("memory", "16MiB", units::bytes, &mut budget.memory, (1 << 30, "1GiB"));
    read("answer", "64KiB", units::bytes, &mut budget.answer, (16 << 20, "16MiB"));
    read("timeout", "1s", units::milliseconds, &mut budget.timeout_ms, (600_000, "10m"));
    if let Some(fuel) = inner.int("fuel", 1, 1_000_000_000_000) {
        budget.fuel = fuel.unsigned_abs();
    }
    for key in ["memory", "fuel", "timeout"].into_iter().filter(|_| derived) {
        if let Some(tree) = inner.optional(key) {
            no_code(key, tree, &inner);
        }
    }
    inner.finish();
    budget
}

/// The media type of a success; its output is then a string, the whole body. `output` is None where it
/// could not be read.
pub(super) fn read_content(fields: &Fields<'_, '_>, output: Option<&Schema>) -> Option<String> {
    let tree = fields.optional("content")?;
    let text = fields.text("content")?;
    if !is_media_type(text) {
        fields.wrong_type("content", "a media type", tree, Some("write `content: text/html`".to_owned()));
        return None;
    }
    if text == "application/json" {
        let hint = Some("leave `content` out: without it, a body is JSON".to_owned());
        fields.sink.error(Code::DataType, fields.at(tree), "a string is no body of JSON", hint);
        return None;
    }
    let is_string = output.is_none_or(|output| match &output.shape {
        Shape::Text(_) => !output.nullable,
        Shape::Enum(values) => values.iter().all(|value| matches!(value, Value::Text(_))),
        _ => false,
    });
    if !is_string {
        let message = format!("with `content: {text}` the output is a string, the whole body");
        let hint =
            Some("write `output: {type: string, maxLength: 10000}`, or leave `content` out".to_owned());
        fields.sink.error(Code::DataType, fields.at(tree), message, hint);
        return None;
    }
    Some(text.to_owned())
}

/// `text/html`, without parameters.
fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&^_.+-".contains(&byte)
            })
    };
    text.len() <= 100 && text.split_once('/').is_some_and(|(kind, rest)| token(kind) && token(rest))
}

pub(super) fn read_isolation(fields: &Fields<'_, '_>) -> Isolation {
    match (fields.optional("isolation"), fields.text("isolation")) {
        (_, None | Some("fresh")) => Isolation::Fresh,
        (_, Some("reused")) => Isolation::Reused,
        (tree, Some(other)) => {
            let message = format!("there is no isolation `{other}`");
            let hint = match suggest(other, ["fresh", "reused"]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `isolation: fresh` or `isolation: reused`".to_owned(),
            };
            let place = tree.map_or(fields.place(), |tree| fields.at(tree));
            fields.sink.error(Code::UnknownName, place, message, Some(hint));
            Isolation::Fresh
        }
    }
}

pub(super) fn read_verify(fields: &Fields<'_, '_>) -> Verify {
    let mut verify = Verify::default();
    if let Some(tree) = fields.optional("verify")
        && let Some(inner) = Fields::of(tree, "`verify`", fields.file, fields.sink)
    {
        if let Some(cases) = inner.int("cases", 1, 100_000) {
            verify.cases = u32::try_from(cases).unwrap_or(verify.cases);
        }
        if let Some(sealed) = inner.int("sealed", 1, 100_000) {
            verify.sealed = u32::try_from(sealed).unwrap_or(verify.sealed);
        }
        if let Some(tree) = inner.optional("strength") {
            match tree.value() {
                Value::Int(share @ 0..=1) => verify.strength = share as f64,
                Value::Float(share) if (0.0..=1.0).contains(&share) => verify.strength = share,
                _ => {
                    let hint = Some("write a share: `strength: 0.95`".to_owned());
                    inner.wrong_type("strength", "a number from 0 to 1", tree, hint);
                }
            }
        }
        for tree in inner.items("accept") {
            let waiver = read_waiver(tree, fields);
            if let Some(waiver) = &waiver
                && verify.accept.iter().any(|other| other.mutant == waiver.mutant)
            {
                let message = format!("`{}` is accepted twice", waiver.mutant);
                let hint = Some("keep one of the two".to_owned());
                fields.sink.error(Code::DuplicateName, waiver.place.clone(), message, hint);
            }
            verify.accept.extend(waiver);
        }
        inner.finish();
    }
    verify
}

fn read_waiver(tree: &Tree, fields: &Fields<'_, '_>) -> Option<Waiver> {
    let inner = Fields::of(tree, "a waiver", fields.file, fields.sink)?;
    let text = |name: &'static str, example: &str| {
        inner.required(name, example)?;
        inner.text(name).map(str::to_owned)
    };
    let (mutant, reason, by) =
        (text("mutant", "\"+1@output.total\""), text("reason", "…"), text("by", "your name"));
    let covers = inner.text("for").map(str::to_owned);
    let place = inner.place();
    if inner.optional("for").is_none() {
        let hint = Some("take the line that `mote verify` prints below the hole".to_owned());
        fields.sink.error(Code::MissingKey, place.clone(), "a waiver needs `for`", hint);
    }
    inner.finish();
    Some(Waiver { mutant: mutant?, reason: reason?, by: by?, covers: covers?, place })
}
