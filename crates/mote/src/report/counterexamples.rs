//! A counterexample in full: what was given, what was asked, what came back, and why that is wrong.
//! Owns its order. Never shortens what was found: `mote-verify` made it as small as it gets.

use maud::{Markup, html};
use mote_expr::{Value, parse};
use mote_verify::Counterexample;

use super::words::{block, code, expression, laid_out, sentence, spaced};

pub(super) fn card(found: &Counterexample) -> Markup {
    html! {
        section.card.wrong {
            h3 {
                (code(&found.clause)) " " span.message { (sentence(&found.message)) }
                @if found.common { " " span.tag { "in many cases" } }
                @if found.hidden { " " span.tag.warn { "hidden from builders" } }
            }
            dl.parts {
                @if let Some(name) = &found.written { dt { "case" } dd { (code(name)) } }
                @if let Some(rule) = &found.expression { dt { "rule" } dd { (expression(rule)) } }
                @if !found.values.is_empty() {
                    dt { "where" }
                    dd {
                        table.plain { tbody {
                            @for (name, value) in &found.values {
                                tr { td { (code(flat(name))) } td { (code(spaced(value))) } }
                            }
                        } }
                    }
                }
                @for event in &found.given { dt { "given" } dd { pre { (event.kind) " " (laid_out(&event.data, 0)) } } }
                @if let Some(state) = &found.state { dt { "state" } dd { (block(state)) } }
                @if let Some(rows) = &found.rows { dt { "rows" } dd { (block(rows)) } }
                dt { "asked" }
                dd { (block(&found.input)) }
                dt { "context" }
                dd { (block(&found.context)) }
                dt { "got" }
                dd {
                    @match &found.got {
                        Some(text) => (answer(text)),
                        None => span.dim { "no answer" },
                    }
                }
                @if !found.nearest_passing.is_empty() {
                    dt { "passes" }
                    dd {
                        p { "The nearest case that was met and passes:" }
                        ul {
                            @for (at, value) in &found.nearest_passing {
                                li {
                                    @if *value == Value::Null { "without " (code(at.to_string())) }
                                    @else { "with " (code(at.to_string())) " = " (code(spaced(value))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An answer, which need not be JSON.
fn answer(text: &str) -> Markup {
    match parse(text.as_bytes()) {
        Ok(value) => block(&value),
        Err(_) => html! { pre { (text) } },
    }
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
