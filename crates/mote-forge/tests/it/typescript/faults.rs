//! How handlers fail at run time: with the author's own line, or as a trap.

use std::sync::LazyLock;

use mote_host::{Artifact, Isolation, Trap};

use super::{answer, call, service};

/// Failing operations: a handler whose third line is the one given, or a whole file.
static SERVICE: LazyLock<Artifact> = LazyLock::new(|| {
    let bodies = BODIES.map(|(operation, body)| {
        (
            operation,
            format!(
                "type Never = {{ a: string }};\nexport default ({{ input }}: any) => {{\n  {body}\n}};\n"
            ),
        )
    });
    let mut operations: Vec<(&str, &str)> =
        bodies.iter().map(|(operation, handler)| (*operation, handler.as_str())).collect();
    operations.extend(FILES);
    service(&operations, &[("lib/check.ts", CHECK)])
});

const BODIES: [(&str, &str); 22] = [
    ("throw-text", "throw 'text';"),
    ("date-now", "return { output: Date.now() };"),
    ("new-date", "return { output: new Date() };"),
    ("date", "return { output: Date() };"),
    ("random", "return { output: Math.random() };"),
    ("fetch", "fetch('https://example.com');"),
    ("timeout", "setTimeout(() => 1, 10);"),
    ("crypto", "return { output: (globalThis as any).crypto.randomUUID() };"),
    ("loop", "for (;;);"),
    ("bomb", "const all: ArrayBuffer[] = []; for (;;) all.push(new ArrayBuffer(1 << 20));"),
    ("recursion", "const deeper = (n: number): number => 1 + deeper(n + 1); return { output: deeper(0) };"),
    (
        "nested",
        "const deeper = (n: number): number => n && 1 + deeper(n - 1); return { output: deeper(1500) };",
    ),
    ("undefined", "return;"),
    ("null", "return null;"),
    ("array", "return [1];"),
    ("number", "return 7;"),
    ("key", "return { output: 1, event: [] };"),
    ("nan", "return { output: { total: [1, 0 / 0] } };"),
    ("hole", "return { output: [undefined] };"),
    ("bigint", "return { output: 1n };"),
    ("circle", "const a: any = {}; a.a = a; return { output: a };"),
    ("deep", "return { output: JSON.parse('['.repeat(100000)) };"),
];

const FILES: [(&str, &str); 3] = [
    (
        "exception",
        "interface Deep {\n  a: {\n    b: number;\n  };\n}\n\nconst read = (it: any): number =>\n  it\n    .missing\n    .deep;\n\n\
         export default ({ input }: { input: Deep }) => {\n  // A comment.\n  return {\n    output: read(input),\n  };\n};\n",
    ),
    ("elsewhere", "import { check } from \"./lib/check\";\nexport default () => ({ output: check(1) });"),
    ("promise", "export default async () => ({ output: 1 });"),
];

const CHECK: &str = "type A = 1;\ntype B = 2;\n\nexport function check(a: number): never {\n  throw new RangeError(`no ${a}`);\n}\n";

/// The fault: its kind, what its message contains, and its place.
#[track_caller]
fn check(operation: &str, kind: &str, message: &str, place: Option<(&str, u32)>) {
    let answer = answer(&SERVICE, operation, "{}");
    assert!(answer.starts_with(&format!(r#"{{"fault":{{"kind":"{kind}","message":""#)), "{answer}");
    assert!(answer.contains(message), "{answer}");
    let end =
        place.map_or(r#""}}"#.to_owned(), |(file, line)| format!(r#"","file":"{file}","line":{line}}}}}"#));
    assert!(answer.ends_with(&end), "{answer}");
}

#[track_caller]
fn check_refused(operation: &str, message: &str) {
    check(operation, "exception", message, Some((&format!("{operation}.ts"), 3)));
}

#[track_caller]
fn check_malformed(operation: &str, message: &str) {
    check(operation, "malformed", message, None);
}

#[track_caller]
fn check_trap(operation: &str, expected: &Trap) {
    assert_eq!(call(&SERVICE, operation, "{}", Isolation::Fresh).as_ref(), Err(expected));
}

#[test]
fn an_exception_has_its_own_line() {
    let message = "TypeError: cannot read property 'deep' of undefined";
    // The line where the failing expression begins.
    check("exception", "exception", message, Some(("exception.ts", 8)));
}

#[test]
fn an_exception_in_another_file() {
    check("elsewhere", "exception", "RangeError: no 1", Some(("lib/check.ts", 5)));
}

#[test]
fn what_is_thrown_may_be_anything() {
    check("throw-text", "exception", r#"it threw \"text\""#, None);
}

#[test]
fn a_promise() {
    check("promise", "promise", "remove async and await", None);
}

#[test]
fn malformed_answers() {
    check_malformed("undefined", "the handler of undefined returned undefined: return { output, events }");
    check_malformed("null", "returned null");
    check_malformed("array", "returned an array");
    check_malformed("number", "returned number");
    check_malformed("key", "the unknown key event");
    check_malformed("nan", "output.total[1] is NaN");
    check_malformed("hole", "output[0] is undefined");
    check_malformed("bigint", "is not JSON");
    check_malformed("circle", "is not JSON");
}

#[test]
fn clock_chance_and_network() {
    check_refused("date-now", "Date.now() is not available");
    check_refused("new-date", "use new Date(context.now)");
    check_refused("date", "use new Date(context.now)");
    check_refused("random", "use newId() for ids");
    check_refused("fetch", "declare an external contract");
    check_refused("timeout", "let a workflow wait");
    check_refused("crypto", "crypto is not available");
}

#[test]
fn an_endless_loop() {
    check_trap("loop", &Trap::OutOfFuel { limit: 50_000_000 });
}

#[test]
fn a_memory_bomb() {
    check_trap("bomb", &Trap::OutOfMemory { limit: 16 << 20 });
}

#[test]
fn recursion() {
    check_trap("recursion", &Trap::StackExhausted);
    let reply = call(&SERVICE, "nested", "{}", Isolation::Fresh).unwrap();
    assert_eq!(reply.answer, r#"{"ok":{"output":1500}}"#);
    assert!(call(&SERVICE, "deep", "{}", Isolation::Fresh).is_err());
}

#[test]
fn an_unknown_operation() {
    check("unknown", "operation", "there is no operation unknown", None);
}
