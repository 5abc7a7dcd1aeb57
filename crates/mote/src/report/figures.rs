//! What was tried and what came of it: the stages, the boundaries, the sealed cases and the budget.
//! Owns the sentences about figures. Never adds one up that verification did not count.

use maud::{Markup, html};
use mote_contract::{Files, Law};
use mote_verify::{Figures, Stage, Unreached, Verification};

use super::words::{code, count, grouped, percent, sentence as sentence_of};

/// What passed, in a sentence.
pub(super) fn sentence(law: &Law, figures: &Figures) -> Markup {
    let written = figures.examples + figures.tests + figures.regressions;
    let asked = written + figures.generated;
    html! {
        "It answered " (count(asked, "case")) " as the contract says, " (grouped(written)) " of them written by people"
        @if let Some(boundaries) = figures.boundaries {
            ", on both sides of " (grouped(boundaries.reached)) " of " (grouped(boundaries.total)) " boundaries"
        }
        @if let Some(sealed) = figures.sealed { ", and " (count(sealed.cases, "sealed case")) " that nobody could know" }
        ". "
        @if law.is_derived() { "There is no code that could have hidden state." }
        @else { "The same call had the same answer each of the " (grouped(figures.repeated)) " times that it was asked again." }
    }
}

/// How far a stage came.
#[derive(Clone, Copy, PartialEq)]
enum Came {
    Passed,
    Ended,
    NotReached,
    Nothing,
}

/// The stages and the boundaries.
pub(super) fn tried(law: &Law, verification: &Verification, files: &Files) -> Markup {
    let figures = verification.figures();
    let ended = verification.rejection().map(|rejection| rejection.stage);
    html! {
        section.tried {
            h2 { "What was tried" }
            table.stages {
                thead { tr { th { "Stage" } th { "What it asks" } th { "Tried" } th { "Came of it" } } }
                tbody {
                    @for (stage, name) in Stage::ALL {
                        @let (asks, tried) = of_stage(law, stage, figures);
                        @let came = came(stage, ended, tried.is_none());
                        @let (word, class) = word(came);
                        tr class=(class) {
                            td { (code(name)) }
                            td { (asks) }
                            td data-label="Tried" { @if came != Came::NotReached { (tried.unwrap_or_default()) } }
                            td { span class={ "badge small " (class) } { (word) } }
                        }
                    }
                }
            }
            (outcomes(figures))
            (boundaries(figures, files))
        }
    }
}

fn came(stage: Stage, ended: Option<Stage>, nothing: bool) -> Came {
    match ended {
        Some(ended) if stage == ended => Came::Ended,
        Some(ended) if stage > ended => Came::NotReached,
        _ if nothing => Came::Nothing,
        _ => Came::Passed,
    }
}

fn word(came: Came) -> (&'static str, &'static str) {
    match came {
        Came::Passed => ("passed", "good"),
        Came::Ended => ("failed", "bad"),
        Came::NotReached => ("not reached", "none"),
        Came::Nothing => ("nothing to try", "none"),
    }
}

/// What a stage asks, and what it tried, if there was anything.
fn of_stage(law: &Law, stage: Stage, figures: &Figures) -> (&'static str, Option<String>) {
    let some = |number: u64, what: &str| (number > 0).then(|| count(number, what));
    match stage {
        Stage::Contract => {
            let refused: u64 = figures.reached.refused.values().sum();
            let made = format!("{} made", count(figures.reached.called + refused, "case"));
            ("Can cases be made in which each clause decides?", Some(made))
        }
        Stage::Examples => {
            ("Are the examples answered as they are written?", some(figures.examples, "example"))
        }
        Stage::Tests => {
            let hidden = law.cases.tests.iter().filter(|test| !test.visible).count();
            let tests = some(figures.tests, "test");
            let tests =
                tests.map(|tests| if hidden > 0 { format!("{tests}, {hidden} hidden") } else { tests });
            ("Are the tests beside the contract answered?", tests)
        }
        Stage::Generated => ("Is the contract kept in generated cases?", some(figures.generated, "case")),
        Stage::Boundaries => {
            let found = figures.boundaries;
            let found = found.map(|it| format!("{} of {} reached", grouped(it.reached), grouped(it.total)));
            ("Is it kept on both sides of what the contract compares?", found)
        }
        Stage::Purity => {
            ("Is an answer a function of its call alone?", some(figures.repeated, "repeated call"))
        }
        Stage::Budget => ("Does an answer take more than it may?", Some("every call".to_owned())),
        Stage::Relations => {
            ("Do answers to related calls have to do with each other?", some(figures.related, "related call"))
        }
        Stage::Regressions => {
            ("Is it kept where it was broken once?", some(figures.regressions, "regression"))
        }
        Stage::Recordings => {
            let recorded = figures.recorded.as_ref();
            (
                "Is it kept in calls that were recorded while serving?",
                recorded.map(|it| count(it.asked, "call")),
            )
        }
        Stage::Strength => {
            let told = figures
                .strength
                .as_ref()
                .map(|it| format!("{} of wrong answers refused", percent(it.share())));
            ("Would the contract refuse wrong answers?", told)
        }
        Stage::Sealed => {
            ("Is it kept in cases that nobody could know?", figures.sealed.map(|it| count(it.cases, "case")))
        }
    }
}

