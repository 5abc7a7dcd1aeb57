//! Files as they are written and as they are laid out: cases in `cases/format/`, and everything else that is YAML.

use std::path::{Path, PathBuf};

use super::order::DOCUMENTS;
use super::{lay_out, means_the_same};
use crate::tree::parse;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text laid out, unless it is not YAML. It means the same, and laid out again it stays.
#[track_caller]
fn check(name: &str, text: &str) -> Option<String> {
    let tree = parse(text).ok()?;
    tree.as_map()?;
    let once = lay_out(text, &tree);
    assert!(means_the_same(text, &once), "{name} means something else:\n{text}\n--- became\n{once}");
    let twice = lay_out(&once, &parse(&once).expect("it means the same"));
    assert!(once == twice, "{name} changes when it is laid out again:\n{text}\n---\n{once}\n---\n{twice}");
    Some(once)
}

#[test]
fn every_case_is_laid_out_as_expected() {
    let mut cases = 0;
    for case in std::fs::read_dir(root().join("cases/format")).expect("the cases are there") {
        let folder = case.expect("a case").path();
        let before = std::fs::read_to_string(folder.join("before.yaml")).expect("the file before");
        let name = folder.display().to_string();
        let found = check(&name, &before).unwrap_or_else(|| panic!("{name}: {:?}", parse(&before).err()));
        let after = folder.join("after.yaml");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&after, &found).expect("it can be written");
        }
        let expected = std::fs::read_to_string(after).expect("the file after");
        assert_eq!(found, expected, "{name}");
        cases += 1;
    }
    assert!(cases >= 10, "the cases were not found");
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// Every YAML text of the repository that people read.
fn texts() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["cases", "examples"] {
        yaml_files(&root().join(folder), &mut files);
    }
    let mut texts: Vec<_> = files
        .into_iter()
        .map(|file| (file.display().to_string(), std::fs::read_to_string(file).expect("a text")))
        .collect();
    for page in std::fs::read_dir(root().join("docs")).expect("the pages are there") {
        let path = page.expect("a page").path();
        let Ok(page) = std::fs::read_to_string(&path) else { continue };
        let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
        texts.extend(blocks.map(|block| (path.display().to_string(), format!("{block}\n"))));
    }
    texts
}

#[test]
fn every_file_keeps_its_meaning() {
    let checked = texts().iter().filter(|(name, text)| check(name, text).is_some()).count();
    assert!(checked > 100, "only {checked} texts were found");
}

#[test]
fn examples_are_laid_out() {
    for (name, text) in texts().iter().filter(|(name, _)| name.contains("/examples/")) {
        assert!(check(name, text).as_ref() == Some(text), "{name}: run `mote fmt`");
    }
}

/// Texts with pieces moved, doubled and put in: whatever is still YAML keeps its meaning.
#[test]
fn what_nobody_would_write_keeps_its_meaning() {
    const PIECES: [&str; 24] = [
        " # why\n",
        "\n# alone\n",
        "\n\n",
        "  ",
        "\n",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ": ",
        "- ",
        "\"",
        "'",
        "|\n",
        "|+\n",
        ">-\n",
        "a: 1\n",
        "  # deeper\n",
        "é",
        "\\n",
        "\t",
        "? ",
        "\n\n  - ",
    ];
    let texts = texts();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut checked = 0;
    for round in 0..8_000 {
        let (name, text) = &texts[random(texts.len())];
        let mut text: Vec<char> = text.chars().take(600).collect();
        for _ in 0..=random(4) {
            let at = random(text.len());
            match random(3) {
                0 => drop(text.splice(at..(at + random(6)).min(text.len()), [])),
                1 => drop(text.splice(at..at, PIECES[random(PIECES.len())].chars())),
                _ => {
                    let moved: Vec<char> = text[at..(at + random(40)).min(text.len())].to_vec();
                    let to = random(text.len());
                    text.splice(to..to, moved);
                }
            }
        }
        let text: String = text.into_iter().collect();
        checked += usize::from(check(&format!("{name}, round {round}"), &text).is_some());
    }
    assert!(checked > 1_000, "only {checked} texts were YAML");
}

