//! Prints how strong a contract is with more and more of its rules, and what measuring that costs.
//! Run with `cargo run --release -p mote-verify --example strength`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../tests/it/ordering.rs"]
mod ordering;

use std::time::{Duration, Instant};

use mote_verify::{Figures, Plan, Seed, verify};
use ordering::{Placing, RULES, place_order};

const CASES: u32 = 500;

fn main() {
    println!("place-order, {CASES} cases, one thread");
    println!(
        "{:<26} {:>9} {:>6} {:>14} {:>6} {:>9}",
        "contract", "always", "", "op x region", "", "measured"
    );
    for rules in [0, 2, 7, 9, 13, RULES.len()] {
        let (figures, took) = measured(rules);
        let Some(strength) = &figures.strength else { continue };
        let regions = strength.regions;
        let of = |killed: u64, of: u64| format!("{killed}/{of}");
        let everywhere = strength.killed + strength.everywhere().count() as u64;
        let share = |killed: u64, of: u64| format!("{:.0} %", 100.0 * killed as f64 / of.max(1) as f64);
        println!(
            "{:<26} {:>9} {:>6} {:>14} {:>6} {:>6} ms",
            if rules == 0 { "schema alone".to_owned() } else { format!("with {rules} rules") },
            of(strength.killed, everywhere),
            share(strength.killed, everywhere),
            of(regions.killed, regions.killed + regions.holes),
            share(regions.killed, regions.killed + regions.holes),
            took.as_millis(),
        );
    }
}

/// The figures of a verification, and how much of it was for the strength.
fn measured(rules: usize) -> (Figures, Duration) {
    let law = place_order(&RULES[..rules], "verify: {strength: 0}\n");
    let plan = Plan { cases: CASES, seed: Seed::from(1), threads: 1 };
    let began = std::cell::Cell::new(None);
    let verification = verify(&law, &Placing, &plan, &|progress| {
        if progress.stage == mote_verify::Stage::Strength && began.get().is_none() {
            began.set(Some(Instant::now()));
        }
    });
    let took = began.get().map_or(Duration::ZERO, |began| began.elapsed());
    assert!(verification.passed(), "{:#?}", verification.rejection());
    if std::env::args().any(|argument| argument == "--holes") {
        for hole in verification.figures().strength.iter().flat_map(|strength| &strength.holes) {
            println!("{hole}\n");
        }
    }
    (verification.figures().clone(), took)
}
