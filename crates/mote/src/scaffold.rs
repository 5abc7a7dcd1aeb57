//! What `mote new` and `mote add` write: whole files that pass `check` and `verify` as they are.
//!
//! Owns the texts, which are in `templates/`, and writing them. Never overwrites anything.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use mote_contract::{Files, Severity, check};
use mote_expr::Value;

use crate::output::refused;

/// Files to write, by their paths from the system's folder.
pub(crate) type Texts = BTreeMap<String, String>;

/// A text of `templates/`.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../../templates/", $path))
    };
}

/// What an editor needs to check services.
pub(crate) const TSCONFIG: (&str, &str) = ("tsconfig.json", template!("system/tsconfig.json"));

/// The files of a new system, by path.
const SYSTEM: [(&str, &str); 9] = [
    ("mote.yaml", template!("system/mote.yaml")),
    (".gitignore", template!("system/gitignore")),
    TSCONFIG,
    ("README.md", template!("system/README.md")),
    ("aggregates/purse.yaml", template!("system/aggregates/purse.yaml")),
    ("contracts/pay-in.yaml", template!("system/contracts/pay-in.yaml")),
    ("contracts/split-bill.yaml", template!("system/contracts/split-bill.yaml")),
    ("services/pay-in/pay-in.ts", template!("system/services/pay-in/pay-in.ts")),
    ("services/split-bill/split-bill.ts", template!("system/services/split-bill/split-bill.ts")),
];

/// A new system.
pub(crate) fn system(name: &str) -> Texts {
    SYSTEM.iter().map(|(path, text)| ((*path).to_owned(), filled(text, &[("name", name)]))).collect()
}

/// A new function, in the folder of a capability or at the top.
pub(crate) fn function(name: &str, capability: Option<&str>) -> Texts {
    let values = [("name", name), ("handler", &handler(name))];
    operation(
        name,
        capability,
        template!("operation/function.yaml"),
        template!("operation/function.ts"),
        &values,
    )
}

/// A new command on an aggregate that is there, with these events.
pub(crate) fn command(name: &str, capability: Option<&str>, aggregate: &str, events: &[&str]) -> Texts {
    let events = if events.is_empty() {
        "an event of the aggregate".to_owned()
    } else {
        format!("[{}]", events.join(", "))
    };
    let values = [("name", name), ("handler", &handler(name)), ("aggregate", aggregate), ("events", &events)];
    operation(
        name,
        capability,
        template!("operation/command.yaml"),
        template!("operation/command.ts"),
        &values,
    )
}

/// A new command on a new aggregate.
pub(crate) fn command_of_new(name: &str, capability: Option<&str>, aggregate: &str) -> Texts {
    let event = format!("{}Noted", camel_case(&format!("-{aggregate}")));
    let values = [("name", name), ("handler", &handler(name)), ("aggregate", aggregate), ("event", &event)];
    let (contract, service) =
        (template!("operation/command-of-new.yaml"), template!("operation/command-of-new.ts"));
    let mut texts = operation(name, capability, contract, service, &values);
    let path = format!("{}/{aggregate}.yaml", below("aggregates", capability));
    texts.insert(path, filled(template!("operation/aggregate.yaml"), &values));
    texts
}

/// A new publisher of these events, to a sink that is there.
pub(crate) fn publisher(name: &str, capability: Option<&str>, events: &[&str], sink: &str) -> Texts {
    let events = format!("[{}]", events.join(", "));
    let values = [("name", name), ("handler", &handler(name)), ("events", &events), ("sink", sink)];
    operation(
        name,
        capability,
        template!("operation/publisher.yaml"),
        template!("operation/publisher.ts"),
        &values,
    )
}

fn operation(
    name: &str,
    capability: Option<&str>,
    contract: &str,
    service: &str,
    values: &[(&str, &str)],
) -> Texts {
    Texts::from([
        (format!("{}/{name}.yaml", below("contracts", capability)), filled(contract, values)),
        (format!("services/{name}/{name}.ts"), filled(service, values)),
    ])
}

fn below(folder: &str, capability: Option<&str>) -> String {
    capability.map_or_else(|| folder.to_owned(), |capability| format!("{folder}/{capability}"))
}

/// A template with its names filled in: they are checked names, which need no quoting.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let fill = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{{ {name} }}}}"), value);
    values.iter().fold(template.to_owned(), fill)
}

/// The name of an operation's function: `placeOrder`. A single word may be reserved in TypeScript.
fn handler(name: &str) -> String {
    if name.contains('-') { camel_case(name) } else { format!("{name}Handler") }
}

/// Words joined by hyphens, each but the first with a capital.
fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for (at, word) in name.split('-').enumerate() {
        let (first, rest) = word.split_at(word.len().min(1));
        camel += &if at == 0 { first.to_owned() } else { first.to_uppercase() };
        camel += rest;
    }
    camel
}

/// Refuse what is not a name, as a check would.
pub(crate) fn check_name(what: &str, name: &str) -> anyhow::Result<()> {
    let mut files = Files::new();
    // Quoted, so that no text can be more than one value.
    files.add("mote.yaml", format!("system: {}\n", Value::text(name)));
    let report = check(&files);
    let Some(problem) = report.diagnostics.iter().find(|found| found.severity == Severity::Error) else {
        return Ok(());
    };
    let hint = problem.hint.as_deref().unwrap_or("such as `place-order`").replace("`system: ", "`");
    Err(refused(anyhow!("{} for {what}", problem.message), hint))
}

/// Write files that are not there yet: all of them, or none if one is there.
pub(crate) fn write(root: &Path, texts: &Texts) -> anyhow::Result<()> {
    for path in texts.keys() {
        if root.join(path).symlink_metadata().is_ok() {
            bail!("`{path}` is there already, and nothing is overwritten");
        }
    }
    for (path, text) in texts {
        let path = root.join(path);
        let written = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::File::create_new(&path)?.write_all(text.as_bytes())
        };
        written().with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}
