//! Each way in which something can fail, where that leads, and what takes back what was done.

use mote_contract::{FailureMap, System, failures};
use mote_expr::{Value, suggest};

use crate::output::result;
use crate::system;

/// Show the failure map of the workflow or contract `name`, or of the whole system: a table for people, JSON lines for
/// programs.
pub(super) fn show(system: &System, name: &str, json: bool) -> anyhow::Result<()> {
    let mut maps = failures(system);
    if !name.is_empty() {
        if !maps.iter().any(|map| map.name == name) {
            let near = suggest(name, maps.iter().map(|map| map.name.as_str()));
            return Err(system::no_such("workflow or contract", name, near, "check --failures"));
        }
        maps.retain(|map| map.name == name);
    }
    for (at, map) in maps.iter().enumerate() {
        if json {
            lines(map).for_each(result);
            continue;
        }
        if at > 0 {
            result("");
        }
        result(table(map).trim_end());
    }
    Ok(())
}

fn table(map: &FailureMap) -> String {
    let mut text = format!("{} {}\n", map.kind, map.name);
    let mut before = ("", "");
    for failure in &map.failures {
        let head = (failure.at.as_str(), failure.does.as_str());
        if head != before && failure.at != map.name {
            let does = if failure.does.is_empty() { String::new() } else { format!(": {}", failure.does) };
            text += &format!("  {}{does}\n", failure.at);
        }
        before = head;
        text += &format!("    {}\n      {}\n", failure.ways.join(", "), failure.then);
        if !failure.undo.is_empty() {
            text += &format!("      taken back by: {}\n", failure.undo.join(", "));
        }
    }
    text
}

fn lines(map: &FailureMap) -> impl Iterator<Item = Value> {
    let texts = |texts: &[String]| Value::list(texts.iter().map(Value::text));
    map.failures.iter().map(move |failure| {
        Value::object([
            ("kind", Value::text(map.kind)),
            ("name", Value::text(&map.name)),
            ("at", Value::text(&failure.at)),
            ("does", Value::text(&failure.does)),
            ("ways", texts(&failure.ways)),
            ("then", Value::text(&failure.then)),
            ("undo", texts(&failure.undo)),
        ])
    })
}
