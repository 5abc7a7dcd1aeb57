//! `mote add`: a contract that passes `check`, and a service that passes `verify`.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use mote_contract::System;
use mote_expr::suggest;

use crate::cli::{Add, AddKind, Cli};
use crate::output::{BOLD_GREEN, RESET, hint, refused, result, tell, written};
use crate::scaffold::{self, Texts};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Add) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let name = &arguments.name;
    scaffold::check_name("a contract", name)?;
    if let Some(capability) = &arguments.capability {
        scaffold::check_name("a capability", capability)?;
    }
    let Some(system) = system::checked(&folder)? else {
        hint("mend the system first, so that what is new can be checked with it");
        return Ok(ExitCode::FAILURE);
    };
    if let Some(law) = system.laws.get(name) {
        bail!("there is a contract `{name}` already, a {}", law.contract.kind.name());
    }
    let mut texts = texts(arguments, &system)?;
    let (tsconfig, text) = scaffold::TSCONFIG;
    if !folder.root().join(tsconfig).exists() {
        texts.insert(tsconfig.to_owned(), text.to_owned());
    }
    scaffold::write(folder.root(), &texts)?;
    for path in texts.keys() {
        if arguments.json { result(written(path)) } else { result(path) }
    }
    if system::checked(&folder)?.is_none() {
        return Ok(ExitCode::FAILURE);
    }
    if arguments.json {
        return Ok(ExitCode::SUCCESS);
    }
    tell(format!("{BOLD_GREEN}added{RESET} the {} {name}", arguments.kind.name()));
    let contract = texts.keys().find(|path| path.starts_with("contracts/")).map_or("", String::as_str);
    hint(format!("say in {contract} what it promises, then `mote check`"));
    hint(format!("keep the promise in services/{name}/{name}.ts, then `mote verify {name}`"));
    Ok(ExitCode::SUCCESS)
}

fn texts(arguments: &Add, system: &System) -> anyhow::Result<Texts> {
    let (name, capability) = (&arguments.name, arguments.capability.as_deref());
    if arguments.kind == AddKind::Publisher {
        return publisher(arguments, system);
    }
    if !arguments.subscribes.is_empty() || arguments.to.is_some() {
        let hint = format!("`mote add publisher {name} --subscribes EVENT --to SINK` adds one that does");
        return Err(refused(anyhow!("a {} publishes no messages", arguments.kind.name()), hint));
    }
    let aggregate = match (arguments.kind, &arguments.aggregate) {
        (AddKind::Function | AddKind::Publisher, None) => return Ok(scaffold::function(name, capability)),
        (AddKind::Function | AddKind::Publisher, Some(_)) => {
            let hint = format!("`mote add command {name} --aggregate NAME` adds one that does");
            return Err(refused(anyhow!("a function touches no aggregate"), hint));
        }
        (AddKind::Command, None) => {
            let known = system.aggregates.keys().map(String::as_str).collect::<Vec<_>>().join("`, `");
            let known = if known.is_empty() { String::new() } else { format!(": `{known}`, or a new one") };
            let hint = format!("say which with `--aggregate NAME`{known}");
            return Err(refused(anyhow!("a command touches an aggregate"), hint));
        }
        (AddKind::Command, Some(aggregate)) => aggregate,
    };
    if let Some(known) = system.aggregates.get(aggregate) {
        let events: Vec<&str> = known.events.keys().map(String::as_str).collect();
        return Ok(scaffold::command(name, capability, aggregate, &events));
    }
    scaffold::check_name("an aggregate", aggregate)?;
    if let Some(near) = suggest(aggregate, system.aggregates.keys().map(String::as_str)) {
        tell(format!("the aggregate `{aggregate}` is new; there is also `{near}`"));
    }
    Ok(scaffold::command_of_new(name, capability, aggregate))
}

/// A publisher of events and to a sink that are there: nothing is written into a file that people wrote.
fn publisher(arguments: &Add, system: &System) -> anyhow::Result<Texts> {
    let name = &arguments.name;
    if arguments.aggregate.is_some() {
        let hint = format!("`mote add publisher {name} --subscribes EVENT --to SINK` names what it follows");
        return Err(refused(anyhow!("a publisher changes no aggregate"), hint));
    }
    let events =
        || system.aggregates.values().flat_map(|aggregate| aggregate.events.keys().map(String::as_str));
    let listed = || events().collect::<Vec<_>>().join("`, `");
    if arguments.subscribes.is_empty() {
        let hint = format!("say which with `--subscribes EVENT`: `{}`", listed());
        return Err(refused(anyhow!("a publisher follows events"), hint));
    }
    for event in &arguments.subscribes {
        if !events().any(|known| known == event) {
            let hint = match suggest(event, events()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the events are `{}`", listed()),
            };
            return Err(refused(anyhow!("no aggregate has an event `{event}`"), hint));
        }
    }
    let sinks = || system.manifest.sinks.keys().map(String::as_str);
    let Some(sink) = &arguments.to else {
        let known = sinks().collect::<Vec<_>>().join("`, `");
        let known = if known.is_empty() { String::new() } else { format!(": `{known}`") };
        return Err(refused(anyhow!("a publisher has a sink"), format!("say which with `--to SINK`{known}")));
    };
    if !sinks().any(|known| known == sink) {
        scaffold::check_name("a sink", sink)?;
        let hint = match suggest(sink, sinks()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it to mote.yaml first: `sinks: {{{sink}: {{kind: log}}}}`"),
        };
        return Err(refused(anyhow!("there is no sink `{sink}`"), hint));
    }
    let events: Vec<&str> = arguments.subscribes.iter().map(String::as_str).collect();
    Ok(scaffold::publisher(name, arguments.capability.as_deref(), &events, sink))
}
