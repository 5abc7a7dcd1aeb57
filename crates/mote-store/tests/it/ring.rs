//! A ring of records: it never takes more than it may, keeps the newest and the rare, and reads around damage.

use std::fs;
use std::path::{Path, PathBuf};

use mote_store::{Kept, Ring, RingBound, RingError};

const BOUND: RingBound = RingBound { bytes: 8_000, of_each: 3 };

fn open(folder: &Path) -> Ring {
    Ring::open(folder, BOUND).unwrap()
}

fn push(ring: &mut Ring, label: &str, number: usize) {
    ring.push(label, format!("{{\"number\":{number}}}").as_bytes()).unwrap();
}

/// The numbers that are kept under `label`, in order.
fn kept(folder: &Path, label: &str) -> Vec<usize> {
    let records = Ring::read(folder).unwrap().records.into_iter().filter(|(of, _)| of == label);
    let number = |(_, record): (String, Vec<u8>)| {
        let text = String::from_utf8(record).unwrap();
        text.trim_start_matches("{\"number\":").trim_end_matches('}').parse().unwrap()
    };
    let mut numbers: Vec<usize> = records.map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn bytes(folder: &Path) -> u64 {
    files(folder).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
}

#[test]
fn a_flood_takes_no_more_than_the_bound_and_the_newest_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    for number in 0..5_000 {
        push(&mut ring, "flood", number);
        assert!(bytes(folder.path()) <= BOUND.bytes, "after {number}");
    }
    assert_eq!(ring.bytes(), bytes(folder.path()));
    let numbers = kept(folder.path(), "flood");
    assert!(ring.bytes() > BOUND.bytes * 8 / 10, "it is used: {}", ring.bytes());
    assert_eq!(numbers, (5_000 - numbers.len()..5_000).collect::<Vec<_>>(), "the oldest make room");
}

#[test]
fn the_newest_few_of_a_rare_label_outlive_a_flood() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    for number in 0..5 {
        push(&mut ring, "rare", number);
    }
    push(&mut ring, "once", 7);
    for round in 0..3 {
        for number in 0..2_000 {
            push(&mut ring, "flood", number);
        }
        assert_eq!(kept(folder.path(), "rare"), [2, 3, 4], "in round {round}");
        assert_eq!(kept(folder.path(), "once"), [7]);
        // Who opens it anew knows what is rare from the files.
        drop(ring);
        ring = open(folder.path());
        assert!(bytes(folder.path()) <= BOUND.bytes);
    }
}

#[test]
fn more_labels_than_there_is_room_for_are_no_more_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    for number in 0..3_000 {
        push(&mut ring, &format!("label-{number}"), number);
        assert!(bytes(folder.path()) <= BOUND.bytes, "after {number}");
    }
    assert_eq!(kept(folder.path(), "label-2999"), [2_999]);
}

#[test]
fn what_a_killed_process_left_half_written_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    (0..3).for_each(|number| push(&mut ring, "it", number));
    drop(ring);
    let file = files(folder.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    let line = whole.len() / 3;
    for (what, damaged, left) in [
        ("without its end", [&whole[..2 * line], &whole[2 * line..3 * line - 4]].concat(), vec![0, 1]),
        ("without its line break", whole[..3 * line - 1].to_vec(), vec![0, 1]),
        (
            "a byte changed",
            {
                let mut bytes = whole.clone();
                bytes[line + 20] ^= 1;
                bytes
            },
            vec![0, 2],
        ),
        ("empty lines", [b"\n\n".as_slice(), &whole].concat(), vec![0, 1, 2]),
    ] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(kept(folder.path(), "it"), left, "{what}");
        assert!(Ring::read(folder.path()).unwrap().damaged > 0, "{what}");
        // It is written on beside the damage.
        let mut ring = open(folder.path());
        push(&mut ring, "it", 9);
        assert_eq!(kept(folder.path(), "it"), [left, vec![9]].concat(), "{what}");
        drop(ring);
        fs::remove_file(&files(folder.path())[1]).unwrap();
    }
}

#[test]
fn what_stands_twice_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    push(&mut open(folder.path()), "it", 1);
    fs::copy(&files(folder.path())[0], folder.path().join("0000000002.records")).unwrap();
    assert_eq!(kept(folder.path(), "it"), [1]);
}

#[test]
fn a_ring_that_becomes_smaller_makes_room_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    (0..1_000).for_each(|number| push(&mut ring, "it", number));
    let mut ring = Ring::open(folder.path(), RingBound { bytes: 2_000, of_each: 3 }).unwrap();
    push(&mut ring, "it", 1_000);
    assert!(bytes(folder.path()) <= 2_000);
    assert_eq!(kept(folder.path(), "it").last(), Some(&1_000));
}

#[test]
fn what_cannot_be_kept_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    let refused = ring.push("it", &[b'x'; 2_000]).unwrap_err();
    assert_eq!(refused.to_string(), "a record of 2021 bytes is too large for a ring of 8000");
    assert_eq!(ring.push("it", b"one\ntwo").unwrap_err().to_string(), "a record is one line");
    // A label is a name for people: it stands in a line like everything else.
    ring.push("a\tb\nc", b"{}").unwrap();
    assert_eq!(Ring::read(folder.path()).unwrap().records, [("a?b?c".to_owned(), b"{}".to_vec())]);
}

#[test]
fn there_is_nothing_in_a_ring_that_never_was() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Ring::read(&folder.path().join("none")).unwrap(), Kept::default());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_refuses_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let mut ring = open(folder.path());
    // A device that refuses every write for want of space stands where the next two files would be.
    for number in 1..3 {
        std::os::unix::fs::symlink("/dev/full", folder.path().join(format!("{number:010}.records"))).unwrap();
        let refused = ring.push("it", b"{}").unwrap_err();
        assert!(
            matches!(&refused, RingError::Access { source, .. } if source.kind() == std::io::ErrorKind::StorageFull),
            "{refused}"
        );
        assert_eq!(files(folder.path()), [] as [PathBuf; 0], "nothing half-written is left");
    }
    push(&mut ring, "it", 3);
    assert_eq!(kept(folder.path(), "it"), [3]);
}
