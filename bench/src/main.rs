//! Measures Mote beside what it is compared with, in one run. See `README.md` for the commands.
#![expect(clippy::print_stdout, reason = "its results are what it is run for")]

mod bare;
mod figures;
mod http;
mod load;
mod log;
mod process;
mod stages;
mod systems;
mod verify;

use std::path::{Path, PathBuf};

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match arguments.first().map(String::as_str) {
        Some("http") => {
            let plan = http::Plan {
                seconds: number("--seconds", 3),
                rounds: number("--rounds", 3),
                clients: number("--clients", 64),
            };
            runtime.block_on(http::run(&root, &mote(&root)?, plan))
        }
        Some("verify") => {
            let plan = verify::Plan { rounds: number("--rounds", 3) };
            runtime.block_on(verify::run(&root, &mote(&root)?, plan))
        }
        Some("bare") => runtime.block_on(bare::serve()),
        _ => bail!("say what to measure: `cargo run --release -p bench -- http`, or `verify`"),
    }
}

/// The binary, built as it ships.
fn mote(root: &Path) -> anyhow::Result<PathBuf> {
    let built = std::process::Command::new(env!("CARGO"))
        .args(["build", "--release", "-p", "mote"])
        .current_dir(root)
        .status()?;
    anyhow::ensure!(built.success(), "mote does not build");
    Ok(std::env::current_exe()?.with_file_name("mote"))
}
