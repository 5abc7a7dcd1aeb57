//! The failure map: each way in which a step can fail, where that leads, and what takes back what was done.
//!
//! Owns reading it off the table of steps. What a run does is the engine's; both follow the same table.

use super::{Call, Join, StepId, StepKind, Undo, Workflow, in_words};

/// Some ways to fail that lead to the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What fails: the path of a step, or what the whole is called.
    pub at: String,
    /// What it does: `call allocate-stock`.
    pub does: String,
    /// What can go wrong: codes of errors, or a sentence's beginning.
    pub ways: Vec<String>,
    /// Where that leads.
    pub then: String,
    /// What takes back what was done before, where the run ends: `release-stock (undo of reserve)`.
    pub undo: Vec<String>,
}

impl Workflow {
    /// Every way in which a run can fail, in the order of the file; then what can happen anywhere.
    pub fn failures(&self) -> Vec<Failure> {
        let mut map = Map { workflow: self, found: Vec::new(), done: Vec::new(), ends: Ends::Run };
        map.block(&self.body);
        let all = map.undo(&self.calls());
        let anywhere = |way: &str, then: String| Failure {
            at: "anywhere".to_owned(),
            does: String::new(),
            ways: vec![way.to_owned()],
            then,
            undo: all.clone(),
        };
        let mut found = map.found;
        found.push(anywhere("an expression errs", "the run ends in `contract-error`".to_owned()));
        let deadline = format!("the deadline passes ({})", in_words(self.deadline_ms));
        found.push(anywhere(&deadline, "the run ends in `timeout`".to_owned()));
        found.extend(self.undoing());
        found
    }

    /// All calls, in the order of the file.
    fn calls(&self) -> Vec<StepId> {
        let calls = self.numbered().filter(|(_, step)| matches!(step.kind, StepKind::Call(_)));
        calls.map(|(id, _)| id).collect()
    }

    /// What becomes of an undo that does not succeed at once.
    fn undoing(&self) -> Vec<Failure> {
        let undone = self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Call(call) => match &call.undo {
                Undo::Call(undo) => Some((step, undo)),
                Undo::Effectless | Undo::Stays { .. } => None,
            },
            _ => None,
        });
        let mut found = Vec::new();
        for (step, undo) in undone {
            let row = |ways: Vec<String>, then: &str| Failure {
                at: format!("undo of {}", step.path),
                does: format!("call {}", undo.callee.name()),
                ways,
                then: then.to_owned(),
                undo: Vec::new(),
            };
            if !undo.accept.is_empty() {
                found.push(row(undo.accept.clone(), "nothing is left to take back: the undo goes on"));
            }
            let other = "any other error".to_owned();
            found.push(row(vec![other], "tried again with growing pauses, until it succeeds"));
        }
        found
    }
}

/// What a failure ends that nothing handles.
#[derive(Clone, Copy)]
enum Ends {
    Run,
    /// A branch of a `parallel` of which one is enough.
    Branch,
}

struct Map<'w> {
    workflow: &'w Workflow,
    found: Vec<Failure>,
    /// The calls that may have succeeded before.
    done: Vec<StepId>,
    ends: Ends,
}

