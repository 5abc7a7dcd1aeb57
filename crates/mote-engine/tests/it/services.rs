//! The laws and the native code of the tests.
//! The laws are those of `examples/hello` and of `system/`, read from their files.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use mote_contract::{Files, System, check};
use mote_engine::Stop;
use mote_expr::{Value, parse};

/// Code: from the bytes of a call to the bytes of an answer.
pub(crate) type Code = Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, Stop> + Send + Sync>;

/// The system that all tests call.
pub(crate) fn system() -> &'static System {
    static SYSTEM: LazyLock<System> = LazyLock::new(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Files::new();
        for root in [here.join("../../examples/hello"), here.join("tests/it/system")] {
            add(&root, &root, &mut files);
        }
        let report = check(&files);
        report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics))
    });
    &SYSTEM
}

fn add(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.add(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Code that answers with what `answer` says of a call, as text.
pub(crate) fn code(answer: impl Fn(&Value) -> String + Send + Sync + 'static) -> Code {
    Arc::new(move |call| Ok(answer(&parse(call).unwrap()).into_bytes()))
}

/// The code of `operation` that keeps its contract.
pub(crate) fn honest(operation: &str) -> Code {
    match operation {
        "greet" => code(|call| {
            let name = text(call, &["input", "name"]);
            let greeting = format!("Hello, {name}!");
            let length = greeting.chars().count();
            format!(r#"{{"ok":{{"output":{{"greeting":"{greeting}","length":{length}}}}}}}"#)
        }),
        "sign-guestbook" => code(|call| {
            let [guest, message] = [&["input", "guest"], &["input", "message"]].map(|path| text(call, path));
            let now = text(call, &["context", "now"]);
            let place = guests(call) + 1;
            format!(
                r#"{{"ok":{{"output":{{"place":{place},"thanks":"Thank you, {guest}!"}},"events":
                [{{"type":"GuestSigned","data":{{"guest":"{guest}","message":"{message}","at":"{now}"}}}}]}}}}"#
            )
        }),
        "read-guestbook" => code(|call| format!(r#"{{"ok":{{"output":{{"guests":{}}}}}}}"#, guests(call))),
        "divide" => code(|call| {
            let [whole, by] = ["whole", "by"].map(|name| number(call, name));
            match whole.checked_div(by) {
                Some(500) => {
                    r#"{"error":{"code":"too-hard","data":{"hint":"ask in smaller pieces"}}}"#.to_owned()
                }
                parts => format!(r#"{{"ok":{{"output":{{"parts":{}}}}}}}"#, parts.unwrap_or(0)),
            }
        }),
        "frequent-guests" => code(|call| {
            let names = rows(call).iter().map(|row| row.field("guest").unwrap().to_string());
            let (names, next) = (names.collect::<Vec<_>>().join(","), call.field("next").unwrap());
            format!(r#"{{"ok":{{"output":{{"guests":[{names}],"next":{next}}}}}}}"#)
        }),
        "visits-of" => code(|call| {
            let visits = rows(call).first().map_or(0, |row| row.field("visits").unwrap().as_int().unwrap());
            format!(r#"{{"ok":{{"output":{{"visits":{visits}}}}}}}"#)
        }),
        "welcome-back" => code(|call| {
            let guest = text(call, &["input", "guest"]);
            let now = text(call, &["context", "now"]);
            let visits = rows(call).first().map_or(0, |row| row.field("visits").unwrap().as_int().unwrap());
            format!(
                r#"{{"ok":{{"output":{{"visits":{visits}}},"events":
                [{{"type":"GuestSigned","data":{{"guest":"{guest}","message":"back","at":"{now}"}}}}]}}}}"#
            )
        }),
        "open-account" => code(|_| r#"{"ok":{"output":{"number":1}}}"#.to_owned()),
        "sell" => code(|call| {
            let cents = number(call, "cents");
            let total = call.field("state").unwrap().field("cents").unwrap().as_int().unwrap() + cents;
            format!(
                r#"{{"ok":{{"output":{{"total":{total}}},"events":
                [{{"type":"Sold","data":{{"cents":{cents},"by":"Eve"}}}}]}}}}"#
            )
        }),
        other => panic!("no code for `{other}`"),
    }
}

fn text<'c>(call: &'c Value, path: &[&str]) -> &'c str {
    path.iter().fold(call, |value, key| value.field(key).unwrap()).as_text().unwrap()
}

fn number(call: &Value, name: &str) -> i64 {
    call.field("input").unwrap().field(name).unwrap().as_int().unwrap()
}

/// The rows of a call.
fn rows(call: &Value) -> &[Value] {
    call.field("rows").unwrap().as_list().unwrap()
}

/// How many guests the state of a call holds.
pub(crate) fn guests(call: &Value) -> usize {
    call.field("state").unwrap().field("guests").unwrap().as_list().unwrap().len()
}