/// How often each outcome was reached.
fn outcomes(figures: &Figures) -> Markup {
    let reached = &figures.reached;
    html! {
        h3 { "How the cases came out" }
        ul.chips {
            li { "the service was asked " strong { (grouped(reached.called)) } }
            @for (clause, times) in &reached.refused { li { (code(clause)) " " strong { (grouped(*times)) } } }
            @for (error, times) in &reached.raised { li { "raised " (code(error)) " " strong { (grouped(*times)) } } }
        }
    }
}

fn boundaries(figures: &Figures, files: &Files) -> Markup {
    let Some(found) = figures.boundaries else { return html! {} };
    html! {
        h3 { "Boundaries" }
        p {
            (grouped(found.reached)) " of " (grouped(found.total)) " were reached: both sides of every comparison, each "
            "bound of the schemas, each item that is named. "
            @if found.refused > 0 {
                "At " (grouped(found.refused)) " of them the host refuses by itself, so they say nothing about the service."
            }
        }
        @if !figures.unreached.is_empty() {
            p.note { "Not reached: nobody has tried what lies there. An example that does would." }
            ul.unreached {
                @for unreached in &figures.unreached { (not_reached(unreached, files)) }
            }
        }
    }
}

fn not_reached(unreached: &Unreached, files: &Files) -> Markup {
    let place = unreached.place.as_ref().map(|place| {
        let (line, _) = files.line_column(place.file, place.span.start);
        format!("{}:{line}", files.path(place.file))
    });
    html! {
        li {
            (code(&unreached.about)) ", " (unreached.wanted)
            p.dim {
                "in " (code(&unreached.clause))
                @if let Some(place) = place { ", " (place) }
                ": " (sentence_of(&unreached.why))
            }
        }
    }
}

/// What the sealed cases are worth.
pub(super) fn sealed(figures: &Figures) -> Markup {
    let Some(sealed) = figures.sealed else { return html! {} };
    html! {
        section.sealed {
            h2 { "Sealed cases" }
            p.figure { (format!("< {:.2}\u{202f}%", 100.0 * sealed.failure_rate())) }
            p {
                "of calls get a wrong answer, as surely as 19 of 20: " (count(sealed.cases, "case")) " from a seed that nobody "
                "could know, asked once, all kept. "
                @if sealed.tries > 1 { "It counts that " (sealed.tries) " services were tried since one passed. " }
            }
            p.note {
                "This is about inputs as likely as the generator makes them, not as your customers do. It is no promise that "
                "a rare input is right."
            }
        }
    }
}

/// The worst that was seen, beside the budget.
pub(super) fn used(law: &Law, figures: &Figures) -> Markup {
    let (worst, budget) = (&figures.worst, &law.contract.budget);
    let parts = [
        ("Fuel", worst.fuel, budget.fuel, 1, "units"),
        ("Memory", worst.memory, budget.memory, 1024, "KiB"),
        ("Answer", worst.answer, budget.answer, 1, "bytes"),
    ];
    html! {
        section.used {
            h2 { "Budget" }
            table.plain {
                tbody {
                    @for (name, used, limit, unit, units) in parts {
                        tr {
                            td { (name) }
                            td.bar { span style=(format!("width:{:.1}%", share(used, limit))) {} }
                            td.number { (grouped(used.div_ceil(unit))) " of " (grouped(limit / unit)) " " (units) }
                        }
                    }
                    tr { td { "Time" } td {} td.number { "at most " (grouped(budget.timeout_ms)) " ms" } }
                }
            }
            p.note { "The most that one call took. Fuel is exact on any machine; time is a safety net, and not measured here." }
        }
    }
}

fn share(used: u64, limit: u64) -> f64 {
    // What was used at all is seen, and what went beyond stays inside its bar.
    if used == 0 { 0.0 } else { (100.0 * used as f64 / limit.max(1) as f64).clamp(0.7, 100.0) }
}
