//! A workflow as a Mermaid flowchart.
//!
//! Owns the shapes: a call is a box, a choice a diamond, a wait a hexagon, an end a stadium; dotted arrows are errors
//! and what takes an effect back.

use std::fmt::Write as _;

use super::{Join, Pause, StepId, StepKind, Undo, Workflow, in_words};

/// Where the next step hangs: a node, and what is written on the arrow.
type Ends = Vec<(String, String)>;

impl Workflow {
    /// The steps and the ways between them.
    pub fn graph(&self) -> String {
        let mut drawn = Drawn { workflow: self, text: "flowchart TD\n".to_owned() };
        drawn.node("start", "([\"", &self.name, "\"])");
        let ends = drawn.block(&self.body, vec![("start".to_owned(), String::new())]);
        if !ends.is_empty() {
            drawn.node("done", "([\"", "done", "\"])");
            drawn.join(&ends, "done");
        }
        drawn.text
    }
}

/// A text as Mermaid shows it between quotes.
pub(crate) fn escaped(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

struct Drawn<'w> {
    workflow: &'w Workflow,
    text: String,
}

impl Drawn<'_> {
    fn node(&mut self, id: &str, open: &str, label: &str, close: &str) {
        let _ = writeln!(self.text, "  {id}{open}{}{close}", escaped(label));
    }

    /// An arrow; a dotted one is an error or an undo.
    fn arrow(&mut self, from: &str, label: &str, to: &str, dotted: bool) {
        let line = if dotted { "-.->" } else { "-->" };
        let label = if label.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(label)) };
        let _ = writeln!(self.text, "  {from} {line}{label} {to}");
    }

    fn join(&mut self, ends: &Ends, to: &str) {
        for (from, label) in ends {
            self.arrow(from, label, to, false);
        }
    }

    fn block(&mut self, block: &[StepId], mut ends: Ends) -> Ends {
        for id in block {
            ends = self.step(*id, &ends);
        }
        ends
    }

    /// A way that begins at `from` with `label`.
    fn way(&mut self, block: &[StepId], from: &str, label: &str) -> Ends {
        self.block(block, vec![(from.to_owned(), label.to_owned())])
    }

    fn step(&mut self, id: StepId, before: &Ends) -> Ends {
        let workflow = self.workflow;
        let step = workflow.step(id);
        let node = format!("s{}", id.index());
        let name = step.result.map(|_| step.path.rsplit('/').next().unwrap_or(&step.path));
        let named = |what: &str| name.map_or(what.to_owned(), |name| format!("{name}: {what}"));
        let plain = |node: &str| vec![(node.to_owned(), String::new())];
        match &step.kind {
            StepKind::Call(call) => {
                self.node(&node, "[\"", &named(call.callee.name()), "\"]");
                self.join(before, &node);
                let mut ends = plain(&node);
                for catch in &call.catch {
                    ends.extend(self.caught(&catch.body, &node, &catch.code));
                }
                if let Undo::Call(undo) = &call.undo {
                    let undoing = format!("u{}", id.index());
                    self.node(&undoing, "[\"", undo.callee.name(), "\"]");
                    self.arrow(&node, "undo", &undoing, true);
                }
                ends
            }
            StepKind::Parallel { branches, wait } => {
                self.node(&node, "{{\"", "parallel", "\"}}");
                self.join(before, &node);
                let mut ends = Ends::new();
                for branch in branches {
                    ends.extend(self.way(&branch.body, &node, &branch.name));
                }
                let joined = format!("j{}", id.index());
                self.node(&joined, "{{\"", if *wait == Join::All { "all" } else { "any" }, "\"}}");
                self.join(&ends, &joined);
                plain(&joined)
            }
            StepKind::If { condition, then, otherwise } => {
                self.node(&node, "{\"", condition.source(), "\"}");
                self.join(before, &node);
                let mut ends = self.way(then, &node, "yes");
                ends.extend(self.way(otherwise, &node, "no"));
                ends
            }
            StepKind::Switch { on, cases, default } => {
                self.node(&node, "{\"", on.source(), "\"}");
                self.join(before, &node);
                let mut ends = Ends::new();
                for (value, block) in cases {
                    ends.extend(self.way(block, &node, value.to_string().trim_matches('"')));
                }
                if !default.is_empty() {
                    ends.extend(self.way(default, &node, "else"));
                }
                ends
            }
            StepKind::Each { list, body, concurrency, .. } => {
                let by = if *concurrency > 1 { format!(", {concurrency} at a time") } else { String::new() };
                self.node(&node, "[[\"", &named(&format!("each of {}{by}", list.source())), "\"]]");
                self.join(before, &node);
                let ends = self.way(body, &node, "item");
                self.join(&ends, &node);
                vec![(node, "through".to_owned())]
            }
            StepKind::Repeat { body, until, max, otherwise } => {
                self.node(&node, "[[\"", &format!("repeat, at most {max} times"), "\"]]");
                self.join(before, &node);
                let ends = self.way(body, &node, "");
                let asked = format!("q{}", id.index());
                self.node(&asked, "{\"", until.source(), "\"}");
                self.join(&ends, &asked);
                self.arrow(&asked, "no", &node, false);
                let mut ends = vec![(asked.clone(), "yes".to_owned())];
                ends.extend(self.way(otherwise, &asked, &format!("not after {max}")));
                ends
            }
            StepKind::Pause(pause) => {
                let label = match pause {
                    Pause::For(ms) => format!("wait {}", in_words(*ms)),
                    Pause::Until(_) => "wait until a moment".to_owned(),
                };
                self.node(&node, "{{\"", &label, "\"}}");
                self.join(before, &node);
                plain(&node)
            }
            StepKind::Event(wait) => {
                self.node(&node, "{{\"", &named(&format!("wait for {}", wait.event)), "\"}}");
                self.join(before, &node);
                let mut ends = plain(&node);
                if let Some(ms) = wait.timeout_ms {
                    ends.extend(self.way(&wait.otherwise, &node, &format!("not within {}", in_words(ms))));
                }
                ends
            }
            // Names change no way.
            StepKind::Let(_) => before.clone(),
            StepKind::Fail(code) => {
                self.node(&node, "([\"", code, "\"])");
                self.join(before, &node);
                Ends::new()
            }
        }
    }

    /// The steps that an error leads to, behind a dotted arrow; what follows is drawn as any other way.
    fn caught(&mut self, block: &[StepId], from: &str, code: &str) -> Ends {
        if block.is_empty() {
            return vec![(from.to_owned(), code.to_owned())];
        }
        let start = self.text.len();
        let ends = self.way(block, from, code);
        // The first arrow out of the call is the error's.
        let drawn = format!("  {from} -->|\"{}\"|", escaped(code));
        let dotted = format!("  {from} -.->|\"{}\"|", escaped(code));
        let behind = self.text.split_off(start).replacen(&drawn, &dotted, 1);
        self.text += &behind;
        ends
    }
}
