//! `mote render`: a description of the system for other tools.

use std::process::ExitCode;

use mote_contract::{asyncapi, openapi};

use crate::cli::{Cli, Render, RenderFormat};
use crate::output::result;
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Render) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some(system) = system::checked(&folder)? else { return Ok(ExitCode::FAILURE) };
    let (name, laws) = (&system.manifest.name, system.laws.values().map(|law| &**law));
    result(match arguments.format {
        RenderFormat::Openapi => openapi(name, laws),
        RenderFormat::Asyncapi => asyncapi(name, laws),
    });
    Ok(ExitCode::SUCCESS)
}
