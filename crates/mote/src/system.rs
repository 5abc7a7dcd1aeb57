//! Opens the system that a command works on, and prints what is wrong with it.

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use mote_contract::{Files, Law, Report, System, check};
use mote_expr::suggest;
use mote_forge::{FolderError, SystemFolder, template, types};

use crate::output::{BOLD_YELLOW, RESET, print_diagnostics, refused, tell};

/// The system's folder, or an error that says what to type.
pub(crate) fn open(folder: &Path) -> anyhow::Result<SystemFolder> {
    SystemFolder::open(folder).map_err(|error| match error {
        FolderError::NoSystem(_) => {
            refused(error, "go to a system's folder, name one with `mote -C DIR …`, or make one: `mote new`")
        }
        error => error.into(),
    })
}

/// The error for `name`, which names nothing; `near` is what it may have meant.
pub(crate) fn no_such(what: &str, name: &str, near: Option<&str>, command: &str) -> anyhow::Error {
    let error = anyhow!("there is no {what} `{name}`");
    if Path::new(name).is_dir() {
        return refused(error, format!("name a folder with -C: `mote -C {name} {command}`"));
    }
    refused(
        error,
        match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`mote {command}` without a name means all of them"),
        },
    )
}

/// The checked system; None if it has errors, which are printed.
pub(crate) fn checked(folder: &SystemFolder) -> anyhow::Result<Option<System>> {
    Ok(checked_files(folder)?.map(|(system, _)| system))
}

/// The checked system with the files it was made from.
pub(crate) fn checked_files(folder: &SystemFolder) -> anyhow::Result<Option<(System, Files)>> {
    let files = folder.read()?;
    let Report { diagnostics, system } = report(&files);
    print_diagnostics(&diagnostics, &files);
    if let Some(system) = &system {
        write_types(folder, system);
    }
    Ok(system.map(|system| (system, files)))
}

/// Everything that is wrong with a system: with what it says, and with what its services begin with.
pub(crate) fn report(files: &Files) -> Report {
    let Report { mut diagnostics, system } = check(files);
    let of_templates = template::check(files);
    let system = system.filter(|_| of_templates.is_empty());
    diagnostics.extend(of_templates);
    Report { diagnostics, system }
}

/// The contracts that are named; all of them if none is.
pub(crate) fn chosen<'s>(system: &'s System, names: &[String]) -> anyhow::Result<Vec<&'s Arc<Law>>> {
    for name in names {
        if !system.laws.contains_key(name) {
            let near = suggest(name, system.laws.keys().map(String::as_str));
            return Err(no_such("contract", name, near, "verify"));
        }
    }
    let wanted = |law: &&Arc<Law>| names.is_empty() || names.contains(&law.contract.name);
    Ok(system.laws.values().filter(wanted).collect())
}

/// All that the service of `law` answers.
pub(crate) fn operations(system: &System, law: &Law) -> Vec<String> {
    let services = system.services();
    let laws = services.get(law.contract.service.as_str()).map_or(&[][..], Vec::as_slice);
    laws.iter().map(|law| law.contract.name.clone()).collect()
}

/// Keep what an editor knows in step with the contracts. A folder that nobody may write is no reason to stop.
pub(crate) fn write_types(folder: &SystemFolder, system: &System) {
    if let Err(error) = types::write(folder, system) {
        tell(format!("{BOLD_YELLOW}warning{RESET}: editors will not know the contracts: {error}"));
    }
}
