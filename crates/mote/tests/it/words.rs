//! What the command line says: results, refusals, hints.

use crate::running::{Copy, said};

#[test]
fn check_says_ok_and_how_much() {
    let hello = Copy::of_hello();
    let output = hello.mote(&["check"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    assert_eq!(said(&output), "ok hello: contracts 2, aggregates 1\n");
}

#[test]
fn check_shows_a_problem_where_it_is() {
    let hello = Copy::of_hello();
    hello.edit("contracts/greet.yaml", "input.name + '!'", "input.nam + '!'");
    let output = hello.mote(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "\
error[M020]: there is no field `nam`
  --> contracts/greet.yaml:22:46
   |
22 |   exactly: \"output.greeting == word + ', ' + input.nam + '!'\"
   |                                              ^^^^^^^^^
   |
hint: did you mean `name`?

1 error
";
    assert_eq!(said(&output), expected);
    let json = hello.mote(&["check", "--json"]);
    let line = String::from_utf8_lossy(&json.stdout).into_owned();
    assert!(
        line.starts_with(r#"{"code":"M020","column":"#) && line.contains(r#""hint":"did you mean `name`?""#),
        "{line}"
    );
}

#[test]
fn a_folder_without_a_system_gets_a_hint() {
    let hello = Copy::of_hello();
    let output = hello.mote(&["-C", "contracts", "check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("hint: go to a system's folder"), "{}", said(&output));
    assert!(said(&output).contains("it has no `mote.yaml`"), "{}", said(&output));
}

#[test]
fn an_unknown_contract_gets_a_suggestion() {
    let hello = Copy::of_hello();
    let output = hello.mote(&["verify", "gret"]);
    assert_eq!(said(&output), "error: there is no contract `gret`; did you mean `greet`?\n");
}

#[test]
fn a_call_to_nobody_says_what_to_start() {
    let hello = Copy::of_hello();
    // A port that was free a moment ago, so nobody listens on it.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    let output = hello.mote(&["call", "greet", "{}", "--admin", &free.to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("hint: start the system first: `mote up`"), "{}", said(&output));
}

#[test]
fn every_command_has_help_with_an_example() {
    let hello = Copy::of_hello();
    for command in ["new", "add", "check", "build", "verify", "up", "call", "events", "completions"] {
        let output = hello.mote(&[command, "--help"]);
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success()
                && help.contains("Examples:\n  ")
                && help.contains(&format!("mote {command}")),
            "{help}"
        );
    }
}
