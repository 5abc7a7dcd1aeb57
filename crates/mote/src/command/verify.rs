//! `mote verify`

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use mote_contract::{Files, System};
use mote_expr::Value;
use mote_forge::artifacts::Artifacts;
use mote_forge::{Lock, News, Prepared, Problem, Standing, SystemFolder, Workshop};
use mote_verify::{Envelope, Verification};

use crate::cli::{Cli, Verify};
use crate::output::{NewsPrinter, print_failure, refused, result, tell};
use crate::report::{self, Came, Entry};
use crate::{recordings, system};

pub(crate) fn run(cli: &Cli, arguments: &Verify) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some((system, files)) = system::checked_files(&folder)? else { return Ok(ExitCode::FAILURE) };
    if let Some(aggregate) = &arguments.aggregate {
        return super::explore::run(folder, &system, aggregate, arguments.json);
    }
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    wanted.extend(system::chosen(&system, &arguments.names)?.iter().map(|law| law.contract.name.as_str()));
    let mut lock = Lock::read(&folder.lock())?;
    // A verdict keeps figures and no cases, so a report is made of a verification.
    if arguments.again || arguments.html.is_some() {
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
    // Whoever asks for a report that cannot be kept is not kept waiting for it.
    if let Some(path) = &arguments.html {
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
        opened.map(drop).map_err(|error| no_report(path, error))?;
    }
    let recorded = folder.clone();
    let workshop = Workshop::open(folder.clone(), threads())?
        .with_recordings(move |operation| recordings::of(&recorded, operation));
    let printer = NewsPrinter::new();
    let time = mote_server::now().to_string();
    let judged: RefCell<BTreeMap<String, Verification>> = RefCell::default();
    let is_wanted = |name: &str| wanted.contains(name);
    let prepared = workshop.prepare(system, &lock, &time, &is_wanted, &|news| {
        if let News::Verified { law, verification } = &news {
            judged.borrow_mut().insert(law.contract.name.clone(), (*verification).clone());
        }
        if arguments.json {
            return;
        }
        printer.print(&news);
        if let News::Refused(failure) = news {
            print_failure(failure, &folder);
        }
    });
    printer.clear();
    for candidate in &prepared.candidates {
        lock.activate(&candidate.law, candidate.locked(), files, workshop.public_key());
    }
    lock.write(&folder.lock())?;
    if let Some(path) = &arguments.html {
        let judged = judged.borrow();
        let entries = entries(system, wanted, &prepared, &judged)?;
        write_report(path, &report::page(&system.manifest.name, &time, files, &entries))?;
        tell(format!("the report is in `{}`", path.display()));
    }
    if arguments.json {
        print_json(&prepared, system);
    }
    Ok(if prepared.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a report shows of each contract of `wanted`.
fn entries<'r>(
    system: &'r System,
    wanted: &BTreeSet<&str>,
    prepared: &'r Prepared,
    judged: &'r BTreeMap<String, Verification>,
) -> anyhow::Result<Vec<Entry<'r>>> {
    let mut entries = Vec::with_capacity(wanted.len());
    for law in wanted.iter().filter_map(|name| system.laws.get(*name)) {
        let name = &law.contract.name;
        let candidate = prepared.candidates.iter().find(|candidate| candidate.law.contract.name == *name);
        let failure = prepared.failures.iter().find(|failure| failure.operations.contains(name));
        let came = match (candidate, judged.get(name), failure.map(|failure| &failure.problem)) {
            (Some(candidate), Some(verification), _) => {
                let envelope: Envelope = candidate.verdict.parse()?;
                Came::Verified(verification, Box::new(envelope.stated()?))
            }
            (_, _, Some(Problem::Rejected(verification))) => Came::Rejected(verification),
            (_, _, Some(problem)) => Came::Nothing(problem.to_string()),
            // A service that others belong to as well is prepared as a whole; this one was not looked at.
            (_, _, None) => Came::Nothing("it was not judged".to_owned()),
        };
        entries.push(Entry { law, came });
    }
    Ok(entries)
}

fn write_report(path: &Path, page: &str) -> anyhow::Result<()> {
    std::fs::write(path, page).map_err(|error| no_report(path, error))
}

fn no_report(path: &Path, error: std::io::Error) -> anyhow::Error {
    let error =
        anyhow::Error::from(error).context(format!("cannot write the report to `{}`", path.display()));
    refused(error, "name a file in a folder that is there: `mote verify --html report.html`")
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
                fields.push(("feedback", verification.feedback(law)));
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
