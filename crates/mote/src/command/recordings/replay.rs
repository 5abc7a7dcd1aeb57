//! Asks recorded calls again, offline: who serves now, who answered then, or the files as they are.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

use mote_contract::{Law, Recording, System};
use mote_expr::{Digest, Value};
use mote_forge::{Lock, SystemFolder, Workshop};
use mote_verify::{Difference, Replay, Subject, replay};

use super::{found, unknown};
use crate::cli::Against;
use crate::command::verify::threads;
use crate::output::{BOLD_GREEN, BOLD_RED, BOLD_YELLOW, DIM, RESET, result, tell};
use crate::system;

pub(super) fn run(folder: &SystemFolder, arguments: &crate::cli::Replay) -> anyhow::Result<ExitCode> {
    let all = found(folder)?;
    let chosen = match &arguments.target {
        Some(target) if !all.is_empty() => chosen(&all, target)?,
        _ => all.iter().collect(),
    };
    if chosen.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let system = match arguments.against {
        Against::Files => match system::checked(folder)? {
            Some(system) => Some(system),
            None => return Ok(ExitCode::FAILURE),
        },
        // The contract of then may be that of the files; where they have errors it is not.
        Against::Recorded => mote_contract::check(&folder.read()?).system,
        Against::Serving => None,
    };
    let lock = Lock::read(&folder.lock())?;
    let workshop = Workshop::open(folder.clone(), threads())?;
    let mut stand = Stand { against: arguments.against, system, lock, workshop, asked: HashMap::new() };
    let mut counts = [0_usize; 4];
    let mut failed = false;
    for recording in chosen {
        let came = stand.replay(recording);
        counts[came.index()] += 1;
        failed |= came.failed();
        if arguments.json {
            result(came.to_value(recording));
        } else {
            came.print(recording);
        }
    }
    let [equal, differ, broken, skipped] = counts;
    tell(format!(
        "{equal} equal, {differ} differ, {broken} break their contract, {skipped} could not be asked"
    ));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The calls that `target` means: an id or its beginning, or an operation.
fn chosen<'r>(all: &'r [Recording], target: &str) -> anyhow::Result<Vec<&'r Recording>> {
    let of: Vec<&Recording> = all.iter().filter(|recording| recording.operation == target).collect();
    let chosen = if of.is_empty() {
        all.iter().filter(|recording| recording.id.starts_with(target)).collect()
    } else {
        of
    };
    if chosen.is_empty() {
        return Err(unknown(target, all.iter().map(|recording| recording.operation.as_str())));
    }
    Ok(chosen)
}

/// A contract and what answers under it, or why nobody does.
type Asked = Result<(Arc<Law>, Digest, Box<dyn Subject>), String>;

/// Who is asked.
struct Stand {
    against: Against,
    system: Option<System>,
    lock: Lock,
    workshop: Workshop,
    /// Each once: by operation, and by artifact and contract where those of then are asked.
    asked: HashMap<(String, Option<(Digest, Digest)>), Asked>,
}

impl Stand {
    fn replay(&mut self, recording: &Recording) -> Came {
        let of_then = (self.against == Against::Recorded).then_some((recording.artifact, recording.contract));
        let key = (recording.operation.clone(), of_then);
        if !self.asked.contains_key(&key) {
            let asked = self.asked(recording);
            self.asked.insert(key.clone(), asked);
        }
        match self.asked.get(&key) {
            Some(Ok((law, artifact, subject))) => match replay(law, &**subject, recording) {
                Ok(replayed) => {
                    let same = *artifact == recording.artifact && law.digest == recording.contract;
                    Came::Replayed(Box::new(replayed), same)
                }
                Err(unfit) => Came::Skipped(unfit.to_string()),
            },
            Some(Err(why)) => Came::Skipped(why.clone()),
            None => Came::Skipped("nobody answers".to_owned()),
        }
    }

