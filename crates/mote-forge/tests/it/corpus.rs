//! Verification works: every wrong implementation in `cases/wrong-implementations/` is rejected, where and
//! with the words that stand in its `expected.txt`, and every right one is accepted. With `UPDATE_EXPECT=1`
//! the words are written anew; one that is accepted stays a failure.

mod cases;

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;

use mote_verify::{Fault, Verification};

use cases::{Case, Implementation, Part, Workbench, cases, for_each};

/// How many implementations of a contract are wrong, and in how many ways, at the least.
const WRONG_MIN: usize = 6;

#[test]
fn the_right_are_accepted_and_the_wrong_rejected() {
    let bench = Workbench::open();
    let failures = Mutex::new(Vec::new());
    for_each(&cases(), &|case| {
        let (law, component) = (case.law(Part::Whole), bench.build(case));
        for implementation in &case.implementations {
            let verification = bench.judge(&component, &law, implementation);
            if let Err(why) = expected(implementation, &verification) {
                let name = format!("{}/{}", case.contract, implementation.path);
                failures.lock().unwrap().push(format!("{name}: {why}"));
            }
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "not as expected (UPDATE_EXPECT=1 accepts words):\n{}", failures.join("\n"));
}

#[test]
fn every_contract_has_many_ways_to_be_broken() {
    let cases = cases();
    assert!(cases.len() >= 12, "the cases were not found");
    for Case { contract, implementations, .. } in &cases {
        let classes: BTreeSet<_> = implementations.iter().filter_map(|it| it.class.as_ref()).collect();
        let wrong = implementations.len() - 1;
        assert!(wrong >= WRONG_MIN, "{contract} has {wrong} wrong implementations, {WRONG_MIN} at least");
        assert!(classes.len() * 2 >= WRONG_MIN, "{contract} knows only mistakes of {classes:?}");
    }
}

#[test]
fn a_part_of_a_contract_is_a_contract() {
    for case in &cases() {
        let (schemas, examples, whole) =
            (case.law(Part::Schemas), case.law(Part::Examples), case.law(Part::Whole));
        assert!(schemas.contract.examples.is_empty(), "{}", case.contract);
        assert_eq!(examples.contract.examples.len(), whole.contract.examples.len(), "{}", case.contract);
        assert!(schemas.ensures.is_empty() && examples.ensures.is_empty(), "{}", case.contract);
        assert!(!whole.ensures.is_empty() && !whole.contract.examples.is_empty(), "{}", case.contract);
    }
}

/// Whether what came of it is what should.
fn expected(implementation: &Implementation, verification: &Verification) -> Result<(), String> {
    let said = said(verification);
    match (&implementation.class, verification.rejection()) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(format!("it is right, and is\n{said}")),
        (Some(_), None) => Err("it is wrong, and is accepted".to_owned()),
        (Some(_), Some(rejection)) if rejection.fault == Fault::Contract => {
            Err(format!("its contract is to blame for it\n{said}"))
        }
        (Some(_), Some(_)) => {
            let file = implementation.folder.join("expected.txt");
            if fs::read_to_string(&file).unwrap_or_default() == said {
                return Ok(());
            }
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(&file, &said).unwrap();
                return Ok(());
            }
            Err(format!("it is\n{said}"))
        }
    }
}

/// What a person is told.
fn said(verification: &Verification) -> String {
    let Some(rejection) = verification.rejection() else { return "accepted\n".to_owned() };
    let found = rejection.counterexamples.iter().map(|found| format!("\n{found}\n"));
    let unreached = rejection.unreached.iter().map(|what| format!("\n{what}\n"));
    let withheld =
        rejection.withheld.iter().map(|clause| format!("\nit breaks `{clause}`; the case stays hidden\n"));
    let shown: String = found.chain(unreached).chain(withheld).collect();
    format!("rejected in the stage `{}`\n{shown}", rejection.stage)
}