/// The keys that a table of a page lists.
fn listed(page: &str, heading: &str) -> Vec<String> {
    let path = format!("{}/../../docs/{page}.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the page is there");
    let (_, section) = text.split_once(&format!("# {heading}\n")).expect("the heading is there");
    let section = section.split("\n#").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

#[track_caller]
fn check_keys(page: &str, heading: &str, document: &str, pattern: &str) {
    let (_, orders) = DOCUMENTS.iter().find(|(kind, _)| *kind == document).expect("a document");
    let (_, keys) = orders.iter().find(|(known, _)| *known == pattern).expect("a map");
    let listed = listed(page, heading);
    assert!(!listed.is_empty(), "{page}: {heading} lists nothing");
    let unknown: Vec<_> = listed.iter().filter(|key| !keys.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "{page}: {heading} lists {unknown:?}");
}

#[test]
fn a_value_that_stands_in_no_file() {
    let text = r#"{"state":{"type":"object","required":["a"],"properties":{"a":{"maximum":3,"type":"integer"},"b":{"type":"string","pattern":"^[a-z]: #$","maxLength":5}},"additionalProperties":false},"aggregate":"x","events":{}}"#;
    let value = mote_expr::parse(text.as_bytes()).expect("it is JSON");
    let expected = "aggregate: x\nstate:\n  type: object\n  required: [a]\n  properties: {a: {type: integer, maximum: 3}, b: {type: string, pattern: \"^[a-z]: #$\", maxLength: 5}}\n  additionalProperties: false\nevents: {}\n";
    assert_eq!(super::yaml(&value), expected);
    assert_eq!(parse(expected).expect("it is YAML").value(), value);
}

#[test]
fn every_key_of_the_documentation_has_its_place() {
    check_keys("contracts", "Keys of a contract", "contract", "");
    check_keys("contracts", "Keys of a trigger", "contract", "triggers/*");
    check_keys("contracts", "Keys of `reads`", "contract", "reads");
    check_keys("contracts", "Keys of a page", "contract", "reads/page");
    check_keys("contracts", "Keys of an error", "contract", "errors/*");
    check_keys("contracts", "Keys of an example", "contract", "examples/*");
    check_keys("contracts", "Keys of `given`", "contract", "examples/*/given");
    check_keys("contracts", "Keys of an event", "contract", "examples/*/given/events/*");
    check_keys("contracts", "Keys of a context", "contract", "examples/*/given/context");
    check_keys("contracts", "Keys of a caller", "contract", "examples/*/given/context/caller");
    check_keys("contracts", "Keys of `then`", "contract", "examples/*/then");
    check_keys("contracts", "Keys of a budget", "contract", "budget");
    check_keys("contracts", "Keys of `verify`", "contract", "verify");
    check_keys("contracts", "Keys of a waiver", "contract", "verify/accept/*");
    check_keys("contracts", "Keys of mote.yaml", "system", "");
    check_keys("aggregates", "Keys of an aggregate", "aggregate", "");
    check_keys("views", "Keys of a view", "view", "");
    check_keys("definitions", "Keys of a definition file", "definitions", "");
    check_keys("definitions", "Keys of a function", "definitions", "functions/*");
    check_keys("publishers", "Keys of a publisher", "contract", "");
    check_keys("publishers", "Keys of `given`", "contract", "examples/*/given");
    check_keys("publishers", "Keys of `meta`", "contract", "examples/*/given/meta");
    check_keys("publishers", "Keys of `then`", "contract", "examples/*/then");
    check_keys("aggregates", "Keys of an event", "aggregate", "events/*");
    check_keys("aggregates", "Keys of an older version", "aggregate", "events/*/was/*");
}
