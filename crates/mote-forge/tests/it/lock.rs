//! `mote.lock`: what is not whole is no lock, and says so in a sentence.

use mote_contract::{Files, check};
use mote_expr::{Digest, Value};
use mote_forge::{Lock, Locked};
use mote_verify::Key;

const DOUBLE: &str = "contract: double
version: 1.0.0
kind: function
input: {type: integer, minimum: 0, maximum: 9}
output: {type: integer, minimum: 0, maximum: 18}
ensures: {twice: output == input * 2}
";

fn lock() -> Lock {
    let mut files = Files::new();
    files.add("mote.yaml", "system: test\nowner: somebody\nmay-use:\n  a: [b]\n");
    files.add("contracts/double.yaml", DOUBLE);
    let mut known = Files::new();
    known.add("mote.yaml", "system: test\nowner: somebody\n");
    known.add("contracts/double.yaml", DOUBLE);
    let law = check(&known).system.expect("no errors").laws["double"].clone();
    let release = Locked {
        contract: law.digest,
        source: Digest::of(b"source"),
        artifact: Digest::of(b"artifact"),
        verdict: Value::Null,
        files: std::collections::BTreeMap::new(),
    };
    let mut lock = Lock::default();
    lock.activate(&law, release, &files, Key::from_bytes([7; 32]).public());
    lock
}

#[test]
fn half_a_lock_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mote.lock");
    lock().write(&path).expect("it can be written");
    assert_eq!(Lock::read(&path).expect("it is whole"), lock());
    let text = std::fs::read(&path).expect("it is there");
    // The last byte is a line break.
    for length in (0..text.len() - 1).step_by(7) {
        std::fs::write(&path, &text[..length]).expect("it can be written");
        let said = Lock::read(&path).expect_err("it is cut").to_string();
        assert!(said.contains("cannot be read: ") && said.lines().count() == 1, "{said}");
    }
    let changed = String::from_utf8(text).expect("text").replace("input * 2", "input * 3");
    std::fs::write(&path, changed).expect("it can be written");
    let said = Lock::read(&path).expect_err("it was edited").to_string();
    assert!(said.contains("was changed; restore it"), "{said}");
}

#[test]
fn a_release_is_read_again_from_the_lock_alone() {
    let mut lock = lock();
    let law = lock.law("double").expect("its texts are kept");
    assert_eq!(law.digest, lock.releases["double"].contract);
    // Another contract under the release's name is not the release.
    lock.releases.get_mut("double").expect("it is there").contract = Digest::of(b"other");
    assert!(
        lock.law("double")
            .expect_err("it is another")
            .to_string()
            .contains("are not the release of `double`")
    );
    assert_eq!(lock.law("triple").expect_err("there is none").to_string(), "`triple` has no release");
    lock.retain(|_| false);
    assert!(lock.texts.is_empty(), "texts that no release names are dropped");
}
