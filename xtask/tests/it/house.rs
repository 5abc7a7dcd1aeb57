//! What every file of the house has.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file of code, in lines: a longer one hides a second thing.
const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn code_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            code_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_says_what_it_owns_and_is_short() {
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "bench"] {
        code_files(&root().join(folder), &mut files);
    }
    assert!(files.len() > 50, "the code was not found");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("code is text");
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not begin with what it owns (`//! …`)", file.display()));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!(
                "{} has {lines} lines, {LINES_MAX} at most: which second noun hides inside?",
                file.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_crates_are_refused_the_clock() {
    for name in ["mote-expr", "mote-contract", "mote-log", "mote-verify", "mote-engine"] {
        let file = root().join("crates").join(name).join("clippy.toml");
        let text = fs::read_to_string(&file).unwrap_or_default();
        for method in ["std::time::SystemTime::now", "std::time::Instant::now", "jiff::Timestamp::now"] {
            assert!(text.contains(method), "{} does not refuse {method}", file.display());
        }
    }
}
