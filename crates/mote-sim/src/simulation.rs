//! One run: from a seed to a report, or to the sentence that says what did not hold.
//! Owns the loop of steps and crashes. Never decides what happens: the world does, by its seed.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mote_expr::Digest;
use mote_log::Position;
use mote_store::Database;

use crate::checker::check;
use crate::disk::Crash;
use crate::history::History;
use crate::process::{Door, Process, Site};
use crate::system::{self, GUESTBOOK};
use crate::workload::{CLIENTS, client};
use crate::world::{Executor, Group, Step, World};

/// How many steps a run may take; the longest of thousands took a tenth.
const STEPS_MAX: u64 = 1_000_000;

/// How a world differs from the usual one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether calls reach the engine as bytes, as from another process.
    pub wired: bool,
    /// What is broken on purpose, to see the checker catch it.
    pub sabotage: Option<Sabotage>,
}

/// A store that breaks one of its promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sabotage {
    /// It acknowledges a commit before it is written.
    AnswersBeforeWriting,
    /// A crash loses the newest batch, acknowledged or not.
    LosesLastBatch,
    /// It stores a commit twice.
    WritesTwice,
    /// It keeps no answers.
    ForgetsKeys,
    /// It keeps no checkpoints.
    ForgetsCheckpoints,
    /// Its snapshots tell a version that their states have not reached.
    StaleSnapshots,
}

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Everything that happened, a line each.
    pub transcript: String,
    /// The hash of the log's file at the end.
    pub log: Digest,
    /// How often a process ended.
    pub crashes: u32,
    /// How often a call was tried.
    pub attempts: usize,
    /// How many commits the log holds.
    pub commits: u64,
}

/// What did not hold, and everything that led to it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed that leads to it again.
    pub seed: u64,
    /// What did not hold.
    pub why: String,
    /// Everything that happened, a line each.
    pub transcript: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nmote-sim --seed {}", self.why, self.seed)
    }
}

/// Make the world of `seed`, let it run to its end, and check it after every crash.
pub fn run(seed: u64, options: &Options) -> Result<Report, Box<Failure>> {
    let world = World::new(seed);
    let ran = catch_unwind(AssertUnwindSafe(|| live(&world, options)));
    let ran = ran.unwrap_or_else(|panic| Err(format!("something panicked: {}", sentence(panic.as_ref()))));
    ran.map_err(|why| Box::new(Failure { seed, why, transcript: world.transcript() }))
}

fn sentence(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

fn live(world: &World, options: &Options) -> Result<Report, String> {
    let systems = system::load()?;
    // The later one reads everything that was ever stored.
    let aggregate = systems[1].aggregates.get(GUESTBOOK).ok_or("examples/hello has no guestbook")?;
    let changes_at = 1 + world.below(3) as u32;
    let root = folder()?;
    let (history, door) = (History::default(), Door::default());
    let site = Site {
        world,
        history: &history,
        door: &door,
        systems: &systems,
        changes_at,
        options,
        root: root.path(),
    };
    let mut executor = Executor::new(world.clone());
    let first = root.path().join("0");
    std::fs::create_dir(&first).map_err(|error| format!("the simulator's own files failed: {error}"))?;
    let database = Database::open(&first).map_err(|error| error.to_string())?;
    let mut process = Process::start(&site, 0, first, database);
    for number in 0..CLIENTS {
        world.spawn(Group::Clients, client(world.clone(), history.clone(), door.clone(), number));
    }
    executor.settle();

    let mut crashes = 0;
    for _ in 0..STEPS_MAX {
        if executor.is_done(Group::Clients) && history.facts().told == Some(process.log_end()) {
            let (_, folder, database) = process.end(&site, &mut executor, Crash::Restart)?;
            check(&database, aggregate, &history.facts(), true)?;
            return report(world, &history, crashes, &folder, database);
        }
        if executor.step() == Step::Stuck {
            return Err("everybody waits for somebody".to_owned());
        }
        if let Some(crash) = process.crash() {
            crashes += 1;
            let (number, folder, database) = process.end(&site, &mut executor, crash)?;
            check(&database, aggregate, &history.facts(), false)?;
            process = Process::start(&site, number, folder, database);
        }
    }
    Err(format!("it goes on for more than {STEPS_MAX} steps"))
}

/// A folder that is gone when the run is over; in memory where the system has such a place.
fn folder() -> Result<tempfile::TempDir, String> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.map_err(|error| format!("there is no place for files: {error}"))
}

fn report(
    world: &World,
    history: &History,
    crashes: u32,
    folder: &Path,
    database: Database,
) -> Result<Report, String> {
    let commits = database.commits(Position::START, usize::MAX).map_err(|error| error.to_string())?;
    let path: PathBuf = database.path().to_owned();
    // Closing moves everything into one file.
    drop(database);
    let bytes = std::fs::read(&path)
        .map_err(|error| format!("the log in {} cannot be read: {error}", folder.display()))?;
    let attempts = history.facts().attempts.len();
    let (transcript, log) = (world.transcript(), Digest::of(&bytes));
    Ok(Report { transcript, log, crashes, attempts, commits: commits.len() as u64 })
}
