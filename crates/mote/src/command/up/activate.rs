//! From the files of a system to the table that serves.
//!
//! Owns what may be swapped: a release that was verified takes its operation over, one that was
//! refused leaves the old one serving, contract and all. The operations of an aggregate whose files
//! changed are swapped together or not at all, since they share its state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use mote_contract::{Law, RecordingSettings, System};
use mote_engine::{Ports, Release, Table};
use mote_expr::Digest;
use mote_forge::{Candidate, Lock, News, SystemFolder, Workshop};
use mote_server::{Guest, ServerPorts, release};
use mote_verify::PublicKey;

use super::unrun;
use crate::command::verify::threads;
use crate::output::{NewsPrinter, hint, print_failure, tell};
use crate::{recordings, system};

/// What the server serves.
pub(crate) type Code = <ServerPorts as Ports>::Code;

/// Prepares a system again and again.
pub(crate) struct Activation {
    folder: SystemFolder,
    workshop: Workshop,
    system: Option<System>,
}

impl Activation {
    pub(crate) fn open(folder: SystemFolder) -> anyhow::Result<Activation> {
        let recorded = folder.clone();
        let workshop = Workshop::open(folder.clone(), threads())?
            .with_recordings(move |operation| recordings::of(&recorded, operation));
        Ok(Activation { folder, workshop, system: None })
    }

    /// Where everything that is prepared runs.
    pub(crate) fn sandbox(&self) -> mote_host::Host {
        self.workshop.sandbox()
    }

    /// The name of the system that was prepared last.
    pub(crate) fn system_name(&self) -> &str {
        self.system.as_ref().map_or("", |system| &system.manifest.name)
    }

    /// How much the system that was prepared last has recorded.
    pub(crate) fn recordings(&self) -> RecordingSettings {
        self.system.as_ref().map(|system| system.manifest.recordings).unwrap_or_default()
    }

    /// The contracts of the system that was prepared last.
    pub(crate) fn laws(&self) -> impl Iterator<Item = &Arc<Law>> {
        self.system.iter().flat_map(|system| system.laws.values())
    }

    /// The folds whose snapshots are of use while `table` serves: also those of what was refused, since it
    /// may be accepted next time.
    pub(crate) fn folds(&self, table: &Table<Code>) -> Vec<Digest> {
        let mut folds = table.folds();
        let aggregates = self.system.iter().flat_map(|system| system.aggregates.values());
        folds.extend(aggregates.map(|aggregate| aggregate.digest));
        folds.into_iter().collect()
    }

    /// Check, build and verify the files as they are now; the table that serves from now on, made of
    /// `before` and what was verified. None if the files have errors, which are printed.
    pub(crate) fn prepare(&mut self, before: &Table<Code>) -> anyhow::Result<Option<Table<Code>>> {
        let Some((system, files)) = system::checked_files(&self.folder)? else { return Ok(None) };
        unrun::warn(&system, &files);
        let lock = Lock::read(&self.folder.lock())?;
        let printer = NewsPrinter::brief();
        let time = mote_server::now().to_string();
        let prepared = self.workshop.prepare(&system, &lock, &time, &|_| true, &|news| {
            printer.print(&news);
            // At once: whoever saved a file waits for this.
            if let News::Refused(failure) = news {
                print_failure(failure, &self.folder);
            }
        });
        printer.finish();
        let refused: BTreeSet<&str> =
            prepared.failures.iter().flat_map(|failure| &failure.operations).map(String::as_str).collect();

        let held = held_back(&system, before, &refused);
        let mut next = lock.clone();
        let mut releases: BTreeMap<String, Arc<Release<Code>>> = before
            .releases()
            .filter(|release| system.laws.contains_key(&release.name.operation))
            .map(|release| (release.name.operation.clone(), release.clone()))
            .collect();
        for candidate in prepared.candidates {
            let operation = candidate.law.contract.name.clone();
            if held.contains(operation.as_str()) {
                hint(format!("`{operation}` waits: it is swapped with the others of its aggregate"));
                continue;
            }
            next.activate(&candidate.law, candidate.locked(), &files, self.workshop.public_key());
            releases.insert(operation.clone(), activated(candidate, &next.trusted, &operation)?);
        }
        // A release whose contract is gone has nothing to say any more.
        next.retain(|name| system.laws.contains_key(name));
        if next != lock {
            next.write(&self.folder.lock())?;
        }
        for operation in &refused {
            let (what, until) = match releases.contains_key(*operation) {
                true => ("its release before goes on serving", "its new one is accepted"),
                false => ("callers get 503", "it is accepted"),
            };
            tell(format!("`{operation}`: {what} until {until}; the files are watched"));
        }
        self.system = Some(system);
        Ok(Some(Table::new(releases.into_values())))
    }

    /// The table of what the lock names under the keys `trusted`, or under those that the lock trusts
    /// if none is given. None if any of it does not hold: a system is served whole.
    pub(crate) fn locked(&mut self, trusted: &[PublicKey]) -> anyhow::Result<Option<Table<Code>>> {
        let Some((system, files)) = system::checked_files(&self.folder)? else { return Ok(None) };
        unrun::warn(&system, &files);
        let lock = Lock::read(&self.folder.lock())?;
        let trusted = if trusted.is_empty() { &lock.trusted[..] } else { trusted };
        let prepared = self.workshop.locked_releases(&system, &lock, trusted);
        prepared.failures.iter().for_each(|failure| print_failure(failure, &self.folder));
        if !prepared.failures.is_empty() {
            hint("`mote verify` judges the files as they are; `mote verdict check` says what holds");
            return Ok(None);
        }
        let releases = prepared.candidates.into_iter().map(|candidate| {
            let operation = candidate.law.contract.name.clone();
            activated(candidate, trusted, &operation)
        });
        let table = Table::new(releases.collect::<Result<Vec<_>, _>>()?);
        self.system = Some(system);
        Ok(Some(table))
    }
}

fn activated(
    candidate: Candidate,
    trusted: &[PublicKey],
    operation: &str,
) -> anyhow::Result<Arc<Release<Code>>> {
    let release = release(candidate.law, guest(candidate.code), &candidate.verdict, trusted);
    Ok(Arc::new(release.with_context(|| format!("`{operation}` may not serve"))?))
}

/// What was prepared, as the server serves it.
fn guest(code: mote_forge::Code) -> Guest {
    match code {
        mote_forge::Code::Component(component) => Guest::Component(component),
        mote_forge::Code::Contract(derived) => Guest::Contract(derived),
    }
}

/// The operations that may not be swapped now: those of an aggregate that changed under what serves,
/// while another of its operations was refused.
fn held_back<'s>(system: &'s System, before: &Table<Code>, refused: &BTreeSet<&str>) -> BTreeSet<&'s str> {
    let serves = |law: &Law| {
        let release = before.serving(&law.contract.name)?;
        Some(release.law.aggregate.as_ref()?.digest)
    };
    let mut held = BTreeSet::new();
    for (name, aggregate) in &system.aggregates {
        let laws: Vec<_> =
            system.laws.values().filter(|law| law.contract.aggregate.as_ref() == Some(name)).collect();
        let changed = laws.iter().any(|law| serves(law).is_some_and(|digest| digest != aggregate.digest));
        if changed && laws.iter().any(|law| refused.contains(law.contract.name.as_str())) {
            held.extend(laws.iter().map(|law| law.contract.name.as_str()));
        }
    }
    held
}
