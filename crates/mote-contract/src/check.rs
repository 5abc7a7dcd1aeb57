//! Checks a whole system: every file, then everything between them.

mod capabilities;
mod cases;
mod decided;
mod definitions;
mod events;
mod examples;
mod files;
mod routes;
mod services;
mod sinks;
mod views;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::aggregate::Aggregate;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::files::{FileId, Files};
use crate::law::Law;
use crate::read::{
    Definitions, EventSources, Parsed, Said, SchemaFiles, Sink, Surroundings, Views, read_aggregate,
    read_contract, read_definitions, read_manifest, read_tree, read_view, sink_places, stem,
};
use crate::system::{Manifest, RecordingSettings, System};
use crate::tree::Tree;
use crate::view::View;

/// What a check found.
#[derive(Debug)]
pub struct Report {
    /// Every problem, in the order of files and lines.
    pub diagnostics: Vec<Diagnostic>,
    /// The system, if it has no errors.
    pub system: Option<System>,
}

/// Check all of `files`. Always finishes, and reports every problem of one run.
pub fn check(files: &Files) -> Report {
    let sink = Sink::default();
    let mut checker = Checker { files, sink: &sink, schemas: SchemaFiles::new(files, &sink) };
    let (manifest, sinks) = checker.manifest();
    let definitions = checker.definitions();
    let aggregates = checker.aggregates(&definitions);
    let views = checker.views(&aggregates, &definitions);
    let mut contracts = checker.contracts(&manifest, &sinks, &aggregates, &views, &definitions);
    let workflows = checker.workflows(&manifest, &aggregates, &definitions, &contracts);
    for file in files.yaml_below("schemas") {
        checker.schemas.read(file);
    }
    cases::read(&mut contracts, files, &sink);
    files::check(files, &sink);
    routes::check(&contracts, &workflows, &sink);
    services::check(&contracts, &sink);
    events::check(&aggregates, &contracts, &sink);
    views::check(&views, &contracts, &sink);
    sinks::check(&sinks, &contracts, &sink);
    examples::check(&contracts, &sink);
    decided::check(&aggregates, &contracts, &sink);
    definitions::check(&definitions, &contracts, &sink);
    capabilities::check(files, &aggregates, &views, &definitions, &sink);

    let mut diagnostics = sink.into_diagnostics();
    diagnostics.sort_by(|a, b| {
        let key = |found: &Diagnostic| (found.place.span.start, found.code);
        files.path(a.place.file).cmp(files.path(b.place.file)).then_with(|| key(a).cmp(&key(b)))
    });
    let clean = diagnostics.iter().all(|found| found.severity != Severity::Error);
    let system = clean.then(|| System {
        manifest,
        aggregates: aggregates.good.into_iter().map(|(name, read)| (name, read.aggregate)).collect(),
        views: views.good,
        laws: contracts
            .into_iter()
            .filter_map(|contract| Some((contract.said.name, Arc::new(contract.law?))))
            .collect(),
        workflows: workflows.good,
    });
    Report { diagnostics, system }
}

/// The aggregates of a system.
struct Aggregates {
    good: BTreeMap<String, AggregateFile>,
    /// The names of those with problems.
    unreadable: BTreeSet<String>,
}

impl Aggregates {
    fn known(&self) -> BTreeMap<String, Arc<Aggregate>> {
        self.good.iter().map(|(name, read)| (name.clone(), read.aggregate.clone())).collect()
    }
}

struct AggregateFile {
    aggregate: Arc<Aggregate>,
    /// Where each event is named.
    events: Vec<(String, Place)>,
}

/// The views of a system.
struct ReadViews {
    good: BTreeMap<String, Arc<View>>,
    /// The names of those with problems.
    unreadable: BTreeSet<String>,
}

/// A contract's file.
struct ContractFile {
    file: FileId,
    said: Said,
    law: Option<Law>,
    /// Whether nothing is wrong with the file itself.
    clean: bool,
}

