//! Where a `$ref` leads: a file of the system, whole, or a place inside where a schema stands.
//! Owns what a reference means, and what is said about one that leads nowhere.

use mote_expr::suggest;

use super::Refused;
use crate::files::{FileId, Files};
use crate::tree::{Node, Tree};

/// A schema by its place: a file, and the steps inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) file: FileId,
    steps: Vec<String>,
}

/// The folders of files that are not schemas, with the places of their schemas: `*` is any name.
const INSIDE: [(&str, &[&[&str]]); 4] = [
    ("contracts", &[&["input"], &["output"]]),
    ("aggregates", &[&["state"], &["events", "*", "data"]]),
    ("views", &[&["row"]]),
    ("definitions", &[&["functions", "*", "takes", "*"]]),
];

impl Target {
    pub(super) fn whole(file: FileId) -> Target {
        Target { file, steps: Vec::new() }
    }

    /// What stands there.
    pub(super) fn find<'t>(&self, tree: &'t Tree) -> Option<&'t Tree> {
        self.steps.iter().try_fold(tree, |at, step| inner(at, step))
    }

    /// As people write it: `aggregates/stock.yaml#/state`.
    pub(super) fn shown(&self, files: &Files) -> String {
        format!("{}{}", files.path(self.file), fragment(&self.steps))
    }

    /// Whether something stands there.
    pub(super) fn stands(&self, tree: &Tree, files: &Files) -> Result<(), Refused> {
        let mut at = tree;
        for (count, step) in self.steps.iter().enumerate() {
            match inner(at, step) {
                Some(found) => at = found,
                None => {
                    let known: Vec<_> = at.as_map().unwrap_or(&[]).iter().collect();
                    let names = || known.iter().map(|(key, _)| key.name.as_str());
                    let hint = match suggest(step, names()) {
                        Some(near) => {
                            let mut steps = self.steps.clone();
                            near.clone_into(&mut steps[count]);
                            format!("did you mean `{}`?", fragment(&steps))
                        }
                        None if known.is_empty() => "there is nothing inside: name the whole".to_owned(),
                        None => format!("the keys there are `{}`", names().collect::<Vec<_>>().join("`, `")),
                    };
                    let (place, path) = (fragment(&self.steps), files.path(self.file));
                    return Err(Refused::schema(format!("there is no `{place}` in `{path}`"), Some(hint)));
                }
            }
        }
        Ok(())
    }
}

/// Where `reference` leads in a file that it was followed from before. None if nowhere.
pub(super) fn locate(files: &Files, from: FileId, reference: &str) -> Option<Target> {
    let (path, steps) = parts(reference);
    let file = if path.is_empty() { from } else { files.find(&path_from(files.path(from), path)?)? };
    Some(Target { file, steps: steps? })
}

/// Where `reference` of the file `from` leads, or why nowhere.
pub(super) fn resolve(files: &Files, from: FileId, reference: &str) -> Result<Target, Refused> {
    let own = files.path(from);
    if reference.contains("://") {
        let hint = "save the schema in the system: `$ref: ../schemas/line.yaml`".to_owned();
        return Err(Refused::schema("a `$ref` is never fetched".to_owned(), Some(hint)));
    }
    let (path, steps) = parts(reference);
    let file = if path.is_empty() { from } else { file_at(files, own, path)? };
    let Some(steps) = steps else {
        let hint = Some("write a path of keys: `#/state/properties/total`".to_owned());
        return Err(Refused::schema(format!("`{reference}` names no place in a file"), hint));
    };
    let found = files.path(file);
    let inside = INSIDE.iter().find(|(folder, _)| found.split('/').next() == Some(folder));
    let places = inside.map_or(&[][..], |(_, places)| places);
    if found == "mote.yaml" {
        return Err(Refused::schema("`mote.yaml` has no schema".to_owned(), None));
    }
    let stands = match inside {
        None => leads_to_schema(&steps),
        Some(_) => places.iter().any(|place| {
            let fits = |(step, wanted): (&String, &&str)| *wanted == "*" || step == wanted;
            steps.len() >= place.len()
                && steps.iter().zip(*place).all(fits)
                && leads_to_schema(&steps[place.len()..])
        }),
    };
    if stands {
        return Ok(Target { file, steps });
    }
    let listed: Vec<_> = places.iter().map(|place| format!("`{path}#/{}`", place.join("/"))).collect();
    let message = match steps.is_empty() {
        true => format!("`{found}` is not a file of a schema"),
        false => format!("no schema stands at `{}` of `{found}`", fragment(&steps)),
    };
    let hint = match listed.is_empty() {
        true => "name a schema in it: `#/properties/line` or `#/properties/lines/items`".to_owned(),
        false => format!("its schemas are {}", listed.join(" and ")),
    };
    Err(Refused::schema(message, Some(hint)))
}

/// Whether the keys lead from a schema to a schema in it.
fn leads_to_schema(steps: &[String]) -> bool {
    match steps {
        [] => true,
        [key, rest @ ..] if key == "items" || key == "additionalProperties" => leads_to_schema(rest),
        [key, _, rest @ ..] if key == "properties" || key == "oneOf" => leads_to_schema(rest),
        _ => false,
    }
}

/// The path before the `#`, and the keys after it: None if they are none.
fn parts(reference: &str) -> (&str, Option<Vec<String>>) {
    match reference.split_once('#') {
        None => (reference, Some(Vec::new())),
        Some((path, "")) => (path, Some(Vec::new())),
        Some((path, pointer)) => {
            let keys = pointer
                .strip_prefix('/')
                .map(|keys| keys.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect());
            (path, keys)
        }
    }
}

fn fragment(steps: &[String]) -> String {
    let key = |step: &String| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
    let keys: String = steps.iter().map(key).collect();
    if keys.is_empty() { keys } else { format!("#{keys}") }
}

fn inner<'t>(tree: &'t Tree, step: &str) -> Option<&'t Tree> {
    match &tree.node {
        Node::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => tree.field(step),
    }
}

fn file_at(files: &Files, own: &str, reference: &str) -> Result<FileId, Refused> {
    let Some(path) = path_from(own, reference) else {
        let hint = format!("copy it into the system: `{}schemas/{}`", up(own), last(reference));
        return Err(Refused::schema(format!("`{reference}` leads out of the system"), Some(hint)));
    };
    files.find(&path).ok_or_else(|| {
        let schemas = || files.paths().filter(|path| path.starts_with("schemas/"));
        let near = schemas().find(|known| last(known) == last(&path)).or_else(|| {
            let name = suggest(last(&path), schemas().map(last))?;
            schemas().find(|known| last(known) == name)
        });
        let hint = near
            .map_or_else(|| format!("write `{path}`"), |near| format!("did you mean `{}{near}`?", up(own)));
        Refused::schema(format!("there is no file `{path}`"), Some(hint))
    })
}

/// The path that `reference` means in the file at `from`. None if it leads out of the system.
pub(crate) fn path_from(from: &str, reference: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in reference.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// From the file at `from` to the system's folder.
fn up(from: &str) -> String {
    "../".repeat(from.matches('/').count())
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