impl Map<'_> {
    fn block(&mut self, block: &[StepId]) {
        for id in block {
            self.step(*id);
        }
    }

    /// A block after which what it did counts, and others beside it do not.
    fn way(&mut self, block: &[StepId], before: &[StepId], done: &mut Vec<StepId>) {
        self.done = before.to_vec();
        self.block(block);
        let gained = self.done.iter().filter(|id| !done.contains(id)).copied().collect::<Vec<_>>();
        done.extend(gained);
    }

    fn step(&mut self, id: StepId) {
        let workflow = self.workflow;
        let step = workflow.step(id);
        match &step.kind {
            StepKind::Call(call) => self.call(id, call),
            StepKind::Parallel { branches, wait } => {
                let ends = self.ends;
                if *wait == Join::Any {
                    self.ends = Ends::Branch;
                }
                let before = self.done.clone();
                let mut done = before.clone();
                for branch in branches {
                    // What runs beside a branch may be done when it fails.
                    let mut beside = before.clone();
                    let others = branches.iter().filter(|other| other.name != branch.name);
                    others.for_each(|other| self.calls_below(&other.body, &mut beside));
                    self.way(&branch.body, &beside, &mut done);
                }
                self.done = done;
                self.ends = ends;
                if *wait == Join::Any {
                    let then = self.ending("the error of the last");
                    self.push(&step.path, "parallel", vec!["every branch fails".to_owned()], then, true);
                }
            }
            StepKind::Each { body, .. } => {
                // Other rounds may be done when one fails.
                let mut done = std::mem::take(&mut self.done);
                self.calls_below(body, &mut done);
                self.done = done;
                self.block(body);
            }
            StepKind::Repeat { body, max, otherwise, .. } => {
                let mut done = std::mem::take(&mut self.done);
                self.calls_below(body, &mut done);
                self.done = done;
                self.block(body);
                let then = self.leads(otherwise);
                let way = format!("not through after {max} rounds");
                self.push(&step.path, "repeat", vec![way], then.0, then.1);
                self.block(otherwise);
            }
            StepKind::Event(wait) => {
                let does = format!("wait for {}", wait.event);
                match wait.timeout_ms {
                    Some(ms) => {
                        let then = self.leads(&wait.otherwise);
                        let way = format!("no such event within {}", in_words(ms));
                        self.push(&step.path, &does, vec![way], then.0, then.1);
                    }
                    None => {
                        let then = self.ending("`timeout`");
                        self.push(
                            &step.path,
                            &does,
                            vec!["no such event before the deadline".to_owned()],
                            then,
                            true,
                        );
                    }
                }
                self.block(&wait.otherwise);
            }
            kind => {
                let before = self.done.clone();
                let mut done = before.clone();
                for block in super::effects::blocks(kind) {
                    self.way(block, &before, &mut done);
                }
                self.done = done;
            }
        }
    }

    fn call(&mut self, id: StepId, call: &Call) {
        let path = self.workflow.step(id).path.clone();
        let does = format!("call {}", call.callee.name());
        let mut rows: Vec<(Vec<String>, String, bool)> = Vec::new();
        for code in &call.errors {
            let (then, ends) = self.after(call, code);
            match rows.iter_mut().find(|(_, known, _)| *known == then) {
                Some((ways, ..)) => ways.push(code.clone()),
                None => rows.push((vec![code.clone()], then, ends)),
            }
        }
        let before = self.done.clone();
        for (ways, then, ends) in rows {
            // Whether it was done is not known then: it is found out, and taken back if it was.
            let unknown = ways.iter().any(|way| way == "timeout" || way == "unavailable");
            if unknown && matches!(call.undo, Undo::Call(_)) && !before.contains(&id) {
                self.done.push(id);
            }
            self.push(&path, &does, ways, then, ends);
            self.done.clone_from(&before);
        }
        let mut done = before.clone();
        for catch in &call.catch {
            self.way(&catch.body, &before, &mut done);
        }
        if !done.contains(&id) {
            done.push(id);
        }
        self.done = done;
    }

    /// Add all calls of a block, and of the blocks in it.
    fn calls_below(&self, block: &[StepId], found: &mut Vec<StepId>) {
        for id in self.workflow.within(block) {
            if matches!(self.workflow.step(id).kind, StepKind::Call(_)) && !found.contains(&id) {
                found.push(id);
            }
        }
    }

    /// Where an error of a call leads, and whether the run ends there.
    fn after(&self, call: &Call, code: &str) -> (String, bool) {
        let catch = call.catch.iter().find(|catch| catch.code == code);
        let (handled, ends) = match catch {
            Some(catch) => {
                let (then, ends) = self.leads(&catch.body);
                (format!("caught: {then}"), ends)
            }
            None => (self.ending("that error"), true),
        };
        if !call.retry.codes.iter().any(|known| known == code) || call.retry.max == Some(1) {
            return (handled, ends);
        }
        let (first, longest) = call.retry.backoff_ms;
        let pauses = format!("tried again after {} to {}", in_words(first), in_words(longest));
        match (call.retry.max, call.timeout_ms) {
            (Some(max), _) => (format!("{pauses}, {max} times in all; then {handled}"), ends),
            (None, Some(ms)) => {
                let (handled, ends) = self.after_timeout(call);
                (format!("{pauses}, for {} in all; then {handled}", in_words(ms)), ends)
            }
            (None, None) => {
                (format!("{pauses}, until the deadline; then {}", self.ending("`timeout`")), true)
            }
        }
    }

    fn after_timeout(&self, call: &Call) -> (String, bool) {
        match call.catch.iter().find(|catch| catch.code == "timeout") {
            Some(catch) => {
                let (then, ends) = self.leads(&catch.body);
                (format!("caught as `timeout`: {then}"), ends)
            }
            None => (self.ending("`timeout`"), true),
        }
    }

    /// Where the steps of a handler lead, and whether they end the run.
    fn leads(&self, block: &[StepId]) -> (String, bool) {
        let Some(last) = block.last() else { return ("the run goes on".to_owned(), false) };
        let last = self.workflow.step(*last);
        let steps: Vec<&str> = block.iter().map(|id| self.workflow.step(*id).path.as_str()).collect();
        match &last.kind {
            StepKind::Fail(code) if block.len() == 1 => (self.ending(&format!("`{code}`")), true),
            StepKind::Fail(code) => {
                let others = steps[..steps.len() - 1].join(", ");
                (format!("`{others}`, then {}", self.ending(&format!("`{code}`"))), true)
            }
            _ => (format!("`{}`, and the run goes on", steps.join("`, `")), false),
        }
    }

    fn ending(&self, code: &str) -> String {
        match self.ends {
            Ends::Run => format!("the run ends in {code}"),
            Ends::Branch => format!("the branch ends in {code}, and the others go on"),
        }
    }

    fn push(&mut self, at: &str, does: &str, ways: Vec<String>, then: String, ends: bool) {
        let undo = if ends { self.undo(&self.done) } else { Vec::new() };
        self.found.push(Failure { at: at.to_owned(), does: does.to_owned(), ways, then, undo });
    }

    /// What takes back `done`, latest first.
    fn undo(&self, done: &[StepId]) -> Vec<String> {
        let undone = done.iter().rev().filter_map(|id| {
            let step = self.workflow.step(*id);
            match &step.kind {
                StepKind::Call(call) => match &call.undo {
                    Undo::Call(undo) => Some(format!("{} (undo of {})", undo.callee.name(), step.path)),
                    Undo::Stays { .. } => Some(format!("nothing ({} stays)", step.path)),
                    Undo::Effectless => None,
                },
                _ => None,
            }
        });
        undone.collect()
    }
}
