//! `docs/command-line.md` says what the binary says of itself.

use std::path::Path;
use std::process::Command;

/// What `mote` prints with these arguments, at the width of the page.
fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mote"));
    let output =
        command.args(arguments).env("NO_COLOR", "1").env("COLUMNS", "100").output().expect("mote runs");
    assert!(output.status.success(), "mote {arguments:?} failed");
    let text = String::from_utf8(output.stdout).expect("help is text");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_command_is_on_the_page_as_its_help_has_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command-line.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let all = help(&["--help"]);
    let commands =
        all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 5, "the commands were not found in {all}");
    for command in commands {
        let help = help(&[command, "--help"]);
        let section = format!("\n## mote {command}\n");
        let (_, section) =
            page.split_once(&section).unwrap_or_else(|| panic!("no section `## mote {command}`"));
        let section = section.split("\n## ").next().unwrap_or_default();
        let block = format!("```text\n{help}\n```\n");
        assert!(section.contains(&block), "the section of `mote {command}` lacks its help:\n\n{block}");
        assert!(
            section.contains("```console\n$ mote"),
            "the section of `mote {command}` has no example that was run"
        );
    }
}
