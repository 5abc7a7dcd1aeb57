//! The order of keys: as the documentation lists them, so that every file reads alike.
//!
//! Owns which maps have an order: those whose keys Mote gives a meaning. Never moves a name that its
//! author chose: the order of rules, errors, fields and examples is theirs.

use super::layout::{Entry, Piece, Shape};

/// Where in a document keys have an order, and which.
type Order = (&'static str, &'static [&'static str]);

/// The kinds of documents, by the key that only they have, and where in them keys have an order. `*` is
/// any key or item.
pub(super) const DOCUMENTS: &[(&str, &[Order])] = &[
    ("contract", CONTRACT),
    ("aggregate", AGGREGATE),
    ("view", VIEW),
    ("workflow", WORKFLOW),
    ("definitions", DEFINITIONS),
    (
        "system",
        &[("", &["system", "owner", "sinks", "recordings", "may-use"]), ("recordings", &["size", "sample"])],
    ),
    // A file of `tests/` or `regressions/`: a publisher's has no `input`, a regression may have no `then`.
    ("then", CASE),
    ("input", CASE),
    ("given", CASE),
];

const CASE: &[Order] = &[
    ("", &["visible", "given", "input", "then"]),
    ("given", &["event", "meta", "events", "context"]),
    ("given/meta", &["stream", "version", "time"]),
    ("given/event", &["type", "data"]),
    ("given/events/*", &["type", "data"]),
    ("given/context", &["now", "id", "caller"]),
    ("given/context/caller", &["id", "roles", "claims"]),
    ("then", &["error", "output", "events", "messages"]),
    ("then/events/*", &["type", "data"]),
];

const CONTRACT: &[Order] = &[
    (
        "",
        &[
            "contract",
            "version",
            "kind",
            "implementation",
            "owner",
            "summary",
            "aggregate",
            "service",
            "key",
            "triggers",
            "subscribes",
            "publishes",
            "to",
            "allow",
            "input",
            "reads",
            "output",
            "content",
            "emits",
            "use",
            "let",
            "requires",
            "errors",
            "ensures",
            "free",
            "unordered",
            "relations",
            "examples",
            "budget",
            "isolation",
            "verify",
        ],
    ),
    ("triggers/*", &["http", "status"]),
    ("reads", &["view", "match", "order", "limit", "page"]),
    ("reads/page", &["size", "after"]),
    ("errors/*", &["code", "if", "status", "data"]),
    ("examples/*", &["given", "input", "then"]),
    ("examples/*/given", &["event", "meta", "events", "context"]),
    ("examples/*/given/meta", &["stream", "version", "time"]),
    ("examples/*/given/event", &["type", "data"]),
    ("examples/*/given/events/*", &["type", "data"]),
    ("examples/*/given/context", &["now", "id", "caller"]),
    ("examples/*/given/context/caller", &["id", "roles", "claims"]),
    ("examples/*/then", &["error", "output", "events", "messages"]),
    ("examples/*/then/events/*", &["type", "data"]),
    ("verify", &["cases", "sealed", "strength", "accept"]),
    ("verify/accept/*", &["mutant", "for", "reason", "by"]),
    ("budget", &["memory", "fuel", "answer", "timeout"]),
];

const AGGREGATE: &[Order] = &[
    ("", &["aggregate", "use", "state", "initial", "events", "invariants"]),
    ("events/*", &["version", "data", "was", "evolve"]),
    ("events/*/was/*", &["data", "upcast"]),
];

const VIEW: &[Order] =
    &[("", &["view", "use", "row", "index", "from"]), ("from/*", &["key", "put", "set", "delete"])];

/// Steps nest, so what they have is in order wherever it is: see [`sort_steps`].
const WORKFLOW: &[Order] = &[
    (
        "",
        &[
            "workflow", "version", "owner", "summary", "triggers", "allow", "input", "output", "errors",
            "deadline", "use", "steps", "returns",
        ],
    ),
    ("triggers/*", &["http", "status", "event", "where", "with"]),
    ("errors/*", &["code", "status"]),
];

/// The keys of a step of any kind: what its result is called, what it does, with what, what then.
const STEP: &[&str] = &[
    "id",
    "call",
    "parallel",
    "if",
    "switch",
    "each",
    "repeat",
    "wait",
    "let",
    "fail",
    "with",
    "key",
    "timeout",
    "retry",
    "undo",
    "catch",
    "concurrency",
    "until",
    "max",
    "then",
    "cases",
    "else",
    "default",
    "do",
    "returns",
];

/// The keys of what stands in a step.
const IN_STEPS: &[(&str, &[&str])] = &[
    ("wait", &["event", "until", "where", "timeout", "else"]),
    ("undo", &["call", "with", "accept"]),
    ("retry", &["for", "max", "backoff", "jitter"]),
];

const DEFINITIONS: &[Order] =
    &[("", &["definitions", "summary", "use", "functions"]), ("functions/*", &["summary", "takes", "is"])];

/// The keys of a schema, as people tell what a value is.
const SCHEMA: [&str; 21] = [
    "type",
    "anyOf",
    "oneOf",
    "enum",
    "description",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "maxProperties",
    "required",
    "properties",
    "items",
    "additionalProperties",
    "default",
];

/// Put the keys of schemas in order, wherever they are. Only for what stands in no file: the fields of an object
/// may be named like keywords.
pub(super) fn put_schemas_in_order(piece: &mut Piece) {
    if let Shape::Map(fields, _) = &mut piece.shape {
        let rank = |field: &Entry| {
            let key = field.key.as_ref().map_or("", |(key, _)| key.as_str());
            SCHEMA.iter().position(|known| *known == key).unwrap_or(SCHEMA.len())
        };
        fields.sort_by_key(rank);
    }
    if let Shape::Map(entries, _) | Shape::List(entries, _) = &mut piece.shape {
        entries.iter_mut().for_each(|entry| put_schemas_in_order(&mut entry.value));
    }
}

/// Put the keys of a document in order. Keys that have no place follow in the order of the file.
pub(super) fn put_in_order(document: &mut Piece) {
    let Shape::Map(fields, _) = &document.shape else { return };
    let has = |kind: &str| fields.iter().any(|field| field.key.as_ref().is_some_and(|(key, _)| key == kind));
    let Some((kind, orders)) = DOCUMENTS.iter().find(|(kind, _)| has(kind)) else { return };
    sort(document, &mut Vec::new(), orders);
    if *kind == "workflow"
        && let Shape::Map(fields, _) = &mut document.shape
    {
        let steps = fields.iter_mut().filter(|field| key(field) == "steps");
        steps.for_each(|field| sort_steps(&mut field.value));
    }
}

fn key(entry: &Entry) -> &str {
    entry.key.as_ref().map_or("", |(key, _)| key.as_str())
}

fn by_rank(fields: &mut [Entry], keys: &[&str]) {
    fields.sort_by_key(|field| keys.iter().position(|known| *known == key(field)).unwrap_or(keys.len()));
}

/// Put the keys of a list of steps in order, and of the lists in them.
fn sort_steps(piece: &mut Piece) {
    let Shape::List(steps, _) = &mut piece.shape else { return };
    for step in steps {
        let Shape::Map(fields, _) = &mut step.value.shape else { continue };
        by_rank(fields, STEP);
        for field in fields {
            let name = key(field).to_owned();
            let keys = IN_STEPS.iter().find(|(known, _)| *known == name);
            match (name.as_str(), &mut field.value.shape) {
                ("then" | "else" | "do" | "default" | "repeat", _) => sort_steps(&mut field.value),
                ("cases" | "parallel" | "catch", Shape::Map(ways, _)) => {
                    ways.iter_mut().for_each(|way| sort_steps(&mut way.value));
                }
                (_, Shape::Map(inner, _)) if let Some((_, keys)) = keys => {
                    by_rank(inner, keys);
                    let others = inner.iter_mut().filter(|field| key(field) == "else");
                    others.for_each(|field| sort_steps(&mut field.value));
                }
                _ => {}
            }
        }
    }
}

/// `path` is made of the keys above, with an empty text for an item.
fn sort(piece: &mut Piece, path: &mut Vec<String>, orders: &[Order]) {
    if let Shape::Map(fields, _) = &mut piece.shape
        && let Some((_, keys)) = orders.iter().find(|(pattern, _)| fits(pattern, path))
    {
        let rank = |field: &Entry| {
            let key = field.key.as_ref().map_or("", |(key, _)| key.as_str());
            keys.iter().position(|known| *known == key).unwrap_or(keys.len())
        };
        if !fields.is_sorted_by_key(rank) {
            // What is said at the top is about the whole file, if a blank line sets it apart.
            let heading = if path.is_empty() { take_heading(fields) } else { Vec::new() };
            fields.sort_by_key(rank);
            if let Some(first) = fields.first_mut() {
                first.apart |= !heading.is_empty();
                first.above.splice(0..0, heading);
            }
        }
    }
    if let Shape::Map(entries, _) | Shape::List(entries, _) = &mut piece.shape {
        for entry in entries {
            path.push(entry.key.as_ref().map_or_else(String::new, |(key, _)| key.clone()));
            sort(&mut entry.value, path, orders);
            path.pop();
        }
    }
}

fn take_heading(fields: &mut [Entry]) -> Vec<super::layout::Above> {
    let Some(first) = fields.first_mut() else { return Vec::new() };
    let end = if first.apart {
        first.above.len()
    } else {
        first.above.iter().rposition(|remark| remark.apart).unwrap_or(0)
    };
    first.above.drain(..end).collect()
}

fn fits(pattern: &str, path: &[String]) -> bool {
    let wanted = pattern.split('/').filter(|_| !pattern.is_empty());
    wanted.clone().count() == path.len()
        && wanted.zip(path).all(|(wanted, key)| wanted == "*" || wanted == key)
}
