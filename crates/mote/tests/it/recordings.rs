//! Recorded calls, from the call that broke its contract to the service that keeps it.

use std::io::Write as _;
use std::process::Output;

use crate::running::{Copy, said};

/// Standard output as text.
fn results(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A line without the call's id and time, which are others every time.
fn timeless(line: &str) -> String {
    let words = line.split_whitespace().filter(|word| {
        let id = word.len() >= 36 && word.matches('-').count() == 4;
        let time = word.ends_with('Z') && word.contains('T');
        !id && !time
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(output: &Output, code: i32, expected: &[&str], beside: &str) {
    let lines: Vec<String> = results(output).lines().map(timeless).collect();
    assert_eq!(lines, expected, "{}", said(output));
    assert_eq!(said(output), beside);
    assert_eq!(output.status.code(), Some(code));
}

/// One test, since building TypeScript takes seconds: each paragraph is a case.
#[test]
fn a_breach_is_recorded_replayed_and_mended() {
    let hello = Copy::of_hello();
    check(
        &hello.mote(&["recordings", "list"]),
        0,
        &[],
        "nothing is recorded: `mote up` records calls while it serves\n",
    );
    check(
        &hello.mote(&["recordings", "replay", "--all"]),
        0,
        &[],
        "nothing is recorded: `mote up` records calls while it serves\n",
    );
    // A service that is wrong for one name, which no generated case has.
    let name = "${input.name}!`";
    let wrong = |who: &str| format!("${{input.name === \"Zebedee\" ? \"{who}\" : input.name}}!`");
    hello.edit("services/greet/greet.ts", name, &wrong("you"));
    hello.edit("contracts/greet.yaml", "ensures:", "verify: {cases: 100, sealed: 50}\nensures:");
    let up = hello.up();
    let greet = |name: &str| up.post("/greetings", &format!(r#"{{"name":"{name}"}}"#)).0;
    assert_eq!((greet("Ada"), greet("Constantine"), greet("Zebedee")), (200, 200, 502));
    assert_eq!(up.post("/greetings", "{}").0, 400);
    let sign = || up.post("/guestbooks/lobby/guests", r#"{"guest":"Ada"}"#).0;
    assert_eq!((sign(), sign()), (201, 409));

    // What is recorded is written soon, and can be read while the system is up.
    while results(&hello.mote(&["recordings", "list"])).lines().count() < 6 {}
    let all = [
        "sign-guestbook declared errors/already-signed",
        "sign-guestbook ok",
        "greet invalid input",
        "greet breach ensures/exactly",
        "greet ok",
        "greet ok",
    ];
    check(&hello.mote(&["recordings", "list"]), 0, &all, "");
    let two = hello.mote(&["recordings", "list", "--limit", "2"]);
    check(&two, 0, &all[..2], "there are 4 more: raise `--limit`\n");
    check(&hello.mote(&["recordings", "list", "sign-guestbook", "--outcome", "ok"]), 0, &all[1..2], "");
    check(
        &hello.mote(&["recordings", "list", "greet", "--outcome", "declared"]),
        0,
        &[],
        "no recorded call fits\n",
    );
    let unknown = "error: nothing is recorded of `gret`\nhint: did you mean `greet`?\n";
    check(&hello.mote(&["recordings", "list", "gret"]), 1, &[], unknown);
    let json = results(&hello.mote(&["recordings", "list", "--outcome", "breach", "--json"]));
    let breach = mote_expr::parse(json.trim().as_bytes()).expect("it is JSON");
    let part = |name: &str| breach.field(name).map(ToString::to_string).unwrap_or_default();
    assert_eq!((part("input").as_str(), part("outcome").as_str()), (r#"{"name":"Zebedee"}"#, "\"breach\""));
    let id = breach.field("id").and_then(mote_expr::Value::as_text).expect("an id").to_owned();

    let shown = results(&hello.mote(&["recordings", "show", &id[..20]]));
    assert!(
        shown.starts_with(&format!("call       {id}\noperation  greet 1.0.0 (function)\ncontract   ")),
        "{shown}"
    );
    let end = "by anonymous\nended      breach ensures/exactly: `exactly` is not true \
               (output.greeting is \"Hello, you!\", word + ', ' + input.name + '!' is \"Hello, Zebedee!\", word is \"Hello\")\n\
               input      {\"name\":\"Zebedee\"}\nanswer     {\"ok\":{";
    assert!(shown.contains(end) && shown.contains("Hello, you!\",\"length\":11}"), "{shown}");
    check(
        &hello.mote(&["recordings", "show", "nobody"]),
        1,
        &[],
        "error: no recorded call has the id `nobody`\nhint: `mote recordings list` lists them\n",
    );

    // Asked again the same code says the same, beside what serves.
    let again = [
        "equal sign-guestbook: declared errors/already-signed",
        "equal sign-guestbook: ok",
        "equal greet: invalid input",
        "breaks greet: breach ensures/exactly",
        "ensures/exactly: `exactly` is not true",
        "rule output.greeting == word + ', ' + input.name + '!'",
        "where output.greeting is \"Hello, you!\"",
        "where word + ', ' + input.name + '!' is \"Hello, Zebedee!\"",
        "where word is \"Hello\"",
        "input {\"language\":\"en\",\"name\":\"Zebedee\"}",
    ];
    for against in ["serving", "recorded"] {
        let replayed = hello.mote(&["recordings", "replay", "--all", "--against", against]);
        let lines: Vec<String> = results(&replayed).lines().map(timeless).collect();
        assert_eq!(lines[..10], again, "{}", said(&replayed));
        assert_eq!(lines[lines.len() - 2..], ["equal greet: ok", "equal greet: ok"]);
        assert_eq!(said(&replayed), "5 equal, 0 differ, 1 break their contract, 0 could not be asked\n");
        assert_eq!(replayed.status.code(), Some(1));
    }

    // A process that is killed leaves what it had written; half a record is no error.
    up.kill();
    let file = hello.path(".mote/recordings/calls/0000000001.records");
    let mut file = std::fs::OpenOptions::new().append(true).open(file).expect("a ring of calls");
    file.write_all(b"0123456789abcdef greet ok\t{\"answer\":\"").expect("it can be written");
    let damage = "warning: 1 half-written or damaged records are left out\n";
    check(&hello.mote(&["recordings", "list"]), 0, &all, damage);

    // A service that is still wrong on the recorded call is refused with it.
    hello.edit("services/greet/greet.ts", &wrong("you"), &wrong("thee"));
    let refused = hello.mote(&["verify", "greet"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("refused greet: in the stage `recordings`\n"), "{}", said(&refused));
    assert!(
        said(&refused).contains(&format!("where    the recorded call is \"{id}\"")),
        "{}",
        said(&refused)
    );

    // Mended, it answers as the contract has it, and says so before it is verified.
    hello.edit("services/greet/greet.ts", &wrong("thee"), name);
    let mended = [
        "differs greet: ok, was breach ensures/exactly",
        "/ok/output/greeting is \"Hello, Zebedee!\", was \"Hello, you!\"",
        "/ok/output/length is 15, was 11",
    ];
    let told = format!("{damage}0 equal, 1 differ, 0 break their contract, 0 could not be asked\n");
    check(&hello.mote(&["recordings", "replay", &id, "--against", "files"]), 0, &mended, &told);
    let verified = hello.mote(&["verify", "greet"]);
    assert!(
        said(&verified).contains("  recorded 3 asked again · 0 refused by the host\n"),
        "{}",
        said(&verified)
    );
    check(&hello.mote(&["recordings", "replay", &id]), 0, &mended, &told);
    let json = results(&hello.mote(&["recordings", "replay", &id, "--json"]));
    assert!(
        json.starts_with(r#"{"call":""#)
            && json.contains(
                r#""differences":[{"at":"/ok/output/greeting","is":"Hello, Zebedee!","was":"Hello, you!"}"#
            ),
        "{json}"
    );

    // Under a contract that takes less, a call does not fit; and the comparison says who is let down.
    hello.edit("contracts/greet.yaml", "maxLength: 40}", "maxLength: 5}");
    let unfit = hello.mote(&["recordings", "replay", "greet", "--against", "files"]);
    let lines: Vec<String> = results(&unfit).lines().map(timeless).collect();
    let long = "skipped greet: its input does not fit the contract: /name has 11 characters, the most is 5";
    assert!(lines.iter().any(|line| line == long), "{lines:?}");
    let compat = hello.mote(&["compat", "greet"]);
    assert_eq!(compat.status.code(), Some(1));
    let let_down = "breaks input: refuses an input that was accepted: /name has 11 characters, the most is 5 (1 of 2 recorded calls)";
    assert!(said(&compat).contains(let_down), "{}", said(&compat));

    // Where the system says so, nothing is recorded. What was accepted before the end is written by then.
    hello.edit("contracts/greet.yaml", "maxLength: 5}", "maxLength: 40}");
    std::fs::remove_dir_all(hello.path(".mote/recordings")).expect("they may be deleted at any time");
    let called = |hello: &Copy| {
        let up = hello.up();
        assert_eq!(up.post("/greetings", r#"{"name":"Ada"}"#).0, 200);
        up.interrupt();
        results(&hello.mote(&["recordings", "list"])).lines().count()
    };
    assert_eq!(called(&hello), 1);
    let manifest = std::fs::read_to_string(hello.path("mote.yaml")).expect("a manifest");
    std::fs::write(hello.path("mote.yaml"), format!("{manifest}recordings: {{size: 0B}}\n"))
        .expect("written");
    assert_eq!(called(&hello), 1);
}
