//! `mote new`, `mote add`, `mote build`: what is written passes as it is, and nothing is overwritten.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::running::said;

/// Run `mote` in `folder` until it ends.
pub(crate) fn mote(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mote"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    command.output().expect("mote runs")
}

/// Run `mote`, which succeeds, and return its results.
#[track_caller]
pub(crate) fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = mote(folder, arguments);
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).expect("results are text")
}

/// Run `mote`, which refuses with these lines.
#[track_caller]
pub(crate) fn refused(folder: &Path, arguments: &[&str], expected: &str) {
    let output = mote(folder, arguments);
    assert_eq!((said(&output).as_str(), output.status.code()), (expected, Some(1)));
    assert!(output.stdout.is_empty(), "a refusal is not a result");
}

/// A view that shows the notes of diaries.
const NOTES: &str = "\
view: notes
row:
  type: object
  required: [note]
  properties:
    note: {type: string, maxLength: 200}
from:
  DiaryNoted:
    key: note-${event.data.note}
    put: {note: \"${event.data.note}\"}
";

/// A new system in a folder of its own.
pub(crate) fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    done(folder.path(), &["new", "shop", "--here"]);
    folder
}

#[test]
fn a_new_system_and_what_is_added_to_it_is_verified_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let made = mote(folder.path(), &["new", "shop"]);
    assert_eq!(
        said(&made),
        "made the system shop in shop\nhint: `cd shop && mote up` serves it; README.md tells the first five minutes\n"
    );
    let shop = folder.path().join("shop");
    let note = ["add", "command", "note", "--aggregate", "diary", "--capability", "journal"];
    assert_eq!(
        done(&shop, &note),
        "aggregates/journal/diary.yaml\ncontracts/journal/note.yaml\nservices/note/note.ts\n"
    );
    done(&shop, &["add", "command", "close-purse", "--aggregate", "purse"]);
    done(&shop, &["add", "function", "class"]);
    let manifest = std::fs::read_to_string(shop.join("mote.yaml")).expect("it is there");
    std::fs::write(shop.join("mote.yaml"), manifest + "sinks: {ledger: {kind: log}}\n")
        .expect("it is written");
    done(&shop, &["add", "publisher", "tell-all", "--subscribes", "DiaryNoted", "--to", "ledger"]);
    std::fs::create_dir(shop.join("views")).expect("a folder");
    std::fs::write(shop.join("views/notes.yaml"), NOTES).expect("it is written");
    let list = ["add", "query", "list-notes", "--view", "notes", "--capability", "journal"];
    assert_eq!(done(&shop, &list), "contracts/journal/list-notes.yaml\n");

    let verified = mote(&shop, &["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
    for name in ["class", "close-purse", "list-notes", "note", "pay-in", "split-bill", "tell-all"] {
        assert!(said(&verified).contains(&format!("verified {name} 1.0.0 in ")), "{}", said(&verified));
        assert!(shop.join(format!(".mote/types/{name}.d.ts")).is_file(), "{name} has no types");
    }

    // Rules that answer are not built.
    let derived = "list-notes has nothing to build: its rules are its implementation\n";
    assert_eq!(said(&mote(&shop, &["build", "list-notes"])), derived);
    assert_eq!(
        done(&shop, &["build", "list-notes", "--json"]),
        "{\"contract\":\"list-notes\",\"derived\":true}\n"
    );

    // Verifying built it; a source that cannot be built is told with its place, and the others are built.
    assert_eq!(said(&mote(&shop, &["build", "note"])), "built note before, nothing has changed\n");
    std::fs::write(shop.join("services/note/note.ts"), "export default 1 +;\n").expect("it can be written");
    let broken = mote(&shop, &["build", "note", "class"]);
    assert_eq!(broken.status.code(), Some(1));
    let expected = "built class before, nothing has changed\nrefused note: Unexpected token\n \
                    --> services/note/note.ts:1:19\n  \
                    |\n\
                    1 | export default 1 +;\n  \
                    |                   ^\n";
    assert!(said(&broken).starts_with(expected), "{}", said(&broken));
    let json = mote(&shop, &["build", "note", "--json"]);
    assert_eq!(
        String::from_utf8_lossy(&json.stdout),
        "{\"problem\":\"note.ts:1:19: Unexpected token\",\"service\":\"note\"}\n"
    );
}

#[test]
fn a_name_that_is_none_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    refused(
        folder.path(),
        &["new", "My Shop"],
        "error: `My Shop` is not a name for a system\nhint: names are lower-case words joined by hyphens: `my-shop`\n",
    );
    refused(
        folder.path(),
        &["new", "a\nowner: b"],
        "error: `a\nowner: b` is not a name for a system\nhint: names are lower-case words joined by hyphens: `a-owner-b`\n",
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_folder_that_holds_something_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    done(folder.path(), &["new", "shop", "--here"]);
    let again = mote(folder.path(), &["new", "shop", "--here"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).starts_with("error: `.` is not empty: it has `"), "{}", said(&again));
}

#[test]
fn what_cannot_be_added_is_refused_with_what_to_type() {
    let shop = shop();
    std::fs::create_dir(shop.path().join("views")).expect("a folder");
    let payments = NOTES.replace("view: notes", "view: payments").replace("DiaryNoted", "PaidIn");
    let payments =
        payments.replace("note: {type: string, maxLength: 200}", "note: {type: string, maxLength: 40}");
    let payments = payments.replace("event.data.note", "event.data.who");
    std::fs::write(shop.path().join("views/payments.yaml"), payments).expect("it is written");
    // With a contract that reads it, nothing is wrong with it.
    done(shop.path(), &["add", "query", "list-payments", "--view", "payments"]);
    let add =
        |arguments: &[&str], expected: &str| refused(shop.path(), &[&["add"], arguments].concat(), expected);
    add(
        &["command", "close-purse"],
        "error: a command touches an aggregate\nhint: say which with `--aggregate NAME`: `purse`, or a new one\n",
    );
    add(
        &["function", "round-up", "--aggregate", "purse"],
        "error: a function touches no aggregate\nhint: `mote add command round-up --aggregate NAME` adds one that does\n",
    );
    add(
        &["query", "list-all"],
        "error: a query shows a view\nhint: say which with `--view NAME`: `payments`\n",
    );
    add(
        &["query", "list-all", "--view", "payment"],
        "error: there is no view `payment`\nhint: did you mean `payments`?\n",
    );
    add(
        &["publisher", "tell", "--view", "payments"],
        "error: a publisher shows no view\nhint: `mote add query tell --view NAME` adds one that does\n",
    );
    add(
        &["query", "tell", "--to", "ledger"],
        "error: a query publishes no messages\nhint: `mote add publisher tell --subscribes EVENT --to SINK` adds one that does\n",
    );
    add(
        &["publisher", "tell"],
        "error: a publisher follows events\nhint: say which with `--subscribes EVENT`: `PaidIn`\n",
    );
    add(
        &["publisher", "tell", "--subscribes", "PaydIn"],
        "error: no aggregate has an event `PaydIn`\nhint: did you mean `PaidIn`?\n",
    );
    add(
        &["publisher", "tell", "--subscribes", "PaidIn"],
        "error: a publisher has a sink\nhint: add one to mote.yaml first: `sinks: {outside: {kind: log}}`\n",
    );
    add(&["function", "pay-in"], "error: there is a contract `pay-in` already, a command\n");
    std::fs::create_dir_all(shop.path().join("services/round-up")).expect("a folder");
    std::fs::write(shop.path().join("services/round-up/round-up.ts"), "").expect("a file");
    add(
        &["function", "round-up"],
        "error: `services/round-up/round-up.ts` is there already, and nothing is overwritten\n",
    );
    assert!(!shop.path().join("contracts/round-up.yaml").exists(), "half of it was written");
}

#[test]
fn build_knows_services_and_contracts() {
    refused(
        shop().path(),
        &["build", "splt-bill"],
        "error: there is no service and no contract `splt-bill`\nhint: did you mean `split-bill`?\n",
    );
}
