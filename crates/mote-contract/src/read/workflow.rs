//! Reads a workflow and compiles it into a table of steps.
//!
//! In two goes: [`read_head`] says what callers must know, so that workflows can call each other; [`Head::compile`] reads
//! the steps, when everything that they can call is known.

mod call;
mod callable;
mod declared;
mod fit;
mod loops;
mod names;
mod steps;
mod triggers;
mod wait;
mod ways;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use mote_expr::schema::Schema;
use mote_expr::{Scope, Type, Value};

pub(crate) use self::callable::{Callable, Callables, TRANSIENT};
use self::fit::Taker;
use self::names::{Names, SPECIAL};
use self::steps::Steps;
use super::contract::{capability, read_version};
use super::definitions::{Definitions, Imports};
use super::rules::{Rules, is_identifier};
use super::view::EventSources;
use super::{Fields, SchemaFiles, Sink, stem, units};
use crate::contract::Route;
use crate::diagnostic::{Code, Place};
use crate::files::{FileId, Files};
use crate::tree::{Node, Tree};
use crate::workflow::{Callee, Declared, StepKind, Workflow, in_words};

/// How long a run goes forward where its workflow does not say: an hour.
pub(crate) const DEADLINE_DEFAULT_MS: u64 = 3_600_000;

/// The longest deadline: ten years.
const DEADLINE_MAX_MS: u64 = 3_650 * 86_400_000;

/// What a workflow says before its steps are read.
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) file: FileId,
    tree: Rc<Tree>,
    input: Option<Schema>,
    output: Option<Schema>,
    errors: Vec<Declared>,
    allow: bool,
    /// What its steps call, and where each is named.
    pub(crate) calls: Vec<(String, Place)>,
    /// Whether a step of its own waits.
    waits: bool,
}

/// What a workflow says that other files are checked against, whether or not it compiles.
pub(crate) struct WorkflowSaid {
    pub(crate) name: String,
    pub(crate) routes: Vec<(Route, Place)>,
}

/// What a workflow is read against.
pub(crate) struct Around<'f> {
    pub(crate) files: &'f Files,
    pub(crate) sink: &'f Sink,
    pub(crate) owner: &'f str,
    pub(crate) sources: EventSources<'f>,
    pub(crate) definitions: &'f Definitions,
}

/// What callers of the workflow in `tree` must know. Where it does not say its name, it has that of its file.
pub(crate) fn read_head(tree: Tree, file: FileId, stem: &str, schemas: &mut SchemaFiles<'_>) -> Option<Head> {
    // What is wrong is told when the whole is read.
    let unheard = Sink::default();
    let fields = Fields::of(&tree, "a workflow", file, &unheard)?;
    let name = fields.name("workflow", stem).unwrap_or(stem).to_owned();
    let empty = || Some(Schema::empty_object());
    let input = fields.optional("input").map_or_else(empty, |tree| schemas.compile(tree, file));
    let output = fields.optional("output").map_or_else(empty, |tree| schemas.compile(tree, file));
    let errors = declared::read(&fields);
    let allow = fields.optional("allow").is_some();
    let mut calls = Vec::new();
    if let Some(steps) = tree.field("steps") {
        called(steps, file, &mut calls);
    }
    let waits = tree.field("steps").is_some_and(has_wait);
    Some(Head { name, file, tree: Rc::new(tree), input, output, errors, allow, calls, waits })
}

impl Head {
    /// The workflow as a callee, when what it calls is known.
    pub(crate) fn callable(&self, known: &BTreeMap<String, Callable>) -> Callable {
        let called = || self.calls.iter().filter_map(|(callee, _)| known.get(callee));
        Callable {
            callee: Callee::Workflow(self.name.clone()),
            input: self.input.clone(),
            output: self.output.clone(),
            errors: self.errors.iter().map(|error| (error.code.clone(), Type::Null)).collect(),
            platform: callable::of_workflow(self.allow),
            effect: called().any(|callee| callee.effect),
            waits: self.waits || called().any(|callee| callee.waits),
        }
    }

