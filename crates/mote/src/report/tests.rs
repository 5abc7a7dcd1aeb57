//! The page as a whole: snapshots in `report/expected/`. With `UPDATE_EXPECT=1` they are written anew.

use std::path::Path;

use mote_contract::{Files, Law, System, check};
use mote_verify::{
    Builder, Derived, Key, Named, Plan, Provenance, Sealed, Seed, Verdict, Verification, seal, verify,
};

use super::{Came, Entry, page};

const TIME: &str = "2026-01-02T03:04:05Z";
/// A contract whose rules answer, so that there is no service to build, and whose author tries to break the page.
const DOUBLE: &str = "contract: double
kind: function
implementation: contract
owner: \"<b>us</b>\"
summary: Double <script>alert('a number')</script> & more.
triggers: [{http: \"POST /doubles\"}]
input:
  type: object
  required: [n]
  properties:
    n: {type: integer, minimum: 1, maximum: 1000, description: \"A <number>.\"}
output: {type: object, required: [n], properties: {n: {type: integer, minimum: 2, maximum: 2000}}}
requires: {not-13: input.n != 13}
errors: [{code: too-round, if: input.n == 500 && input.n < 501}]
ensures: {twice: output.n == 2 * input.n}
examples:
  four: {input: {n: 2}, then: {output: {n: 4}}}
verify: {cases: 50, sealed: 50}
";
const HIDDEN: &str = "visible: false\ninput: {n: 3}\nthen: {output: {n: 6}}\n";

fn system(contract: &str) -> (System, Files) {
    let mut files = Files::new();
    files.add("mote.yaml", "system: numbers\nowner: somebody\n");
    files.add("contracts/double.yaml", contract);
    files.add("tests/double/three.yaml", HIDDEN);
    let report = check(&files);
    (report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics)), files)
}

fn judged(law: &Law, by: &Law) -> Verification {
    let subject = Derived::of(&by.clone().into()).expect("its rules answer");
    let verify_of = &law.contract.verify;
    let plan = Plan { cases: verify_of.cases, seed: Seed::from(1), threads: 1 };
    let sealed = Sealed { cases: verify_of.sealed, seed: Seed::from(2), tries: 1 };
    seal(law, &subject, verify(law, &subject, &plan, &|_| ()), &sealed, 1, &|_| ())
}

fn accepted<'v>(law: &Law, verification: &'v Verification) -> Came<'v> {
    let digest =
        Derived::of(&law.clone().into()).map(|it| mote_verify::Artifact::digest(&it)).expect("it is derived");
    let builder = Builder { name: "contract".to_owned(), confined: true };
    let provenance = Provenance { source: law.digest, template: digest, toolchain: digest, builder };
    let artifact = Named { name: "double".to_owned(), digest };
    let verdict = Verdict::of(law, verification, artifact, Vec::new(), provenance, TIME).expect("it passed");
    let stated = verdict.sign(&Key::from_bytes([7; 32])).stated().expect("it is a statement");
    Came::Verified(verification, Box::new(stated))
}

#[track_caller]
fn snapshot(name: &str, page: &str) {
    // The style has no place in a test of what is said.
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, body) = rest.split_once("</style>").expect("a style");
    let lines = format!("{head}{body}").replace("><", ">\n<");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/expected").join(format!("{name}.html"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &lines).expect("it can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(lines == expected, "{name} is not as expected (UPDATE_EXPECT=1 accepts):\n{lines}");
}

#[test]
fn a_contract_that_is_kept() {
    let (system, files) = system(DOUBLE);
    let law = &system.laws["double"];
    let verification = judged(law, law);
    let page = page("numbers", TIME, &files, &[Entry { law, came: accepted(law, &verification) }]);
    snapshot("kept", &page);
}

#[test]
fn a_contract_with_holes() {
    let weak =
        DOUBLE.replace("implementation: contract\n", "").replace("{twice: output.n == 2 * input.n}", "{}");
    let weak = weak.replace("sealed: 50}", "sealed: 50, strength: 0}");
    let ((full, _), (system, files)) = (self::system(DOUBLE), self::system(&weak));
    let law = &system.laws["double"];
    let verification = judged(law, &full.laws["double"]);
    assert!(verification.passed(), "{:?}", verification.rejection());
    let page = page("numbers", TIME, &files, &[Entry { law, came: Came::Rejected(&verification) }]);
    let (_, strength) = page.split_once("<section class=\"strength\">").expect("its strength");
    let (strength, _) = strength.split_once("</section><section class=\"sealed\">").expect("an end");
    snapshot("holes", &format!("<style></style>{strength}"));
}

#[test]
fn a_contract_that_is_broken_and_one_that_nobody_answers() {
    let (system, files) = system(DOUBLE);
    let law = &system.laws["double"];
    let wrong = "{twice: \"output.n == (input.n > 100 ? 2 * input.n - 1 : 2 * input.n)\"}";
    let (other, _) = self::system(&DOUBLE.replace("{twice: output.n == 2 * input.n}", wrong));
    let verification = judged(law, &other.laws["double"]);
    assert!(!verification.passed());
    let entries = [
        Entry { law, came: Came::Rejected(&verification) },
        Entry { law, came: Came::Nothing("there is no service: `services/<i>` does not exist".to_owned()) },
    ];
    snapshot("broken", &page("numbers", TIME, &files, &entries));
}

#[test]
fn nothing_from_a_file_is_markup_and_nothing_is_fetched() {
    let (system, files) = system(DOUBLE);
    let law = &system.laws["double"];
    let verification = judged(law, law);
    let page = page("<u>", TIME, &files, &[Entry { law, came: accepted(law, &verification) }]);
    for markup in ["<script", "<b>", "<number>", "<u>"] {
        assert!(!page.contains(markup), "{markup} is on the page");
    }
    for outside in ["http://", "https://", "url(", "src=", "@import", "<link"] {
        assert!(!page.contains(outside), "the page needs {outside}");
    }
}
