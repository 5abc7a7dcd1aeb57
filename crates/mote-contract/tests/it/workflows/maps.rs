//! The failure map and the drawings of the workflow in `model.rs`, as they are read: `maps/` has them in full.

use std::path::Path;

use mote_contract::workflow::Failure;
use mote_contract::{check, failures, graph};

use super::model::{FULFIL, workflow};
use super::system::system;

/// What `maps/` says is `found`; with `UPDATE_EXPECT=1` it is written anew.
#[track_caller]
fn expect(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/workflows/maps").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), found, "{}", path.display());
}

fn lines(failures: &[Failure]) -> String {
    let line = |failure: &Failure| {
        let Failure { at, does, ways, then, undo } = failure;
        let undo = if undo.is_empty() { String::new() } else { format!(" [{}]", undo.join(", ")) };
        format!("{at} ({does}) {}: {then}{undo}\n", ways.join(", "))
    };
    failures.iter().map(line).collect()
}

#[test]
fn every_way_to_fail_says_where_it_leads() {
    expect("failures.txt", &lines(&workflow(FULFIL).failures()));
}

#[test]
fn a_workflow_is_drawn_with_its_errors() {
    expect("workflow.mmd", &workflow(FULFIL).graph());
}

#[test]
fn a_system_has_a_map_and_a_drawing() {
    let system = check(&system(&[("flow", FULFIL)])).system.unwrap();
    expect("system.mmd", &graph(&system));
    let maps = failures(&system).into_iter().filter(|map| map.kind != "workflow");
    let text: String =
        maps.map(|map| format!("{} {}\n{}", map.kind, map.name, lines(&map.failures))).collect();
    expect("system.txt", &text);
}

/// Of a `parallel` of which one branch is enough, a failure ends the branch.
#[test]
fn a_branch_that_is_not_needed_ends_alone() {
    let failures = workflow(
        "
steps:
  - parallel:
      fast: [{call: quote, with: {total: 1}, retry: {max: 1}}]
      slow: [{call: label, with: {text: a}, timeout: 10s}, {call: deliver, with: {orderId: a}, undo: none, catch: {forbidden: [], requirement-failed: [{let: {x: '1'}}, {fail: rejected}]}}]
    wait: any
  - {call: deliver, with: {orderId: a}, catch: {forbidden: [], requirement-failed: [], timeout: []}, timeout: 1m}
",
    )
    .failures();
    expect("any.txt", &lines(&failures));
}
