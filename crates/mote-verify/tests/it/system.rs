//! The contracts of `examples/hello` and native services for them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mote_contract::{Files, Law, check};
use mote_expr::{Value, parse};
use mote_verify::{Mode, Observed, Plan, Sealed, Seed, Stopped, Subject, Verification, seal, verify};

pub(crate) fn law(name: &str) -> Arc<Law> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
    let paths =
        ["mote.yaml", "aggregates/guestbook.yaml", "contracts/greet.yaml", "contracts/sign-guestbook.yaml"];
    law_of(&paths.map(|path| (path, std::fs::read_to_string(root.join(path)).unwrap())), name)
}

pub(crate) fn law_of(files: &[(&str, String)], name: &str) -> Arc<Law> {
    laws_of(files)[name].clone()
}

pub(crate) fn laws_of(files: &[(&str, String)]) -> BTreeMap<String, Arc<Law>> {
    let mut all = Files::new();
    if files.iter().all(|(path, _)| *path != "mote.yaml") {
        all.add("mote.yaml", "system: test\nowner: somebody\n");
    }
    for (path, text) in files {
        all.add(*path, text.clone());
    }
    let report = check(&all);
    let system = report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics));
    system.laws
}

/// The contract without its examples: what is wrong must be met by generated cases.
pub(crate) fn blind(name: &str) -> Arc<Law> {
    let mut law = (*law(name)).clone();
    law.contract.examples.clear();
    Arc::new(law)
}

/// A service that is a function of the call alone.
pub(crate) struct Native<F>(pub(crate) F);

impl<F: Fn(&Value) -> Value + Sync> Subject for Native<F> {
    fn answer(&self, call: &[u8], _: Mode) -> Result<Observed, Stopped> {
        Ok(observed((self.0)(&parse(call).unwrap()).canonical()))
    }
}

/// A service that decides on bytes and modes.
pub(crate) struct Raw<F>(pub(crate) F);

impl<F: Fn(&Value, Mode) -> Result<Observed, Stopped> + Sync> Subject for Raw<F> {
    fn answer(&self, call: &[u8], mode: Mode) -> Result<Observed, Stopped> {
        (self.0)(&parse(call).unwrap(), mode)
    }
}

pub(crate) fn observed(answer: Vec<u8>) -> Observed {
    Observed { answer, fuel: 1_000, memory: 1 << 20 }
}

pub(crate) fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    path.iter().try_fold(value, |at, key| at.field(key)).and_then(Value::as_text).unwrap()
}

pub(crate) fn int(number: usize) -> Value {
    Value::Int(number as i64)
}

pub(crate) fn ok(output: Value, events: Vec<Value>) -> Value {
    Value::object([("ok", Value::object([("output", output), ("events", Value::list(events))]))])
}

pub(crate) fn error(code: &str) -> Value {
    Value::object([("error", Value::object([("code", Value::text(code))]))])
}

/// A greeting that keeps its contract.
pub(crate) fn greet(call: &Value) -> Value {
    let word = match text(call, &["input", "language"]) {
        "de" => "Hallo",
        "fr" => "Bonjour",
        _ => "Hello",
    };
    greeting(&format!("{word}, {}!", text(call, &["input", "name"])))
}

pub(crate) fn greeting(text: &str) -> Value {
    let output = [("greeting", Value::text(text)), ("length", int(text.chars().count()))];
    Value::object([("ok", Value::object([("output", Value::object(output))]))])
}

/// How many guests are in the book.
pub(crate) fn guests(call: &Value) -> usize {
    call.field("state").and_then(|state| state.field("guests")).and_then(Value::as_list).unwrap().len()
}

/// A signing that keeps its contract.
pub(crate) fn sign(call: &Value) -> Value {
    ok(place(call, guests(call) + 1), vec![signed(call, text(call, &["input", "guest"]))])
}

pub(crate) fn place(call: &Value, place: usize) -> Value {
    let thanks = format!("Thank you, {}!", text(call, &["input", "guest"]));
    Value::object([("place", int(place)), ("thanks", Value::text(thanks))])
}

pub(crate) fn signed(call: &Value, guest: &str) -> Value {
    let data = Value::object([
        ("guest", Value::text(guest)),
        ("message", Value::text(text(call, &["input", "message"]))),
        ("at", Value::text(text(call, &["context", "now"]))),
    ]);
    Value::object([("type", Value::text("GuestSigned")), ("data", data)])
}

pub(crate) fn plan(cases: u32, threads: usize) -> Plan {
    Plan { cases, seed: Seed::from(1), threads }
}

pub(crate) fn run(law: &Law, subject: &dyn Subject) -> Verification {
    verify(law, subject, &plan(400, 2), &|_| ())
}

/// The same, sealed cases included.
pub(crate) fn run_sealed(law: &Law, subject: &dyn Subject) -> Verification {
    let sealed = Sealed { cases: 400, seed: Seed::from(2), tries: 1 };
    seal(law, subject, run(law, subject), &sealed, 2, &|_| ())
}
