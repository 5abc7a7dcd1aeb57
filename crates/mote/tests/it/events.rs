//! `mote events`: the log as people and programs read it, beside its owner and without one.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use mote_expr::Digest;
use mote_log::{Append, Cause, Codec, Commit, KeptAnswer, KeyScope, NewEvent, Version};
use mote_store::Database;

use crate::running::said;

const PURSE: &str = r#"
aggregate: purse
state: {type: object, properties: {}}
initial: {}
events:
  PaidIn: {data: {type: object, required: [note], properties: {note: {type: string, maxLength: 200}}}}
  Closed: {data: {type: object, required: [note], properties: {note: {type: string, maxLength: 200}}}}
  PinSet:
    version: 2
    data: {type: object, required: [pin], properties: {pin: {type: string, maxLength: 200, sensitive: true}}}
    was:
      1:
        data: {type: object, required: [note], properties: {note: {type: string, maxLength: 200, sensitive: true}}}
        upcast: {pin: "${event.data.note}"}
"#;

/// A system without contracts, whose log holds three commits: two events of one stream, an answer, and an
/// event each of two streams.
struct System {
    folder: tempfile::TempDir,
    log: Database,
}

fn system() -> System {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("mote.yaml"), "system: shop\n").expect("it can be written");
    std::fs::create_dir(folder.path().join("aggregates")).expect("a folder");
    std::fs::write(folder.path().join("aggregates/purse.yaml"), PURSE).expect("it can be written");
    let log = folder.path().join(".mote/log");
    std::fs::create_dir_all(&log).expect("a folder");
    let mut system = System { log: Database::open(&log).expect("a log"), folder };
    system.commit(&[("purse/trip", 0, &["PaidIn", "PaidIn"])]);
    system.commit(&[]);
    system.commit(&[("purse/trip", 2, &["PaidIn"]), ("purse/rent", 0, &["Closed"])]);
    system
}

impl System {
    fn commit(&mut self, appends: &[(&str, u64, &[&str])]) {
        let event = |kind: &&str| NewEvent {
            kind: (*kind).to_owned(),
            shape: 1,
            codec: Codec::Json,
            data: format!("{{\"note\":\"{}\"}}", "é".repeat(100)).into_bytes(),
        };
        let cause = Cause {
            invocation: "i".to_owned(),
            operation: "pay-in".to_owned(),
            release: Digest([1; 32]),
            artifact: None,
            caller: "ada".to_owned(),
            input: Digest([2; 32]),
            at: "2026-01-01T00:00:00Z".parse().expect("a time"),
            traceparent: None,
        };
        let scope =
            KeyScope { operation: "pay-in".to_owned(), caller: "ada".to_owned(), key: "k".to_owned() };
        let answer = KeptAnswer { scope, input: Digest([2; 32]), body: Vec::new() };
        let appends: Vec<Append> = appends
            .iter()
            .map(|(stream, expected, kinds)| Append {
                stream: stream.parse().expect("a stream's name"),
                expected: Version(*expected),
                events: kinds.iter().map(event).collect(),
            })
            .collect();
        let answer = appends.is_empty().then_some(answer);
        let answers = self.log.commit_batch(&[Commit { appends, cause, answer, checkpoint: None }]);
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        mote(self.folder.path(), arguments)
    }
}

fn mote(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mote"));
    command.arg("events").args(arguments).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// The position, stream, version and type of each line, and what is said beside them.
#[track_caller]
fn check(output: &Output, expected: &[&str], beside: &str) {
    assert!(output.status.success(), "{}", said(output));
    let text = String::from_utf8_lossy(&output.stdout);
    let words = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        [words[0], words[2], words[3], words[4]].join(" ").replace("p000000000000000", "p")
    };
    assert_eq!(text.lines().map(words).collect::<Vec<_>>(), expected);
    assert_eq!(said(output), beside);
}

const ALL: [&str; 4] =
    ["p1 purse/trip 1 PaidIn", "p1 purse/trip 2 PaidIn", "p3 purse/trip 3 PaidIn", "p3 purse/rent 1 Closed"];

