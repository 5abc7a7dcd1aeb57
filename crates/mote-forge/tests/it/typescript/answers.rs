//! What handlers answer when they answer.

use std::sync::LazyLock;

use mote_host::{Artifact, Isolation};

use super::{answer, call, service};

/// Every operation of the tests below, in one service.
static SERVICE: LazyLock<Artifact> = LazyLock::new(|| {
    service(
        &[
            ("place-order", PLACE_ORDER),
            ("close", "import { fail } from \"mote\";\nexport default () => fail(\"closed\");"),
            ("named", "export default function handler({ input }: any) { return { output: input }; }"),
            ("unnamed", "export default function ({ input }: any) { return { output: input } }\n(1), 2;"),
            (
                "ids",
                "import { newId } from \"mote\";\nexport default () => ({ output: [newId(), newId()] });",
            ),
            ("count", "let calls = 0;\nexport default () => ({ output: ++calls });"),
            ("say", "export default () => { console.log(\"seen\", { a: 1 }); return { output: 1 }; };"),
            ("dates", DATES),
            ("nothing", "export default () => ({ output: null });"),
            ("import", IMPORT),
        ],
        &[
            ("lib/money.ts", "export type Money = number;\nexport { plus as add } from \"./plus\";\n"),
            ("lib/plus.ts", "export const plus = (a: number, b: number) => a + b, { length } = \"ab\";"),
            (
                "lib/tax.ts",
                "import { add } from \"./money.js\";\nexport const RATE = 2;\nexport * from \"./plus\";\n\
                 const tax = (x: number) => add(x, RATE);\nexport default tax;",
            ),
            ("unused.ts", "this is not TypeScript"),
        ],
    )
});

const PLACE_ORDER: &str = r#"
import { fail, newId } from "mote";
import type { Handler } from "mote/place-order";

interface Line { sku: string; quantity: number }
enum Size { Small = 1, Large = 10 }

const total = (lines: Line[]): number => lines.reduce((sum: number, line) => sum + line.quantity, 0);

const handler: Handler = ({ input, state, context }) => {
  const wanted = total(input.lines as Line[]);
  if (wanted > Size.Large) fail("too-many", { wanted });
  return {
    output: { wanted, before: state!.total, at: new Date(context.now).getTime() },
    events: [{ type: "OrderPlaced", data: { by: context.caller.id } }],
  };
};
export default handler;
"#;

const DATES: &str = "class D extends Date {}\n\
    export default () => ({ output: [new D(0) instanceof Date, Date.UTC(1970, 0), new Date(0)] });";

const IMPORT: &str = "import { add, type Money } from \"./lib/money\";\nimport tax, * as all from \"./lib/tax.ts\";\n\
    export default ({ input }: { input: Money[] }) =>\n  ({ output: [input.reduce(add, 0), tax(10), all.RATE, all.length] });";

#[track_caller]
fn check(operation: &str, input: &str, expected: &str) {
    assert_eq!(answer(&SERVICE, operation, input), expected);
}

#[test]
fn an_answer() {
    check(
        "place-order",
        r#"{"lines": [{"sku": "a", "quantity": 2}, {"sku": "b", "quantity": 1}]}"#,
        r#"{"ok":{"output":{"wanted":3,"before":40,"at":1767225600000},"events":[{"type":"OrderPlaced","data":{"by":"anna"}}]}}"#,
    );
    check("nothing", "{}", r#"{"ok":{"output":null}}"#);
}

#[test]
fn declared_errors() {
    check(
        "place-order",
        r#"{"lines": [{"quantity": 11}]}"#,
        r#"{"error":{"code":"too-many","data":{"wanted":11}}}"#,
    );
    check("close", "{}", r#"{"error":{"code":"closed"}}"#);
}

#[test]
fn functions_as_handlers() {
    check("named", "[1]", r#"{"ok":{"output":[1]}}"#);
    check("unnamed", "2", r#"{"ok":{"output":2}}"#);
}

#[test]
fn ids_are_derived_and_differ() {
    let draw = |isolation| call(&SERVICE, "ids", "{}", isolation).unwrap().answer;
    let first = draw(Isolation::Fresh);
    assert_eq!([draw(Isolation::Reused), draw(Isolation::Reused)], [first.clone(), first.clone()]);
    let ids: Vec<&str> = first.split('"').filter(|part| part.len() == 36).collect();
    let [one, two] = ids.try_into().unwrap();
    assert_ne!(one, two);
    for id in [one, two] {
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        assert_eq!((&id[14..15], "89ab".contains(&id[19..20])), ("8", true), "{id}");
    }
}

#[test]
fn state_of_modules_stays_in_its_instance() {
    let count = |isolation| call(&SERVICE, "count", "{}", isolation).unwrap().answer;
    let one = r#"{"ok":{"output":1}}"#;
    assert_eq!([count(Isolation::Fresh), count(Isolation::Fresh)], [one, one]);
    let (before, after) = (count(Isolation::Reused), count(Isolation::Reused));
    assert_ne!(before, after);
}

#[test]
fn fuel_and_memory_are_the_same_in_every_fresh_instance() {
    let input = r#"{"lines": [{"sku": "a", "quantity": 2}]}"#;
    let reply = || call(&SERVICE, "place-order", input, Isolation::Fresh).unwrap();
    assert_eq!([reply(), reply()], [reply(), reply()]);
}

#[test]
fn modules_of_the_folder() {
    check("import", "[1, 2]", r#"{"ok":{"output":[3,12,2,2]}}"#);
}

#[test]
fn dates_of_a_given_time() {
    check("dates", "{}", r#"{"ok":{"output":[true,0,"1970-01-01T00:00:00.000Z"]}}"#);
}

#[test]
fn the_console_is_the_log() {
    assert_eq!(call(&SERVICE, "say", "{}", Isolation::Fresh).unwrap().logs, [r#"seen {"a":1}"#]);
}
