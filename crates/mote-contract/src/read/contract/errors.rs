//! Reads the errors that a contract declares, in their order, with the conditions that decide them.

use std::collections::BTreeSet;

use mote_expr::Scope;

use crate::contract::ErrorClause;
use crate::diagnostic::Code;
use crate::outcome::PlatformError;
use crate::read::Fields;
use crate::read::rules::Rules;
use crate::read::sight::Known;
use crate::rule::Rule;
use crate::tree::Tree;

pub(super) fn read_errors(
    fields: &Fields<'_, '_>,
    rules: &Rules<'_>,
    known: &Known,
    scope: &Scope,
) -> Vec<ErrorClause> {
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    let mut errors = Vec::new();
    for tree in fields.items("errors") {
        errors.extend(read_error(tree, rules, known, scope));
        let Some(code) = tree.field("code") else { continue };
        let Some(text) = code.as_text().map(|text| text.text.as_str()) else { continue };
        if !codes.insert(text) {
            let hint = Some("join the conditions with `||`".to_owned());
            rules.sink.error(
                Code::DuplicateName,
                fields.at(code),
                format!("the error `{text}` is there twice"),
                hint,
            );
        }
        if PlatformError::ALL.iter().any(|(_, platform, _)| *platform == text) {
            let message = format!("`{text}` is an error of the platform, that any call can end in");
            let hint = Some(format!("say what it means here, such as `order-{text}`"));
            rules.sink.error(Code::DuplicateName, fields.at(code), message, hint);
        }
    }
    errors
}

fn read_error(tree: &Tree, rules: &Rules<'_>, known: &Known, scope: &Scope) -> Option<ErrorClause> {
    let fields = Fields::of(tree, "an error", rules.file, rules.sink)?;
    let sight = known.for_errors(scope);
    let code = fields.name("code", "out-of-stock");
    let condition = fields.optional("if").map(|tree| rules.decision(tree, &sight));
    let status = fields.int("status", 400, 499).unwrap_or(409);
    let data = fields.optional("data").map(|tree| (tree, rules.template(tree, &sight)));
    let place = fields.place();
    fields.finish();
    if let (Some((tree, _)), None) = (&data, &condition) {
        let message = "`data` goes with `if`: an error that the code raises brings its own";
        let hint = Some("add `if: …`, or leave `data` out".to_owned());
        rules.sink.error(Code::Kind, rules.at(tree.headline()), message, hint);
    }
    let code = code?.to_owned();
    // A condition that does not compile is reported; without it the error would mean another thing.
    let condition = match condition {
        None => None,
        Some(expr) => Some(Rule { name: code.clone(), expr: expr?, place }),
    };
    let data = match data {
        None => None,
        Some((_, data)) => Some(data?),
    };
    Some(ErrorClause { code, condition, status: u16::try_from(status).unwrap_or(409), data })
}
