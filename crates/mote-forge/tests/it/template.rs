//! A system's own templates: what is wrong with them is told at their lines, and what they make is another artifact.
//! The cases of `cases/diagnostics/` that have a folder `templates/` are judged here, where templates are rendered.

use std::fs;
use std::path::{Path, PathBuf};

use mote_contract::Files;
use mote_forge::SystemFolder;
use mote_forge::template::{Origin, Template, check};
use mote_forge::typescript::ServiceSource;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/diagnostics");
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = folders.filter(|path| path.join("templates").is_dir()).collect();
    folders.sort();
    folders
}

/// What is wrong in `files`, as `path:line:column code message` and `hint: …` lines.
fn said(files: &Files) -> String {
    let mut lines = String::new();
    for found in check(files) {
        let (line, column) = files.line_column(found.place.file, found.place.span.start);
        let path = files.path(found.place.file);
        lines += &format!("{path}:{line}:{column} {} {}\n", found.code, found.message);
        lines += &format!("hint: {}\n", found.hint.expect("it says what to type"));
    }
    lines
}

/// What is wrong with one text in place of, or beside, what is built in.
fn said_of(name: &str, text: &str) -> String {
    let mut files = Files::new();
    files.add(format!("templates/{name}"), text);
    said(&files)
}

#[test]
fn every_case_gets_its_diagnostics() {
    let cases = cases();
    assert!(cases.len() > 1, "the cases were not found");
    for folder in cases {
        let found = said(&SystemFolder::open(&folder).unwrap().read().unwrap());
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        assert_eq!(fs::read_to_string(&expected).unwrap_or_default(), found, "{}", folder.display());
    }
}

#[test]
fn what_is_built_in_is_right_when_it_is_ejected() {
    let template = Template::default();
    for (name, origin) in template.names() {
        assert_eq!(origin, Origin::BuiltIn);
        assert_eq!(said_of(name, template.text(name).unwrap()), "", "{name}");
    }
}

#[test]
fn a_mistake_is_told_at_its_line() {
    let check = |name: &str, text: &str, expected: &str| assert_eq!(said_of(name, text), expected, "{text}");
    check(
        "operation/function.ts",
        "// {{ name }}\n{% if name %}\n",
        "templates/operation/function.ts:2:1 M075 unexpected end of input, expected end of block\n\
         hint: `mote template show operation/function.ts --built-in` shows one that works\n",
    );
    check(
        "operation/function.ts",
        "{{ name }}\n  {{ name | shout }}\n",
        "templates/operation/function.ts:2:3 M075 filter shout is unknown\n\
         hint: `mote template show operation/function.ts --built-in` shows one that works\n",
    );
    check(
        "operation/publisher.yaml",
        "contract: {{ name }}\nsink: sink\nto: {{ sinc }}\n",
        "templates/operation/publisher.yaml:3:8 M075 there is no variable `sinc` in `operation/publisher.yaml`\n\
         hint: did you mean `sink`?\n",
    );
    check(
        "typescript/prelude.js",
        "const $mote = 1;\nconst $mote 2;\n",
        "templates/typescript/prelude.js:2:7 M075 this is not JavaScript: Missing initializer in const declaration\n\
         hint: `mote template show typescript/prelude.js --built-in` shows one that works\n",
    );
    check(
        "typescript/adapter.js.j2",
        "{{ prelude }}\nconst places = {{ places }};\n{{ modules }}\nexport { answer\n",
        "templates/typescript/adapter.js.j2:1:1 M075 what this renders is not JavaScript: Expected `}` but found `EOF`\n\
         hint: `mote template show typescript/adapter.js.j2 --built-in` shows one that works\n",
    );
}

#[test]
fn what_gets_into_artifacts_is_another_source() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("mote.yaml", "system: shop\n");
    write("services/answer/answer.ts", "export default () => ({ output: 42 });\n");
    let system = SystemFolder::open(folder.path()).unwrap();
    let hash = || ServiceSource::of(&system, "answer", &["answer".to_owned()]).unwrap().hash();
    let built_in = Template::default();
    let before = hash();
    // What an operation begins with, and what an editor knows, is in no artifact.
    write("templates/operation/function.ts", "// nothing\n");
    write("templates/typescript/mote.d.ts.j2", "declare module \"mote\" {}\n");
    assert_eq!(hash(), before);
    let adapter = built_in.text("typescript/adapter.js.j2").unwrap();
    write(
        "templates/typescript/adapter.js.j2",
        &format!("{{% include \"typescript/notice.js\" %}}\n{adapter}"),
    );
    write("templates/typescript/notice.js", "// Ours.\n");
    let ours = hash();
    assert_ne!(ours, before);
    assert_eq!(said(&system.read().unwrap()), "");
    write("templates/typescript/notice.js", "// Ours, of 2027.\n");
    assert_ne!(hash(), ours);
    let template = Template::read(&system).unwrap();
    let own: Vec<_> = template.names().filter(|(_, origin)| *origin != Origin::BuiltIn).collect();
    assert_eq!(
        own,
        [
            ("operation/function.ts", Origin::Replaced),
            ("typescript/adapter.js.j2", Origin::Replaced),
            ("typescript/mote.d.ts.j2", Origin::Replaced),
            ("typescript/notice.js", Origin::Added),
        ]
    );
}

/// What each operation begins with, in a system that has what it needs.
#[test]
fn what_operations_begin_with_is_accepted() {
    let template = Template::default();
    let mut files = Files::new();
    files.add("mote.yaml", "system: shop\nsinks: {ledger: {kind: log}}\n");
    let values = [
        ("handler", "handle"),
        ("aggregate", "purse"),
        ("event", "PurseNoted"),
        ("events", "[PurseNoted]"),
        ("sink", "ledger"),
        ("view", "notes"),
        ("row", "../views/notes.yaml#/row"),
    ];
    let text = |name: &str, operation: &str| {
        template.filled(name, &[&[("name", operation)], &values[..]].concat()).unwrap()
    };
    files.add("aggregates/purse.yaml", text("operation/aggregate.yaml", "purse"));
    files.add(
        "views/notes.yaml",
        "view: notes\nrow: {type: object, required: [note], properties: {note: {type: string, maxLength: 200}}}\n\
         from:\n  PurseNoted: {key: \"note-${event.data.note}\", put: {note: \"${event.data.note}\"}}\n",
    );
    for kind in ["command", "command-of-new", "function", "publisher", "query"] {
        let operation = format!("a-{kind}");
        files.add(format!("contracts/{operation}.yaml"), text(&format!("operation/{kind}.yaml"), &operation));
    }
    let report = mote_contract::check(&files);
    assert!(report.diagnostics.is_empty(), "{:#?}", report.diagnostics);
    let system = report.system.unwrap();
    assert_eq!(system.derived().map(|law| law.contract.name.as_str()).collect::<Vec<_>>(), ["a-query"]);
    assert_eq!(system.laws.len(), 5);
}

#[test]
fn every_template_is_on_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/templates.md");
    let page = fs::read_to_string(page).unwrap();
    for (name, _) in Template::default().names() {
        assert!(page.contains(&format!("`{name}`")), "docs/templates.md does not name {name}");
    }
}
