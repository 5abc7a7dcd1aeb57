//! Every folder of `cases/diagnostics/` is a small system with a mistake, the diagnostics it gets, and
//! the page that explains them. With `UPDATE_EXPECT=1` the expected diagnostics are written anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mote_contract::{Code, Files, Severity, check};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/diagnostics")
}

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

#[test]
fn every_case_gets_its_diagnostics() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failures = Vec::new();
    // Templates are judged where they are rendered, by the tests of mote-forge.
    for folder in folders().into_iter().filter(|folder| !folder.join("templates").is_dir()) {
        let found = diagnostics(&folder);
        let expected = folder.join("expected.txt");
        if std::fs::read_to_string(&expected).unwrap_or_default() == found {
            continue;
        }
        if update {
            std::fs::write(&expected, &found).unwrap();
        } else {
            failures.push(format!("{}\n{found}", folder.display()));
        }
    }
    assert!(failures.is_empty(), "not as expected (UPDATE_EXPECT=1 accepts):\n{}", failures.join("\n"));
}

#[test]
fn every_code_has_a_case_and_every_case_a_code() {
    let known: BTreeSet<_> = Code::ALL.iter().map(|(_, name, _)| (*name).to_owned()).collect();
    let mut shown = BTreeSet::new();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let code = name.split('-').next().unwrap().to_owned();
        assert!(known.contains(&code), "{name}: there is no code `{code}`");
        assert!(folder.join("README.md").is_file(), "{name}: it has no page");
        let expected = std::fs::read_to_string(folder.join("expected.txt")).unwrap_or_default();
        assert!(expected.contains(&format!(" {code} ")), "{name}: no diagnostic has its code");
        shown.insert(code);
    }
    let unshown: Vec<_> = known.difference(&shown).collect();
    assert!(unshown.is_empty(), "codes without a case: {unshown:?}");
}

/// The diagnostics of the system in `folder`, as `path:line:column code message` and `hint: …` lines.
fn diagnostics(folder: &Path) -> String {
    let mut files = Files::new();
    add(folder, folder, &mut files);
    let report = check(&files);
    let mut lines = String::new();
    for found in &report.diagnostics {
        let (line, column) = files.line_column(found.place.file, found.place.span.start);
        let path = files.path(found.place.file);
        let warning = if found.severity == Severity::Warning { "warning: " } else { "" };
        let place = folder.display();
        // What is wrong with a type is said by both types.
        let says_what_to_type = found.hint.is_some() || found.code == Code::Expression;
        assert!(says_what_to_type, "{place}: `{}` does not say what to type", found.message);
        lines += &format!("{path}:{line}:{column} {} {warning}{}\n", found.code, found.message);
        if let Some(hint) = &found.hint {
            lines += &format!("hint: {hint}\n");
        }
    }
    let clean = report.diagnostics.iter().all(|found| found.severity == Severity::Warning);
    assert_eq!(report.system.is_some(), clean, "{}", folder.display());
    lines
}

pub(crate) fn add(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(root, &path, files);
        } else if path
            .extension()
            .is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known))
        {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.add(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}
