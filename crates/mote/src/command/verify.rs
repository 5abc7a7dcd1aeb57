//! `mote verify`

use std::process::ExitCode;

use anyhow::bail;
use mote_expr::{Value, suggest};
use mote_forge::{Lock, Prepared, Problem, Workshop};

use crate::cli::{Cli, Verify};
use crate::output::{NewsPrinter, print_failure, result};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Verify) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some(system) = system::checked(&folder)? else { return Ok(ExitCode::FAILURE) };
    for name in &arguments.names {
        if !system.laws.contains_key(name) {
            let near = suggest(name, system.laws.keys().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            bail!("there is no contract `{name}`{near}");
        }
    }
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|known| known == name);
    let mut lock = Lock::read(&folder.lock())?;
    if arguments.again {
        lock.releases.retain(|name, _| !wanted(name));
    }
    let workshop = Workshop::open(folder.clone(), threads())?;
    let printer = NewsPrinter::new();
    let time = mote_server::now().to_string();
    let prepared = workshop.prepare(&system, &lock, &time, &wanted, &|news| {
        if !arguments.json {
            printer.print(&news);
        }
    });
    printer.clear();
    for candidate in &prepared.candidates {
        lock.activate(&candidate.law.contract.name, candidate.locked(), workshop.public_key());
    }
    lock.write(&folder.lock())?;
    if arguments.json {
        print_json(&prepared);
    } else {
        prepared.failures.iter().for_each(|failure| print_failure(failure, &folder));
    }
    Ok(if prepared.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_json(prepared: &Prepared) {
    for candidate in &prepared.candidates {
        let contract = &candidate.law.contract;
        result(Value::object([
            ("contract", Value::text(&contract.name)),
            ("verdict", Value::text("accepted")),
        ]));
    }
    for failure in &prepared.failures {
        for operation in &failure.operations {
            let mut fields = vec![
                ("contract", Value::text(operation)),
                ("verdict", Value::text("refused")),
                ("problem", Value::text(failure.problem.to_string())),
            ];
            if let Problem::Rejected(verification) = &failure.problem
                && let Some(rejection) = verification.rejection()
            {
                let found = rejection.counterexamples.iter().map(|counterexample| counterexample.to_value());
                fields.push(("stage", Value::text(rejection.stage.name())));
                fields.extend(rejection.withheld.as_ref().map(|clause| ("withheld", Value::text(clause))));
                fields.push(("counterexamples", Value::list(found)));
            }
            result(Value::object(fields));
        }
    }
}

/// How many threads verification may use: all there are.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}
