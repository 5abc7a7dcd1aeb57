//! `mote verify`

use std::collections::BTreeSet;
use std::process::ExitCode;

use mote_contract::{Files, System};
use mote_expr::Value;
use mote_forge::artifacts::Artifacts;
use mote_forge::{Lock, News, Prepared, Problem, Standing, SystemFolder, Workshop};

use crate::cli::{Cli, Verify};
use crate::output::{NewsPrinter, print_failure, result};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Verify) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some((system, files)) = system::checked_files(&folder)? else { return Ok(ExitCode::FAILURE) };
    if let Some(aggregate) = &arguments.aggregate {
        return super::explore::run(folder, &system, aggregate, arguments.json);
    }
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    wanted.extend(system::chosen(&system, &arguments.names)?.iter().map(|law| law.contract.name.as_str()));
    let mut lock = Lock::read(&folder.lock())?;
    if arguments.again {
        lock.retain(|name| !wanted.contains(name));
    }
    // The sandbox takes longer to start than all of this takes, so it is left alone where it can be.
    for name in unchanged(&folder, &system, &lock, &wanted)? {
        wanted.remove(name);
        if arguments.json {
            result(accepted(name));
        } else {
            NewsPrinter::new().print(&News::Unchanged { operation: name });
        }
    }
    if wanted.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    verify(arguments, folder, (&system, &files), lock, &wanted)
}

fn verify(
    arguments: &Verify,
    folder: SystemFolder,
    (system, files): (&System, &Files),
    mut lock: Lock,
    wanted: &BTreeSet<&str>,
) -> anyhow::Result<ExitCode> {
    let workshop = Workshop::open(folder.clone(), threads())?;
    let printer = NewsPrinter::new();
    let time = mote_server::now().to_string();
    let wanted = |name: &str| wanted.contains(name);
    let prepared = workshop.prepare(system, &lock, &time, &wanted, &|news| {
        if !arguments.json {
            printer.print(&news);
        }
    });
    printer.clear();
    for candidate in &prepared.candidates {
        lock.activate(&candidate.law, candidate.locked(), files, workshop.public_key());
    }
    lock.write(&folder.lock())?;
    if arguments.json {
        print_json(&prepared, system);
    } else {
        prepared.failures.iter().for_each(|failure| print_failure(failure, &folder));
    }
    Ok(if prepared.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The contracts of `wanted` for which nothing changed since their verdicts.
fn unchanged<'s>(
    folder: &SystemFolder,
    system: &'s System,
    lock: &Lock,
    wanted: &BTreeSet<&str>,
) -> anyhow::Result<Vec<&'s str>> {
    let artifacts = Artifacts::open(&folder.state("artifacts")?)?;
    let standing = Standing::of(folder, &artifacts, lock);
    let laws = system.laws.values().filter(|law| wanted.contains(law.contract.name.as_str()));
    let holds =
        laws.filter(|law| standing.unchanged(law, &system::operations(system, law), &lock.trusted).is_ok());
    Ok(holds.map(|law| law.contract.name.as_str()).collect())
}

fn accepted(name: &str) -> Value {
    Value::object([("contract", Value::text(name)), ("verdict", Value::text("accepted"))])
}

fn print_json(prepared: &Prepared, system: &System) {
    for candidate in &prepared.candidates {
        result(accepted(&candidate.law.contract.name));
    }
    for failure in &prepared.failures {
        for operation in &failure.operations {
            let mut fields = vec![
                ("contract", Value::text(operation)),
                ("verdict", Value::text("refused")),
                ("problem", Value::text(failure.problem.to_string())),
            ];
            if let (Problem::Rejected(verification), Some(law)) =
                (&failure.problem, system.laws.get(operation))
            {
                fields.push(("feedback", verification.feedback(law, 1)));
                let strength = verification.figures().strength.as_ref();
                fields.extend(strength.map(|strength| ("strength", strength.to_value())));
            }
            result(Value::object(fields));
        }
    }
}

/// How many threads verification may use: all there are.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}
