//! One life of the system's process: from opening the log to the crash, and what is left of it.
//! Owns the door that clients knock at, and what a crash does to the files behind it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot;
use mote_contract::System;
use mote_engine::deliveries::{Deliveries, Input, Publisher, perform};
use mote_engine::{Answer, Envelope, LocalRouter, Release, ReleaseName, Router, Table, WireRouter};
use mote_expr::Digest;
use mote_log::{Log as _, Position};
use mote_store::Database;

use crate::code::Code;
use crate::disk::{Crash, Disk};
use crate::files::{self, Tear};
use crate::history::History;
use crate::ports::SimPorts;
use crate::simulation::{Options, Sabotage};
use crate::system::{ANNOUNCE, GREET, SIGN};
use crate::world::{Executor, Group, World};

/// Where clients find whoever serves now. A clone is another handle on the same door.
#[derive(Clone, Default)]
pub(crate) struct Door(Arc<Mutex<Option<Serving>>>);

#[derive(Clone)]
struct Serving {
    group: Group,
    router: Arc<SimRouter>,
}

/// The router of a process, behind bytes or not.
enum SimRouter {
    Local(Arc<LocalRouter<SimPorts>>),
    Wire(WireRouter<Arc<LocalRouter<SimPorts>>>),
}

impl Router for SimRouter {
    fn serving(&self, operation: &str) -> Option<ReleaseName> {
        match self {
            SimRouter::Local(router) => router.serving(operation),
            SimRouter::Wire(router) => router.serving(operation),
        }
    }

    async fn invoke(&self, envelope: Envelope) -> Answer {
        match self {
            SimRouter::Local(router) => router.invoke(envelope).await,
            SimRouter::Wire(router) => router.invoke(envelope).await,
        }
    }
}

impl Door {
    fn serving(&self) -> MutexGuard<'_, Option<Serving>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The release that serves `operation` now, if anybody is at home.
    pub(crate) fn release(&self, operation: &str) -> Option<ReleaseName> {
        self.serving().as_ref()?.router.serving(operation)
    }

    /// Send `envelope` and wait for the answer; none where it is lost on the way, with the process or
    /// with the caller's patience.
    pub(crate) async fn invoke(&self, world: &World, envelope: Envelope) -> Option<Answer> {
        let Serving { group, router } = self.serving().clone()?;
        let (sender, answer) = oneshot::channel();
        let inner = world.clone();
        let task = world.spawn(group, async move {
            inner.pass(5..100).await;
            let answer = router.invoke(envelope).await;
            inner.pass(5..100).await;
            // Whoever stopped waiting needs no answer.
            let _ = sender.send(answer);
        });
        let patience = if world.happens(150) { 50..1_500 } else { 5_000_000..6_000_000 };
        match world.within(patience, answer).await {
            Some(answer) => answer.ok(),
            None => {
                world.cancel(task);
                None
            }
        }
    }
}

/// A process that runs.
pub(crate) struct Process {
    number: u32,
    folder: PathBuf,
    disk: Disk,
    router: Arc<LocalRouter<SimPorts>>,
}

/// What all processes of a world share.
pub(crate) struct Site<'s> {
    pub(crate) world: &'s World,
    pub(crate) history: &'s History,
    pub(crate) door: &'s Door,
    /// The system as it is first, and as it is later.
    pub(crate) systems: &'s [System; 2],
    /// The number of the first process that serves the later one.
    pub(crate) changes_at: u32,
    pub(crate) options: &'s Options,
    /// Where each process has a folder of its own.
    pub(crate) root: &'s Path,
}

