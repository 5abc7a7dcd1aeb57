//! Records on disk that are allowed to go: a ring of files, bounded in bytes, whose oldest make room.
//!
//! Owns the files' form, and what is done when they are full, half-written or damaged. Never knows what a
//! record says: it has a label, and of each label the newest few outlive a flood of others. One process
//! writes a ring; any may read it meanwhile. What is in it is promised to nobody, so nothing is synced.
//!
//! A record is a line: a checksum, its label, a tab and its text. A line that is not whole is skipped.

mod ledger;
mod line;

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use self::ledger::{Ledger, Step};

/// What the name of every file of a ring ends with.
const EXTENSION: &str = "records";

/// How much a ring holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingBound {
    /// The most bytes that its files take together.
    pub bytes: u64,
    /// How many records of each label outlive a flood of others, where there is room for them.
    pub of_each: usize,
}

/// Why a record was not kept.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// It would take more than its share of the ring.
    #[error("a record of {bytes} bytes is too large for a ring of {most}")]
    TooLarge {
        /// How large it is.
        bytes: u64,
        /// How much the ring holds.
        most: u64,
    },
    /// It would be two lines.
    #[error("a record is one line")]
    Lines,
    /// The disk refuses. The next record is tried as if nothing had happened.
    #[error("cannot use `{path}`: {source}")]
    Access {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The writer of a ring.
#[derive(Debug)]
pub struct Ring {
    folder: PathBuf,
    ledger: Ledger,
    /// The newest file. None where the next record begins one.
    file: Option<File>,
}

/// What a ring holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The labels and texts, the oldest first; what was kept for its rarity may stand later.
    pub records: Vec<(String, Vec<u8>)>,
    /// How many lines are not whole.
    pub damaged: usize,
}

impl Ring {
    /// The ring in `folder`, which is made if it is not there. A new record begins a new file: what a
    /// process that was killed left half-written stays as it is.
    pub fn open(folder: &Path, bound: RingBound) -> Result<Ring, RingError> {
        let access = |source| RingError::Access { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(access)?;
        let mut ledger = Ledger::new(bound);
        for number in numbers(folder).map_err(access)? {
            let bytes = fs::read(path(folder, number)).map_err(access)?;
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            let records = lines.filter_map(|line| Some((line::read(line)?.0, line.len() as u64)));
            ledger.found(number, bytes.len() as u64, records);
        }
        Ok(Ring { folder: folder.to_owned(), ledger, file: None })
    }

    /// Keep `record` under `label`.
    pub fn push(&mut self, label: &str, record: &[u8]) -> Result<(), RingError> {
        if record.contains(&b'\n') {
            return Err(RingError::Lines);
        }
        let label = line::label(label);
        let line = line::write(&label, record);
        let bytes = line.len() as u64;
        loop {
            match self.ledger.next(bytes) {
                Step::TooLarge(most) => return Err(RingError::TooLarge { bytes, most }),
                Step::Drop { number, keep } => self.drop_oldest(number, &keep)?,
                Step::Write => {
                    self.append(&line)?;
                    self.ledger.wrote(&label, bytes);
                    return Ok(());
                }
            }
        }
    }

    /// How many bytes its files take.
    pub fn bytes(&self) -> u64 {
        self.ledger.bytes()
    }

    /// Remove the oldest file, after the records at the indices `keep` of it have been written again.
    fn drop_oldest(&mut self, number: u64, keep: &[usize]) -> Result<(), RingError> {
        let path = path(&self.folder, number);
        let access = |source| RingError::Access { path: path.clone(), source };
        if self.ledger.newest() == Some(number) {
            self.file = None;
            self.ledger.end();
        }
        if !keep.is_empty() {
            let bytes = fs::read(&path).map_err(access)?;
            let whole = bytes
                .split_inclusive(|byte| *byte == b'\n')
                .filter_map(|line| Some((line::read(line)?.0, line)));
            for (_, (label, line)) in whole.enumerate().filter(|(at, _)| keep.contains(at)) {
                self.append(line)?;
                self.ledger.wrote(&label, line.len() as u64);
            }
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(access(error)),
            _ => self.ledger.dropped(number),
        }
        Ok(())
    }

    /// Write one line into the newest file, or into a new one where that is full.
    fn append(&mut self, line: &[u8]) -> Result<(), RingError> {
        if self.ledger.is_newest_full(line.len() as u64) {
            self.file = None;
        }
        let number = match (&self.file, self.ledger.newest()) {
            (Some(_), Some(newest)) => newest,
            _ => self.ledger.begin(),
        };
        let path = path(&self.folder, number);
        let file = match self.file.take() {
            Some(file) => Ok(file),
            None => OpenOptions::new().append(true).create(true).open(&path),
        };
        // One write for each record: a process that is killed leaves at most its last one half-written.
        match file.and_then(|mut file| file.write_all(line).map(|()| file)) {
            Ok(file) => self.file = Some(file),
            Err(source) => {
                self.abandon(number, &path);
                return Err(RingError::Access { path, source });
            }
        }
        Ok(())
    }

    /// Write no more into a file that the disk refused, and leave nothing half-written in it. What the disk
    /// refuses of that too is skipped by readers.
    fn abandon(&mut self, number: u64, path: &Path) {
        let whole = self.ledger.newest_bytes();
        if whole == 0 {
            let _ = fs::remove_file(path);
            self.ledger.dropped(number);
        } else {
            let _ = OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(whole));
        }
    }

    /// What the ring in `folder` holds, whoever writes it meanwhile. Nothing if there is none.
    pub fn read(folder: &Path) -> Result<Kept, RingError> {
        let mut kept = Kept::default();
        let mut seen = HashSet::new();
        let access = |source| RingError::Access { path: folder.to_owned(), source };
        for number in numbers(folder).map_err(access)? {
            let bytes = match fs::read(path(folder, number)) {
                // Its writer needed the room.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                read => read.map_err(access)?,
            };
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                match line::read(line) {
                    // A process that was killed while it wrote one again has left it twice.
                    Some((label, record)) if seen.insert(line.get(..line::CHECKSUM).map(<[u8]>::to_vec)) => {
                        kept.records.push((label, record.to_vec()));
                    }
                    Some(_) => {}
                    None => kept.damaged += 1,
                }
            }
        }
        Ok(kept)
    }
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:010}.{EXTENSION}"))
}

/// The numbers of the files of a ring, the oldest first.
fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        numbers.extend(stem.filter(|_: &u64| path.extension().is_some_and(|found| found == EXTENSION)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
