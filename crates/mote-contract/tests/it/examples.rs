//! Every system in `examples/` is without problems.

use std::path::Path;

use mote_contract::{Files, check};

#[test]
fn examples_are_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for system in std::fs::read_dir(root).unwrap() {
        let folder = system.unwrap().path();
        let mut files = Files::new();
        add(&folder, &folder, &mut files);
        let report = check(&files);
        let problems: Vec<_> = report
            .diagnostics
            .iter()
            .map(|found| {
                let (line, column) = files.line_column(found.place.file, found.place.span.start);
                format!(
                    "{}:{line}:{column} {} {} {:?}",
                    files.path(found.place.file),
                    found.code,
                    found.message,
                    found.hint
                )
            })
            .collect();
        assert_eq!(problems, Vec::<String>::new());
        assert!(report.system.is_some());
    }
}

fn add(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.add(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}
