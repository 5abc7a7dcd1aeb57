//! `mote add`: a contract that passes `check`, and a service that passes `verify`.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use mote_contract::System;
use mote_expr::suggest;

use crate::cli::{Add, AddKind, Cli};
use crate::output::{BOLD_GREEN, RESET, hint, refused, result, tell};
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
    texts.keys().for_each(result);
    if system::checked(&folder)?.is_none() {
        return Ok(ExitCode::FAILURE);
    }
    tell(format!("{BOLD_GREEN}added{RESET} the {} {name}", arguments.kind.name()));
    let contract = texts.keys().find(|path| path.starts_with("contracts/")).map_or("", String::as_str);
    hint(format!("say in {contract} what it promises, then `mote check`"));
    hint(format!("keep the promise in services/{name}/{name}.ts, then `mote verify {name}`"));
    Ok(ExitCode::SUCCESS)
}

fn texts(arguments: &Add, system: &System) -> anyhow::Result<Texts> {
    let (name, capability) = (&arguments.name, arguments.capability.as_deref());
    let aggregate = match (arguments.kind, &arguments.aggregate) {
        (AddKind::Function, None) => return Ok(scaffold::function(name, capability)),
        (AddKind::Function, Some(_)) => {
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
