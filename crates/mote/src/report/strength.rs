//! How strong the contract is: what is pinned, what its rules refuse, and every hole with what would close it.
//! Owns the order: holes first, since each is a wrong answer that would be served.

use maud::{Markup, html};
use mote_contract::Law;
use mote_verify::{Hole, Strength};

use super::words::{block, code, count, grouped, percent, sentence};

pub(super) fn section(law: &Law, strength: &Strength) -> Markup {
    let everywhere = strength.everywhere().count() as u64;
    let (pinned, loose): (Vec<_>, Vec<_>) = strength.elements.iter().partition(|element| element.pinned);
    html! {
        section.strength {
            h2 { "Strength of the contract" }
            p.figure { (percent(strength.share())) }
            p {
                "of the ways to be wrong are refused: " (grouped(strength.killed)) " of " (grouped(strength.killed + everywhere))
                ", tried on " (count(strength.recordings, "answer")) " that no visible case decides. In single regions of the inputs "
                (grouped(strength.regions.killed)) " of " (grouped(strength.regions.killed + strength.regions.holes)) " are refused"
                @if strength.regions.unreached > 0 { "; " (grouped(strength.regions.unreached)) " regions were not met" }
                ". "
                (asked_for(law.contract.verify.strength))
                @if strength.waived > 0 { " Somebody answers for " (count(strength.waived, "hole")) "." }
            }
            @for warning in strength.warnings(law) { p.note { (sentence(&warning)) } }
            @if strength.holes.is_empty() { p.verdict.good { "No hole was found." } }
            @for hole in &strength.holes { (card(hole)) }
            @if !strength.elements.is_empty() {
                h3 { "Pinned parts" }
                p.note { "A part is pinned if every wrong answer about it is refused." }
                ul.chips {
                    @for element in pinned { li.good { "✓ " (code(&element.element)) } }
                    @for element in loose { li.bad { "✗ " (code(&element.element)) } }
                }
            }
        }
    }
}

fn asked_for(wanted: f64) -> String {
    if wanted == 0.0 {
        "The contract asks for no share.".to_owned()
    } else {
        format!("{} is asked for.", percent(wanted))
    }
}

fn card(hole: &Hole) -> Markup {
    let headline = hole.headline();
    html! {
        section.card.hole {
            h3 { span.tag.warn { "hole" } " " (headline.strip_prefix("HOLE ").unwrap_or(&headline)) }
            dl.parts {
                @if let Some(state) = &hole.shown.state { dt { "state" } dd { (block(state)) } }
                @if let Some(rows) = &hole.shown.rows { dt { "rows" } dd { (block(rows)) } }
                dt { "asked" }
                dd { (block(&hole.shown.input)) }
                dt { "right" }
                dd { pre { (hole.shown.right) } }
                dt { "wrong" }
                dd { pre { (hole.shown.wrong) } }
                dt { "rules" }
                dd {
                    @if hole.mentioned_by.is_empty() { "none mentions it" }
                    @for (at, rule) in hole.mentioned_by.iter().enumerate() { @if at > 0 { ", " } (code(rule)) }
                }
                @if let Some(rule) = &hole.suggestion {
                    dt { "try" }
                    dd { pre.expression { (rule) } p.note { "Under " (code("ensures")) ", if that is what you mean." } }
                }
                dt { "accept" }
                dd {
                    pre { @for mutant in &hole.mutants {
                        "- {mutant: \"" (mutant.id) "\", for: " (mutant.covers) ", by: …, reason: …}\n"
                    } }
                }
            }
        }
    }
}
