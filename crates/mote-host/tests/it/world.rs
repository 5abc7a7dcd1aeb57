//! Which components are let in.

use crate::host;

#[track_caller]
fn check(component: &str, expected: &str) {
    let refused = host().load(component.as_bytes()).err().map(|error| error.to_string());
    let refused = refused.unwrap_or_else(|| "loaded".to_owned());
    assert!(refused.contains(expected), "{refused}");
}

/// A component around a core function that echoes, with more imports and exports.
fn with(imports: &str, params: &str, exports: &str) -> String {
    format!(
        r#"(component {imports}
          (core module $core
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
            (func (export "answer") (param i32 i32) (result i32) (i32.const 0)))
          (core instance $it (instantiate $core))
          (func $answer {params}
            (canon lift (core func $it "answer") (memory (core memory $it "memory")) (realloc (core func $it "realloc"))))
          {exports})"#
    )
}

const TEXT: &str = r#"(param "call" string) (result string)"#;
const ANSWER: &str = r#"(export "answer" (func $answer))"#;

#[test]
fn without_log() {
    check(&with("", TEXT, ANSWER), "loaded");
}

#[test]
fn forbidden_function() {
    check(&with(r#"(import "clock" (func (result u64)))"#, TEXT, ANSWER), "it imports `clock`");
}

#[test]
fn forbidden_interface() {
    let wasi = r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u64)))))"#;
    check(&with(wasi, TEXT, ANSWER), "it imports `wasi:clocks/wall-clock@0.2.0`");
}

#[test]
fn log_with_another_type() {
    check(&with(r#"(import "log" (func (param "level" u32)))"#, TEXT, ANSWER), "it imports `log`");
}

#[test]
fn answer_with_another_type() {
    check(&with("", r#"(param "call" string) (param "more" string) (result string)"#, ANSWER), "");
    check(&with("", r#"(param "a" u32) (param "b" u32) (result string)"#, ANSWER), "with other types");
}

#[test]
fn another_export() {
    let exports = format!(r#"{ANSWER} (export "question" (func $answer))"#);
    check(&with("", TEXT, &exports), "it exports `question`");
}

#[test]
fn no_export() {
    check("(component)", "it does not export `answer");
}

#[test]
fn no_component() {
    check("(module)", "not a WebAssembly component");
    check("nonsense", "not a WebAssembly component");
}
