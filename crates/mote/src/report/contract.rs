//! The contract, for people who do not read YAML: a paragraph, tables, and its rules.
//! Owns nothing that came of a verification but how often each clause decided, which stands beside it.

use maud::{Markup, html};
use mote_contract::{Bound, Example, Law, Rule, Then};
use mote_expr::Value;
use mote_verify::Verification;

use super::schema::table;
use super::words::{code, count, expression, grouped, laid_out, spaced};

/// What the contract promises.
pub(super) fn promise(law: &Law, verification: Option<&Verification>) -> Markup {
    let contract = &law.contract;
    let refused = |clause: String| {
        let refused = verification.map(|it| &it.figures().reached.refused)?;
        Some(refused.get(&clause).copied().unwrap_or(0))
    };
    let lets: Vec<_> = law.clauses().into_iter().filter(|clause| clause.name.starts_with("let/")).collect();
    html! {
        section.promise {
            h2 { "The contract" }
            p { (prose(law)) }
            @if let Some(allow) = law.allow() {
                h3 { "Who may ask" }
                (expression(allow.source()))
            }
            @if law.publishing.is_none() {
                h3 { "Input" }
                (table("input", &law.input))
                h3 { "Output of a success" }
                (table("output", &law.output))
            } @else {
                h3 { "What it is told" }
                (table("input", &law.input))
                h3 { "Its messages" }
                (table("messages", &law.output))
            }
            @if let (Some(aggregate), false) = (&law.aggregate, contract.emits.is_empty()) {
                @for kind in &contract.emits {
                    @if let Some(event) = aggregate.events.get(kind) {
                        h3 { "Event " (code(kind)) }
                        (table("data", &event.data))
                    }
                }
            }
            @if !law.requires.is_empty() {
                h3 { "What it requires of the input" }
                p.note { "Where one of these is not met, the host refuses and the service is not asked." }
                (rules(&law.requires, &|rule| refused(format!("requires/{}", rule.name)).map(times_refused)))
            }
            @if !law.errors.is_empty() {
                h3 { "Errors, in this order" }
                dl.rules {
                    @for error in &law.errors {
                        dt {
                            (code(&error.code)) " " span.tag { (error.status) }
                            @if let (Some(times), Some(_)) = (refused(format!("errors/{}", error.code)), &error.condition) {
                                " " span.dim { (times_refused(times)) }
                            }
                        }
                        dd {
                            @match &error.condition {
                                Some(condition) => (expression(condition.expr.source())),
                                None => p.dim { "The service may raise it." },
                            }
                        }
                    }
                }
            }
            @if !law.ensures.is_empty() {
                h3 { "What is true of every success" }
                (rules(&law.ensures, &|rule| kills(verification?, &rule.name)))
            }
            @if !lets.is_empty() {
                h3 { "Where" }
                dl.rules {
                    @for clause in &lets {
                        dt { (code(clause.name.trim_start_matches("let/"))) " is" }
                        dd { (expression(clause.expr.source())) }
                    }
                }
            }
            @if !contract.relations.is_empty() {
                h3 { "Relations between answers" }
                p { @for (at, relation) in contract.relations.iter().enumerate() {
                    @if at > 0 { ", " }
                    (code(&relation.name))
                } }
            }
        }
    }
}

fn times_refused(times: u64) -> String {
    format!("decided {}", count(times, "case"))
}

fn kills(verification: &Verification, rule: &str) -> Option<String> {
    let strength = verification.figures().strength.as_ref()?;
    let found = strength.rules.iter().find(|found| found.name == rule)?;
    let alone = if found.alone == 0 { "none".to_owned() } else { grouped(found.alone) };
    Some(format!("refused {}, {alone} of them alone", count(found.kills, "wrong answer")))
}

