//! What every schema of a system really accepts, with the bounds and defaults that its file leaves out.

use mote_contract::{System, yaml};
use mote_expr::Value;

use crate::output::result;

/// Show all schemas: as YAML documents for people, as JSON lines for programs.
pub(super) fn explain(system: &System, json: bool) {
    let documents = documents(system);
    if json {
        documents.into_iter().for_each(result);
        return;
    }
    let texts: Vec<String> = documents.iter().map(yaml).collect();
    result(texts.join("---\n").trim_end());
}

/// One of each contract, aggregate, view and workflow.
fn documents(system: &System) -> Vec<Value> {
    let mut documents = Vec::new();
    for (name, law) in &system.laws {
        documents.push(Value::object([
            ("contract", Value::text(name)),
            ("input", law.input.to_json_schema()),
            ("output", law.output.to_json_schema()),
        ]));
    }
    for (name, aggregate) in &system.aggregates {
        let events = aggregate.events.iter().map(|(kind, event)| (kind, event.data.to_json_schema()));
        documents.push(Value::object([
            ("aggregate", Value::text(name)),
            ("state", aggregate.state.to_json_schema()),
            ("events", Value::object(events)),
        ]));
    }
    for (name, view) in &system.views {
        documents.push(Value::object([("view", Value::text(name)), ("row", view.row.to_json_schema())]));
    }
    for (name, workflow) in &system.workflows {
        documents.push(Value::object([
            ("workflow", Value::text(name)),
            ("input", workflow.input.to_json_schema()),
            ("output", workflow.output.to_json_schema()),
        ]));
    }
    documents
}
