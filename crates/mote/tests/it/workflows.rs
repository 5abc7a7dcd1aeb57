//! Workflows at the command line: checked, drawn, their failures shown, and not run.

use crate::running::{Copy, said};

const WELCOME: &str = "workflow: welcome
triggers: [{http: POST /welcomes}]
input: {type: object, required: [name], properties: {name: {type: string, minLength: 1, maxLength: 40}}}
errors: [{code: nobody}]
steps:
  - {id: greeting, call: greet, with: {name: \"${input.name}\"}, timeout: 10s}
  - if: greeting.length > 50
    then: [{fail: nobody}]
";

fn with_workflow() -> Copy {
    with(Copy::of_hello())
}

fn with(hello: Copy) -> Copy {
    std::fs::create_dir(hello.path("workflows")).expect("a folder");
    std::fs::write(hello.path("workflows/welcome.yaml"), WELCOME).expect("it can be written");
    hello
}

fn printed(hello: &Copy, arguments: &[&str]) -> String {
    let output = hello.mote(arguments);
    assert!(output.status.success(), "{arguments:?} {}", said(&output));
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
fn check_counts_workflows() {
    let hello = with_workflow();
    assert_eq!(said(&hello.mote(&["check"])), "ok hello: contracts 2, aggregates 1, workflows 1\n");
}

#[test]
fn check_shows_the_failures_of_a_workflow() {
    let hello = with_workflow();
    let expected = "\
workflow welcome
  greeting: call greet
    unavailable, timeout, breached, quarantined
      tried again after 200ms to 30s, for 10s in all; then the run ends in `timeout`
    contract-error, cancelled
      the run ends in that error
  anywhere
    an expression errs
      the run ends in `contract-error`
    the deadline passes (1h)
      the run ends in `timeout`
";
    assert_eq!(printed(&hello, &["check", "--failures", "welcome"]), expected);
    let lines = printed(&hello, &["check", "--failures", "welcome", "--json"]);
    let first = r#"{"at":"greeting","does":"call greet","kind":"workflow","name":"welcome","then":"tried again after 200ms to 30s, for 10s in all; then the run ends in `timeout`","undo":[],"ways":["unavailable","timeout","breached","quarantined"]}"#;
    assert_eq!(lines.lines().next(), Some(first));
}

#[test]
fn check_shows_the_failures_of_the_system() {
    let hello = with_workflow();
    let text = printed(&hello, &["check", "--failures"]);
    let heads: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    assert_eq!(heads, ["workflow welcome", "function greet", "command sign-guestbook"]);
    let expected = "\
command sign-guestbook
    invalid-input (400), requirement-failed (422), contract-error (500), already-signed (409), book-full (409)
      the caller is told, and nothing has changed
";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_name_that_has_no_failures_gets_a_suggestion() {
    let hello = with_workflow();
    assert_eq!(
        said(&hello.mote(&["check", "--failures", "welcom"])),
        "error: there is no workflow or contract `welcom`\nhint: did you mean `welcome`?\n"
    );
    assert_eq!(
        said(&hello.mote(&["graph", "greet"])),
        "error: there is no workflow `greet`\nhint: `mote graph` without a name means all of them\n"
    );
}

#[test]
fn graph_draws_a_workflow_and_the_system() {
    let hello = with_workflow();
    let expected = "\
flowchart TD
  start([\"welcome\"])
  s0[\"greeting: greet\"]
  start --> s0
  s1{\"greeting.length #gt; 50\"}
  s0 --> s1
  s2([\"nobody\"])
  s1 -->|\"yes\"| s2
  done([\"done\"])
  s1 -->|\"no\"| done
";
    assert_eq!(printed(&hello, &["graph", "welcome"]), expected);
    let system = printed(&hello, &["graph"]);
    assert!(system.starts_with("flowchart LR\n"), "{system}");
    assert!(system.contains("  workflow_welcome --> contract_greet\n"), "{system}");
}

#[test]
fn up_says_that_a_workflow_does_not_run() {
    let hello = with(Copy::of_verified_hello());
    let up = hello.up();
    let expected = "\
warning: the workflow `welcome` is checked and does not run: nothing starts it
  --> workflows/welcome.yaml:1:1
";
    assert!(up.said.contains(expected), "{}", up.said);
    assert_eq!(up.post("/welcomes", r#"{"name": "Ada"}"#).0, 404);
}
