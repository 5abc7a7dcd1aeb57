//! A crate uses only layers below its own; siblings never know each other.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Each crate's layer, and the heavy or impure dependencies that only some may have.
const LAYERS: &[(&str, u8)] = &[
    ("mote-expr", 0),
    ("mote-contract", 1),
    ("mote-log", 1),
    ("mote-verify", 2),
    ("mote-engine", 2),
    ("mote-store", 2),
    ("mote-host", 2),
    ("mote-forge", 3),
    ("mote-server", 3),
    ("mote-sim", 3),
    ("mote", 4),
];

/// What only these crates may depend on, directly.
const QUARANTINED: &[(&str, &[&str])] = &[
    ("wasmtime", &["mote-host"]),
    ("rusqlite", &["mote-store"]),
    ("tokio", &["mote-server", "mote-forge", "mote"]),
    ("axum", &["mote-server"]),
    ("cel", &["mote-expr"]),
    ("saphyr-parser", &["mote-contract"]),
    ("componentize-qjs", &["mote-forge"]),
    ("oxc_parser", &["mote-forge"]),
    ("clap", &["mote"]),
    ("anyhow", &["mote"]),
];

/// Why the edge from `from` to `to` may not be; None if it may.
fn refusal(from: &str, to: &str, edges_of_ours: &BTreeMap<&str, u8>) -> Option<String> {
    if let Some((_, allowed)) = QUARANTINED.iter().find(|(name, _)| *name == to) {
        let names = allowed.join(", ");
        return (!allowed.contains(&from))
            .then(|| format!("`{from}` depends on `{to}`, which only {names} may"));
    }
    let (from_layer, to_layer) = (edges_of_ours.get(from)?, edges_of_ours.get(to)?);
    if to == "mote-sim" {
        return Some(format!("`{from}` depends on `mote-sim`, which nothing that ships may"));
    }
    if from == "mote-host" {
        return Some(format!("`mote-host` depends on `{to}`: the sandbox depends on nothing of ours"));
    }
    match to_layer.cmp(from_layer) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(format!(
            "`{from}` depends on its sibling `{to}`: both are in layer {to_layer}; let a crate above join them"
        )),
        std::cmp::Ordering::Greater => Some(format!(
            "`{from}` (layer {from_layer}) depends on `{to}` above it (layer {to_layer}): turn the edge around"
        )),
    }
}

#[test]
fn every_edge_points_down() {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let mut refused = Vec::new();
    for (from, to) in edges() {
        if from.starts_with("mote") && !layers.contains_key(from.as_str()) {
            refused.push(format!(
                "`{from}` has no layer: add it to LAYERS, and say why it is a crate in ARCHITECTURE.md"
            ));
        }
        refused.extend(refusal(&from, &to, &layers));
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn wrong_edges_are_refused_with_a_sentence() {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let check = |from: &str, to: &str, expected: Option<&str>| {
        assert_eq!(refusal(from, to, &layers).as_deref(), expected, "{from} -> {to}");
    };
    check("mote-engine", "mote-contract", None);
    check("mote-engine", "serde", None);
    check(
        "mote-engine",
        "mote-store",
        Some(
            "`mote-engine` depends on its sibling `mote-store`: both are in layer 2; let a crate above join them",
        ),
    );
    check(
        "mote-contract",
        "mote-engine",
        Some("`mote-contract` (layer 1) depends on `mote-engine` above it (layer 2): turn the edge around"),
    );
    check(
        "mote-host",
        "mote-expr",
        Some("`mote-host` depends on `mote-expr`: the sandbox depends on nothing of ours"),
    );
    check("mote", "mote-sim", Some("`mote` depends on `mote-sim`, which nothing that ships may"));
    check(
        "mote-engine",
        "tokio",
        Some("`mote-engine` depends on `tokio`, which only mote-server, mote-forge, mote may"),
    );
}

/// The direct dependencies of our crates, without those of tests.
fn edges() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("cargo lists packages");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    packages
        .iter()
        .filter(|package| text(&package["name"]).starts_with("mote"))
        .flat_map(|package| {
            let from = text(&package["name"]);
            let dependencies = package["dependencies"].as_array().cloned().unwrap_or_default();
            let normal = dependencies.into_iter().filter(|dependency| dependency["kind"].is_null());
            normal.map(move |dependency| (from.clone(), text(&dependency["name"]))).collect::<Vec<_>>()
        })
        .collect()
}
