//! `mote add`: a contract that passes `check`, and a service that passes `verify`.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use mote_contract::{Files, System};
use mote_expr::suggest;
use mote_forge::template::Template;

use crate::cli::{Add, AddKind, Cli};
use crate::output::{BOLD_GREEN, RESET, hint, refused, result, tell, written};
use crate::scaffold::{self, Scaffold, Texts};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Add) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let name = &arguments.name;
    scaffold::check_name("a contract", name)?;
    if let Some(capability) = &arguments.capability {
        scaffold::check_name("a capability", capability)?;
    }
    let Some((system, files)) = system::checked_files(&folder)? else {
        hint("mend the system first, so that what is new can be checked with it");
        return Ok(ExitCode::FAILURE);
    };
    if let Some(law) = system.laws.get(name) {
        bail!("there is a contract `{name}` already, a {}", law.contract.kind.name());
    }
    only_its_own(arguments)?;
    let template = Template::of(&files);
    let scaffold = Scaffold { template: &template, name, capability: arguments.capability.as_deref() };
    let mut texts = match arguments.kind {
        AddKind::Function => scaffold.function(),
        AddKind::Command => command(arguments, &system, &scaffold),
        AddKind::Query => query(arguments, &system, &files, &scaffold),
        AddKind::Publisher => publisher(arguments, &system, &scaffold),
    }?;
    let has_code = texts.keys().any(|path| path.starts_with("services/"));
    let (tsconfig, text) = scaffold::TSCONFIG;
    if has_code && !folder.root().join(tsconfig).exists() {
        texts.insert(tsconfig.to_owned(), text.to_owned());
    }
    tell_near_capability(arguments, &system);
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
    if has_code {
        hint(format!("keep the promise in services/{name}/{name}.ts, then `mote verify {name}`"));
    } else {
        hint(format!("its rules are its implementation: `mote verify {name}` judges them"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuse what is said of another kind: it would do nothing.
fn only_its_own(arguments: &Add) -> anyhow::Result<()> {
    let name = &arguments.name;
    let kind = arguments.kind;
    let refuse = |what: &str, (other, with): (&str, &str)| {
        let hint = format!("`mote add {other} {name} {with}` adds one that does");
        Err(refused(anyhow!("a {} {what}", kind.name()), hint))
    };
    if arguments.aggregate.is_some() && kind != AddKind::Command {
        return refuse("touches no aggregate", ("command", "--aggregate NAME"));
    }
    if arguments.view.is_some() && kind != AddKind::Query {
        return refuse("shows no view", ("query", "--view NAME"));
    }
    if (!arguments.subscribes.is_empty() || arguments.to.is_some()) && kind != AddKind::Publisher {
        return refuse("publishes no messages", ("publisher", "--subscribes EVENT --to SINK"));
    }
    Ok(())
}

/// A capability that is new is made; one that is nearly there may have been meant.
fn tell_near_capability(arguments: &Add, system: &System) {
    let known = || system.laws.values().map(|law| law.contract.capability.as_str());
    let Some(capability) = arguments.capability.as_deref() else { return };
    if known().any(|known| known == capability) {
        return;
    }
    if let Some(near) = suggest(capability, known()) {
        tell(format!("the capability `{capability}` is new; there is also `{near}`"));
    }
}

fn command(arguments: &Add, system: &System, scaffold: &Scaffold<'_>) -> anyhow::Result<Texts> {
    let Some(aggregate) = &arguments.aggregate else {
        let known = listed(system.aggregates.keys().map(String::as_str));
        let known = if known.is_empty() { known } else { format!("{known}, or a new one") };
        let hint = format!("say which with `--aggregate NAME`{known}");
        return Err(refused(anyhow!("a command touches an aggregate"), hint));
    };
    if let Some(known) = system.aggregates.get(aggregate) {
        let events: Vec<&str> = known.events.keys().map(String::as_str).collect();
        return scaffold.command(aggregate, &events);
    }
    scaffold::check_name("an aggregate", aggregate)?;
    if let Some(near) = suggest(aggregate, system.aggregates.keys().map(String::as_str)) {
        tell(format!("the aggregate `{aggregate}` is new; there is also `{near}`"));
    }
    scaffold.command_of_new(aggregate)
}

/// A query of a view that is there: what its rows are made of is nothing that could be made up.
fn query(arguments: &Add, system: &System, files: &Files, scaffold: &Scaffold<'_>) -> anyhow::Result<Texts> {
    let views = || system.views.keys().map(String::as_str);
    let Some(name) = &arguments.view else {
        let hint = match system.views.is_empty() {
            true => "write one first, such as `views/open-orders.yaml`: docs/views.md shows how".to_owned(),
            false => format!("say which with `--view NAME`{}", listed(views())),
        };
        return Err(refused(anyhow!("a query shows a view"), hint));
    };
    let Some(view) = system.views.get(name) else {
        let hint = match suggest(name, views()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if system.views.is_empty() => format!("write `views/{name}.yaml` first"),
            None => format!("there are{}", listed(views()).trim_start_matches(':')),
        };
        return Err(refused(anyhow!("there is no view `{name}`"), hint));
    };
    scaffold.query(name, files.path(view.place.file))
}

/// The names after a colon; nothing if there are none.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.is_empty() { names } else { format!(": {names}") }
}

/// A publisher of events and to a sink that are there: nothing is written into a file that people wrote.
fn publisher(arguments: &Add, system: &System, scaffold: &Scaffold<'_>) -> anyhow::Result<Texts> {
    let events =
        || system.aggregates.values().flat_map(|aggregate| aggregate.events.keys().map(String::as_str));
    if arguments.subscribes.is_empty() {
        let hint = match listed(events()) {
            none if none.is_empty() => {
                "add one first: `mote add command NAME --aggregate AGGREGATE`".to_owned()
            }
            known => format!("say which with `--subscribes EVENT`{known}"),
        };
        return Err(refused(anyhow!("a publisher follows events"), hint));
    }
    for event in &arguments.subscribes {
        if !events().any(|known| known == event) {
            let hint = match suggest(event, events()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the events are{}", listed(events()).trim_start_matches(':')),
            };
            return Err(refused(anyhow!("no aggregate has an event `{event}`"), hint));
        }
    }
    let sinks = || system.manifest.sinks.keys().map(String::as_str);
    let Some(sink) = &arguments.to else {
        let hint = match listed(sinks()) {
            none if none.is_empty() => {
                "add one to mote.yaml first: `sinks: {outside: {kind: log}}`".to_owned()
            }
            known => format!("say which with `--to SINK`{known}"),
        };
        return Err(refused(anyhow!("a publisher has a sink"), hint));
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
    scaffold.publisher(&events, sink)
}
