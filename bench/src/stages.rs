//! What each stage of one verification takes, from nothing: no artifact, no compiled code, no verdict.
//! Owns the clock that the workshop's news move on. CPU is that of all threads, in hundredths of a second.

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use mote_contract::check;
use mote_forge::{Lock, News, SystemFolder, Workshop};
use tempfile::TempDir;

use crate::figures::median;
use crate::process::own_cpu_seconds;

/// The operation that is verified.
const OPERATION: &str = "place-order";

/// Seconds of wall time and of CPU in one stage.
pub(crate) struct Took {
    pub(crate) stage: String,
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
}

/// The stages of `rounds` verifications, each in a system that `make` made below `root`, as medians.
pub(crate) fn medians(
    make: &dyn Fn(&Path) -> anyhow::Result<TempDir>,
    root: &Path,
    rounds: u64,
) -> anyhow::Result<Vec<Took>> {
    let runs = (0..rounds).map(|_| verify(make(root)?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    let first = runs.first().context("one round at least")?;
    let of = |stage: &str, part: fn(&Took) -> f64| {
        let all = runs.iter().flatten().filter(|took| took.stage == stage);
        median(&all.map(part).collect::<Vec<_>>())
    };
    let stages = first.iter().map(|Took { stage, .. }| Took {
        stage: stage.clone(),
        wall: of(stage, |took| took.wall),
        cpu: of(stage, |took| took.cpu),
    });
    Ok(stages.collect())
}

pub(crate) fn print(stages: &[Took]) {
    println!("{:52} {:>9} {:>9}", format!("{OPERATION}, in stages"), "wall s", "CPU s");
    for Took { stage, wall, cpu } in stages {
        println!("  {stage:50} {wall:>9.2} {cpu:>9.2}");
    }
    let sum = |part: fn(&Took) -> f64| stages.iter().map(part).sum::<f64>();
    println!("  {:50} {:>9.2} {:>9.2}", "all", sum(|took| took.wall), sum(|took| took.cpu));
}

fn verify(system: &Path) -> anyhow::Result<Vec<Took>> {
    let clock = Clock { now: RefCell::new(Now::of("files")?), took: RefCell::default() };
    let folder = SystemFolder::open(system)?;
    let files = folder.read()?;
    let system = check(&files).system.context("the shop has errors")?;
    clock.turn("sandbox")?;
    let threads = std::thread::available_parallelism()?.get();
    let workshop = Workshop::open(folder.clone(), threads)?;
    let (lock, time) = (Lock::read(&folder.lock())?, "2026-01-01T00:00:00Z");
    let prepared = workshop.prepare(&system, &lock, time, &|name| name == OPERATION, &|news| {
        let turned = match news {
            News::Building { .. } => clock.turn("build"),
            News::Loading { .. } => clock.turn("compile"),
            News::Verifying { operation: OPERATION, progress } => clock.turn(progress.stage.name()),
            News::Verified { law, .. } if law.contract.name == OPERATION => clock.turn("verdict"),
            // Other operations of the same service.
            _ => clock.turn("others"),
        };
        turned.expect("this process can see its own CPU time");
    });
    clock.turn("end")?;
    anyhow::ensure!(prepared.failures.is_empty(), "`{OPERATION}` was refused: {:?}", prepared.failures);
    Ok(clock.took.into_inner())
}

struct Clock {
    now: RefCell<Now>,
    took: RefCell<Vec<Took>>,
}

struct Now {
    stage: String,
    since: Instant,
    cpu: f64,
}

impl Now {
    fn of(stage: &str) -> anyhow::Result<Now> {
        Ok(Now { stage: stage.to_owned(), since: Instant::now(), cpu: own_cpu_seconds()? })
    }
}

impl Clock {
    /// `stage` begins, if it is not what was there before.
    fn turn(&self, stage: &str) -> anyhow::Result<()> {
        if self.now.borrow().stage == stage {
            return Ok(());
        }
        let next = Now::of(stage)?;
        let before = self.now.replace(next);
        let (wall, cpu) = (before.since.elapsed().as_secs_f64(), own_cpu_seconds()? - before.cpu);
        let mut took = self.took.borrow_mut();
        match took.iter_mut().find(|known| known.stage == before.stage) {
            Some(known) => (known.wall, known.cpu) = (known.wall + wall, known.cpu + cpu),
            None => took.push(Took { stage: before.stage, wall, cpu }),
        }
        Ok(())
    }
}
