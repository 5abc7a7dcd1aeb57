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
    assert_eq!(said(&output), "error: there is no contract `gret`\nhint: did you mean `greet`?\n");
}

#[test]
fn a_folder_where_a_name_belongs_gets_a_hint() {
    let hello = Copy::of_hello();
    let refusal = |arguments: &[&str]| said(&hello.mote(arguments));
    assert_eq!(
        refusal(&["verify", "services"]),
        "error: there is no contract `services`\nhint: name a folder with -C: `mote -C services verify`\n"
    );
    assert_eq!(
        refusal(&["build", "."]),
        "error: there is no service and no contract `.`\nhint: name a folder with -C: `mote -C . build`\n"
    );
}

#[test]
fn check_explains_what_schemas_accept() {
    let hello = Copy::of_hello();
    let output = hello.mote(&["check", "--explain"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("contract: greet\ninput:\n  type: object\n"), "{text}");
    assert!(text.contains("state:\n  type: object\n"), "{text}");
    let json = hello.mote(&["check", "--explain", "--json"]);
    let text = String::from_utf8_lossy(&json.stdout).into_owned();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.starts_with(
            r#"{"contract":"greet","input":{"additionalProperties":false,"properties":{"language":"#
        ),
        "{text}"
    );
}

#[test]
fn routes_and_messages_are_rendered_for_others() {
    let hello = Copy::of_hello();
    let rendered = |format: &str, part: &str| -> Vec<String> {
        let output = hello.mote(&["render", format]);
        assert!(output.status.success(), "{}", said(&output));
        let document = mote_expr::parse(&output.stdout).expect("it is JSON");
        let part = document.field(part).and_then(mote_expr::Value::as_object).expect("the part");
        part.iter().map(|(name, _)| name.to_owned()).collect()
    };
    assert_eq!(rendered("openapi", "paths"), ["/greetings", "/guestbooks/{book}/guests"]);
    assert!(rendered("asyncapi", "channels").is_empty());
    hello.edit("mote.yaml", "system: hello", "system: hello\nsinks: {guests: {kind: log}}");
    let add = ["add", "publisher", "announce-guest", "--subscribes", "GuestSigned", "--to", "guests"];
    assert!(hello.mote(&add).status.success());
    assert_eq!(rendered("asyncapi", "channels"), ["guests.announce-guest"]);
    assert_eq!(rendered("asyncapi", "operations"), ["announce-guest"]);
}

#[test]
fn what_is_made_is_told_to_programs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let made = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mote"));
        let output = command.args(arguments).current_dir(folder.path()).output().expect("mote runs");
        assert!(output.status.success() && said(&output).is_empty(), "{}", said(&output));
        String::from_utf8(output.stdout).expect("it is text")
    };
    let system = made(&["new", "shop", "--here", "--json"]);
    assert!(system.lines().count() == 9 && system.contains("{\"file\":\"mote.yaml\"}\n"), "{system}");
    assert_eq!(
        made(&["add", "function", "round-up", "--json"]),
        "{\"file\":\"contracts/round-up.yaml\"}\n{\"file\":\"services/round-up/round-up.ts\"}\n"
    );
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
    for command in [
        "new",
        "add",
        "check",
        "build",
        "verify",
        "up",
        "call",
        "events",
        "fmt",
        "views",
        "recordings",
        "render",
        "completions",
    ] {
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
