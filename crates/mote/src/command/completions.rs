//! `mote completions`: what a shell needs to complete `mote`'s words.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::{Shell as Known, generate};

use crate::cli::{Cli, Completions, Shell};
use crate::output::result;

pub(crate) fn run(arguments: &Completions) -> ExitCode {
    let shell = match arguments.shell {
        Shell::Bash => Known::Bash,
        Shell::Zsh => Known::Zsh,
        Shell::Fish => Known::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "mote", &mut script);
    result(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}
