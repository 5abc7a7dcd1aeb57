//! The life of a system: up, called, killed, up again, changed, refused.

use crate::running::{Copy, said};

const THANKS: &str = r#"{"place":1,"thanks":"Thank you, Ada!"}"#;

/// One test, since building TypeScript takes seconds: each paragraph is a case.
#[test]
fn what_was_acknowledged_is_still_there_after_kill_9() {
    let hello = Copy::of_hello();
    let up = hello.up();
    assert!(up.said.contains("verified greet 1.0.0"), "{}", up.said);
    assert_eq!(
        up.post("/greetings", r#"{"name":"Ada"}"#),
        (200, r#"{"greeting":"Hello, Ada!","length":11}"#.to_owned())
    );
    assert_eq!(up.post("/guestbooks/lobby/guests", r#"{"guest":"Ada"}"#), (201, THANKS.to_owned()));

    // The log has one owner: a second `up` on the same folder changes nothing.
    let second = hello.mote(&["up", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("hint: another `mote up` serves this system"), "{}", said(&second));
    assert!(said(&second).contains("belongs to process"), "{}", said(&second));

    // A call from the command line, to the admin listener.
    let call = hello.mote(&["call", "greet", r#"{"name":"Zoé","language":"fr"}"#, "--admin", &up.admin]);
    assert_eq!(String::from_utf8_lossy(&call.stdout), "{\"greeting\":\"Bonjour, Zoé!\",\"length\":13}\n");
    let refused = hello.mote(&["call", "greet", "{}", "--admin", &up.admin]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty(), "a refusal is not a result");
    assert!(said(&refused).contains("has no `name`"), "{}", said(&refused));
    up.kill();

    let up = hello.up();
    assert!(up.said.contains("nothing has changed"), "verdicts were not reused: {}", up.said);
    let (status, body) = up.post("/guestbooks/lobby/guests", r#"{"guest":"Ada"}"#);
    assert_eq!(status, 409, "{body}");
    assert!(body.contains("already-signed"), "{body}");
    let (status, body) = up.post("/guestbooks/lobby/guests", r#"{"guest":"Grace"}"#);
    assert_eq!((status, body.as_str()), (201, r#"{"place":2,"thanks":"Thank you, Grace!"}"#));

    // Ctrl-C ends it, and says so.
    assert!(up.interrupt().contains("finishing the calls"));

    // A damaged artifact does not serve: it is built and judged again.
    let folder = hello.path(".mote/artifacts");
    let artifacts =
        std::fs::read_dir(folder).expect("artifacts").filter_map(|entry| Some(entry.ok()?.path()));
    for artifact in artifacts.filter(|path| path.extension().is_some_and(|extension| extension == "wasm")) {
        let mut bytes = std::fs::read(&artifact).expect("an artifact");
        bytes[100] ^= 1;
        std::fs::write(artifact, bytes).expect("it can be written");
    }
    let up = hello.up();
    assert!(up.said.contains("verified greet 1.0.0"), "a damaged artifact was trusted: {}", up.said);
    up.kill();

    // A verdict that was edited in the lock file counts for nothing.
    let lock = std::fs::read_to_string(hello.path("mote.lock")).expect("a lock file");
    let at = lock.find("\"sig\": \"").expect("a signature") + 8;
    let flipped = if lock.as_bytes()[at] == b'A' { "B" } else { "A" };
    std::fs::write(hello.path("mote.lock"), format!("{}{flipped}{}", &lock[..at], &lock[at + 1..]))
        .expect("written");
    let verify = hello.mote(&["verify"]);
    assert!(
        said(&verify).contains("verified greet 1.0.0"),
        "an edited verdict was trusted: {}",
        said(&verify)
    );

    // A handler that breaks its contract is refused with a counterexample; the rest is served.
    hello.edit("services/greet/greet.ts", "[...greeting].length", "greeting.length + 1");
    let mut up = hello.up();
    assert!(up.said.contains("refused greet: in the stage `examples`"), "{}", up.said);
    assert!(up.said.contains("ensures/counted"), "{}", up.said);
    let (status, body) = up.post("/greetings", r#"{"name":"Ada"}"#);
    assert!(status == 503 && body.contains("nothing serves `greet` at the moment"), "{status} {body}");
    let (status, _) = up.post("/guestbooks/lobby/guests", r#"{"guest":"Grace"}"#);
    assert_eq!(status, 409);

    // Mended while it is up, it takes over without a restart.
    hello.edit("services/greet/greet.ts", "greeting.length + 1", "[...greeting].length");
    up.wait_for("serving 2 operations");
    assert_eq!(up.post("/greetings", r#"{"name":"Ada"}"#).0, 200);

    // A change that is refused keeps the old release serving, contract and all.
    hello.edit("contracts/greet.yaml", "summary: Greet", "budget: {fuel: 1000}\nsummary: Greet");
    up.wait_for("`greet`: its release before goes on serving until its new one is accepted");
    up.wait_for("serving 2 operations");
    assert!(up.said.contains("budget/fuel"), "{}", up.said);
    assert_eq!(up.post("/greetings", r#"{"name":"Ada"}"#).0, 200);

    // So do files that have errors.
    hello.edit("contracts/greet.yaml", "budget: {fuel: 1000}", "budgets: {fuel: 1000}");
    up.wait_for("what served goes on serving");
    assert!(up.said.contains("hint: did you mean `budget`?"), "{}", up.said);
    assert_eq!(up.post("/greetings", r#"{"name":"Ada"}"#).0, 200);

    // A port that is taken is an error that says what to type.
    let other = Copy::of_verified_hello();
    let taken = other.mote(&["up", "--listen", &up.public, "--admin", "127.0.0.1:0"]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(said(&taken).contains("cannot listen on") && said(&taken).contains("hint: "), "{}", said(&taken));
}
