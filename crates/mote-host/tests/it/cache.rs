//! The compiled-code cache: believed only as far as its MAC reaches.

use std::fs;
use std::path::PathBuf;

use mote_host::{Cache, Host, Isolation, Options};

use crate::guests::{counter, echo};
use crate::{cached, call};

/// Loads, changes the only cached file, and loads in a new host: what works then, and is the file whole again?
#[track_caller]
fn check(change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    Host::new(cached(&folder)).unwrap().load(&echo()).unwrap();
    let [file] = files(&folder).try_into().unwrap();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, change(whole.clone())).unwrap();

    let artifact = Host::new(cached(&folder)).unwrap().load(&echo()).unwrap();
    assert_eq!(call(&artifact, "hi", Isolation::Fresh).unwrap().answer, "hi");
    assert_eq!(fs::read(&file).unwrap().len(), whole.len());
    let again = Host::new(cached(&folder)).unwrap();
    let opened = again.open(artifact.digest(), || Err(std::io::Error::other("the cache is enough")));
    assert_eq!(call(&opened, "hi", Isolation::Fresh).unwrap().answer, "hi");
}

fn files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path().join("code")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn untouched() {
    check(|file| file);
}

#[test]
fn one_bit_changed() {
    check(|mut file| {
        let middle = file.len() / 2;
        file[middle] ^= 1;
        file
    });
}

#[test]
fn mac_changed() {
    check(|mut file| {
        *file.last_mut().unwrap() ^= 1;
        file
    });
}

#[test]
fn cut() {
    check(|file| file[..file.len() / 3].to_vec());
    check(|_| Vec::new());
}

#[test]
fn another_key_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let options = cached(&folder);
    let digest = Host::new(options.clone()).unwrap().load(&echo()).unwrap().digest();
    let cache = options.cache.map(|cache| Cache { key: [8; 32], ..cache });
    let host = Host::new(Options { cache, ..options }).unwrap();
    let opened = host.open(digest, || Err(std::io::Error::other("compiled anew")));
    assert!(call(&opened, "hi", Isolation::Fresh).unwrap_err().to_string().contains("compiled anew"));
}

#[test]
fn one_file_cannot_stand_in_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(cached(&folder)).unwrap();
    host.load(&echo()).unwrap();
    let [echo_file] = files(&folder).try_into().unwrap();
    let count = host.load(&counter()).unwrap().digest();
    let count_file = files(&folder).into_iter().find(|file| *file != echo_file).unwrap();
    fs::copy(&echo_file, &count_file).unwrap();
    let opened = Host::new(cached(&folder)).unwrap().open(count, || Ok(counter()));
    assert_eq!(call(&opened, "", Isolation::Fresh).unwrap().answer, "1");
}
