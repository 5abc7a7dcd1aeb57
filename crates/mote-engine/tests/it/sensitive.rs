//! What is sensitive is told to nobody, whatever goes wrong.

use crate::bench::{Bench, check};
use crate::services::code;

/// Everything that is told about a call with this pin.
#[track_caller]
fn told(bench: &Bench, pin: &str, expected: &str) -> String {
    let answer = bench.call("open-account", &format!(r#"{{"pin":{pin}}}"#)).tells(expected);
    let refusal = format!("{:?}", answer.result.unwrap_err());
    assert!(!refusal.contains(pin.trim_matches('"')), "{refusal}");
    refusal
}

#[test]
fn a_violation_does_not_quote_it() {
    check(|bench| {
        let refusal = told(bench, "47110", "invalid 400 invalid-input by input");
        assert!(refusal.contains("is sensitive and not told, the most is 9999"), "{refusal}");
        told(bench, r#""hunter2""#, "invalid 400 invalid-input by input");
    });
}

#[test]
fn a_breach_names_the_rule_and_not_what_it_saw() {
    check(|bench| {
        bench.serve(
            "open-account",
            code(|call| {
                let pin = call.field("input").unwrap().field("pin").unwrap();
                format!(r#"{{"ok":{{"output":{{"number":{pin}}}}}}}"#)
            }),
        );
        let refusal = told(bench, "4711", "breach 502 breached by ensures/not-the-pin");
        assert!(
            refusal.contains("output.number != input.pin") && refusal.contains("(sensitive)"),
            "{refusal}"
        );
    });
}

#[test]
fn a_rule_that_errs_is_named_alone() {
    check(|bench| {
        let refusal = told(bench, "1977", "contract-fault 500 contract-error by requires/no-year");
        assert!(refusal.contains("it saw sensitive values"), "{refusal}");
    });
}
