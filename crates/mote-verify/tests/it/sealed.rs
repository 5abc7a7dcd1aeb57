//! Sealed cases: what is told of them, and what they are worth.

use mote_expr::Value;
use mote_verify::{Fault, Plan, Sealed, Seed, Stage, Subject, Verification, seal, verify};

use super::system::{Native, blind, error, greet, greeting, law, law_of, plan, run, run_sealed, text};

/// Wrong for a few names alone: some of 1,000 cases meet one, some of 100 do not.
fn rarely_wrong(call: &Value) -> Value {
    let name = text(call, &["input", "name"]);
    if name.starts_with('q') && name.len() > 4 { greeting("Hello!") } else { greet(call) }
}

fn sealed(subject: &dyn Subject, tries: u32) -> Verification {
    let law = blind("greet");
    // So few that they all pass, as they would for a service that knew them.
    let passed = verify(&law, subject, &plan(20, 1), &|_| ());
    assert!(passed.passed(), "{:?}", passed.rejection());
    seal(&law, subject, passed, &Sealed { cases: 1_000, seed: Seed::from(2), tries }, 2, &|_| ())
}

#[test]
fn of_a_failure_the_clause_alone_is_told() {
    let verification = sealed(&Native(rarely_wrong), 1);
    let rejection = verification.rejection().unwrap();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Sealed, Fault::Service));
    assert_eq!(rejection.withheld.as_deref(), Some("ensures/exactly"));
    assert!(rejection.counterexamples.is_empty() && rejection.unreached.is_empty(), "{rejection:?}");
    // Nor do the figures and the record for the builder say what was asked.
    assert_eq!(verification.figures().sealed, None);
    let told = verification.feedback(&blind("greet"));
    let violation =
        r#"[{"clause":"ensures/exactly","message":"a sealed case broke this clause; its case is not told"}]"#;
    assert_eq!(told.field("violations").unwrap().to_string(), violation);
    assert_eq!(told.field("stage").unwrap().as_text(), Some("sealed"));
}

#[test]
fn the_same_attempt_meets_the_same_cases() {
    let clause = || sealed(&Native(rarely_wrong), 1).rejection().unwrap().withheld.clone();
    assert_eq!(clause(), clause());
    let [one, two] = [1, 2].map(|threads| {
        let passed = verify(&blind("greet"), &Native(greet), &plan(20, 1), &|_| ());
        let sealed = Sealed { cases: 300, seed: Seed::from(3), tries: 1 };
        seal(&blind("greet"), &Native(greet), passed, &sealed, threads, &|_| ()).figures().clone()
    });
    assert_eq!(one, two);
}

#[test]
fn passing_bounds_the_share_of_wrong_answers() {
    let verification = sealed(&Native(greet), 1);
    let figures = verification.figures().sealed.unwrap();
    assert_eq!((figures.cases, figures.tries), (1_000, 1));
    // ln(20) of a thousand.
    assert!((figures.failure_rate() - 0.002_995_7).abs() < 1e-6, "{}", figures.failure_rate());
    let summary = verification.figures().summary(&law("greet").contract.budget).to_string();
    let line = "sealed 1000 · failure rate < 0.30 % at 95 %, on this generator's distribution";
    assert_eq!(summary.lines().nth(1), Some(line));
    // Five tries leave more to luck.
    let figures = sealed(&Native(greet), 5).figures().sealed.unwrap();
    assert!((figures.failure_rate() - 0.004_605_2).abs() < 1e-6, "{}", figures.failure_rate());
}

#[test]
fn what_was_rejected_is_not_asked_sealed_cases() {
    let verification = run_sealed(&law("greet"), &Native(|_: &Value| error("no")));
    assert_eq!(verification.rejection().unwrap().stage, Stage::Examples);
    assert_eq!(verification.sealed_commitment(), None);
}

#[test]
fn a_contract_that_errs_is_shown_how() {
    let contract = r#"
contract: share
kind: function
input: {type: object, required: [of, among], properties: {of: {type: integer, minimum: 0, maximum: 9}, among: {type: integer, minimum: 0, maximum: 400}}}
output: {type: integer, minimum: -9, maximum: 9}
ensures: {floor: output == input.of / (input.among - 7)}
"#;
    let law = law_of(&[("contracts/share.yaml", contract.to_owned())], "share");
    let subject = Native(|call: &Value| {
        let int = |field: &str| call.field("input").and_then(|input| input.field(field)?.as_int()).unwrap();
        super::system::ok(Value::Int(int("of").checked_div(int("among") - 7).unwrap_or(0)), Vec::new())
    });
    // A seed whose one case does not meet it.
    let lucky =
        (0..).map(|seed| verify(&law, &subject, &Plan { seed: Seed::from(seed), ..plan(1, 1) }, &|_| ()));
    let passed = lucky.take(100).find(Verification::passed).unwrap();
    let sealed = Sealed { cases: 400, seed: Seed::from(2), tries: 1 };
    let rejection = seal(&law, &subject, passed, &sealed, 1, &|_| ()).rejection().unwrap().clone();
    assert_eq!((rejection.stage, rejection.fault), (Stage::Sealed, Fault::Contract));
    // It is another contract once it is mended, with other cases.
    assert_eq!(rejection.counterexamples[0].input.to_string(), r#"{"among":7,"of":0}"#);
    assert_eq!(rejection.withheld, None);
    assert!(!run(&law, &subject).passed(), "without luck it is met at once");
}
