//! What a verdict is about: the hashes that whoever keeps this page can compare.

use maud::{Markup, html};
use mote_contract::Law;
use mote_expr::Value;

use super::Came;
use super::words::code;

pub(super) fn section(law: &Law, came: &Came<'_>) -> Markup {
    let cases = law.cases.digest.map(|digest| ("tests and regressions", digest.to_string()));
    let mut lines = vec![("contract", law.digest.to_string())];
    lines.extend(cases);
    let keys = match came {
        Came::Verified(_, stated) => {
            lines.extend(of_statement(&stated.statement));
            stated.signed_by.iter().map(|key| ("signed by", key.to_string())).collect()
        }
        Came::Rejected(verification) => {
            vec![("seed of the cases (its hash)", verification.seed_commitment().to_string())]
        }
        Came::Nothing(_) => Vec::new(),
    };
    html! {
        section.identity {
            h2 { @if keys.iter().any(|(what, _)| *what == "signed by") { "The verdict" } @else { "What this is about" } }
            dl.hashes {
                @for (what, text) in lines.iter().chain(&keys) { dt { (what) } dd { (code(text)) } }
            }
        }
    }
}

fn of_statement(statement: &Value) -> Vec<(&'static str, String)> {
    let predicate = |key: &str| statement.field("predicate").and_then(|it| it.field(key));
    let text = |value: Option<&Value>| value.and_then(Value::as_text).map(str::to_owned);
    let subject = statement.field("subject").and_then(Value::as_list).and_then(<[Value]>::first);
    let artifact = subject.and_then(|it| it.field("digest")).and_then(|it| it.field("sha256"));
    let builder = predicate("builder").and_then(|it| it.field("name"));
    let lines = [
        ("artifact", text(artifact)),
        ("source", text(predicate("source"))),
        ("template", text(predicate("template"))),
        ("toolchain", text(predicate("toolchain"))),
        ("written", text(builder)),
        ("judged", text(predicate("time"))),
        ("semantics", predicate("semantics").map(Value::to_string)),
        ("seed of the cases (its hash)", text(predicate("seedCommitment"))),
        ("sealed seed (its hash)", text(predicate("sealedCommitment"))),
    ];
    lines.into_iter().filter_map(|(what, text)| Some((what, text?))).collect()
}
