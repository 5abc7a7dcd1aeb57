//! `mote verify --aggregate`: the services of one aggregate together, in sequences of commands.

use std::process::ExitCode;

use anyhow::bail;
use mote_contract::System;
use mote_expr::suggest;
use mote_forge::{Failure, SystemFolder, Workshop};
use mote_verify::Fault;

use crate::command::verify::threads;
use crate::output::{BOLD_GREEN, BOLD_RED, DIM, NewsPrinter, RESET, print_failure, result, tell};

pub(crate) fn run(
    folder: SystemFolder,
    system: &System,
    aggregate: &str,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if !system.aggregates.contains_key(aggregate) {
        let near = suggest(aggregate, system.aggregates.keys().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        bail!("there is no aggregate `{aggregate}`{near}");
    }
    let workshop = Workshop::open(folder.clone(), threads())?;
    let printer = NewsPrinter::new();
    let explored = workshop.explore(system, aggregate, &|news| {
        if !json {
            printer.print(&news);
        }
    });
    printer.clear();
    let explored = match explored {
        Ok(explored) => explored,
        Err(problem) => {
            let failure =
                Failure { service: aggregate.to_owned(), operations: vec![aggregate.to_owned()], problem };
            print_failure(&failure, &folder);
            return Ok(ExitCode::FAILURE);
        }
    };
    if json {
        result(explored.to_value());
    } else if let Some(broken) = &explored.broken {
        let whose = match broken.fault {
            Fault::Contract => "contract error",
            Fault::Service => "refused",
        };
        let last = broken.steps.last().map_or("", |step| step.operation.as_str());
        tell(format!("{BOLD_RED}{whose}{RESET} {last}: after these calls"));
        broken.to_string().lines().for_each(|line| tell(format!("  {line}")));
    } else {
        tell(format!("{BOLD_GREEN}held{RESET} {aggregate}"));
        tell(format!("  {DIM}{}{RESET}", explored.summary()));
    }
    Ok(if explored.broken.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
