//! Every system in `examples/` is without problems, warnings among them.

use std::path::Path;

use mote_contract::{Files, check};

use crate::diagnostics::add;

#[test]
fn examples_are_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let entries = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let systems: Vec<_> = entries.filter(|path| path.join("mote.yaml").is_file()).collect();
    assert!(systems.len() >= 2, "the examples were not found");
    for folder in systems {
        let mut files = Files::new();
        add(&folder, &folder, &mut files);
        let report = check(&files);
        let problems: Vec<_> = report
            .diagnostics
            .iter()
            .map(|found| {
                let (line, column) = files.line_column(found.place.file, found.place.span.start);
                let path = files.path(found.place.file);
                format!("{path}:{line}:{column} {} {} {:?}", found.code, found.message, found.hint)
            })
            .collect();
        assert_eq!(problems, Vec::<String>::new());
        assert!(report.system.is_some());
    }
}