    /// Read the steps. None, with a diagnostic, if anything is wrong with the workflow.
    pub(crate) fn compile(
        &self,
        around: &Around<'_>,
        callables: &Callables,
        schemas: &mut SchemaFiles<'_>,
    ) -> (WorkflowSaid, Option<Workflow>) {
        let mut said = WorkflowSaid { name: self.name.clone(), routes: Vec::new() };
        let workflow = self.read(around, callables, schemas, &mut said);
        (said, workflow)
    }

    fn read(
        &self,
        around: &Around<'_>,
        callables: &Callables,
        schemas: &mut SchemaFiles<'_>,
        said: &mut WorkflowSaid,
    ) -> Option<Workflow> {
        let (sink, file, tree) = (around.sink, self.file, &*self.tree);
        let problems_before = sink.count();
        let fields = Fields::of(tree, "a workflow", file, sink)?;
        let path = around.files.path(file);
        let name = fields.name("workflow", stem(path));
        let version = read_version(&fields);
        let owner = fields.text("owner").unwrap_or(around.owner).to_owned();
        let summary = fields.text("summary").map(str::to_owned);
        fields.optional("input");
        fields.optional("output");
        let errors = declared::read(&fields);
        let deadline_ms = match fields.optional("deadline") {
            Some(tree) => duration(&fields, "deadline", tree, "30d", DEADLINE_MAX_MS),
            None => None,
        };
        let rules = Rules::new(around.files, file, sink);
        let imports = Imports::read(&fields, around.definitions, &|_| false);
        let body_tree = fields.required("steps", "[{call: …}]");
        let names = read_names(body_tree, &imports.scope, &rules);
        let mut steps = Steps::new(&rules, &names, callables, &around.sources, &errors);
        let begin = names.begin(self.input.as_ref());
        let allow = fields.optional("allow").map(|tree| steps.decision(tree, &begin));
        let (triggers, routes) = steps.triggers(&fields, self.input.as_ref(), &begin);
        said.routes = routes;
        let (body, after) = match body_tree {
            Some(tree) => steps.block(tree, "steps", "", begin.clone()),
            None => (Vec::new(), Some(begin.clone())),
        };
        let returns_tree = fields.optional("returns");
        let returns = match (&after, returns_tree) {
            (None, Some(tree)) => {
                let hint = "let a way lead to the end, or leave `returns` out";
                steps.error(
                    Code::Unreachable,
                    steps.at(tree),
                    "every run ends before this in an error",
                    hint,
                );
                None
            }
            (None, None) => {
                let hint = "let a way lead to the end";
                steps.error(Code::Unreachable, fields.place(), "every run of this ends in an error", hint);
                None
            }
            (Some(after), Some(tree)) => steps.template(tree, after).map(|template| {
                let schema = steps.schema(&template, after);
                (template, schema)
            }),
            (Some(_), None) => {
                let nothing = mote_expr::Template::Object(Vec::new());
                Some((nothing, Some(Schema::empty_object())))
            }
        };
        if let (Some((_, Some(made))), Some(output)) = (&returns, &self.output) {
            let taker = Taker {
                what: "`returns`",
                taker: "`output`",
                place: returns_tree.map_or(fields.place(), |tree| steps.at(tree)),
                tree: returns_tree,
                hint: "widen the schema of `output`, or bound the value where it comes from",
            };
            fit::check(made, output, &taker, false, sink);
        }
        for error in errors.iter().filter(|error| !steps.ended_in.contains(&error.code)) {
            // What could not be read may be what ends in it.
            if sink.count() == problems_before {
                let message = format!("nothing ends in `{}`", error.code);
                let hint = Some(format!("`fail: {}` somewhere, or leave it out", error.code));
                sink.warning(Code::Unreachable, error_place(tree, file, &error.code), message, hint);
            }
        }
        let scope = steps.scope(&begin);
        let table = steps.finish();
        let place = Place { file, span: fields.place().span };
        fields.finish();
        around.definitions.note_calls(&rules);
        let has_errors = sink.count_errors_from(problems_before) > 0;
        if has_errors || !imports.whole {
            return None;
        }
        let allow = match allow {
            Some(allow) => Some(allow?),
            None => None,
        };
        let table = table?;
        let digest = self.digest(callables, &table, &triggers, &rules, schemas)?;
        let own = self.callable(&callables.known);
        let workflow = Workflow {
            name: name?.to_owned(),
            version,
            owner,
            summary,
            capability: capability(path),
            digest,
            triggers,
            allow,
            input: self.input.clone()?,
            output: self.output.clone()?,
            errors,
            deadline_ms: deadline_ms.unwrap_or(DEADLINE_DEFAULT_MS),
            durable: own.effect || own.waits,
            steps: table,
            body,
            returns: returns?.0,
            scope,
            slots: Names::slots(),
            place,
        };
        let deadline_place = tree
            .field("deadline")
            .map_or(workflow.place.clone(), |tree| Place { file, span: tree.headline() });
        in_time(&workflow, deadline_place, sink)?;
        takes_back(&workflow, sink);
        Some(workflow)
    }

