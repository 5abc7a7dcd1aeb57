//! Files that no person wrote: deep, huge or endless. A check of them ends, soon, with a diagnostic.

use mote_contract::{Files, Report, check};

/// Check `files` beside a manifest; the first error's code and message begin with `expected`.
#[track_caller]
fn refused(files: &[(&str, String)], expected: &str) {
    let mut system = Files::new();
    system.add("mote.yaml", "system: hostile\n");
    for (path, text) in files {
        system.add(*path, text.as_str());
    }
    let report = check(&system);
    assert!(report.system.is_none());
    let found = &report.diagnostics[0];
    let found = format!("{} {}", found.code, found.message);
    assert!(found.starts_with(expected), "{found}");
}

#[track_caller]
fn contract(text: &str, expected: &str) {
    refused(&[("contracts/x.yaml", text.to_owned())], expected);
}

#[test]
fn deep_yaml() {
    contract(&"[".repeat(200_000), "M001 nested too deeply");
    contract(&"{a: ".repeat(200_000), "M001 nested too deeply");
    contract(&"- ".repeat(200_000), "M001 nested too deeply");
    contract(&"? ".repeat(200_000), "M001 a key is a plain string");
}

#[test]
fn huge_yaml() {
    let keys = |count: usize| (0..count).map(|at| format!("k{at}:\n")).collect::<String>();
    contract(&keys(100_000), "M002 a contract has no key `k0`");
    contract(&"x".repeat(2 << 20), "M001 the file has 2097152 bytes, the most is 1048576");
    contract(&format!("contract: x\nlet:\n{}", keys(100).replace('k', "  k")), "M003");
    contract(&format!("a: {}", "\"\n".repeat(300_000)), "M001");
    contract("a\u{0}b: 1", "M001 not YAML");
}

#[test]
fn deep_and_long_expressions() {
    let rule = |expression: String| {
        format!("contract: x\nkind: function\noutput: {{type: integer}}\nensures:\n  r: \"{expression}\"\n")
    };
    contract(&rule("(".repeat(2_000)), "M020");
    contract(&rule("!".repeat(4_000)), "M020");
    contract(&rule(format!("{}1{} == 2 + x", "(".repeat(50), ")".repeat(50))), "M020");
    contract(&rule(format!("{} && x", vec!["1 == 1"; 400].join(" && "))), "M020");
    contract(&rule("x".repeat(5_000)), "M020 an expression has at most 4096 bytes");
}

/// Each file refers to the next one twice: expanded, the last is there 2^20 times.
#[test]
fn references_that_double() {
    let mut files: Vec<(String, String)> = (0..20)
        .map(|at| {
            let next = format!("{{$ref: s{}.yaml}}", at + 1);
            (format!("schemas/s{at}.yaml"), format!("type: object\nproperties: {{a: {next}, b: {next}}}\n"))
        })
        .collect();
    files.push(("schemas/s20.yaml".to_owned(), "type: integer\n".to_owned()));
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    refused(&files, "M010 with everything it refers to, this schema");
}

#[test]
fn a_long_chain_of_references() {
    let item = |inner: String| format!("{}{inner}{}", "{type: array, items: ".repeat(20), "}".repeat(20));
    let mut files: Vec<(String, String)> = (0..2_000)
        .map(|at| (format!("schemas/s{at:04}.yaml"), item(format!("{{$ref: s{:04}.yaml}}", at + 1))))
        .collect();
    files.push(("schemas/s2000.yaml".to_owned(), "type: integer\n".to_owned()));
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    refused(&files, "M010 this chain of `$ref`s nests too deeply");
}

#[test]
fn no_files_at_all() {
    let report = check(&Files::new());
    assert!(report.system.is_none());
    let found = &report.diagnostics[0];
    assert_eq!(found.message, "there is no `mote.yaml` here");
    // A place that can be shown, though there is nothing.
    assert_eq!(Files::new().path(found.place.file), "mote.yaml");
    assert_eq!(Files::new().line_column(found.place.file, 0), (1, 1));
}

/// A file that is broken anywhere, in many ways, never ends the check itself.
#[test]
fn broken_anywhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let (aggregate, contract) = ("aggregates/guestbook.yaml", "contracts/sign-guestbook.yaml");
    let texts = [(aggregate, read(aggregate)), (contract, read(contract))];
    let stride = std::env::var("BROKEN_STRIDE").map_or(17, |stride| stride.parse().unwrap());
    for (broken, text) in &texts {
        for mutant in mutants(text, stride) {
            let mut files = Files::new();
            files.add("mote.yaml", "system: broken\n");
            for (path, text) in &texts {
                files.add(*path, if path == broken { &mutant } else { text });
            }
            can_be_shown(&check(&files), &files);
        }
    }
}

/// `text`, broken at every so many bytes in each of many ways.
pub(crate) fn mutants(text: &str, stride: usize) -> impl Iterator<Item = String> + '_ {
    let places = (0..text.len()).step_by(stride).filter(|at| text.is_char_boundary(*at));
    places.flat_map(|at| {
        let (before, after) = text.split_at(at);
        let rest = after.char_indices().nth(1).map_or("", |(next, _)| &after[next..]);
        let inserted = ["é", "'", "{", ": ", "\n", "\r\n  ", "${", "|"];
        let inserted = inserted.map(|inserted| format!("{before}{inserted}{after}"));
        [before.to_owned(), format!("{before}{rest}")].into_iter().chain(inserted)
    })
}

/// Every diagnostic has a place in its file, and says something.
#[track_caller]
pub(crate) fn can_be_shown(report: &Report, files: &Files) {
    for found in &report.diagnostics {
        let text = files.text(found.place.file);
        let span = found.place.span.clone();
        assert!(
            text.get(span.clone()).is_some(),
            "{}: {span:?} in {:?}",
            found.message,
            String::from_utf8_lossy(
                &text.as_bytes()[span.start.saturating_sub(30)..(span.end + 5).min(text.len())]
            )
        );
        assert!(!found.message.is_empty() && !found.message.ends_with('.'), "{}", found.message);
    }
}