#[test]
fn what_is_listed() {
    // The log has an owner, this test, all the time.
    let system = system();
    let check = |arguments: &[&str], expected: &[&str], beside: &str| {
        check(&system.command(arguments).output().expect("mote runs"), expected, beside);
    };
    let more = "there are more: add `--after p0000000000000001`\n";
    check(&[], &ALL, "");
    check(&["--limit", "4"], &ALL, "");
    check(&["--limit", "1"], &ALL[..2], more);
    check(&["--limit", "2"], &ALL[..2], more);
    check(&["--after", "p0000000000000001"], &ALL[2..], "");
    check(&["--stream", "purse/trip"], &ALL[..3], "");
    check(&["--stream", "purse/trip", "--limit", "1"], &ALL[..2], more);
    check(&["--stream", "purse/trip", "--after", "p0000000000000001"], &ALL[2..3], "");
    check(&["--stream", "purse/none"], &[], "no event fits\n");
    check(&["--limit", "0"], &[], "there are more: add `--after p0000000000000000`\n");
}

#[test]
fn data_is_shortened_for_people_and_whole_for_programs() {
    let system = system();
    let lines = |arguments: &[&str]| {
        let output = system.command(arguments).output().expect("mote runs");
        String::from_utf8(output.stdout).expect("it is text")
    };
    let shown = lines(&["--limit", "1"]);
    let line = shown.lines().next().expect("a line");
    assert!(line.starts_with("p0000000000000001  2026-01-01T00:00:00Z            purse/trip "), "{line}");
    assert!(line.ends_with(&format!("{{\"note\":\"{}…", "é".repeat(91))), "{line}");
    let expected = format!(
        "{{\"at\":\"2026-01-01T00:00:00Z\",\"data\":{{\"note\":\"{}\"}},\"position\":\"p0000000000000003\",\
         \"shape\":1,\"stream\":\"purse/rent\",\"type\":\"Closed\",\"version\":1}}\n",
        "é".repeat(100)
    );
    assert_eq!(lines(&["--stream", "purse/rent", "--json"]), expected);
}

#[test]
fn what_is_sensitive_is_masked_unless_it_is_asked_for() {
    let mut system = system();
    // The one in its older shape, the other of a type that no file declares.
    system.commit(&[("purse/secret", 0, &["PinSet", "Lost"])]);
    let run = |arguments: &[&str]| {
        let output = system.command(&[&["--stream", "purse/secret"], arguments].concat()).output();
        let output = output.expect("mote runs");
        (String::from_utf8(output.stdout.clone()).expect("it is text"), said(&output))
    };
    let (masked, beside) = run(&["--json"]);
    assert!(!masked.contains('é') && masked.lines().count() == 2 && beside.is_empty(), "{masked}{beside}");
    assert_eq!(run(&["--json"]).0, masked, "what is equal looks equal");
    assert!(!run(&[]).0.contains('é'));
    assert_eq!(run(&["--unmasked"]).0.matches("\"note\":\"ééé").count(), 2);

    std::fs::write(system.folder.path().join("aggregates/purse.yaml"), "aggregate: [").expect("written");
    let (masked, beside) = run(&["--json"]);
    assert!(!masked.contains('é'), "{masked}");
    assert_eq!(
        beside,
        "hint: the files have errors, so all data is masked: see `mote check`, or add `--unmasked`\n"
    );
}

#[test]
fn what_follows_is_listed_as_it_happens() {
    let mut system = system();
    let arguments = ["--after", "p0000000000000003", "--limit", "1", "--follow"];
    let child =
        system.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("mote runs");
    system.commit(&[("purse/rent", 1, &["Closed"])]);
    // The second shows that the first was the whole of what was asked for.
    system.commit(&[("purse/rent", 2, &["Closed"])]);
    check(&child.wait_with_output().expect("it ends"), &["p4 purse/rent 2 Closed"], "");
}

#[test]
fn a_system_that_never_was_up_has_no_log() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("mote.yaml"), "system: shop\n").expect("it can be written");
    let output = mote(folder.path(), &[]).output().expect("mote runs");
    check(&output, &[], "nothing has happened: there is no log yet\n");
}