    /// The hash of everything that a run depends on.
    fn digest(
        &self,
        callables: &Callables,
        table: &[crate::workflow::Step],
        triggers: &[crate::workflow::Trigger],
        rules: &Rules<'_>,
        schemas: &SchemaFiles<'_>,
    ) -> Option<mote_expr::Digest> {
        let mut calls = Vec::new();
        for (name, _) in &self.calls {
            calls.push((name.as_str(), Value::text(callables.digests.get(name)?.to_string())));
        }
        let waits = table.iter().filter_map(|step| match &step.kind {
            StepKind::Event(wait) => Some((wait.event.as_str(), &wait.aggregate)),
            _ => None,
        });
        let started = triggers.iter().filter_map(|trigger| match &trigger.source {
            crate::workflow::TriggerSource::Event { event, aggregate, .. } => {
                Some((event.as_str(), aggregate))
            }
            crate::workflow::TriggerSource::Http(_) => None,
        });
        let events = waits.chain(started).map(|(event, of)| (event, Value::text(of.digest.to_string())));
        let mut parts = vec![
            ("workflow", schemas.closed(&self.tree.value(), self.file)),
            ("calls", Value::object(calls)),
            ("events", Value::object(events)),
        ];
        parts.extend(rules.definitions().map(|called| ("definitions", called)));
        Some(Value::object(parts).digest())
    }
}

/// Refuse a deadline that is shorter than what the steps may take.
fn in_time(workflow: &Workflow, place: Place, sink: &Sink) -> Option<()> {
    let longest = workflow.longest_ms();
    if longest <= workflow.deadline_ms {
        return Some(());
    }
    let most = workflow.slowest().map(|id| format!(", most of it in `{}`", workflow.step(id).path));
    let message = format!(
        "the steps may take {}{}, and the deadline is {}",
        in_words(longest),
        most.unwrap_or_default(),
        in_words(workflow.deadline_ms)
    );
    let hint = format!("write `deadline: {}` or more, or shorten what they wait", in_words(longest));
    sink.error(Code::Deadline, place, message, Some(hint));
    None
}

/// Warn of effects that stay when the run fails later, where nothing says that they may.
fn takes_back(workflow: &Workflow, sink: &Sink) {
    for id in workflow.left_behind() {
        let step = workflow.step(id);
        let StepKind::Call(call) = &step.kind else { continue };
        let message = format!("what `{}` did stays when the run fails later", call.callee.name());
        let hint =
            "say how it is taken back: `undo: {call: …, with: {…}}`, or that it may stay: `undo: none`";
        sink.warning(Code::NoUndo, step.place.clone(), message, Some(hint.to_owned()));
    }
}

