//! The pages about contracts, publishers, aggregates, views, workflows and definitions are true: the keys they list are the keys that are
//! accepted, and the files they show are accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mote_contract::{Files, check};

const CONTRACTS: &str = "contracts.md";
const AGGREGATES: &str = "aggregates.md";
const PUBLISHERS: &str = "publishers.md";
const VIEWS: &str = "views.md";
const DEFINITIONS: &str = "definitions.md";
const WORKFLOWS: &str = "workflows.md";
const PAGES: [&str; 6] = [CONTRACTS, AGGREGATES, PUBLISHERS, VIEWS, DEFINITIONS, WORKFLOWS];

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Each `Keys of …` heading of a page with the keys of the table below it.
fn tables(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut heading = None;
    for line in page.lines() {
        if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim();
            heading = title.strip_prefix("Keys of ").map(str::to_owned);
        } else if let (Some(heading), Some(row)) = (&heading, line.strip_prefix("| `")) {
            let key = row.split('`').next().unwrap().to_owned();
            tables.entry(heading.clone()).or_default().insert(key);
        }
    }
    tables
}

/// The keys that are accepted where `ODD` stands in the file: the refusal of an odd key lists them.
fn accepted(path: &str, text: &str) -> BTreeSet<String> {
    let mut files = Files::new();
    if path != "mote.yaml" {
        files.add("mote.yaml", "system: tested\n");
    }
    files.add("aggregates/a.yaml", "aggregate: a\nstate: {type: object}\ninitial: {}\n");
    files.add("views/v.yaml", "view: v\nrow: {type: object}\nfrom: {}\n");
    files.add("contracts/c.yaml", "contract: c\nkind: function\noutput: {type: object}\n");
    files.add(path, text.replace("ODD", "anOddKeyThatIsNearToNoOther"));
    let found = check(&files).diagnostics;
    let hint =
        found.iter().filter(|found| found.message.contains("anOddKey")).find_map(|found| found.hint.clone());
    let hint = hint.unwrap_or_else(|| panic!("{path}: no odd key in {found:?}"));
    let keys = hint.strip_prefix("its keys are ").unwrap_or_else(|| panic!("{path}: {hint}"));
    keys.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

#[test]
fn the_keys_on_the_pages_are_the_keys_that_are_accepted() {
    let (contract, aggregate, view) = ("contracts/c.yaml", "aggregates/b.yaml", "views/w.yaml");
    let (definitions, workflow) = ("definitions/d.yaml", "workflows/flow.yaml");
    let cases = [
        (CONTRACTS, "a contract", contract, "ODD: 1"),
        (CONTRACTS, "`reads`", contract, "kind: query\nreads: {view: v, ODD: 1}"),
        (CONTRACTS, "a page", contract, "kind: query\nreads: {view: v, page: {ODD: 1}}"),
        (CONTRACTS, "an error", contract, "errors: [{ODD: 1}]"),
        (CONTRACTS, "a trigger", contract, "triggers: [{ODD: 1}]"),
        (CONTRACTS, "an example", contract, "examples: {e: {ODD: 1}}"),
        (CONTRACTS, "a test", "tests/c/odd.yaml", "ODD: 1"),
        (CONTRACTS, "a regression", "regressions/c/odd.yaml", "ODD: 1"),
        (CONTRACTS, "`given`", contract, "examples: {e: {given: {ODD: 1}}}"),
        (
            CONTRACTS,
            "an event",
            contract,
            "kind: command\naggregate: a\nexamples: {e: {given: {events: [{ODD: 1}]}}}",
        ),
        (CONTRACTS, "a context", contract, "examples: {e: {given: {context: {ODD: 1}}}}"),
        (CONTRACTS, "a caller", contract, "examples: {e: {given: {context: {caller: {ODD: 1}}}}}"),
        (CONTRACTS, "`then`", contract, "examples: {e: {then: {ODD: 1}}}"),
        (CONTRACTS, "a budget", contract, "budget: {ODD: 1}"),
        (CONTRACTS, "`verify`", contract, "verify: {ODD: 1}"),
        (CONTRACTS, "a relation", contract, "relations: {r: {ODD: 1}}"),
        (CONTRACTS, "a waiver", contract, "verify: {accept: [{ODD: 1}]}"),
        (CONTRACTS, "mote.yaml", "mote.yaml", "ODD: 1"),
        (AGGREGATES, "an aggregate", aggregate, "ODD: 1"),
        (AGGREGATES, "an event", aggregate, "events: {Happened: {ODD: 1}}"),
        (AGGREGATES, "an older version", aggregate, "events: {Happened: {version: 2, was: {1: {ODD: 1}}}}"),
        (PUBLISHERS, "a publisher", contract, "kind: publisher\nODD: 1"),
        (PUBLISHERS, "an example", contract, "kind: publisher\nexamples: {e: {ODD: 1}}"),
        (PUBLISHERS, "`given`", contract, "kind: publisher\nexamples: {e: {given: {ODD: 1}}}"),
        (PUBLISHERS, "`meta`", contract, "kind: publisher\nexamples: {e: {given: {meta: {ODD: 1}}}}"),
        (PUBLISHERS, "`then`", contract, "kind: publisher\nexamples: {e: {then: {ODD: 1}}}"),
        (PUBLISHERS, "a sink", "mote.yaml", "system: tested\nsinks: {s: {ODD: 1}}"),
        (VIEWS, "a view", view, "ODD: 1"),
        (VIEWS, "an event", view, "from: {Happened: {ODD: 1}}"),
        (DEFINITIONS, "a definition file", definitions, "ODD: 1"),
        (DEFINITIONS, "a function", definitions, "functions: {f: {ODD: 1}}"),
        (WORKFLOWS, "a workflow", workflow, "ODD: 1"),
        (WORKFLOWS, "an error", workflow, "errors: [{ODD: 1}]"),
        (WORKFLOWS, "a trigger", workflow, "triggers: [{event: Happened, ODD: 1}]"),
        (WORKFLOWS, "a call", workflow, "steps: [{call: x, ODD: 1}]"),
        (WORKFLOWS, "`retry`", workflow, "steps: [{call: x, retry: {ODD: 1}}]"),
        (WORKFLOWS, "`undo`", workflow, "steps: [{call: x, undo: {ODD: 1}}]"),
        (WORKFLOWS, "`parallel`", workflow, "steps: [{parallel: {}, ODD: 1}]"),
        (WORKFLOWS, "`if`", workflow, "steps: [{if: true, ODD: 1}]"),
        (WORKFLOWS, "`switch`", workflow, "steps: [{switch: 1, ODD: 1}]"),
        (WORKFLOWS, "`each`", workflow, "steps: [{each: x in y, ODD: 1}]"),
        (WORKFLOWS, "`repeat`", workflow, "steps: [{repeat: [], ODD: 1}]"),
        (WORKFLOWS, "`wait`", workflow, "steps: [{wait: {event: x}, ODD: 1}]"),
        (WORKFLOWS, "a moment", workflow, "steps: [{wait: {until: x, ODD: 1}}]"),
        (WORKFLOWS, "a wait for an event", workflow, "steps: [{wait: {event: x, ODD: 1}}]"),
        (WORKFLOWS, "`let`", workflow, "steps: [{let: {}, ODD: 1}]"),
        (WORKFLOWS, "`fail`", workflow, "steps: [{fail: x, ODD: 1}]"),
    ];
    let mut tables_left: BTreeMap<&str, _> =
        PAGES.into_iter().map(|name| (name, tables(&page(name)))).collect();
    for (name, what, path, text) in cases {
        let listed = tables_left.get_mut(name).unwrap().remove(what);
        assert_eq!(listed, Some(accepted(path, text)), "{name}: the keys of {what}");
    }
    assert!(tables_left.values().all(BTreeMap::is_empty), "tables that nothing checks: {tables_left:?}");
}

/// The files that the pages show, as one system, and how many they are.
fn theatre() -> (Files, usize) {
    let mut files = Files::new();
    files.add("mote.yaml", "system: theatre\nowner: booking-team\nsinks: {partners: {kind: log}}\n");
    let mut count = 0;
    for text in PAGES.map(page) {
        for block in text.split("```yaml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            count += 1;
            // A case says nothing of what it is: the page says where it lies.
            if let Some((path, _)) = block.strip_prefix("# ").and_then(|rest| rest.split_once('\n')) {
                files.add(path, block);
                continue;
            }
            let (kind, rest) = block.split_once(": ").unwrap();
            let folder = if kind == "definitions" { kind.to_owned() } else { format!("{kind}s") };
            files.add(format!("{folder}/{}.yaml", rest.lines().next().unwrap()), block);
        }
    }
    (files, count)
}

fn problems(files: &Files) -> Vec<String> {
    let told = check(files).diagnostics.into_iter().map(|found| {
        let at = files.line_column(found.place.file, found.place.span.start);
        format!("{} {at:?} {}", files.path(found.place.file), found.message)
    });
    told.collect()
}

#[test]
fn the_files_on_the_pages_are_accepted() {
    let (files, count) = theatre();
    assert_eq!(problems(&files), Vec::<String>::new());
    assert_eq!(count, 19);
}

/// Steps alone are shown as `yaml steps`: in a workflow with the input of the page's, and an error.
#[test]
fn the_steps_on_the_page_are_accepted() {
    let text = page(WORKFLOWS);
    let (head, _) = text.split_once("output:\n").unwrap();
    let (_, input) = head.split_once("input:\n").unwrap();
    let blocks: Vec<&str> =
        text.split("```yaml steps\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        let (mut files, _) = theatre();
        let steps: String = block.lines().map(|line| format!("  {line}\n")).collect();
        let rest = "errors: [{code: sold-out}]\ndeadline: 1h\n";
        files.add(
            "workflows/shown.yaml",
            format!("workflow: shown\ninput:\n{input}{rest}steps:\n{steps}  - if: input.seats > 19\n    then: [{{fail: sold-out}}]\n"),
        );
        assert_eq!(problems(&files), Vec::<String>::new(), "{block}");
    }
}
