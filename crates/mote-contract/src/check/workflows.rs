//! Reads all workflows, each after those that it calls, and holds them against the contracts.
//!
//! Owns the order, and that no workflow calls itself through others: a run would never end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Aggregates, Checker, ContractFile};
use crate::contract::Kind;
use crate::diagnostic::{Code, Place};
use crate::read::{
    Around, Callable, Callables, Definitions, EventSources, WorkflowHead, WorkflowSaid, read_head, read_tree,
    stem,
};
use crate::system::Manifest;
use crate::workflow::Workflow;

/// The workflows of a system.
#[derive(Default)]
pub(super) struct Workflows {
    pub(super) good: BTreeMap<String, Arc<Workflow>>,
    pub(super) said: Vec<WorkflowSaid>,
}

impl Checker<'_> {
    pub(super) fn workflows(
        &mut self,
        manifest: &Manifest,
        aggregates: &Aggregates,
        definitions: &Definitions,
        contracts: &[ContractFile],
    ) -> Workflows {
        let known = aggregates.known();
        let sources = EventSources { aggregates: &known, some_unreadable: !aggregates.unreadable.is_empty() };
        let around =
            Around { files: self.files, sink: self.sink, owner: &manifest.owner, sources, definitions };
        let mut callables = callables(contracts);
        let heads = self.heads(contracts, &mut callables);
        let mut read = Workflows::default();
        let mut order = Order { heads: &heads, done: Vec::new(), open: Vec::new(), circles: Vec::new() };
        heads.keys().for_each(|name| order.visit(name));
        let circular: BTreeSet<&str> = order.circles.iter().flatten().copied().collect();
        for circle in &order.circles {
            let place =
                heads.get(circle[0]).and_then(|head| call_of(head, circle.get(1).unwrap_or(&circle[0])));
            let listed: Vec<_> = circle.iter().chain([&circle[0]]).map(|name| format!("`{name}`")).collect();
            let message = format!("this closes a circle: {}", listed.join(" calls "));
            let hint = Some("use `repeat`, or let an event start the next run".to_owned());
            if let Some(place) = place {
                self.sink.error(Code::WorkflowCycle, place, message, hint);
            }
        }
        // What those of a circle change is not known, but that is not what is wrong with them.
        for name in &order.done {
            let callable = heads[*name].callable(&callables.known);
            callables.known.insert((*name).to_owned(), callable);
        }
        for name in order.done {
            let (said, workflow) = heads[name].compile(&around, &callables, &mut self.schemas);
            read.said.push(said);
            match workflow.filter(|_| !circular.contains(name)) {
                Some(workflow) => {
                    callables.digests.insert(name.to_owned(), workflow.digest);
                    read.good.insert(name.to_owned(), Arc::new(workflow));
                }
                None => {
                    callables.digests.remove(name);
                }
            }
        }
        read
    }

    /// The heads of all workflows that have a name of their own.
    fn heads(
        &mut self,
        contracts: &[ContractFile],
        callables: &mut Callables,
    ) -> BTreeMap<String, WorkflowHead> {
        let (mut places, mut heads) = (BTreeMap::new(), BTreeMap::new());
        for file in self.files.yaml_below("workflows") {
            callables.unreadable.push(stem(self.files.path(file)).to_owned());
            let tree = read_tree(self.files, file, self.sink);
            let Some(tree) = tree.filter(|tree| !self.misplaced(tree, file, "workflow")) else { continue };
            self.named(&tree, file, "workflow", &mut places);
            if let Some(field) = tree.field("workflow")
                && let Some(name) = field.as_text()
                && contracts.iter().any(|contract| contract.said.name == name.text)
            {
                let message = format!("there is a contract `{}` too, and both can be called", name.text);
                let hint = Some("give one of them another name".to_owned());
                self.sink.error(Code::DuplicateName, Place { file, span: field.headline() }, message, hint);
            }
            if let Some(head) = read_head(tree, file, stem(self.files.path(file)), &mut self.schemas) {
                heads.entry(head.name.clone()).or_insert(head);
            }
        }
        heads
    }
}

/// Where a workflow names another.
fn call_of(head: &WorkflowHead, callee: &str) -> Option<Place> {
    head.calls.iter().find(|(name, _)| name == callee).map(|(_, place)| place.clone())
}

/// What contracts can be called.
fn callables(contracts: &[ContractFile]) -> Callables {
    let mut callables = Callables {
        known: BTreeMap::new(),
        unreadable: Vec::new(),
        publishers: Vec::new(),
        digests: BTreeMap::new(),
    };
    for contract in contracts {
        let name = contract.said.name.clone();
        match &contract.law {
            Some(law) if law.contract.kind == Kind::Publisher => callables.publishers.push(name),
            Some(law) => {
                callables.digests.insert(name.clone(), law.digest);
                callables.known.insert(name, Callable::of(law));
            }
            None => callables.unreadable.push(name),
        }
    }
    callables
}

/// Puts workflows behind those that they call.
struct Order<'h> {
    heads: &'h BTreeMap<String, WorkflowHead>,
    done: Vec<&'h str>,
    open: Vec<&'h str>,
    circles: Vec<Vec<&'h str>>,
}

impl<'h> Order<'h> {
    fn visit(&mut self, name: &'h str) {
        if self.done.contains(&name) {
            return;
        }
        if let Some(first) = self.open.iter().position(|open| *open == name) {
            self.circles.push(self.open[first..].to_vec());
            return;
        }
        self.open.push(name);
        for (callee, _) in &self.heads[name].calls {
            if let Some((callee, _)) = self.heads.get_key_value(callee) {
                self.visit(callee);
            }
        }
        self.open.pop();
        self.done.push(name);
    }
}
