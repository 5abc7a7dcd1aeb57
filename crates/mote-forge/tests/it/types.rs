//! What an editor is told about contracts.

use std::fs;

use mote_contract::{Files, System, check};
use mote_forge::template::Template;
use mote_forge::{SystemFolder, types};

fn system(files: &[(&str, &str)]) -> System {
    let mut texts = Files::new();
    texts.add("mote.yaml", "system: shop\n");
    for (path, text) in files {
        texts.add(*path, *text);
    }
    let report = check(&texts);
    report.system.unwrap_or_else(|| panic!("{:?}", report.diagnostics))
}

/// The declaration of `name` in the module of the contract `it`.
fn declared(system: &System, name: &str) -> String {
    let text = &types::declarations(system, &Template::default())["it.d.ts"];
    let start = text.find(&format!("  export type {name} =")).expect("it is declared");
    let end = text[start..].find(";\n\n").or_else(|| text[start..].find(";\n}\n")).expect("it ends");
    text[start..start + end].split_once(" =").expect("a type").1.trim_start_matches(' ').to_owned()
}

/// What an input and an output with the one field `it` of this schema look like.
#[track_caller]
fn check_field(schema: &str, input: &str, output: &str) {
    let fields = format!("{{type: object, properties: {{it: {schema}}}}}");
    let contract = format!("contract: it\nkind: function\ninput: {fields}\noutput: {fields}\n");
    let system = system(&[("contracts/it.yaml", &contract)]);
    assert_eq!(declared(&system, "Input"), format!("{{\n    {input};\n  }}"));
    assert_eq!(declared(&system, "Output"), format!("{{\n    {output};\n  }}"));
}

#[track_caller]
fn check_same(schema: &str, both: &str) {
    check_field(schema, both, both);
}

#[test]
fn scalars() {
    check_same("{type: boolean}", "it?: boolean");
    check_same("{type: integer}", "/** An integer. */\n    it?: number");
    check_same(
        "{type: integer, minimum: 1, maximum: 9, multipleOf: 2}",
        "/** An integer, 1 to 9, a multiple of 2. */\n    it?: number",
    );
    check_same("{type: number, minimum: 0.5}", "/** At least 0.5. */\n    it?: number");
    check_same("{type: string}", "/** At most 1000 characters. */\n    it?: string");
    check_same(
        "{type: [string, \"null\"], minLength: 1, maxLength: 3, pattern: \"^a*/$\", description: Its name., sensitive: true}",
        "/**\n     * Its name.\n     * 1 to 3 characters; matches `^a*\\/$`; masked in logs and recordings.\n     */\n    it?: string | null",
    );
    check_same(
        "{type: string, format: date, maxLength: 10}",
        "/** A date; at most 10 characters. */\n    it?: string",
    );
    check_same("{enum: [a, \"b\\\"c\", 1.5, true]}", "it?: \"a\" | \"b\\\"c\" | 1.5 | true");
    check_same(
        "{format: \"mote:json\"}",
        "/** At most 16384 bytes of JSON. */\n    it?: import(\"mote\").Json",
    );
}

#[test]
fn what_holds_others() {
    check_same(
        "{type: array, maxItems: 3, uniqueItems: true, items: {type: string, maxLength: 5}}",
        "/** At most 3 items, no two equal; each: at most 5 characters. */\n    it?: string[]",
    );
    check_same(
        "{type: array, items: {enum: [a, b]}}",
        "/** At most 100 items. */\n    it?: Array<\"a\" | \"b\">",
    );
    check_same(
        "{type: object, maxProperties: 1, additionalProperties: {type: [boolean, \"null\"]}}",
        "/** At most 1 entry. */\n    it?: { [key: string]: boolean | null }",
    );
    check_same("{type: object}", "it?: { [key: string]: never }");
    check_same(
        "{type: object, required: [a-b], properties: {a-b: {type: boolean}, 1st: {type: boolean}, default: {type: boolean}}}",
        "it?: {\n      \"1st\"?: boolean;\n      \"a-b\": boolean;\n      default?: boolean;\n    }",
    );
    let card = "{type: object, required: [by], properties: {by: {const: card}}}";
    let cash = "{type: object, required: [by], properties: {by: {const: cash}, tip: {type: boolean}}}";
    check_same(
        &format!("{{discriminator: by, oneOf: [{card}, {cash}]}}"),
        "it?: {\n      by: \"card\";\n    } | {\n      by: \"cash\";\n      tip?: boolean;\n    }",
    );
}

#[test]
fn a_default_is_there_in_what_is_given_and_may_be_left_out_of_what_is_answered() {
    check_field(
        "{type: boolean, default: false}",
        "/** `false` if it is left out. */\n    it: boolean",
        "/** `false` if it is left out. */\n    it?: boolean",
    );
}

const DOOR: &str = "\
aggregate: door
state: {type: object, required: [open], properties: {open: {type: boolean}}}
initial: {open: false}
events:
  Opened: {data: {type: object, properties: {by: {type: string, default: nobody}}}, evolve: {open: true}}
  Closed: {data: {type: object}, evolve: {open: false}}
";

const COMMAND: &str = "\
contract: it
kind: command
aggregate: door
key: front
output: {type: object}
emits: [Opened, Closed]
errors: [{code: stuck}, {code: open, if: state.open}, {code: in-use}]
";

