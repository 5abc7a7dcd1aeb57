//! Verdicts on disk: what they say, what no longer holds, what serves from the lock alone, and what a
//! changed contract breaks.

use std::path::Path;

use crate::running::{Copy, said};

/// Standard output as text.
fn results(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Write a changed copy of a file, do something, and put the file back.
fn with_changed(path: &Path, change: impl FnOnce(&mut Vec<u8>), then: impl FnOnce()) {
    let before = std::fs::read(path).expect("the file is there");
    let mut changed = before.clone();
    change(&mut changed);
    std::fs::write(path, changed).expect("it can be written");
    then();
    std::fs::write(path, before).expect("it can be written");
}

/// One test, since building TypeScript takes seconds: each paragraph is a case.
#[test]
fn a_verdict_holds_for_what_was_judged_and_for_nothing_else() {
    let hello = Copy::of_hello();
    let check = |expected: &str| {
        let output = hello.mote(&["verdict", "check", "greet"]);
        assert!(said(&output).starts_with(expected), "{}", said(&output));
        assert_eq!(output.status.success(), expected.starts_with("holds"), "{}", said(&output));
    };
    let refused_locked = |expected: &str| {
        let output = hello.mote(&["up", "--locked", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        assert!(!output.status.success());
        assert!(said(&output).contains(expected), "{}", said(&output));
    };
    check(
        "does not hold greet: `mote.lock` names no release of it\nhint: `mote verify greet` judges it again\n",
    );
    refused_locked("refused greet: `mote.lock` names no release of it");

    let verified = hello.mote(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(said(&verified).contains("sealed 1000 · failure rate < 0.30 % at 95 %"), "{}", said(&verified));
    check("holds greet 1.0.0\n");
    let again = hello.mote(&["verify"]);
    assert_eq!(
        said(&again),
        "verified greet before, nothing has changed\nverified sign-guestbook before, nothing has changed\n"
    );

    // What it says.
    let shown = hello.mote(&["verdict", "show", "greet"]);
    let shown = results(&shown);
    assert_eq!(shown.lines().count(), 15, "{shown}");
    assert!(shown.starts_with("contract   greet 1.0.0\n"), "{shown}");
    assert!(shown.contains("\nbuilder    by hand, not confined\n"), "{shown}");
    assert!(shown.contains(", trusted here\nholds      yes\n"), "{shown}");
    let json = results(&hello.mote(&["verdict", "show", "greet", "--json"]));
    assert!(json.starts_with(r#"{"holds":true,"problem":null,"signedBy":[{"id":""#), "{json}");
    assert!(json.contains(r#""predicateType":"urn:mote:verdict:v1""#), "{json}");

    // The lock alone serves, without the sources.
    let sources = hello.path("services");
    std::fs::rename(&sources, hello.path("elsewhere")).expect("it can be moved");
    let up = hello.up_with(&["--locked"]);
    assert_eq!(up.post("/greetings", r#"{"name":"Ada"}"#).0, 200);
    up.kill();
    std::fs::rename(hello.path("elsewhere"), &sources).expect("it can be moved");

    // Another key than those that the lock trusts.
    let stranger = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let output = hello.mote(&["up", "--locked", "--trust", stranger, "--listen", "127.0.0.1:0"]);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("the verdict is signed with no key that is trusted here"),
        "{}",
        said(&output)
    );

    // Each part changed by itself.
    let digest = shown.lines().nth(3).expect("the artifact's hash").trim().to_owned();
    let artifact = hello.path(&format!(".mote/artifacts/{digest}.wasm"));
    with_changed(
        &artifact,
        |bytes| bytes[100] ^= 1,
        || {
            check(&format!("does not hold greet: the artifact {digest} is damaged"));
            refused_locked("is damaged; build its service again");
        },
    );
    let contract = hello.path("contracts/greet.yaml");
    with_changed(
        &contract,
        |text| text.extend(b"isolation: fresh\n"),
        || {
            check("does not hold greet: the contract changed since: it was ");
            refused_locked("refused greet: the contract changed since: it was ");
        },
    );
    let source = hello.path("services/greet/greet.ts");
    with_changed(
        &source,
        |text| text.extend(b"// more\n"),
        || {
            check("does not hold greet: the source changed since, or the template and the toolchain did");
        },
    );
    // A new test is a reason to judge again, and none for what serves to end.
    let tests = hello.path("tests/greet");
    std::fs::create_dir_all(&tests).expect("it can be made");
    let german =
        "input: {name: Ada, language: de}\nthen: {output: {greeting: \"Hallo, Ada!\", length: 11}}\n";
    std::fs::write(tests.join("german.yaml"), german).expect("it can be written");
    check("does not hold greet: its tests or its regressions changed since");
    let up = hello.up_with(&["--locked"]);
    assert_eq!(up.post("/greetings", r#"{"name":"Ada"}"#).0, 200);
    up.kill();
    let verified = hello.mote(&["verify", "greet"]);
    assert!(said(&verified).contains("  cases 2 examples · 1 tests · 1000 generated"), "{}", said(&verified));
    check("holds greet 1.0.0\n");
    std::fs::remove_dir_all(hello.path("tests")).expect("it can be removed");
    check("does not hold greet: its tests or its regressions changed since");
    assert!(hello.mote(&["verify", "greet"]).status.success());

    let lock = hello.path("mote.lock");
    let flip = |text: &mut Vec<u8>| {
        let marks = b"\"sig\": \"";
        let at = text.windows(marks.len()).position(|part| part == marks).expect("a signature") + marks.len();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
    };
    with_changed(&lock, flip, || {
        check("does not hold greet: the signature of the key ");
        refused_locked("does not fit the verdict");
    });
    with_changed(
        &lock,
        |text| text.truncate(text.len() / 2),
        || {
            let output = hello.mote(&["verdict", "check"]);
            assert_eq!(output.status.code(), Some(1));
            let sentence = said(&output);
            assert!(
                sentence.starts_with("error: `") && sentence.contains("mote.lock` cannot be read: "),
                "{sentence}"
            );
            assert_eq!(sentence.lines().count(), 1, "{sentence}");
        },
    );
    check("holds greet 1.0.0\n");

    // A count of attempts that is damaged is no fresh start.
    let sealed =
        std::fs::read_dir(hello.path(".mote/sealed")).expect("counts").flatten().map(|entry| entry.path());
    let counts: Vec<_> = sealed.collect();
    assert_eq!(counts.len(), 2);
    for count in &counts {
        let text = std::fs::read_to_string(count).expect("a count");
        std::fs::write(count, &text[..text.len() / 2]).expect("it can be written");
    }
    let output = hello.mote(&["verify", "greet", "--again"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("which counts attempts on sealed cases, is damaged"), "{}", said(&output));
    for count in &counts {
        std::fs::remove_file(count).expect("it can be removed");
    }
    assert!(hello.mote(&["verify", "greet"]).status.success());

    // What a changed contract breaks, against the release.
    assert_eq!(said(&hello.mote(&["compat", "greet"])), "compatible greet 1.0.0: as it was released\n");
    std::fs::copy(&lock, hello.path("before.lock")).expect("a copy");
    hello.edit("contracts/greet.yaml", "maxLength: 40}", "maxLength: 20}");
    let broken = hello.mote(&["compat", "greet", "--against", "before.lock"]);
    assert_eq!(broken.status.code(), Some(1));
    let expected = "breaking greet: this breaks what 1.0.0 promised, and its version is 1.0.0\nhint: keep what was promised, or write `version: 2.0.0` in contracts/greet.yaml\n  breaks input: /name was 1 to 40 characters, is 1 to 20 characters\n";
    assert!(said(&broken).starts_with(expected), "{}", said(&broken));
    hello.edit("contracts/greet.yaml", "version: 1.0.0", "version: 2.0.0");
    assert!(hello.mote(&["compat", "--against", "before.lock"]).status.success());
    let json = results(&hello.mote(&["compat", "greet", "--json"]));
    assert!(
        json.starts_with(
            r#"{"before":"1.0.0","breaking":true,"changes":[{"breaking":true,"message":"/name was"#
        ),
        "{json}"
    );

    // Sequences of commands.
    let explored = hello.mote(&["verify", "--aggregate", "guestbook"]);
    assert!(
        said(&explored).starts_with("held guestbook\n  sequences 500 · succeeded sign-guestbook "),
        "{}",
        said(&explored)
    );
    hello.edit(
        "services/sign-guestbook/sign-guestbook.ts",
        "state.guests.length + 1",
        "state.guests.length % 3 + 1",
    );
    let explored = hello.mote(&["verify", "--aggregate", "guestbook"]);
    assert_eq!(explored.status.code(), Some(1));
    let told = said(&explored);
    assert!(told.starts_with("refused sign-guestbook: after these calls\n  1. sign-guestbook {"), "{told}");
    assert!(told.contains("\n  4. sign-guestbook {") && !told.contains("\n  5. sign-guestbook"), "{told}");
    let json = results(&hello.mote(&["verify", "sign-guestbook", "--json"]));
    assert!(json.contains(r#""verdict":"refused""#) && json.contains(r#""feedback":{"budget":{"#), "{json}");
}
