//! `mote fmt`: files laid out in place, and nothing else touched.

use crate::running::{Copy, said};

const CROOKED: &str = "kind: function\ncontract: crooked # by hand\noutput: {type: integer,\n  minimum: 0}\n";
const STRAIGHT: &str = "contract: crooked # by hand\nkind: function\noutput: {type: integer, minimum: 0}\n";

#[test]
fn examples_and_what_is_made_are_laid_out_already() {
    let hello = Copy::of_hello();
    let output = hello.mote(&["fmt", "--check"]);
    assert_eq!((said(&output).as_str(), output.status.code()), ("0 of 4 files to lay out\n", Some(0)));
    let made = tempfile::tempdir().expect("a temporary folder");
    for arguments in [
        ["new", "shop", "--here", "--json"].as_slice(),
        &["add", "function", "round-up"],
        &["add", "command", "close-purse", "--aggregate", "purse"],
        &["add", "command", "note", "--aggregate", "diary"],
        &["fmt", "--check"],
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mote"));
        let output = command.args(arguments).current_dir(made.path()).output().expect("mote runs");
        assert!(output.status.success(), "{arguments:?} {}", said(&output));
    }
}

#[test]
fn a_file_is_laid_out_in_place() {
    let hello = Copy::of_hello();
    let path = hello.path("contracts/crooked.yaml");
    std::fs::write(&path, CROOKED).expect("it can be written");

    let check = hello.mote(&["fmt", "--check"]);
    assert_eq!(check.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&check.stdout), "contracts/crooked.yaml\n");
    assert_eq!(said(&check), "hint: `mote fmt` lays them out\n1 of 5 files to lay out\n");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), CROOKED);

    let json = hello.mote(&["fmt", "--check", "--json"]);
    assert_eq!(
        String::from_utf8_lossy(&json.stdout),
        "{\"changed\":false,\"file\":\"contracts/crooked.yaml\"}\n"
    );

    let output = hello.mote(&["fmt", "contracts/crooked.yaml"]);
    assert_eq!((said(&output).as_str(), output.status.code()), ("1 of 1 files laid out\n", Some(0)));
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), STRAIGHT);
    let folder: Vec<_> = std::fs::read_dir(hello.path("contracts")).expect("a folder").collect();
    assert_eq!(folder.len(), 3, "something was left behind: {folder:?}");
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    let hello = Copy::of_hello();
    let path = hello.path("contracts/broken.yaml");
    std::fs::write(&path, "contract: broken\nif: !x\n").expect("it can be written");
    let output = hello.mote(&["fmt"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("error[M001]: YAML reads a leading `!` as a tag"), "{}", said(&output));
    assert!(said(&output).contains("hint: quote it: `if: \"!x\"`"), "{}", said(&output));
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "contract: broken\nif: !x\n");
    let other = hello.mote(&["fmt", "services/greet/greet.ts"]);
    assert_eq!(
        said(&other),
        "error: `services/greet/greet.ts` is no YAML file of a system\nhint: name a file that ends with `.yaml`, or a system's folder\n"
    );
}
