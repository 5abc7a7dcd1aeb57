//! Measures the search for boundaries: how often a situation is measured for each, and how long it
//! takes, on every contract of `examples/shop` and `examples/hello` with native services.
//! Run with `cargo run --release -p mote-verify --example boundaries`.

#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code)]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock, the crate does not")]

#[path = "../tests/it/shop.rs"]
mod shop;
#[path = "../tests/it/system.rs"]
mod system;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use mote_contract::Law;
use mote_expr::Value;
use mote_verify::{Plan, Seed, Stage, Subject, Unreached, verify};

fn main() {
    let named = std::env::args().nth(1);
    println!("contract            reached  measured/boundary  ms  (whole verification)  successes");
    for law in shop::laws() {
        measure(&law, &system::Native(shop::serve as fn(&Value) -> Value), named.as_deref());
    }
    measure(
        &system::law("sign-guestbook"),
        &system::Native(system::sign as fn(&Value) -> Value),
        named.as_deref(),
    );
    measure(&system::law("greet"), &system::Native(system::greet as fn(&Value) -> Value), named.as_deref());
}

fn measure(law: &Law, service: &system::Native<fn(&Value) -> Value>, named: Option<&str>) {
    if named.is_some_and(|named| named != law.contract.name) {
        return;
    }
    let subject: &dyn Subject = service;
    let plan = Plan { cases: law.contract.verify.cases, seed: Seed::from(1), threads: 2 };
    let start = Instant::now();
    let began: RefCell<Vec<(Stage, Duration)>> = RefCell::default();
    let verification = verify(law, subject, &plan, &|progress| {
        let mut began = began.borrow_mut();
        if began.last().is_none_or(|(stage, _)| *stage != progress.stage) {
            began.push((progress.stage, start.elapsed()));
        }
    });
    let whole = start.elapsed();
    let figures = verification.figures();
    let found = figures.boundaries.unwrap_or_default();
    let began = began.into_inner();
    let at = began.iter().position(|(stage, _)| *stage == Stage::Boundaries);
    let took = at.map_or(Duration::ZERO, |at| began.get(at + 1).map_or(whole, |(_, end)| *end) - began[at].1);
    println!(
        "{:<18} {:>4}/{:<4} {:>10.0} {:>12} ({} ms) {}/{}",
        law.contract.name,
        found.reached,
        found.total,
        found.measured as f64 / found.total.max(1) as f64,
        took.as_millis(),
        whole.as_millis(),
        figures.generated,
        law.contract.verify.cases,
    );
    println!("    stages began at {began:?}");
    for unreached in &figures.unreached {
        let Unreached { .. } = unreached;
        println!("    {unreached}");
    }
    if let Some(rejection) = verification.rejection() {
        println!("    {rejection:#?}");
    }
}
