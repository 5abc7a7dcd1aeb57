//! What is not built, and the line that says so.

use mote_forge::typescript::{BuildError, ServiceSource, build};

use super::source;

#[track_caller]
fn refused(source: &ServiceSource) -> BuildError {
    build(source).expect_err("it was built")
}

#[track_caller]
fn check(handler: &str, files: &[(&str, &str)], expected: &str, hint: &str) {
    let error = refused(&source(handler, files));
    assert_eq!(error.to_string(), expected);
    assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{:?}", error.hint);
}

const GOOD: &str = "export default () => ({ output: 1 });\n";

#[test]
fn syntax() {
    check(
        "type A = 1;\nexport default () => {\n  return { output: 1 +; };\n};\n",
        &[],
        "place-order.ts:3:23: Unexpected token",
        "",
    );
    check(
        "const a = 1;\nconst a = 2;\nexport default a;\n",
        &[],
        "place-order.ts:1:7: Identifier `a` has already been declared",
        "",
    );
    let error =
        refused(&source("type A = 1;\n\nexport default () => ({ output: /(?<a>x)(?<a>y)/ });\n", &[]));
    assert_eq!((error.file.as_str(), error.line), ("place-order.ts", 3), "{error}");
}

#[test]
fn syntax_that_only_the_engine_refuses() {
    let error = refused(&source(&format!("type A = 1;\n\n@sealed\nclass B {{}}\n{GOOD}"), &[]));
    assert_eq!((error.file.as_str(), error.line), ("place-order.ts", 3), "{error}");
}

#[test]
fn imports() {
    let import = |specifier: &str| {
        format!("\nimport {{ add }} from \"{specifier}\";\nexport default () => ({{ output: add }});\n")
    };
    let place = |message: &str| format!("place-order.ts:2:21: {message}");
    check(&import("./sum"), &[("total.ts", "")], &place("there is no file `sum.ts`"), "total.ts");
    check(&import("lodash"), &[], &place("unknown package `lodash`: a service has no packages"), "`./file`");
    check(&import("../other/sum"), &[], &place("`../other/sum` is outside of the service's folder"), "copy");
    check(&import("mote/place-order"), &[], &place("`mote/place-order` holds only types"), "import type");
    check(
        &import("mote"),
        &[],
        "place-order.ts:2:10: `mote` does not export `add`",
        "it exports `fail`, `newId`",
    );
    check(
        &import("./sum"),
        &[("sum.ts", "export const sum = 1;")],
        "place-order.ts:2:10: `./sum` does not export `add`",
        "it exports `sum`",
    );
    check(
        &import("./a"),
        &[
            ("a.ts", "import { b } from \"./b\";\nexport const add = b;"),
            ("b.ts", "import { add } from \"./a\";\nexport const b = add;"),
        ],
        "b.ts:1:21: modules import each other: a.ts → b.ts → a.ts",
        "third file",
    );
}

#[test]
fn what_a_module_may_not_do() {
    check(
        &format!("export let count = 0;\n{GOOD}"),
        &[],
        "place-order.ts:1:8: a variable that changes cannot be exported",
        "const",
    );
    check(
        &format!("await null;\n{GOOD}"),
        &[],
        "place-order.ts:1:1: a module cannot wait while it is loaded",
        "await",
    );
    check(
        "export default () => import(\"./a\");",
        &[],
        "place-order.ts:1:22: a module cannot be imported while running",
        "import",
    );
    check(
        &format!("// {}\n{GOOD}", "long ".repeat(60_000)),
        &[],
        "place-order.ts: it has more than 262144 bytes",
        "divide it",
    );
    check(
        "export default () => import.meta;",
        &[],
        "place-order.ts:1:22: `import.meta` is not available in a service",
        "",
    );
}

#[test]
fn failures_while_loading() {
    check(
        &format!("type A = 1;\nconst table = (undefined as any).rows;\n{GOOD}"),
        &[],
        "place-order.ts:2: TypeError: cannot read property 'rows' of undefined",
        "runs once",
    );
    let error = refused(&source(&format!("\n\nconst now = Date.now();\n{GOOD}"), &[]));
    assert_eq!((error.file.as_str(), error.line), ("place-order.ts", 3), "{error}");
}

#[test]
fn no_handler() {
    check(
        "export const handler = 1;\n",
        &[],
        "place-order.ts: it does not export a handler: write export default handler",
        "",
    );
    let mut source = source(GOOD, &[]);
    source.operations.push("cancel".to_owned());
    assert_eq!(refused(&source).to_string(), "cancel.ts: this file is missing: every operation has its own");
}