fn rules(rules: &[Rule], beside: &dyn Fn(&Rule) -> Option<String>) -> Markup {
    html! {
        dl.rules {
            @for rule in rules {
                dt { (code(&rule.name)) @if let Some(beside) = beside(rule) { " " span.dim { (beside) } } }
                dd { (expression(rule.expr.source())) }
            }
        }
    }
}

/// What it is, in sentences.
fn prose(law: &Law) -> Markup {
    let contract = &law.contract;
    html! {
        @match (&law.aggregate, &law.publishing) {
            (Some(aggregate), _) => { "It changes one " (code(&aggregate.name)) " at a time. " }
            (None, Some(publishing)) => {
                "It tells of " (list(publishing.subscribes.iter().map(|it| it.event.as_str())))
                ", with messages to the sink " (code(&publishing.sink)) ". "
            }
            (None, None) if law.reads.is_some() => { "It reads, and changes nothing. " }
            (None, None) => { "Its answer follows from its input alone. " }
        }
        @if let Some(reads) = &law.reads {
            @let (word, rows) = match reads.bound { Bound::Limit(rows) => ("at most ", rows), Bound::Page(rows) => ("pages of ", rows) };
            "It reads " (word) (count(rows as u64, "row")) " of the view " (code(&reads.view.name)) ". "
        }
        @if law.is_derived() { "Its rules are the answer: there is no code. " }
        @else if law.contract.service != law.contract.name {
            "The service " (code(&contract.service)) " answers it, beside other contracts. "
        }
        @if !contract.routes.is_empty() {
            "It is started by "
            @for (at, route) in contract.routes.iter().enumerate() {
                @if at > 0 { ", " }
                code.whole { (route.method.name()) " " (route.path_text()) } " (" (route.status) ")"
            }
            ". "
        }
        @if !contract.emits.is_empty() {
            "A success emits " (list(contract.emits.iter().map(String::as_str))) ". "
        }
        @if !contract.freedom.is_empty() {
            @let left: Vec<String> = contract.freedom.free.iter().chain(&contract.freedom.unordered).map(ToString::to_string).collect();
            "Left to the service: " (list(left.iter().map(String::as_str))) ". "
        }
    }
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> Markup {
    html! { @for (at, name) in names.enumerate() { @if at > 0 { ", " } (code(name)) } }
}

/// The cases that people wrote.
pub(super) fn cases(law: &Law) -> Markup {
    let tests = law.cases.tests.iter();
    let hidden = |test: &mote_contract::Test| if test.visible { "test" } else { "hidden test" };
    let written: Vec<(&str, &Example)> = law
        .contract
        .examples
        .iter()
        .map(|example| ("example", example))
        .chain(tests.map(|test| (hidden(test), &test.case)))
        .chain(law.cases.regressions.iter().map(|case| ("regression", case)))
        .collect();
    html! {
        @if !written.is_empty() {
            section.cases {
                h2 { "Cases that were written" }
                @for (kind, case) in written {
                    div.case {
                        h3 { (code(&case.name)) " " span.tag { (kind) } }
                        dl.parts {
                            @for (event, data) in &case.given {
                                dt { "given" }
                                dd { pre { (event) " " (laid_out(data, 0)) } }
                            }
                            dt { "asked" }
                            dd { pre { (laid_out(&case.input, 0)) } }
                            dt { "expected" }
                            dd { (expected(&case.then)) }
                        }
                    }
                }
            }
        }
    }
}

fn expected(then: &Then) -> Markup {
    match then {
        Then::Anything => html! { "whatever the rules allow" },
        Then::Error(error) => html! { "the error " (code(error)) },
        Then::Ok { output, events } => html! {
            @if let Some(output) = output { pre { (laid_out(output, 0)) } }
            @for (kind, data) in events.iter().flatten() { pre { (kind) " " (event_data(data)) } }
        },
    }
}

fn event_data(data: &Value) -> String {
    let flat = spaced(data);
    if flat.len() < 60 { flat } else { laid_out(data, 0) }
}