#[test]
fn a_command_has_state_events_and_the_errors_that_are_its_own() {
    let system = system(&[("aggregates/door.yaml", DOOR), ("contracts/it.yaml", COMMAND)]);
    assert_eq!(declared(&system, "State"), "{\n    open: boolean;\n  }");
    let by = "/** At most 1000 characters; `\"nobody\"` if it is left out. */\n          by?: string;";
    let opened =
        format!("{{\n        type: \"Opened\";\n        data: {{\n          {by}\n        }};\n      }}");
    let closed = "{\n        type: \"Closed\";\n        data: { [key: string]: never };\n      }";
    assert_eq!(declared(&system, "Event"), format!("\n    | {opened}\n    | {closed}"));
    assert_eq!(declared(&system, "ErrorCode"), "\"stuck\" | \"in-use\"");
    assert_eq!(declared(&system, "Answer"), "{ output: Output; events?: Events }");
    let library = &types::declarations(&system, &Template::default())["mote.d.ts"];
    assert!(library.contains("interface Errors {\n    \"it\": \"stuck\" | \"in-use\";\n  }"), "{library}");
}

const VIEW: &str = "\
view: doors
row: {type: object, required: [by], properties: {by: {type: string, maxLength: 9}, times: {type: boolean, default: true}}}
from:
  Opened: {key: \"${event.data.by}\", put: {by: \"${event.data.by}\"}}
";

const QUERY: &str = "\
contract: it
kind: query
input: {type: object, required: [after], properties: {after: {type: string}}}
reads: {view: doors, page: {size: 5, after: \"${input.after}\"}}
output: {type: object}
";

#[test]
fn a_query_has_rows_and_where_the_next_page_begins() {
    let opens = COMMAND.replace("contract: it", "contract: opens");
    let system = system(&[
        ("aggregates/door.yaml", DOOR),
        ("contracts/opens.yaml", &opens),
        ("contracts/it.yaml", QUERY),
        ("views/doors.yaml", VIEW),
    ]);
    let row = "{\n    /** At most 9 characters. */\n    by: string;\n    /** `true` if it is left out. */\n    times: boolean;\n  }";
    assert_eq!(declared(&system, "Row"), row);
    let call = "{\n    operation: \"it\";\n    input: Input;\n    rows: Row[];\n    next: string | null;\n    context: Context;\n  }";
    assert_eq!(declared(&system, "Call"), call);
    assert_eq!(declared(&system, "Answer"), "{ output: Output }");
}

const PUBLISHER: &str = "\
contract: it
kind: publisher
subscribes: [Opened, Closed]
publishes:
  door.moved.v1: {type: object, required: [open], properties: {open: {type: boolean}, note: {type: string, maxLength: 9, default: none}}}
  door.used.v1: {type: object}
to: outside
";

#[test]
fn a_publisher_has_what_happened_and_what_it_may_tell() {
    let opens = COMMAND.replace("contract: it", "contract: opens");
    let system = system(&[
        ("mote.yaml", "system: shop\nsinks: {outside: {kind: log}}\n"),
        ("aggregates/door.yaml", DOOR),
        ("contracts/opens.yaml", &opens),
        ("contracts/it.yaml", PUBLISHER),
    ]);
    let variant = |kind: &str, data: &str| {
        format!("\n    | {{\n        type: \"{kind}\";\n        data: {data};\n      }}")
    };
    let nothing = "{ [key: string]: never }";
    // What happened has its defaults; what is told may leave them out.
    let by = "{\n          /** At most 1000 characters; `\"nobody\"` if it is left out. */\n          by: string;\n        }";
    assert_eq!(declared(&system, "Event"), variant("Opened", by) + &variant("Closed", nothing));
    let moved = "{\n          /** At most 9 characters; `\"none\"` if it is left out. */\n          note?: string;\n          open: boolean;\n        }";
    assert_eq!(
        declared(&system, "Message"),
        variant("door.moved.v1", moved) + &variant("door.used.v1", nothing)
    );
    let call = "{\n    operation: \"it\";\n    event: Event;\n    meta: Meta;\n    context: Context;\n  }";
    assert_eq!(declared(&system, "Call"), call);
    assert_eq!(declared(&system, "Answer"), "{ messages: Message[] }");
    let meta = declared(&system, "Meta");
    for field in ["id: string;", "time: string;", "stream: string;", "version: number;"] {
        assert!(meta.contains(field), "{field} is not in {meta}");
    }
    let module = &types::declarations(&system, &Template::default())["it.d.ts"];
    for missing in ["export type Input", "export type Output", "export type Events", "export type State"] {
        assert!(!module.contains(missing), "{module}");
    }
}

#[test]
fn files_are_written_only_when_they_differ_and_removed_with_their_contracts() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mote.yaml"), "system: shop\n").unwrap();
    let folder = SystemFolder::open(folder.path()).unwrap();
    let names = || {
        let entries = fs::read_dir(folder.root().join(".mote/types")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let contract = |name: &str| format!("contract: {name}\nkind: function\noutput: {{type: object}}\n");
    let two = system(&[("contracts/it.yaml", &contract("it")), ("contracts/mote.yaml", &contract("mote"))]);
    assert!(types::write(&folder, &two).unwrap());
    assert_eq!(names(), ["it.d.ts", "mote.d.ts", "mote.operation.d.ts"]);
    assert!(!types::write(&folder, &two).unwrap());
    let one = system(&[("contracts/it.yaml", &contract("it"))]);
    assert!(types::write(&folder, &one).unwrap());
    assert_eq!(names(), ["it.d.ts", "mote.d.ts"]);
}
