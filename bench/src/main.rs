//! Measures Mote beside what it is compared with, in one run. See `README.md` for the commands.
#![expect(clippy::print_stdout, reason = "its results are what it is run for")]

mod bare;
mod figures;
mod http;
mod load;
mod log;
mod process;
mod systems;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let runtime = tokio::runtime::Runtime::new()?;
    match arguments.first().map(String::as_str) {
        Some("http") => runtime.block_on(http::run(http::Plan {
            seconds: number("--seconds", 3),
            rounds: number("--rounds", 3),
            clients: number("--clients", 64),
        })),
        Some("bare") => runtime.block_on(bare::serve()),
        _ => bail!("say what to measure: `cargo run --release -p bench -- http`"),
    }
}
