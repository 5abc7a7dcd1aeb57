//! A whole system as a Mermaid flowchart: what starts operations, what they change, who reads and who is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::contract::{Kind, Route};
use crate::system::System;
use crate::workflow::{Callee, StepKind, TriggerSource, Undo, Workflow, escaped};

/// Draw `system`: each capability a group, arrows in the direction in which data flows.
pub fn graph(system: &System) -> String {
    let mut drawn = Drawn { groups: BTreeMap::new(), arrows: Vec::new() };
    for (name, law) in &system.laws {
        let contract = &law.contract;
        let node = node("contract", name);
        drawn.node(
            &contract.capability,
            format!("{node}[\"{}<br/>{}\"]", escaped(name), contract.kind.name()),
        );
        drawn.routes(&contract.routes, &node);
        if let Some(aggregate) = &contract.aggregate {
            drawn.arrow(&node, &contract.emits.join(", "), &self::node("aggregate", aggregate));
        }
        if let Some(reads) = &law.reads {
            drawn.arrow(&self::node("view", &reads.view.name), "", &node);
        }
        if let (Kind::Publisher, Some(publishing)) = (contract.kind, &law.publishing) {
            let mut events: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for followed in &publishing.subscribes {
                events.entry(&followed.aggregate.name).or_default().push(&followed.event);
            }
            for (aggregate, events) in events {
                drawn.arrow(&self::node("aggregate", aggregate), &events.join(", "), &node);
            }
            drawn.arrow(&node, &publishing.publishes.join(", "), &self::node("sink", &publishing.sink));
        }
    }
    for name in system.aggregates.keys() {
        drawn.node("", format!("{}[(\"{}\")]", node("aggregate", name), escaped(name)));
    }
    for (name, view) in &system.views {
        drawn.node("", format!("{}[/\"{}\"/]", node("view", name), escaped(name)));
        let mut events: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (event, source) in &view.from {
            events.entry(&source.aggregate.name).or_default().push(event);
        }
        for (aggregate, events) in events {
            drawn.arrow(&node("aggregate", aggregate), &events.join(", "), &node("view", name));
        }
    }
    for name in system.manifest.sinks.keys() {
        drawn.node("", format!("{}>\"{}\"]", node("sink", name), escaped(name)));
    }
    for (name, workflow) in &system.workflows {
        drawn.workflow(name, workflow);
    }
    drawn.text()
}

/// The id of a node: names of different kinds may be the same.
fn node(kind: &str, name: &str) -> String {
    format!("{kind}_{}", name.replace('-', "_"))
}

struct Drawn {
    groups: BTreeMap<String, Vec<String>>,
    arrows: Vec<String>,
}

impl Drawn {
    fn node(&mut self, group: &str, text: String) {
        let nodes = self.groups.entry(group.to_owned()).or_default();
        if !nodes.contains(&text) {
            nodes.push(text);
        }
    }

    fn arrow(&mut self, from: &str, label: &str, to: &str) {
        let label = if label.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(label)) };
        self.arrows.push(format!("{from} -->{label} {to}"));
    }

    fn routes(&mut self, routes: &[Route], to: &str) {
        for (at, route) in routes.iter().enumerate() {
            let from = format!("{to}_route{at}");
            let label = format!("{} {}", route.method.name(), route.path_text());
            self.node("", format!("{from}([\"{}\"])", escaped(&label)));
            self.arrow(&from, "", to);
        }
    }

    fn workflow(&mut self, name: &str, workflow: &Workflow) {
        let node = node("workflow", name);
        self.node(&workflow.capability, format!("{node}[[\"{}\"]]", escaped(name)));
        let mut routes = Vec::new();
        for trigger in &workflow.triggers {
            match &trigger.source {
                TriggerSource::Http(route) => routes.push(route.clone()),
                TriggerSource::Event { event, aggregate, .. } => {
                    self.arrow(&self::node("aggregate", &aggregate.name), event, &node);
                }
            }
        }
        self.routes(&routes, &node);
        let (mut called, mut undone, mut waited) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for step in &workflow.steps {
            match &step.kind {
                StepKind::Call(call) => {
                    called.insert(callee(&call.callee));
                    if let Undo::Call(undo) = &call.undo {
                        undone.insert(callee(&undo.callee));
                    }
                }
                StepKind::Event(wait) => {
                    waited.insert((wait.aggregate.name.clone(), wait.event.clone()));
                }
                _ => {}
            }
        }
        called.iter().for_each(|to| self.arrow(&node, "", to));
        for (aggregate, event) in waited {
            self.arrow(&self::node("aggregate", &aggregate), &event, &node);
        }
        for to in undone {
            self.arrows.push(format!("{node} -.->|\"undo\"| {to}"));
        }
    }

    fn text(self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        for (group, nodes) in self.groups {
            let indent = if group.is_empty() { "  " } else { "    " };
            if !group.is_empty() {
                let _ = writeln!(
                    text,
                    "  subgraph capability_{}[\"{}\"]",
                    group.replace(['-', '/'], "_"),
                    escaped(&group)
                );
            }
            for node in nodes {
                let _ = writeln!(text, "{indent}{node}");
            }
            if !group.is_empty() {
                text += "  end\n";
            }
        }
        for arrow in self.arrows {
            let _ = writeln!(text, "  {arrow}");
        }
        text
    }
}

fn callee(of: &Callee) -> String {
    let kind = match of {
        Callee::Contract(_) => "contract",
        Callee::Workflow(_) => "workflow",
    };
    node(kind, of.name())
}
