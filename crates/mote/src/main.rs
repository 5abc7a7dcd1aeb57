//! The `mote` command: checks, builds, verifies and serves systems of nanoservices.
//!
//! Owns the terminal: the only crate that prints. Wires the crates together and decides nothing
//! about the domain. One file per command below `command`; start reading at `cli.rs`.

mod cli;
mod command;
mod output;
mod recordings;
mod report;
mod scaffold;
mod system;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::output::fail;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::New(new) => command::new::run(&cli, new),
        Command::Add(add) => command::add::run(&cli, add),
        Command::Build(build) => command::build::run(&cli, build),
        Command::Fmt(fmt) => command::fmt::run(&cli, fmt),
        Command::Check(check) => command::check::run(&cli, check),
        Command::Verify(verify) => command::verify::run(&cli, verify),
        Command::Up(up) => command::up::run(&cli, up),
        Command::Call(call) => command::call::run(&cli, call),
        Command::Events(events) => command::events::run(&cli, events),
        Command::Compat(compat) => command::compat::run(&cli, compat),
        Command::Verdict(verdict) => command::verdict::run(&cli, verdict),
        Command::Views(views) => command::views::run(&cli, views),
        Command::Graph(graph) => command::graph::run(&cli, graph),
        Command::Template(template) => command::template::run(&cli, template),
        Command::Recordings(recordings) => command::recordings::run(&cli, recordings),
        Command::Render(render) => command::render::run(&cli, render),
        Command::Completions(completions) => Ok(command::completions::run(completions)),
    };
    match result {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}
