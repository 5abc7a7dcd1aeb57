//! Reads what every contract begins with, whatever its kind: its name, version and owner, and where it lies.

use mote_expr::suggest;

use crate::contract::Kind;
use crate::diagnostic::Code;
use crate::read::{Fields, stem};

/// What every contract begins with.
pub(in crate::read) struct Head<'t> {
    pub(in crate::read) name: Option<&'t str>,
    pub(in crate::read) version: String,
    pub(in crate::read) owner: String,
    pub(in crate::read) summary: Option<String>,
    pub(in crate::read) service: Option<&'t str>,
    /// `contracts/ordering/place-order.yaml` lies in `ordering`.
    pub(in crate::read) capability: String,
}

impl<'t> Head<'t> {
    /// What `fields` say of the contract in the file at `path`, in a system of `owner`.
    pub(super) fn read(fields: &Fields<'t, '_>, path: &str, owner: &str) -> (Head<'t>, Option<Kind>) {
        let name = fields.name("contract", stem(path));
        let kind = read_kind(fields);
        let version = read_version(fields);
        let owner = fields.text("owner").unwrap_or(owner).to_owned();
        let summary = fields.text("summary").map(str::to_owned);
        let service = match fields.optional("service") {
            None => name,
            Some(_) => fields.optional_name("service"),
        };
        (Head { name, version, owner, summary, service, capability: capability(path) }, kind)
    }
}

fn read_kind(fields: &Fields<'_, '_>) -> Option<Kind> {
    let tree = fields.required("kind", "function")?;
    let Some(text) = tree.as_text().map(|text| text.text.as_str()) else {
        fields.wrong_type("kind", "a string", tree, Some("write `kind: function`".to_owned()));
        return None;
    };
    let known = Kind::ALL.iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let names: Vec<_> = Kind::ALL.iter().map(|(name, _)| *name).collect();
        let hint = match suggest(text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds are `{}`", names.join("`, `")),
        };
        fields.sink.error(
            Code::UnknownName,
            fields.at(tree),
            format!("there is no kind `{text}`"),
            Some(hint),
        );
    }
    known.map(|(_, kind)| *kind)
}

pub(in crate::read) fn read_version(fields: &Fields<'_, '_>) -> String {
    let Some(tree) = fields.optional("version") else { return "1.0.0".to_owned() };
    let text = tree.as_text().map_or("", |text| &text.text);
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.split('.').count() != 3 || !text.split('.').all(number) {
        let hint = Some("write `version: 1.0.0`".to_owned());
        fields.wrong_type("version", "three numbers", tree, hint);
    }
    text.to_owned()
}

/// The folders between the first, which says what kind of file it is, and the file itself.
pub(in crate::read) fn capability(path: &str) -> String {
    let inner = path.split_once('/').map_or(path, |(_, inner)| inner);
    inner.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}
