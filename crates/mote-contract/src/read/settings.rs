//! Reads a contract's settings: budget, isolation, how hard it is verified.

use mote_expr::suggest;

use super::{Fields, units};
use crate::contract::{Budget, Isolation, Verify};
use crate::diagnostic::Code;

pub(super) fn read_budget(fields: &Fields<'_, '_>) -> Budget {
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
            Some(_) => inner.wrong_type(name, &format!("at most {most}"), tree, None),
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
    inner.finish();
    budget
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
        inner.finish();
    }
    verify
}
