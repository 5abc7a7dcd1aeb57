//! Calls are recorded beside what serves: breaches apart from the rest, masked, and never in anybody's way.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mote_contract::{Breach, Files, Law, Outcome, PlatformError, Refusal, check};
use mote_engine::{Answer, Caller, Decided, Envelope, Origin, Release, Sampling};
use mote_expr::schema::Mask;
use mote_expr::{Digest, Value};
use mote_server::{Recorded, Recorder, recordings};

const OPEN: &str = r#"
contract: open-account
kind: function
input: {type: object, required: [number], properties: {number: {type: integer}, pin: {type: string, maxLength: 9, sensitive: true}}}
output: {type: object, properties: {pin: {type: string, maxLength: 9, sensitive: true}}}
ensures: {fine: input.number >= 0}
"#;

const BYTES: u64 = 512 << 10;

fn law() -> Arc<Law> {
    let mut files = Files::new();
    files.add("mote.yaml", "system: test\nowner: us\n");
    files.add("contracts/open-account.yaml", OPEN);
    let report = check(&files);
    report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics)).laws["open-account"].clone()
}

/// A recorder, and the calls that it is told of.
struct Calls {
    recorder: Recorder,
    release: Release<()>,
    now: Timestamp,
    made: u64,
}

impl Calls {
    /// All calls are chosen.
    fn into(folder: &Path) -> Calls {
        let sampling = Sampling { first: u64::MAX, share: 1.0, pause: SignedDuration::ZERO };
        let mask = Mask::new([7; 32]);
        let recorder = Recorder::start(Recorded { folder: folder.to_owned(), bytes: BYTES, sampling, mask });
        let now = "2026-01-01T00:00:00Z".parse().expect("a time");
        Calls { recorder, release: Release::new(law(), (), Digest([1; 32])), now, made: 0 }
    }

    /// A call with `input`, that was answered with `said` and ended in `answer`. Returns when it was kept
    /// or lost: a flood that outruns the disk would lose some, which is another test's matter.
    fn call(&mut self, input: &str, said: &str, answer: &Answer) {
        let envelope = Envelope {
            release: self.release.name.clone(),
            input: input.as_bytes().to_vec(),
            key: None,
            caller: Caller::anonymous(),
            deadline: self.now,
            traceparent: None,
            origin: Origin::Http,
            now: self.now,
            id: format!("call-{}", self.made),
        };
        let said = Some(said.as_bytes());
        let (release, envelope) = (&self.release, &envelope);
        self.recorder.note(&Decided { release, envelope, situation: None, said, answer });
        self.made += 1;
        while self.kept() + self.lost() < self.made {
            std::thread::yield_now();
        }
    }

    fn kept(&self) -> u64 {
        self.recorder.gauges()[0].value
    }

    fn lost(&self) -> u64 {
        self.recorder.gauges()[1].value
    }
}

fn fine() -> Answer {
    Answer::success(Value::Null, None)
}

fn breach(clause: &str) -> Answer {
    let (clause, message) = (clause.to_owned(), "it said hunter2".to_owned());
    Answer::refused(Refusal::breach(Breach { clause, message, expression: None, values: Vec::new() }), None)
}

/// All bytes of all files in a folder.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        all.extend(if path.is_dir() { bytes(&path) } else { std::fs::read(&path).expect("a file") });
    }
    all
}

#[test]
fn neither_a_flood_of_good_calls_nor_one_of_breaches_pushes_the_others_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut calls = Calls::into(folder.path());
    calls.call(r#"{"number":1}"#, "{}", &breach("ensures/fine"));
    calls.call(r#"{"number":2}"#, "{}", &Answer::unavailable("full"));
    for number in 0..2_000 {
        calls.call(&format!(r#"{{"number":{number}}}"#), "{}", &fine());
        let floods = breach(&format!("ensures/rule-{}", number % 3));
        calls.call(&format!(r#"{{"number":{number}}}"#), "{}", &floods);
        if number % 100 == 0 {
            assert!(bytes(folder.path()).len() as u64 <= BYTES);
        }
    }
    assert_eq!(calls.lost(), 0);
    calls.recorder.end();
    let found = recordings(folder.path(), &|_| true).expect("it can be read");
    assert_eq!(found.damaged, 0);
    let of = |label: &str| {
        found.found.iter().filter(|found| found.label() == format!("open-account {label}")).count()
    };
    assert_eq!((of("breach ensures/fine"), of("unavailable unavailable")), (1, 1));
    assert!(of("ok") > 30 && of("breach ensures/rule-1") > 5, "{} {}", of("ok"), of("breach ensures/rule-1"));
    assert_eq!(
        found.found.iter().find(|found| found.is_breach()).map(|found| found.id.as_str()),
        Some("call-4001"),
        "the newest first"
    );
}

#[test]
fn what_is_sensitive_never_reaches_the_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut calls = Calls::into(folder.path());
    let secret = r#"{"number":1,"pin":"hunter2"}"#;
    calls.call(secret, r#"{"ok":{"output":{"pin":"hunter2"}}}"#, &fine());
    calls.call(secret, "hunter2", &breach("answer"));
    calls.call(r#"{"pin":["hunter2"]}"#, r#"{"error":{"code":"hunter2"}}"#, &breach("errors/hunter2"));
    let invalid =
        Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, "hunter2 is no key").by("key");
    calls.call(secret, "{}", &Answer::refused(invalid, None));
    calls.recorder.end();
    assert_eq!(calls.kept(), 4);
    let written = String::from_utf8(bytes(folder.path())).expect("it is text");
    assert!(written.contains("call-3") && !written.contains("hunter2"), "{written}");
    let found = recordings(folder.path(), &|_| true).expect("it can be read").found;
    assert!(found.len() == 4 && found.iter().all(|found| found.masked), "{found:?}");
}

#[test]
fn a_disk_that_refuses_is_tried_again_after_a_while() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("recordings");
    std::fs::write(&place, "a file where a folder should be").expect("it can be written");
    let mut calls = Calls::into(&place);
    calls.call(r#"{"number":1}"#, "{}", &fine());
    std::fs::remove_file(&place).expect("it can be removed");
    calls.call(r#"{"number":2}"#, "{}", &fine());
    assert_eq!((calls.kept(), calls.lost()), (0, 2), "not at once");
    calls.now += SignedDuration::from_secs(2);
    calls.call(r#"{"number":3}"#, "{}", &fine());
    assert_eq!((calls.kept(), calls.lost()), (1, 2));
    assert!(calls.recorder.gauges()[2].value > 100);
    assert_eq!(recordings(&place, &|_| true).expect("it can be read").found.len(), 1);
}

#[test]
fn what_is_noted_after_the_end_is_lost() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut calls = Calls::into(folder.path());
    calls.recorder.end();
    calls.call(r#"{"number":1}"#, "{}", &fine());
    assert_eq!((calls.kept(), calls.lost()), (0, 1));
}
