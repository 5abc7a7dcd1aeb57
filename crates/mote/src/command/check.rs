//! `mote check`

mod explain;
mod failures;

use std::process::ExitCode;

use mote_contract::Severity;

use crate::cli::{Check, Cli};
use crate::output::{BOLD_GREEN, RESET, diagnostic_value, print_diagnostics, result, tell};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Check) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(arguments.system.as_deref()))?;
    let files = folder.read()?;
    let report = system::report(&files);
    if arguments.json {
        for diagnostic in &report.diagnostics {
            result(diagnostic_value(diagnostic, &files));
        }
    } else {
        print_diagnostics(&report.diagnostics, &files);
    }
    if report.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Ok(ExitCode::FAILURE);
    }
    let Some(system) = &report.system else { return Ok(ExitCode::SUCCESS) };
    system::write_types(&folder, system);
    if arguments.explain {
        explain::explain(system, arguments.json);
    }
    if let Some(name) = &arguments.failures {
        failures::show(system, name, arguments.json)?;
    }
    if !arguments.json {
        let (contracts, aggregates) = (system.laws.len(), system.aggregates.len());
        let workflows = match system.workflows.len() {
            0 => String::new(),
            count => format!(", workflows {count}"),
        };
        tell(format!(
            "{BOLD_GREEN}ok{RESET} {}: contracts {contracts}, aggregates {aggregates}{workflows}",
            system.manifest.name
        ));
    }
    Ok(ExitCode::SUCCESS)
}