impl Process {
    /// Start the process of this number over an open log in `folder`.
    pub(crate) fn start(site: &Site<'_>, number: u32, folder: PathBuf, database: Database) -> Process {
        let (world, history) = (site.world.clone(), site.history.clone());
        let disk = Disk::new(database, world.clone(), history.clone(), site.options.sabotage);
        let shape = if number < site.changes_at { 1 } else { 2 };
        world.tell(format!("process {number} serves `GuestSigned` v{shape}"));
        let system = &site.systems[usize::from(shape == 2)];
        let codes = [(GREET, Code::Greet), (SIGN, Code::Sign(shape)), (ANNOUNCE, Code::Announce)];
        let releases = codes.map(|(operation, code)| {
            let law = system.laws[operation].clone();
            Arc::new(Release::new(law, code, Digest::of(format!("{operation} {shape}").as_bytes())))
        });
        let ports = SimPorts::new(world.clone(), history, disk.clone());
        let table = Table::new(releases);
        let publishers = table.publishers();
        let router = Arc::new(LocalRouter::new(ports, table));
        let group = Group::Process(number);
        world.spawn(group, disk.clone().write());
        let served = if site.options.wired {
            SimRouter::Wire(WireRouter { inner: router.clone() })
        } else {
            SimRouter::Local(router.clone())
        };
        let serving = Serving { group, router: Arc::new(served) };
        site.history.facts().told = None;
        for publisher in publishers {
            let (world, history) = (site.world.clone(), site.history.clone());
            let (router, disk) = (serving.router.clone(), disk.clone());
            site.world.spawn(group, deliver(world, history, router, disk, publisher));
        }
        let (door, ending) = (site.door.clone(), disk.clone());
        world.clone().spawn(group, async move {
            world.pass(100..5_000).await;
            *door.serving() = Some(serving);
            world.pass(3_000..100_000).await;
            ending.end_by(if world.happens(300) { Crash::Restart } else { Crash::Idle });
        });
        Process { number, folder, disk, router }
    }

    /// How far the log is.
    pub(crate) fn log_end(&self) -> Position {
        self.disk.end()
    }

    /// The crash that was decided on.
    pub(crate) fn crash(&self) -> Option<Crash> {
        self.disk.crash()
    }

    /// Carry `crash` out, and open what it left. The answer is the next process's number, folder and log.
    pub(crate) fn end(
        self,
        site: &Site<'_>,
        executor: &mut Executor,
        crash: Crash,
    ) -> Result<(u32, PathBuf, Database), String> {
        *site.door.serving() = None;
        executor.kill(Group::Process(self.number));
        if !mote_engine::Ports::lanes(&self.router.ports).is_empty() {
            return Err("a call that is over still holds its lane".to_owned());
        }
        let (database, before_newest) = self.disk.take().ok_or_else(|| "a process ended twice".to_owned())?;
        site.world.tell(format!("process {} ends: {crash:?}", self.number));
        let number = self.number + 1;
        let folder = site.root.join(number.to_string());
        let wal = database.wal_path();
        let left = if crash == Crash::Restart {
            drop(database);
            files::copy(&self.folder, &folder)
        } else {
            let left = files::copy(&self.folder, &folder);
            database.abandon();
            left
        };
        let tear = match crash {
            Crash::During(tear) => Some(tear),
            _ if site.options.sabotage == Some(Sabotage::LosesLastBatch) => Some(Tear::Cut(before_newest)),
            _ => None,
        };
        let wal = folder.join(wal.file_name().unwrap_or_default());
        left.and_then(|()| match tear {
            Some(tear) if wal.exists() => files::tear(&wal, tear),
            _ => Ok(()),
        })
        .and_then(|()| fs::remove_dir_all(&self.folder))
        .map_err(|error| format!("the simulator's own files failed: {error}"))?;
        let database = Database::open(&folder)
            .map_err(|error| format!("the log cannot be opened after a crash: {error}"))?;
        site.world.tell(format!("process {number} opens its log at {}", database.end().ordinal()));
        Ok((number, folder, database))
    }
}

/// Tell of what happens, until the process ends.
async fn deliver(world: World, history: History, router: Arc<SimRouter>, disk: Disk, publisher: Publisher) {
    let mut deliveries = Deliveries::new(publisher);
    loop {
        let mut effect = deliveries.step(Input::Woken, world.now());
        while let Some(next) = effect {
            let outcome = perform(&*router, &disk, next).await;
            effect = deliveries.step(outcome, world.now());
        }
        let status = deliveries.status();
        let all = status.held.is_empty() && status.paused.is_none();
        history.facts().told = all.then_some(status.reached);
        // What is held is tried again by the next process, if not by this one: lives are short here.
        world.pass(200..3_000).await;
    }
}
