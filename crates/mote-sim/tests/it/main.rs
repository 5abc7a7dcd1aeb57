//! Worlds hold, run the same twice, and a broken store is caught.

#![allow(clippy::unwrap_used)] // A test whose ground gives way fails.

use mote_sim::{Options, Sabotage, run};

/// How many worlds are made besides the kept ones; more are made by hand with `mote-sim --seeds`.
const WORLDS: u64 = 40;

/// How many worlds a broken store may survive.
const CAUGHT_WITHIN: u64 = 20;

#[track_caller]
fn check_holds(seed: u64) {
    if let Err(failure) = run(seed, &Options::default()) {
        panic!("{}\n{failure}", failure.transcript);
    }
}

#[test]
fn worlds_hold() {
    (1_000..1_000 + WORLDS).for_each(check_holds);
}

#[test]
fn kept_worlds_hold() {
    let lines = include_str!("../../../../cases/sim/seeds.txt").lines();
    let seeds =
        lines.filter_map(|line| line.split('#').next().map(str::trim)).filter(|seed| !seed.is_empty());
    seeds.for_each(|seed| check_holds(seed.parse().unwrap()));
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in 0..3 {
        let (first, second) =
            (run(seed, &Options::default()).unwrap(), run(seed, &Options::default()).unwrap());
        assert!(first.crashes > 0 && first.commits > 0);
        assert_eq!(first, second, "every line and every byte of the log");
    }
    assert_ne!(
        run(0, &Options::default()).unwrap().transcript,
        run(1, &Options::default()).unwrap().transcript
    );
}

#[test]
fn placement_never_changes_a_result() {
    for seed in 0..3 {
        let wired = Options { wired: true, ..Options::default() };
        assert_eq!(run(seed, &Options::default()).unwrap(), run(seed, &wired).unwrap());
    }
}

#[test]
fn worlds_meet_every_kind_of_bad_day() {
    let days = (0..20).map(|seed| run(seed, &Options::default()).unwrap().transcript).collect::<String>();
    for day in [
        "ends: Idle",
        "ends: Before",
        "ends: During(Cut(",
        "ends: During(Hole(",
        "ends: After",
        "ends: Restart",
        ": 0 stored, on a full disk",
        "stranger-",
        "hears nothing",
        ", again",
        "already-signed",
        "this idempotency key was used for another input",
        "breach breached",
        "unavailable timeout",
        "every instance is taken",
        "the disk does not answer",
        " kept\n",
        "serves `GuestSigned` v1",
        "serves `GuestSigned` v2",
    ] {
        assert!(days.contains(day), "no world met `{day}`");
    }
}

/// Check that a broken store is caught, with one of the sentences `expected`.
#[track_caller]
fn check_caught(sabotage: Sabotage, expected: &[&str]) {
    let broken = Options { sabotage: Some(sabotage), ..Options::default() };
    let failure = (0..CAUGHT_WITHIN).find_map(|seed| run(seed, &broken).err());
    let failure = failure.unwrap_or_else(|| panic!("{sabotage:?} was not caught"));
    let why = &failure.why;
    assert!(expected.iter().any(|sentence| why.contains(sentence)), "{why}");
    assert_eq!(failure.to_string(), format!("{why}\nmote-sim --seed {}", failure.seed));
    let again = run(failure.seed, &broken).unwrap_err();
    assert_eq!(again.why, failure.why, "the seed leads to it again");
}

#[test]
fn a_store_that_answers_before_writing_is_caught() {
    check_caught(
        Sabotage::AnswersBeforeWriting,
        &["there is no commit at its position", "the commit at its position belongs to"],
    );
}

#[test]
fn a_store_that_loses_its_last_batch_is_caught() {
    check_caught(
        Sabotage::LosesLastBatch,
        &["there is no commit at its position", "its position is none of the book's"],
    );
}

#[test]
fn a_store_that_writes_twice_is_caught() {
    check_caught(Sabotage::WritesTwice, &["is stored twice"]);
}

#[test]
fn a_store_that_forgets_keys_is_caught() {
    check_caught(Sabotage::ForgetsKeys, &["its own commit is why", "is stored twice"]);
}

#[test]
fn snapshots_that_are_behind_their_version_are_caught() {
    check_caught(Sabotage::StaleSnapshots, &["cannot have happened", "the book says that place"]);
}

#[test]
fn a_store_that_forgets_checkpoints_is_caught() {
    check_caught(Sabotage::ForgetsCheckpoints, &["is stored twice"]);
}
