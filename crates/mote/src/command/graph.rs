//! `mote graph`: the system, or a workflow of it, as a Mermaid flowchart.

use std::process::ExitCode;

use mote_contract::graph;
use mote_expr::suggest;

use crate::cli::{Cli, Graph};
use crate::output::result;
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Graph) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some(system) = system::checked(&folder)? else { return Ok(ExitCode::FAILURE) };
    let drawn = match &arguments.name {
        None => graph(&system),
        Some(name) => {
            let Some(workflow) = system.workflows.get(name) else {
                let near = suggest(name, system.workflows.keys().map(String::as_str));
                return Err(system::no_such("workflow", name, near, "graph"));
            };
            workflow.graph()
        }
    };
    result(drawn.trim_end());
    Ok(ExitCode::SUCCESS)
}
