//! Notices that a system's files changed, and has what they say now take over.
//!
//! Files are looked at, not subscribed to: it works on every file system, and a system has hundreds
//! of files, not millions. A change is acted on when nothing changed for one more look, so that an
//! editor that writes in steps is not met half-way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use mote_engine::{LocalRouter, Ports as _, Table};
use mote_forge::SystemFolder;
use mote_log::Snapshots as _;
use mote_server::http::Front;
use mote_server::{PublisherKeeper, ServerPorts, ViewKeeper};
use tokio::runtime::Handle;
use tokio::sync::watch as ending;

use super::activate::{Activation, Code};
use crate::output::{BOLD_GREEN, BOLD_RED, RESET, tell};

/// How long after a look the next one is: whoever saved a file waits for two of them.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The same as a multiple of what a look takes: many files must not keep a processor busy.
const LOOKS_REST: u32 = 20;
/// How many files are looked at: beyond it, changes of the rest are not noticed.
const FILES_MAX: usize = 20_000;

/// What the files looked like.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

/// The files of one system, as they were when something was last made of them.
pub(crate) struct Watch {
    root: PathBuf,
    acted_on: Seen,
    /// How long the next look is away.
    pause: Duration,
}

impl Watch {
    /// Remember the files as they are now.
    pub(crate) fn start(folder: &SystemFolder) -> Watch {
        Watch { root: folder.root().to_owned(), acted_on: look(folder.root()), pause: LOOK_EVERY }
    }

    /// Have every change take over, on a thread of its own, until the end.
    pub(crate) fn follow(
        mut self,
        mut activation: Activation,
        serves: Serves,
        ended: ending::Receiver<bool>,
    ) -> JoinHandle<()> {
        std::thread::spawn(move || {
            while !*ended.borrow() {
                std::thread::sleep(self.pause);
                if self.changed() {
                    serves.take_over(&mut activation);
                }
            }
        })
    }

    /// Whether the files changed since they were acted on, and have come to rest.
    fn changed(&mut self) -> bool {
        let before = Instant::now();
        let now = look(&self.root);
        self.pause = LOOK_EVERY.max(before.elapsed() * LOOKS_REST);
        if now == self.acted_on {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
        let rested = look(&self.root) == now;
        if rested {
            self.acted_on = now;
        }
        rested
    }
}

/// What serves, and is changed under its callers.
pub(crate) struct Serves {
    pub(crate) router: Arc<LocalRouter<ServerPorts>>,
    pub(crate) front: Arc<Front<LocalRouter<ServerPorts>>>,
    pub(crate) views: ViewKeeper,
    pub(crate) publishers: Arc<PublisherKeeper>,
    pub(crate) runtime: Handle,
}

impl Serves {
    /// Have the files as they are now take over, as far as they are accepted.
    fn take_over(&self, activation: &mut Activation) {
        tell("\nthe files changed");
        let before = self.router.table();
        match activation.prepare(&before) {
            Ok(Some(table)) => self.swap(activation, &before, table),
            Ok(None) => tell("what served goes on serving; the files are watched"),
            Err(error) => tell(format!("{BOLD_RED}error{RESET}: {error:#}; what served goes on serving")),
        }
    }

    fn swap(&self, activation: &Activation, before: &Table<Code>, table: Table<Code>) {
        // A changed view is folded beside the old one, and read only when it has caught up.
        let both: Vec<_> = before.views().into_iter().chain(table.views()).collect();
        if let Err(error) = self.runtime.block_on(self.views.keep(both)) {
            tell(format!("{BOLD_RED}error{RESET}: {error}; what served goes on serving"));
            return;
        }
        drop(self.router.ports.log().forget_snapshots(&activation.folds(&table)));
        self.router.swap(table);
        let serving = self.router.table();
        self.publishers.serve(serving.publishers());
        // Routes are those of the contracts that serve; a new contract that was refused has its
        // routes already, and answers 503.
        let laws = activation.laws().map(|law| {
            serving.serving(&law.contract.name).map_or_else(|| law.clone(), |release| release.law.clone())
        });
        self.front.route(&laws.collect::<Vec<_>>());
        // A call that began under the old table may still read the old rows: they are forgotten with
        // the next change, or the next start.
        tell(format!("{BOLD_GREEN}serving{RESET} {} operations", serving.releases().count()));
    }
}

/// `mote.yaml` and all files in the system's folders, but hidden ones. What else lies beside `mote.yaml`, such as
/// the output of this very process, says nothing about the system.
fn look(root: &Path) -> Seen {
    let mut seen = Seen::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with('.') || name == "node_modules" {
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if folder == root && kind.is_file() && name != "mote.yaml" {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if let (true, Ok(facts)) = (kind.is_file() && seen.len() < FILES_MAX, entry.metadata()) {
                let modified = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                seen.insert(entry.path(), (modified, facts.len()));
            }
        }
    }
    seen
}
