//! Services that nobody should write: each is refused by verification, with the clause that it breaks.
//!
//! All are operations of one service, so that it is built once.

use mote_expr::{Value, parse};

use crate::running::said;

/// What the handler does, and what the verdict says of it: the clause, and words of the message.
const CASES: [(&str, &str, &str, &str); 9] = [
    ("loops", "for (;;) {}", "budget/fuel", "an endless loop"),
    ("recurses", "const f = (n: number): number => f(n + 1) + 1; f(0);", "answer", "endless recursion"),
    ("allocates", "const all = new Uint8Array(500000000);", "budget/memory", "memory"),
    ("throws", "throw new Error('not today');", "answer", "not today"),
    ("answers-no-json", "return { output: { n: 1n as any }, events: [] };", "answer", ""),
    ("answers-nothing", "return undefined as any;", "answer", "returned undefined"),
    (
        "answers-too-much",
        "return { output: { n: 1, text: 'x'.repeat(100000) } as any, events: [] };",
        "budget/answer",
        "",
    ),
    (
        "emits-undeclared",
        "return { output: { n: 1 }, events: [{ type: 'Lost', data: {} } as any] };",
        "emits",
        "`Lost`",
    ),
    ("keeps-state", "calls += 1; return { output: { n: calls }, events: [] };", "purity/reused", ""),
];

fn contract(name: &str) -> String {
    format!(
        "contract: {name}\nkind: command\naggregate: counter\nkey: one\nservice: bad\n\
         output: {{type: object, required: [n], properties: {{n: {{type: integer, minimum: 1, maximum: 1000000}}}}}}\n\
         emits: [Counted]\nexamples:\n  one:\n    input: {{}}\n    then: {{output: {{n: 1}}, events: []}}\nverify: {{cases: 20, sealed: 1}}\n"
    )
}

#[test]
fn every_misbehaviour_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    write("mote.yaml", "system: bad\n");
    write(
        "aggregates/counter.yaml",
        "aggregate: counter\nstate: {type: object, required: [n], properties: {n: {type: integer}}}\ninitial: {n: 0}\n\
         events:\n  Counted: {data: {type: object, properties: {}}, evolve: {n: 1}}\n",
    );
    for (name, body, ..) in CASES {
        write(&format!("contracts/{name}.yaml"), &contract(name));
        write(
            &format!("services/bad/{name}.ts"),
            &format!("let calls = 0;\nexport default () => {{\n  {body}\n}};\n"),
        );
    }
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mote"));
    command.args(["verify", "--json"]).current_dir(folder.path()).env("NO_COLOR", "1");
    let output = command.output().expect("mote runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = String::from_utf8(output.stdout.clone()).expect("it is text");
    let verdicts: Vec<Value> = text.lines().map(|line| parse(line.as_bytes()).expect("it is JSON")).collect();
    for (name, _, clause, words) in CASES {
        let of_it = |verdict: &&Value| verdict.field("contract") == Some(&Value::text(name));
        let verdict =
            verdicts.iter().find(of_it).unwrap_or_else(|| panic!("{name}: {text}{}", said(&output)));
        let verdict = verdict.to_string();
        assert!(verdict.contains("\"verdict\":\"refused\""), "{name}: {verdict}");
        assert!(verdict.contains(&format!("\"clause\":\"{clause}")), "{name} breaks {clause}: {verdict}");
        assert!(verdict.contains(words), "{name} does not say {words}: {verdict}");
    }
}
