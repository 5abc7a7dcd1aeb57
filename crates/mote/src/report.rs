//! The report of a verification for people: one page of HTML that needs nothing beside itself.
//!
//! Owns its order and its looks: what came of each contract, the contract as prose and tables, what was
//! tried, and what the verdict is about. Whatever comes from a file or a service is escaped by `maud`;
//! no script is needed to read it. Never judges, and never writes a file. Start at [`page`].

mod contract;
mod counterexamples;
mod figures;
mod identity;
mod schema;
mod strength;
#[cfg(test)]
mod tests;
mod words;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use mote_contract::{Files, Law};
use mote_verify::{Fault, Stated, Verification};

use self::words::{code, count, percent};

/// Its looks, for light and dark screens, narrow ones, and paper.
const STYLE: &str = include_str!("report/style.css");

/// One contract and what came of it.
pub(crate) struct Entry<'r> {
    pub(crate) law: &'r Law,
    pub(crate) came: Came<'r>,
}

/// What came of the verification of one contract.
pub(crate) enum Came<'r> {
    /// A verdict, with what was seen on the way to it.
    Verified(&'r Verification, Box<Stated>),
    /// What was seen until something was found wrong.
    Rejected(&'r Verification),
    /// There was nothing to judge, and why.
    Nothing(String),
}

impl<'r> Came<'r> {
    fn verification(&self) -> Option<&'r Verification> {
        match self {
            Came::Verified(verification, _) | Came::Rejected(verification) => Some(verification),
            Came::Nothing(_) => None,
        }
    }

    /// In a word, with the class that colours it.
    fn word(&self) -> (&'static str, &'static str) {
        match self {
            Came::Verified(..) => ("verified", "good"),
            Came::Nothing(_) => ("not judged", "bad"),
            Came::Rejected(verification) => match verification.rejection().map(|found| found.fault) {
                Some(Fault::Contract) => ("contract error", "warn"),
                _ => ("refused", "bad"),
            },
        }
    }

    fn badge(&self) -> Markup {
        let (word, class) = self.word();
        html! { span class={ "badge " (class) } { (word) } }
    }
}

/// The whole page: `entries` of the system `name`, judged at `time`.
pub(crate) fn page(name: &str, time: &str, files: &Files, entries: &[Entry<'_>]) -> String {
    let title = match entries {
        [only] => format!("{} · {name}", only.law.contract.name),
        _ => format!("Verification of {name}"),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.page {
                    p.kicker { "Verification report" }
                    p.about { "System " strong { (name) } " · " time datetime=(time) { (words::day(time)) } }
                }
                main {
                    @if entries.len() > 1 { (index(name, entries)) }
                    @for entry in entries { (section(entry, files)) }
                }
                footer.page {
                    p {
                        "Mote asked the service and judged its answers with the rules that judge it while serving. "
                        "What was not asked is not known; the boundaries that were not reached are listed above."
                    }
                }
            }
        }
    };
    page.into_string()
}

fn index(name: &str, entries: &[Entry<'_>]) -> Markup {
    let verified = entries.iter().filter(|entry| matches!(entry.came, Came::Verified(..))).count();
    html! {
        nav.index aria-label="Contracts" {
            h1 { (name) }
            p.lede { (verified) " of " (count(entries.len() as u64, "contract")) " verified." }
            table.plain {
                thead { tr { th { "Contract" } th { "Came of it" } th.number { "Strength" } th.number { "Sealed" } } }
                tbody {
                    @for entry in entries {
                        @let contract = &entry.law.contract;
                        @let figures = entry.came.verification().map(Verification::figures);
                        tr {
                            td {
                                a href={ "#" (contract.name) } { (contract.name) }
                                @if let Some(summary) = &contract.summary { p.dim { (summary) } }
                            }
                            td { (entry.came.badge()) }
                            td.number data-label="Strength" {
                                (figures.and_then(|it| it.strength.as_ref()).map_or("–".to_owned(), |it| percent(it.share())))
                            }
                            td.number data-label="Sealed" {
                                (figures.and_then(|it| it.sealed).map_or("–".to_owned(), |it| words::grouped(it.cases)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn section(entry: &Entry<'_>, files: &Files) -> Markup {
    let Entry { law, came } = entry;
    let contract = &law.contract;
    html! {
        article #(contract.name) {
            header {
                h1 { (contract.name) " " span.version { (contract.version) } }
                p.facts {
                    (came.badge())
                    span { (words::kind(law)) }
                    span { "answered for by " strong { (contract.owner) } }
                }
                @if let Some(summary) = &contract.summary { p.lede { (summary) } }
            }
            section.outcome {
                (outcome(law, came))
            }
            (contract::promise(law, came.verification()))
            @if let Some(verification) = came.verification() {
                (figures::tried(law, verification, files))
                @if let Some(strength) = &verification.figures().strength { (strength::section(law, strength)) }
                (figures::sealed(verification.figures()))
                (figures::used(law, verification.figures()))
            }
            (contract::cases(law))
            (identity::section(law, came))
        }
    }
}

/// What came of it, in full where something is wrong.
fn outcome(law: &Law, came: &Came<'_>) -> Markup {
    match came {
        Came::Nothing(why) => html! {
            h2 { "Nothing was judged" }
            p.verdict.bad { (words::sentence(why)) }
        },
        Came::Verified(verification, _) => html! {
            h2 { "It keeps its contract" }
            p.verdict.good { (figures::sentence(law, verification.figures())) }
        },
        Came::Rejected(verification) => match verification.rejection() {
            None => html! {},
            Some(rejection) => html! {
                h2 {
                    @match rejection.fault {
                        Fault::Service => "It breaks its contract",
                        Fault::Contract => "The contract has to be mended",
                    }
                }
                p class={ "verdict " (came.word().1) } {
                    "Verification ended in the stage " (code(rejection.stage.name())) ". "
                    @match rejection.fault {
                        Fault::Service => "Nothing of it serves; change the service, the contract is fixed.",
                        Fault::Contract => "No service can pass until the contract says something else.",
                    }
                }
                @if !rejection.unreached.is_empty() || !rejection.unreadable.is_empty() {
                    ul.why { @for why in rejection.unreached.iter().chain(&rejection.unreadable) { li { (words::sentence(why)) } } }
                }
                @if let Some(clause) = &rejection.withheld {
                    p { "A sealed case broke " (code(clause)) ". What was asked is told to nobody." }
                }
                @for found in &rejection.counterexamples { (counterexamples::card(found)) }
            },
        },
    }
}
