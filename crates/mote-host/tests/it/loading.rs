//! When code is in memory: from the first call until others were called more recently.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mote_host::{Artifact, Host, Isolation, Options};
use sha2::{Digest as _, Sha256};

use crate::guests::{echo, guest};
use crate::{cached, call, host, options};

fn answering(digit: u8) -> Vec<u8> {
    guest(&format!(
        "(i32.store8 (i32.const 0) (i32.const {})) (call $reply (i32.const 0) (i32.const 1))",
        b'0' + digit
    ))
}

#[track_caller]
fn check(artifacts: &[Artifact], called: &[usize], loaded: &[usize]) {
    for &index in called {
        let answer = call(&artifacts[index], "", Isolation::Reused).unwrap().answer;
        assert_eq!(answer, index.to_string());
    }
    let actual: Vec<_> = (0..artifacts.len()).filter(|&index| artifacts[index].is_loaded()).collect();
    assert_eq!(actual, loaded);
}

#[test]
fn the_least_recently_called_leaves_and_returns() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(Options { loaded_max: 2, ..cached(&folder) }).unwrap();
    let artifacts: Vec<_> = (0..4).map(|digit| host.load(&answering(digit)).unwrap()).collect();
    check(&artifacts, &[2, 3, 2], &[2, 3]);
    check(&artifacts, &[0], &[0, 2]);
    check(&artifacts, &[1, 0], &[0, 1]);
    check(&artifacts, &[3, 2, 1, 0], &[0, 1]);
}

#[test]
fn what_cannot_return_stays() {
    let host = Host::new(Options { loaded_max: 1, ..options() }).unwrap();
    let artifacts: Vec<_> = (0..3).map(|digit| host.load(&answering(digit)).unwrap()).collect();
    check(&artifacts, &[0, 1, 2], &[0, 1, 2]);
}

#[test]
fn opened_is_read_once_when_first_called() {
    let host = host();
    let reads = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&reads);
    let artifact = host.open(Sha256::digest(echo()).into(), move || {
        counting.fetch_add(1, Ordering::Relaxed);
        Ok(echo())
    });
    assert!(!artifact.is_loaded());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let artifact = artifact.clone();
            std::thread::spawn(move || call(&artifact, "hi", Isolation::Fresh).unwrap().answer)
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "hi");
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[test]
fn bytes_that_do_not_fit_the_digest_are_refused() {
    let artifact = host().open([1; 32], || Ok(echo()));
    let refused = call(&artifact, "", Isolation::Fresh).unwrap_err();
    assert!(refused.is_unavailable());
    assert!(refused.to_string().contains("build it again"), "{refused}");
}
