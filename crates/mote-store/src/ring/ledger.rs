//! What is in which file of a ring, and what has to go for the next record. Decides, and touches no file.

use std::collections::{HashMap, VecDeque};

use super::RingBound;

/// Into how many files a full ring is divided: with the oldest, this share of it goes.
const FILES: u64 = 16;
/// The largest record is this share of a ring.
const LARGEST: u64 = 4;

/// The files of a ring.
#[derive(Debug)]
pub(super) struct Ledger {
    bound: RingBound,
    files: VecDeque<Listed>,
    /// How many records of each label there are.
    labels: HashMap<String, usize>,
    bytes: u64,
    next: u64,
    /// Whether the newest file takes no more.
    ended: bool,
}

/// One file.
#[derive(Debug)]
struct Listed {
    number: u64,
    bytes: u64,
    /// Label and size of each whole record.
    records: Vec<(String, u64)>,
}

/// What to do for a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It takes more than its share; how much the ring holds.
    TooLarge(u64),
    /// Remove this file, the oldest, after these of its records have been written again.
    Drop { number: u64, keep: Vec<usize> },
    /// There is room.
    Write,
}

impl Ledger {
    pub(super) fn new(bound: RingBound) -> Ledger {
        Ledger { bound, files: VecDeque::new(), labels: HashMap::new(), bytes: 0, next: 1, ended: true }
    }

    /// Take a file of an earlier process into account. Files come in order.
    pub(super) fn found(&mut self, number: u64, bytes: u64, records: impl Iterator<Item = (String, u64)>) {
        let records: Vec<_> = records.collect();
        for (label, _) in &records {
            *self.labels.entry(label.clone()).or_default() += 1;
        }
        self.files.push_back(Listed { number, bytes, records });
        self.bytes += bytes;
        self.next = number + 1;
    }

    /// How many bytes all files take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file that is written, or was last.
    pub(super) fn newest(&self) -> Option<u64> {
        self.files.back().map(|file| file.number)
    }

    pub(super) fn newest_bytes(&self) -> u64 {
        self.files.back().map_or(0, |file| file.bytes)
    }

    /// Whether the newest file has no room for a line of this size, or takes no more.
    pub(super) fn is_newest_full(&self, bytes: u64) -> bool {
        self.ended || (self.newest_bytes() > 0 && self.newest_bytes() + bytes > self.file_bytes())
    }

    /// What to do next for a line of `bytes`.
    pub(super) fn next(&self, bytes: u64) -> Step {
        if bytes > self.bound.bytes / LARGEST {
            return Step::TooLarge(self.bound.bytes);
        }
        // What is written again stands twice for a moment.
        match self.files.front() {
            Some(oldest) if self.bytes + bytes + self.again_max() > self.bound.bytes => {
                Step::Drop { number: oldest.number, keep: self.rare(oldest) }
            }
            _ => Step::Write,
        }
    }

    /// A new file, that is the newest from now on.
    pub(super) fn begin(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        self.ended = false;
        self.files.push_back(Listed { number, bytes: 0, records: Vec::new() });
        number
    }

    /// Write no more into the newest file.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// A line of `bytes` was written into the newest file.
    pub(super) fn wrote(&mut self, label: &str, bytes: u64) {
        if let Some(file) = self.files.back_mut() {
            file.bytes += bytes;
            file.records.push((label.to_owned(), bytes));
            *self.labels.entry(label.to_owned()).or_default() += 1;
            self.bytes += bytes;
        }
    }

    /// The file `number` is gone.
    pub(super) fn dropped(&mut self, number: u64) {
        let Some(at) = self.files.iter().position(|file| file.number == number) else { return };
        let Some(file) = self.files.remove(at) else { return };
        self.bytes -= file.bytes;
        for (label, _) in file.records {
            if let Some(count) = self.labels.get_mut(&label) {
                *count -= 1;
                if *count == 0 {
                    self.labels.remove(&label);
                }
            }
        }
    }

    fn file_bytes(&self) -> u64 {
        self.bound.bytes / FILES
    }

    /// How much is written again at once: at most half a file, so that dropping one always makes room.
    fn again_max(&self) -> u64 {
        self.file_bytes() / 2
    }

    /// Which records of a file are among the few of their label: the newest of them, as far as they fit.
    fn rare(&self, file: &Listed) -> Vec<usize> {
        let (mut room, mut keep) = (self.again_max().min(file.bytes / 2), Vec::new());
        // Among the newest of a label are those that stand in newer files.
        let mut newer: HashMap<&str, usize> = HashMap::new();
        for (label, _) in &file.records {
            let all = || self.labels.get(label).copied().unwrap_or(0);
            let others = newer.entry(label).or_insert_with(all);
            *others = others.saturating_sub(1);
        }
        for (at, (label, bytes)) in file.records.iter().enumerate().rev() {
            let Some(count) = newer.get_mut(label.as_str()) else { continue };
            *count += 1;
            if *count <= self.bound.of_each && *bytes <= room {
                room -= bytes;
                keep.push(at);
            }
        }
        keep.reverse();
        keep
    }
}
