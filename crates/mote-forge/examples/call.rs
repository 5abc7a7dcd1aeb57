//! Measures one call of `greet` of `examples/hello` in the sandbox, without a server: fresh and reused instances.
//!
//! Run with `cargo run --release -p mote-forge --example call [CALLS]`. Rounds take turns; each figure is the
//! median of its rounds.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example prints, and ends where it cannot go on"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use mote_forge::typescript::{ServiceSource, build};
use mote_host::{Artifact, Budget, Host, Isolation, Options};

const ROUNDS: usize = 11;
const CALL: &str = r#"{"operation": "greet", "input": {"name": "Ada", "language": "en"},
    "context": {"now": "2026-01-01T00:00:00Z", "id": "call-1", "caller": {"id": "anna"}}}"#;

fn main() {
    let calls: u32 = std::env::args().nth(1).map_or(2_000, |number| number.parse().unwrap());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello/services/greet");
    let source = ServiceSource::read(&folder, "greet", &["greet".to_owned()]).unwrap();
    let (built, building) = timed(|| build(&source).unwrap());
    let host = Host::new(Options::default()).unwrap();
    let (artifact, compiling) = timed(|| host.load(&built.component).unwrap());
    println!(
        "built in {}, compiled in {}, {} KB",
        show(building),
        show(compiling),
        built.component.len() / 1024
    );

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (isolation, figures) in [Isolation::Fresh, Isolation::Reused].into_iter().zip(&mut figures) {
            figures.push(runtime.block_on(round(&artifact, isolation, calls)));
        }
    }
    let [fresh, reused] = &mut figures;
    println!("a call: fresh {}, reused {}", show(median(fresh)), show(median(reused)));
}

/// The time of one call, over many.
async fn round(artifact: &Artifact, isolation: Isolation, calls: u32) -> Duration {
    let begun = Instant::now();
    for _ in 0..calls {
        artifact.call(CALL, &Budget::default(), isolation).await.unwrap();
    }
    begun.elapsed() / calls
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (work(), begun.elapsed())
}

fn median(figures: &mut [Duration]) -> Duration {
    figures.sort();
    figures[figures.len() / 2]
}

fn show(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1e3 { format!("{micros:.1} us") } else { format!("{:.1} ms", micros / 1e3) }
}
