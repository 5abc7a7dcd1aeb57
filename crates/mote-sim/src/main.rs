//! Runs simulated worlds from the command line: `mote-sim --seed 8123` or `mote-sim --seeds 200`.
//! A failure names its seed, and the seed leads to it again.

#![allow(clippy::print_stdout, clippy::print_stderr)] // This is the binary: it prints.

use std::process::ExitCode;

use mote_sim::{Options, run};

const USAGE: &str = "usage: mote-sim --seed N [--transcript] | --seeds COUNT [--from N]";

/// What to run.
#[derive(Default)]
struct Wanted {
    seed: Option<u64>,
    count: Option<u64>,
    from: u64,
    transcript: bool,
}

fn main() -> ExitCode {
    match read(std::env::args().skip(1)) {
        Some(wanted) => run_all(&wanted),
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn read(mut arguments: impl Iterator<Item = String>) -> Option<Wanted> {
    let mut wanted = Wanted::default();
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next()?.parse().ok();
        match argument.as_str() {
            "--seed" => wanted.seed = Some(number()?),
            "--seeds" => wanted.count = Some(number()?),
            "--from" => wanted.from = number()?,
            "--transcript" => wanted.transcript = true,
            _ => return None,
        }
    }
    (wanted.seed.is_some() != wanted.count.is_some()).then_some(wanted)
}

fn run_all(wanted: &Wanted) -> ExitCode {
    let from = wanted.seed.unwrap_or(wanted.from);
    let (mut crashes, mut attempts, mut commits) = (0, 0, 0);
    for seed in from..from.saturating_add(wanted.count.unwrap_or(1)) {
        match run(seed, &Options::default()) {
            Ok(report) => {
                if wanted.transcript {
                    print!("{}", report.transcript);
                    println!("the log is {}", report.log);
                }
                crashes += report.crashes;
                attempts += report.attempts;
                commits += report.commits;
            }
            Err(failure) => {
                if wanted.transcript {
                    print!("{}", failure.transcript);
                }
                eprintln!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("held: {attempts} calls, {commits} commits, {crashes} crashes");
    ExitCode::SUCCESS
}