    fn asked(&self, recording: &Recording) -> Asked {
        let name = &recording.operation;
        let of_files = self.system.as_ref().and_then(|system| system.laws.get(name));
        let (law, artifact) = match self.against {
            Against::Files => {
                let law = of_files.ok_or_else(|| format!("the files have no contract `{name}`"))?;
                let Some(system) = &self.system else { return Err("the files have errors".to_owned()) };
                let subject = self.workshop.subject(system, law).map_err(|problem| problem.to_string())?;
                // It was never released, so it is no artifact that was recorded.
                return Ok((law.clone(), Digest([0; 32]), subject));
            }
            Against::Serving => {
                let locked =
                    self.lock.releases.get(name).ok_or_else(|| format!("`{name}` has no release"))?;
                (self.lock.law(name).map_err(|error| error.to_string())?, locked.artifact)
            }
            Against::Recorded => {
                let released = self.lock.law(name).ok();
                let known = released.into_iter().chain(of_files.cloned());
                let law = known.into_iter().find(|law| law.digest == recording.contract);
                let gone = || {
                    format!("its contract {} is gone: it is judged by no other", recording.contract.short())
                };
                (law.ok_or_else(gone)?, recording.artifact)
            }
        };
        let subject = self.workshop.stored(&law, artifact).map_err(|problem| problem.to_string())?;
        Ok((law, artifact, subject))
    }
}

/// What came of one recorded call.
enum Came {
    /// It was asked; whether of the very artifact and contract that were recorded.
    Replayed(Box<Replay>, bool),
    Skipped(String),
}

impl Came {
    fn word(&self) -> &'static str {
        match self {
            Came::Skipped(_) => "skipped",
            Came::Replayed(replayed, _) if replayed.broken.is_some() => "breaks",
            Came::Replayed(replayed, _) if replayed.equal => "equal",
            Came::Replayed(..) => "differs",
        }
    }

    fn index(&self) -> usize {
        ["equal", "differs", "breaks", "skipped"].iter().position(|word| *word == self.word()).unwrap_or(0)
    }

    /// Whether a promise is broken: by an answer, or by the same code that answers otherwise.
    fn failed(&self) -> bool {
        match self {
            Came::Skipped(_) => false,
            Came::Replayed(replayed, same) => replayed.broken.is_some() || (*same && !replayed.equal),
        }
    }

    fn print(&self, recording: &Recording) {
        let colour = match self.word() {
            "equal" => BOLD_GREEN,
            "breaks" => BOLD_RED,
            _ => BOLD_YELLOW,
        };
        let head =
            format!("{colour}{:7}{RESET} {DIM}{}{RESET} {}", self.word(), recording.id, recording.operation);
        let replayed = match self {
            Came::Skipped(why) => return result(format!("{head}: {why}")),
            Came::Replayed(replayed, _) => replayed,
        };
        let ends = if replayed.was == replayed.is {
            replayed.is.clone()
        } else {
            format!("{}, was {}", replayed.is, replayed.was)
        };
        result(format!("{head}: {ends}"));
        for difference in &replayed.differences {
            let text =
                |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
            let Difference { at, was, is } = difference;
            let at = if at.0.is_empty() { "the answer".to_owned() } else { at.to_string() };
            result(format!("  {at} is {}, was {}", text(is), text(was)));
        }
        for line in replayed
            .broken
            .iter()
            .flat_map(|broken| broken.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
        {
            result(format!("  {line}"));
        }
    }

    fn to_value(&self, recording: &Recording) -> Value {
        let mut record = vec![
            ("call", Value::text(&recording.id)),
            ("operation", Value::text(&recording.operation)),
            ("result", Value::text(self.word())),
        ];
        match self {
            Came::Skipped(why) => record.push(("why", Value::text(why))),
            Came::Replayed(replayed, _) => {
                let differences = replayed.differences.iter().map(|difference| {
                    let parts = [("was", &difference.was), ("is", &difference.is)];
                    let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
                    Value::object(parts.chain([("at", Value::text(difference.at.to_string()))]))
                });
                record.push(("differences", Value::list(differences)));
                record.push(("is", Value::text(&replayed.is)));
                record.push(("was", Value::text(&replayed.was)));
                record.extend(replayed.broken.as_ref().map(|broken| ("broken", broken.to_value())));
            }
        }
        Value::object(record)
    }
}
