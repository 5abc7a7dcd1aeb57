//! Measures a whole verification of `sign-guestbook` with a native service.
//! Run with `cargo run --release -p mote-verify --example measure`.

#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code)]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock, the crate does not")]

#[path = "../tests/it/system.rs"]
mod system;

use std::time::Instant;

use mote_expr::Value;
use mote_verify::{Subject, verify};

fn main() {
    let law = system::law("sign-guestbook");
    let wrong = |call: &Value| {
        let late = usize::from(system::guests(call) >= 3);
        let event = system::signed(call, system::text(call, &["input", "guest"]));
        system::ok(system::place(call, system::guests(call) + 1 + late), vec![event])
    };
    let (right, wrong) = (system::Native(system::sign), system::Native(wrong));
    let subjects: [(&str, &dyn Subject); 2] = [("right", &right), ("wrong", &wrong)];
    for (name, subject) in subjects {
        for threads in [1, 2] {
            let start = Instant::now();
            let at = std::cell::RefCell::new(Vec::new());
            let verification = verify(&law, subject, &system::plan(1_000, threads), &|progress| {
                if progress.done == 0 || at.borrow().last().is_none_or(|(stage, _)| *stage != progress.stage)
                {
                    at.borrow_mut().push((progress.stage, start.elapsed()));
                }
            });
            println!("{name}, {threads} threads: {:?}, passed: {}", start.elapsed(), verification.passed());
            println!("  stages began at {:?}", at.borrow());
            println!("  {}", verification.figures().summary(&law.contract.budget));
        }
    }
}
