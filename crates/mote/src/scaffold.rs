//! What `mote new` and `mote add` write: whole files that pass `check` and `verify` as they are.
//!
//! Owns which files a thing consists of, and writing them. What is in them is the system's template; a new system has
//! none yet, and begins with `templates/system/`. Never overwrites anything.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use mote_contract::{Files, Severity, check};
use mote_expr::Value;
use mote_forge::template::Template;

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
    // It is a checked name, which needs no quoting.
    SYSTEM.iter().map(|(path, text)| ((*path).to_owned(), text.replace("{{ name }}", name))).collect()
}

/// What an operation that is added begins with.
pub(crate) struct Scaffold<'t> {
    /// The texts, as the system has them.
    pub(crate) template: &'t Template,
    pub(crate) name: &'t str,
    /// The folder of a capability; none is the top.
    pub(crate) capability: Option<&'t str>,
}

impl Scaffold<'_> {
    /// A new function.
    pub(crate) fn function(&self) -> anyhow::Result<Texts> {
        self.operation("function", &[])
    }

    /// A new command on an aggregate that is there, with these events.
    pub(crate) fn command(&self, aggregate: &str, events: &[&str]) -> anyhow::Result<Texts> {
        let events = if events.is_empty() {
            "an event of the aggregate".to_owned()
        } else {
            format!("[{}]", events.join(", "))
        };
        self.operation("command", &[("aggregate", aggregate), ("events", &events)])
    }

    /// A new command on a new aggregate.
    pub(crate) fn command_of_new(&self, aggregate: &str) -> anyhow::Result<Texts> {
        let event = format!("{}Noted", camel_case(&format!("-{aggregate}")));
        let values = [("aggregate", aggregate), ("event", event.as_str())];
        let mut texts = self.operation("command-of-new", &values)?;
        let path = format!("{}/{aggregate}.yaml", below("aggregates", self.capability));
        texts.insert(path, self.text("operation/aggregate.yaml", &values)?);
        Ok(texts)
    }

    /// A new publisher of these events, to a sink that is there.
    pub(crate) fn publisher(&self, events: &[&str], sink: &str) -> anyhow::Result<Texts> {
        let events = format!("[{}]", events.join(", "));
        self.operation("publisher", &[("events", &events), ("sink", sink)])
    }

    /// A new query, which shows the rows of the view in the file at `path` and needs no code.
    pub(crate) fn query(&self, view: &str, path: &str) -> anyhow::Result<Texts> {
        let folder = below("contracts", self.capability);
        let up = "../".repeat(folder.split('/').count());
        let row = format!("{up}{path}#/row");
        let text = self.text("operation/query.yaml", &[("view", view), ("row", &row)])?;
        Ok(Texts::from([(format!("{folder}/{}.yaml", self.name), text)]))
    }

    fn operation(&self, kind: &str, values: &[(&str, &str)]) -> anyhow::Result<Texts> {
        let Scaffold { name, capability, .. } = self;
        Ok(Texts::from([
            (
                format!("{}/{name}.yaml", below("contracts", *capability)),
                self.text(&format!("operation/{kind}.yaml"), values)?,
            ),
            (format!("services/{name}/{name}.ts"), self.text(&format!("operation/{kind}.ts"), values)?),
        ]))
    }

    /// A text with its names filled in: they are checked names, which need no quoting.
    fn text(&self, template: &str, values: &[(&str, &str)]) -> anyhow::Result<String> {
        let handler = handler(self.name);
        let mut all = vec![("name", self.name), ("handler", handler.as_str())];
        all.extend(values);
        Ok(self.template.filled(template, &all)?)
    }
}

fn below(folder: &str, capability: Option<&str>) -> String {
    capability.map_or_else(|| folder.to_owned(), |capability| format!("{folder}/{capability}"))
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
