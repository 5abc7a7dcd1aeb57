//! Large modules that several components hold: compiled once, kept once, and the same to every call.

use std::fs;

use mote_host::{Artifact, Host, Isolation, LoadError};

use crate::{cached, call, host};

/// A component of two modules: an engine with a lot of code, and a small one that answers `digit` with it.
fn nested(digit: u8, head: &str) -> Vec<u8> {
    whole(&format!("{head} (component $inner {})", inner(digit)), "(instance $it (instantiate $inner))")
}

fn whole(before: &str, instance: &str) -> Vec<u8> {
    let text = format!("(component {before} {instance} (export \"answer\" (func $it \"answer\")))");
    wat::parse_str(text).unwrap()
}

fn inner(digit: u8) -> String {
    let padding = "(drop (i32.const 1234567890))".repeat(20_000);
    format!(
        r#"
        (core module $engine
          (memory (export "memory") 1)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
          (func (export "answered") (param $digit i32) (result i32)
            (i32.store8 (i32.const 0) (local.get $digit))
            (i32.store (i32.const 1028) (i32.const 1))
            (i32.const 1024))
          (func {padding}))
        (core module $own
          (import "engine" "answered" (func $answered (param i32) (result i32)))
          (func (export "answer") (param i32 i32) (result i32) (call $answered (i32.const {}))))
        (core instance $engine (instantiate $engine))
        (core instance $own (instantiate $own (with "engine" (instance $engine))))
        (func $answer (param "call" string) (result string)
          (canon lift (core func $own "answer")
            (memory (core memory $engine "memory")) (realloc (core func $engine "realloc"))))
        (export "answer" (func $answer))"#,
        b'0' + digit
    )
}

#[track_caller]
fn check(artifact: &Artifact, answer: &str) -> u64 {
    let fresh = call(artifact, "", Isolation::Fresh).unwrap();
    assert_eq!(fresh.answer, answer);
    assert_eq!(call(artifact, "", Isolation::Reused).unwrap().answer, answer);
    fresh.fuel
}

fn kept(folder: &tempfile::TempDir, extension: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder.path().join("code")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

#[test]
fn two_services_share_their_engine() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(cached(&folder)).unwrap();
    let (one, two) = (host.load(&nested(1, "")).unwrap(), host.load(&nested(2, "")).unwrap());
    assert_eq!(check(&one, "1"), check(&two, "2"));
    assert_eq!((kept(&folder, "code").len(), kept(&folder, "module").len()), (2, 1));
}

#[test]
fn fuel_is_what_the_whole_component_takes() {
    // What is not nested is compiled whole.
    let flat = wat::parse_str(format!("(component {})", inner(1))).unwrap();
    let whole = check(&host().load(&flat).unwrap(), "1");
    assert_eq!(check(&host().load(&nested(1, "")).unwrap(), "1"), whole);
}

/// Loads, changes the file of the engine, and loads in new hosts: with the bytes always, without them if it is whole.
#[track_caller]
fn after(change: impl FnOnce(&std::path::Path), without_bytes: bool) {
    let folder = tempfile::tempdir().unwrap();
    let digest = Host::new(cached(&folder)).unwrap().load(&nested(1, "")).unwrap().digest();
    let [file] = kept(&folder, "module").try_into().unwrap();
    let before = fs::read(&file).unwrap();
    change(&file);
    let opened = Host::new(cached(&folder)).unwrap().open(digest, || Err(std::io::Error::other("no bytes")));
    assert_eq!(call(&opened, "", Isolation::Fresh).is_ok(), without_bytes);
    check(&Host::new(cached(&folder)).unwrap().load(&nested(1, "")).unwrap(), "1");
    assert_eq!(fs::read(&file).unwrap().len(), before.len(), "it is whole again");
}

#[test]
fn the_engine_is_believed_only_as_far_as_its_mac_reaches() {
    after(|_| {}, true);
    after(|file| fs::remove_file(file).unwrap(), false);
    after(
        |file| {
            let mut bytes = fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(file, bytes).unwrap();
        },
        false,
    );
}

#[test]
fn what_is_told_apart_is_checked_like_the_whole() {
    let refused = |head: &str| match host().load(&nested(1, head)) {
        Err(LoadError::ForbiddenImport { name }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(r#"(import "clock" (func))"#), "clock");
    // The names that stand for modules are not for components to import.
    assert_eq!(refused(r#"(import "shared0" (core module))"#), "shared0");
    assert_eq!(refused(r#"(import "shared1" (core module))"#), "shared1");
}