struct Checker<'f> {
    files: &'f Files,
    sink: &'f Sink,
    schemas: SchemaFiles<'f>,
}

impl Checker<'_> {
    /// What `mote.yaml` says, and where it names each sink.
    fn manifest(&self) -> (Manifest, BTreeMap<String, Place>) {
        let nameless = Manifest {
            name: String::new(),
            owner: "nobody".to_owned(),
            sinks: BTreeMap::new(),
            recordings: RecordingSettings::default(),
        };
        let Some(file) = self.files.find("mote.yaml") else {
            let place = Place { file: FileId::ABSENT_MANIFEST, span: 0..0 };
            let hint = Some("write one: `system: my-system`".to_owned());
            self.sink.error(Code::MissingKey, place, "there is no `mote.yaml` here", hint);
            return (nameless, BTreeMap::new());
        };
        let Some(tree) = read_tree(self.files, file, self.sink) else { return (nameless, BTreeMap::new()) };
        let manifest = read_manifest(&tree, file, self.sink).unwrap_or(nameless);
        (manifest, sink_places(&tree, file))
    }

    fn definitions(&mut self) -> Definitions {
        let mut places = BTreeMap::new();
        let mut parsed = Vec::new();
        for file in self.files.yaml_below("definitions") {
            let tree = read_tree(self.files, file, self.sink);
            let tree = tree.filter(|tree| !self.misplaced(tree, file, "definitions"));
            let named = tree.as_ref().and_then(|tree| {
                self.named(tree, file, "definitions", &mut places);
                Some(tree.field("definitions")?.as_text()?.text.clone())
            });
            let name = named.unwrap_or_else(|| stem(self.files.path(file)).to_owned());
            parsed.push(Parsed { name, file, tree: tree.map(Rc::new) });
        }
        read_definitions(parsed, self.files, &mut self.schemas, self.sink)
    }

    fn aggregates(&mut self, definitions: &Definitions) -> Aggregates {
        let mut places = BTreeMap::new();
        let mut read = Aggregates { good: BTreeMap::new(), unreadable: BTreeSet::new() };
        for file in self.files.yaml_below("aggregates") {
            let tree = read_tree(self.files, file, self.sink);
            let Some(tree) = tree.filter(|tree| !self.misplaced(tree, file, "aggregate")) else {
                read.unreadable.insert(stem(self.files.path(file)).to_owned());
                continue;
            };
            self.named(&tree, file, "aggregate", &mut places);
            match read_aggregate(&tree, file, self.files, definitions, &mut self.schemas, self.sink) {
                Some(aggregate) => {
                    let events = tree.field("events").and_then(Tree::as_map).unwrap_or(&[]);
                    let events = events
                        .iter()
                        .map(|(key, _)| (key.name.clone(), Place { file, span: key.span.clone() }));
                    let events = events.collect();
                    let name = aggregate.name.clone();
                    read.good.insert(name, AggregateFile { aggregate: Arc::new(aggregate), events });
                }
                None => {
                    read.unreadable.insert(stem(self.files.path(file)).to_owned());
                    let name = tree.field("aggregate").and_then(Tree::as_text);
                    read.unreadable.extend(name.map(|name| name.text.clone()));
                }
            }
        }
        read
    }

    fn views(&mut self, aggregates: &Aggregates, definitions: &Definitions) -> ReadViews {
        let good = aggregates.known();
        let sources = EventSources { aggregates: &good, some_unreadable: !aggregates.unreadable.is_empty() };
        let mut places = BTreeMap::new();
        let mut read = ReadViews { good: BTreeMap::new(), unreadable: BTreeSet::new() };
        for file in self.files.yaml_below("views") {
            let tree = read_tree(self.files, file, self.sink);
            let tree = tree.filter(|tree| !self.misplaced(tree, file, "view"));
            let view = tree.as_ref().and_then(|tree| {
                self.named(tree, file, "view", &mut places);
                read_view(tree, file, self.files, &sources, definitions, &mut self.schemas, self.sink)
            });
            match view {
                Some(view) => drop(read.good.insert(view.name.clone(), Arc::new(view))),
                None => {
                    read.unreadable.insert(stem(self.files.path(file)).to_owned());
                    let name = tree.as_ref().and_then(|tree| tree.field("view")).and_then(Tree::as_text);
                    read.unreadable.extend(name.map(|name| name.text.clone()));
                }
            }
        }
        read
    }

    fn contracts(
        &mut self,
        manifest: &Manifest,
        sinks: &BTreeMap<String, Place>,
        aggregates: &Aggregates,
        views: &ReadViews,
        definitions: &Definitions,
    ) -> Vec<ContractFile> {
        let good = aggregates.known();
        let unreadable = &aggregates.unreadable;
        let around = Surroundings {
            files: self.files,
            sink: self.sink,
            manifest,
            aggregates: &good,
            unreadable,
            sinks,
            views: Views { good: &views.good, unreadable: &views.unreadable },
            definitions,
        };
        let mut places = BTreeMap::new();
        let mut read = Vec::new();
        for file in self.files.yaml_below("contracts") {
            let problems_before = self.sink.count();
            let tree = read_tree(self.files, file, self.sink);
            let tree = tree.filter(|tree| !self.misplaced(tree, file, "contract"));
            let contract = tree.and_then(|tree| {
                self.named(&tree, file, "contract", &mut places);
                read_contract(&tree, file, &around, &mut self.schemas)
            });
            let (said, law) = contract.unwrap_or_default();
            read.push(ContractFile { file, said, law, clean: self.sink.count() == problems_before });
        }
        read
    }

    /// A thing is found by its name, so its file has that name, and no other has it.
    fn named(&self, tree: &Tree, file: FileId, what: &'static str, places: &mut BTreeMap<String, FileId>) {
        let Some((field, name)) = tree.field(what).and_then(|field| Some((field, field.as_text()?))) else {
            return;
        };
        let place = Place { file, span: field.headline() };
        let stem = stem(self.files.path(file));
        if stem != name.text && crate::read::is_name(&name.text) {
            let message = format!("{what} `{}` is in a file named `{stem}.yaml`", name.text);
            let hint = Some(format!("rename the file to `{}.yaml`", name.text));
            self.sink.error(Code::BadName, place.clone(), message, hint);
        }
        match places.get(&name.text) {
            Some(first) => {
                let message = format!("{what} `{}` is also in `{}`", name.text, self.files.path(*first));
                let hint = Some("names are unique in the whole system: rename or delete one".to_owned());
                self.sink.error(Code::DuplicateName, place, message, hint);
            }
            None => {
                places.insert(name.text.clone(), file);
            }
        }
    }

    /// Whether the file is of the kind that belongs into another folder.
    fn misplaced(&self, tree: &Tree, file: FileId, here: &str) -> bool {
        let first = tree.as_map().and_then(|fields| fields.first()).map(|(key, _)| key.name.as_str());
        let kind = |name: &str| KINDS.iter().find(|(key, ..)| *key == name);
        let there = first.and_then(kind).filter(|_| tree.field(here).is_none());
        if let (Some((_, article, folder)), Some((_, _, wrong))) = (there, kind(here)) {
            let path = self.files.path(file);
            let rest = path.split_once('/').map_or(path, |(_, rest)| rest);
            let place = Place { file, span: tree.headline() };
            let message = format!("this is {article}, in the folder of {wrong}");
            let hint = Some(format!("move it to `{folder}/{rest}`"));
            self.sink.error(Code::Misplaced, place, message, hint);
        }
        there.is_some()
    }
}

/// The first key of each kind of file, what such a file is, and the folder it lies in.
const KINDS: [(&str, &str, &str); 5] = [
    ("contract", "a contract", "contracts"),
    ("aggregate", "an aggregate", "aggregates"),
    ("view", "a view", "views"),
    ("workflow", "a workflow", "workflows"),
    ("definitions", "a file of definitions", "definitions"),
];
