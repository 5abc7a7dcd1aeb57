//! Reads the errors that a workflow declares: its own, and those of the platform that it is known to end in.

use std::collections::BTreeSet;

use mote_expr::suggest;

use crate::diagnostic::Code;
use crate::outcome::PlatformError;
use crate::read::Fields;
use crate::tree::Tree;
use crate::workflow::Declared;

pub(super) fn read(fields: &Fields<'_, '_>) -> Vec<Declared> {
    let mut errors: Vec<Declared> = Vec::new();
    let mut codes = BTreeSet::new();
    for tree in fields.items("errors") {
        let Some(error) = read_one(tree, fields) else { continue };
        if !codes.insert(error.code.clone()) {
            let message = format!("the error `{}` is there twice", error.code);
            let hint = Some("leave one of them out".to_owned());
            let place = tree.field("code").map_or(fields.at(tree), |tree| fields.at(tree));
            fields.sink.error(Code::DuplicateName, place, message, hint);
            continue;
        }
        errors.push(error);
    }
    errors
}

fn read_one(tree: &Tree, workflow: &Fields<'_, '_>) -> Option<Declared> {
    let fields = Fields::of(tree, "an error", workflow.file, workflow.sink)?;
    let code = fields.name("code", "order-rejected").map(str::to_owned);
    let status_tree = fields.optional("status");
    let status = fields.int("status", 400, 499).unwrap_or(409);
    fields.finish();
    let code = code?;
    let platform = PlatformError::ALL.iter().find(|(_, known, _)| *known == code);
    if let (Some((_, _, status)), Some(tree)) = (platform, status_tree) {
        let message = format!("`{code}` is an error of the platform, and always has the status {status}");
        let hint = Some(format!("write `{{code: {code}}}`"));
        workflow.sink.error(Code::Kind, workflow.at(tree), message, hint);
    }
    let status = platform.map_or(u16::try_from(status).unwrap_or(409), |(_, _, status)| *status);
    Some(Declared { code, status })
}

/// What is wrong with a `fail` that names `code`, and what to write.
pub(super) fn unknown(code: &str, errors: &[Declared]) -> (String, String) {
    let message = format!("this workflow declares no error `{code}`");
    let hint = match suggest(code, errors.iter().map(|error| error.code.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it: `errors: [{{code: {code}, status: 409}}]`"),
    };
    (message, hint)
}