/// All names that the steps make, held against what names can be.
fn read_names(steps: Option<&Tree>, functions: &Scope, rules: &Rules<'_>) -> Names {
    let mut names = Names::new(functions.clone());
    for (name, span) in steps.map(made).unwrap_or_default() {
        let report = |code, message: String, hint: String| {
            rules.sink.error(code, rules.at(span.clone()), message, Some(hint))
        };
        if !is_identifier(name) {
            let better = super::rules::camel_case(name, false);
            let message = format!("`{name}` is not a name that an expression can use");
            report(Code::BadName, message, format!("write letters and digits, such as `{better}`"));
        } else if SPECIAL.contains(&name) || names.is_function(name) {
            let message = format!("`{name}` already means something here");
            report(Code::DuplicateName, message, "give this one another name".to_owned());
        } else if !names.add(name) {
            let message = format!("a workflow has at most {} names", Scope::NAMES_MAX);
            report(Code::Unbounded, message, "put some steps into a workflow of their own".to_owned());
            break;
        }
    }
    names
}

/// The names that `tree` makes, with their places: of steps, of `let`s, of items. Data is not looked into.
pub(crate) fn made(tree: &Tree) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    gather(tree, &mut found);
    found
}

fn gather<'t>(tree: &'t Tree, found: &mut Vec<(&'t str, Range<usize>)>) {
    match &tree.node {
        Node::List(items) => items.iter().for_each(|item| gather(item, found)),
        Node::Map(fields) => {
            for (key, inner) in fields {
                match (key.name.as_str(), inner.as_text()) {
                    ("id", Some(text)) => found.push((&text.text, inner.span.clone())),
                    ("each", Some(text)) => {
                        let name = text.text.split_once(" in ").map(|(name, _)| name.trim());
                        found.extend(name.map(|name| (name, text.place(0..name.len()))));
                    }
                    ("let", _) => {
                        let lets = inner.as_map().unwrap_or(&[]).iter();
                        found.extend(lets.map(|(key, _)| (key.name.as_str(), key.span.clone())));
                    }
                    ("with" | "returns" | "retry", _) => {}
                    _ => gather(inner, found),
                }
            }
        }
        _ => {}
    }
}

/// What steps call, with their places.
fn called(tree: &Tree, file: FileId, found: &mut Vec<(String, Place)>) {
    match &tree.node {
        Node::List(items) => items.iter().for_each(|item| called(item, file, found)),
        Node::Map(fields) => {
            for (key, inner) in fields {
                match (key.name.as_str(), inner.as_text()) {
                    ("call", Some(text)) => {
                        found.push((text.text.clone(), Place { file, span: inner.headline() }));
                    }
                    ("with" | "returns" | "let" | "retry", _) => {}
                    _ => called(inner, file, found),
                }
            }
        }
        _ => {}
    }
}

/// Whether a step waits. The `wait` of a `parallel` says when it is through.
fn has_wait(tree: &Tree) -> bool {
    match &tree.node {
        Node::List(items) => items.iter().any(has_wait),
        Node::Map(fields) => {
            let own = tree.field("wait").is_some() && tree.field("parallel").is_none();
            let data = ["with", "returns", "let"];
            own || fields.iter().any(|(key, inner)| !data.contains(&key.name.as_str()) && has_wait(inner))
        }
        _ => false,
    }
}

/// A time such as `3d`, in milliseconds.
fn duration(
    fields: &Fields<'_, '_>,
    name: &'static str,
    tree: &Tree,
    example: &str,
    max_ms: u64,
) -> Option<u64> {
    match tree.as_text().and_then(|text| units::milliseconds(&text.text)) {
        Some(ms) if (1..=max_ms).contains(&ms) => Some(ms),
        Some(_) => {
            let most = max_ms / 86_400_000;
            let hint = Some(format!("write `{name}: {most}d` or less"));
            fields.wrong_type(name, &format!("a time of at most {most} days"), tree, hint);
            None
        }
        None => {
            let hint =
                Some(format!("write a whole number and a unit, ms, s, m, h or d: `{name}: {example}`"));
            fields.wrong_type(name, "a time", tree, hint);
            None
        }
    }
}

fn error_place(tree: &Tree, file: FileId, code: &str) -> Place {
    let errors = tree.field("errors").and_then(Tree::as_list).unwrap_or(&[]).iter();
    let codes = errors.filter_map(|error| error.field("code"));
    let found = codes.into_iter().find(|tree| tree.as_text().is_some_and(|text| text.text == code));
    Place { file, span: found.map_or(tree.headline(), Tree::headline) }
}
