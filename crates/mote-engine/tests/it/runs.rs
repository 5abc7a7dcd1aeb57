//! A run goes on as its workflow says, whatever comes back when, and is the same run when it is taken up again.
//!
//! Each folder of `cases/runs` is a workflow, a script of what happens, and what the run wants after each line. With
//! `UPDATE_EXPECT=1` the last is written anew.

mod chance;
mod drive;
mod script;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mote_contract::{Files, Severity, Workflow, check};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/runs")
}

/// The workflow of a case.
fn workflow(case: &Path) -> Arc<Workflow> {
    let mut files = Files::new();
    let mut folders = vec![cases().join("system")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(cases().join("system")).unwrap().display().to_string();
            files.add(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    files.add("workflows/flow.yaml", std::fs::read_to_string(case.join("workflow.yaml")).unwrap());
    let report = check(&files);
    let errors: Vec<_> =
        report.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{}: {errors:#?}", case.display());
    report.system.unwrap().workflows["flow"].clone()
}

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.join("workflow.yaml").exists()).collect();
    folders.sort();
    assert!(folders.len() > 10);
    folders
}

#[test]
fn every_script_goes_as_expected() {
    let mut failures = Vec::new();
    for case in folders() {
        let script = std::fs::read_to_string(case.join("script.txt")).unwrap();
        let told = script::tell(&workflow(&case), &script);
        let expected = case.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &told).unwrap();
        } else if std::fs::read_to_string(&expected).ok().as_deref() != Some(&told) {
            failures.push(format!("{}:\n{told}", case.display()));
        }
    }
    assert!(failures.is_empty(), "not as expected (UPDATE_EXPECT=1 accepts):\n{}", failures.join("\n"));
}

#[test]
fn whatever_happens_a_run_ends_with_nothing_half_done() {
    for case in folders() {
        let workflow = workflow(&case);
        for seed in 0..200 {
            chance::check(&workflow, seed, &format!("{} with seed {seed}", case.display()));
        }
    }
}

#[test]
fn a_run_outlives_its_process() {
    for case in folders() {
        // Nobody tells of events here, and a run that waits for one only sees its time go by.
        let workflow = workflow(&case);
        for seed in 0..20 {
            for crash_after in [1, 2, 3, 4, 7, usize::MAX] {
                for stored in [false, true] {
                    let beside = format!("{} with seed {seed}, {crash_after}, {stored}", case.display());
                    drive::check(&workflow, seed, crash_after, stored, &beside);
                }
            }
        }
    }
}

#[test]
fn three_steps_take_four_pages() {
    assert_eq!(drive::pages(&workflow(&cases().join("saga"))), 4);
}
