//! Prints what verification finds of `cases/wrong-implementations/`, by the class of the mistake and by how
//! much of a contract there is. Run with `cargo run -p mote-forge --example corpus`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/it/corpus/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::sync::Mutex;

use mote_verify::{Fault, Stage, Verification};

use cases::{Part, Workbench, cases, for_each};

/// How many of a class there are, and how many of them are found.
#[derive(Default)]
struct Count {
    all: usize,
    schemas: usize,
    examples: usize,
    rules: usize,
    boundaries: usize,
    sealed: usize,
}

/// What one implementation was found by.
struct Found {
    schemas: bool,
    examples: bool,
    /// The stage that finds it by the whole contract.
    stage: Option<Stage>,
}

fn main() {
    let bench = Workbench::open();
    let (counts, stages) = (Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new()));
    let accepted = Mutex::new(0);
    for_each(&cases(), &|case| {
        let component = bench.build(case);
        let laws = [Part::Schemas, Part::Examples, Part::Whole].map(|part| case.law(part));
        for implementation in &case.implementations {
            let [schemas, examples, whole] =
                laws.each_ref().map(|law| bench.judge(&component, law, implementation));
            let Some(class) = &implementation.class else {
                let right = [&schemas, &examples, &whole].iter().all(|judged| stage(judged).is_none());
                assert!(right, "{}: the right one is rejected", case.contract);
                *accepted.lock().unwrap() += 1;
                continue;
            };
            let found = Found {
                schemas: stage(&schemas).is_some(),
                examples: stage(&examples).is_some(),
                stage: stage(&whole),
            };
            if found.stage.is_none() {
                println!("accepted: {}/{}", case.contract, implementation.path);
            }
            *stages.lock().unwrap().entry(found.stage).or_insert(0) += 1;
            let mut counts = counts.lock().unwrap();
            counts.entry(class.clone()).or_insert_with(Count::default).take(&found);
            counts.entry("all".to_owned()).or_insert_with(Count::default).take(&found);
        }
    });
    print(&counts.into_inner().unwrap(), &stages.into_inner().unwrap(), accepted.into_inner().unwrap());
}

/// Where a service was found to be wrong. That a part of a contract is too weak is not its fault.
fn stage(verification: &Verification) -> Option<Stage> {
    verification.rejection().filter(|found| found.fault == Fault::Service).map(|found| found.stage)
}

impl Count {
    fn take(&mut self, found: &Found) {
        // Purity and budget come after the search for boundaries, and do without it.
        let searched = [Stage::Boundaries, Stage::Sealed];
        let unsearched = found.stage.is_some_and(|stage| !searched.contains(&stage));
        let boundary = found.stage == Some(Stage::Boundaries);
        self.all += 1;
        self.schemas += usize::from(found.schemas);
        self.examples += usize::from(found.examples);
        self.rules += usize::from(unsearched);
        self.boundaries += usize::from(unsearched || boundary);
        self.sealed += usize::from(found.stage.is_some());
    }
}

fn print(counts: &BTreeMap<String, Count>, stages: &BTreeMap<Option<Stage>, usize>, accepted: usize) {
    println!("\n| mistake | all | schemas | + examples | + rules | + boundaries | + sealed |");
    println!("|---|---|---|---|---|---|---|");
    let rows = counts.iter().filter(|(class, _)| *class != "all").chain(counts.get_key_value("all"));
    for (class, count) in rows {
        let Count { all, schemas, examples, rules, boundaries, sealed } = count;
        println!("| {class} | {all} | {schemas} | {examples} | {rules} | {boundaries} | {sealed} |");
    }
    println!("\n| stage | rejects |\n|---|---|");
    for (stage, count) in stages.iter() {
        println!("| {} | {count} |", stage.map_or("none", Stage::name));
    }
    println!("\nright implementations accepted, by every part of a contract: {accepted}");
}
