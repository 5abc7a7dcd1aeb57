//! What programs read of files: every line of `--json`, written out in `programs.txt`. With `UPDATE_EXPECT=1` it is written anew.

use std::path::Path;

use crate::making::mote;

/// Run `mote` with each line of words, and write down what it prints for programs and how it ends.
fn transcript(root: &Path, commands: &[&[&str]]) -> String {
    let mut text = String::new();
    for words in commands {
        let output = mote(root, words);
        text += &format!("$ mote {}\n", words.join(" "));
        text += &String::from_utf8(output.stdout).expect("it is text");
        text += &format!("exits with {}\n\n", output.status.code().expect("it exits"));
    }
    text
}

fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let path = root.join(path);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "`{from}` is not in {text}");
    std::fs::write(path, text.replace(from, to)).expect("it can be written");
}

#[test]
fn every_line_for_programs_is_written_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let mut found = transcript(
        root,
        &[
            &["new", "shop", "--here", "--json"],
            &["check", "--json"],
            &["add", "function", "round-up", "--json"],
            &["fmt", "--check", "--json"],
            &["template", "list", "--json"],
            &["template", "eject", "operation/function.yaml"],
        ],
    );
    edit(root, "contracts/pay-in.yaml", "status: 409", "status: 409, wen: 1");
    edit(root, "templates/operation/function.yaml", "{{ name }}", "{{ nam }}");
    found += &transcript(root, &[&["check", "--json"], &["template", "check", "--json"]]);
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/programs.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&expected, &found).expect("it can be written");
    }
    assert!(std::fs::read_to_string(expected).expect("it is there") == found, "{found}");
}
