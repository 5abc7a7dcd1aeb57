//! `mote compat`: what breaks from the release to the contract as it is now.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use mote_contract::{Law, System};
use mote_expr::Value;
use mote_forge::{Lock, SystemFolder, Workshop};
use mote_verify::{Comparison, Seed, Subject, compare_with_recordings};

use crate::cli::{Cli, Compat};
use crate::command::verify::threads;
use crate::output::{BOLD_GREEN, BOLD_RED, BOLD_YELLOW, RESET, hint, result, tell};
use crate::{recordings, system};

pub(crate) fn run(cli: &Cli, arguments: &Compat) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some((system, files)) = system::checked_files(&folder)? else { return Ok(ExitCode::FAILURE) };
    let path = arguments.against.clone().unwrap_or_else(|| folder.lock());
    if arguments.against.is_some() && !path.is_file() {
        anyhow::bail!("there is no lock file `{}`", path.display());
    }
    let lock = Lock::read(&path)?;
    let mut services = Services { folder: &folder, system: &system, workshop: None };
    let mut code = ExitCode::SUCCESS;
    for law in system::chosen(&system, &arguments.names)? {
        let name = &law.contract.name;
        let file = files.path(law.contract.place.file);
        if !lock.releases.contains_key(name) {
            say(arguments, name, None, file);
            continue;
        }
        let before = lock.law(name).with_context(|| format!("`{name}` cannot be compared"))?;
        // What did not change needs no service, and most contracts did not.
        let subject = if before.digest == law.digest { None } else { services.of(law)? };
        // The same values each time: what was found is found again until it is mended.
        let calls = recordings::of(&folder, name);
        let comparison = compare_with_recordings(&before, law, subject.as_deref(), &Seed::from(1), &calls);
        if comparison.versioned().is_err() {
            code = ExitCode::FAILURE;
        }
        say(arguments, name, Some(&comparison), file);
    }
    Ok(code)
}

/// The services as their sources are now, built where a contract has changed.
struct Services<'s> {
    folder: &'s SystemFolder,
    system: &'s System,
    workshop: Option<Workshop>,
}

impl Services<'_> {
    /// The service of `law`. None where it cannot be built: then nobody can answer for it.
    fn of(&mut self, law: &Arc<Law>) -> anyhow::Result<Option<Box<dyn Subject>>> {
        let workshop = match &mut self.workshop {
            Some(workshop) => workshop,
            none => none.insert(Workshop::open(self.folder.clone(), threads())?),
        };
        match workshop.subject(self.system, law) {
            Ok(subject) => Ok(Some(subject)),
            Err(problem) => {
                let name = &law.contract.name;
                tell(format!("{BOLD_YELLOW}warning{RESET}: no service answers for `{name}`: {problem}"));
                Ok(None)
            }
        }
    }
}

/// Tell what came of one contract; None where it was never released.
fn say(arguments: &Compat, name: &str, comparison: Option<&Comparison>, file: &str) {
    if arguments.json {
        return result(record(name, comparison));
    }
    let Some(comparison) = comparison else {
        return tell(format!("{BOLD_GREEN}compatible{RESET} {name}: it has no release yet"));
    };
    let Comparison { before, now, changes } = comparison;
    match (changes.is_empty(), comparison.breaks(), comparison.versioned()) {
        (true, ..) => tell(format!("{BOLD_GREEN}compatible{RESET} {name} {now}: as it was released")),
        (_, false, _) => tell(format!("{BOLD_GREEN}compatible{RESET} {name} {now} with {before}")),
        (_, true, Ok(())) => {
            tell(format!("{BOLD_YELLOW}breaking{RESET} {name} {now}, and its version says so"))
        }
        (_, true, Err(needs)) => {
            tell(format!("{BOLD_RED}breaking{RESET} {name}: {needs}"));
            hint(format!("keep what was promised, or write `version: {}` in {file}", needs.write));
        }
    }
    for change in changes {
        let mark = if change.breaking { "breaks" } else { "keeps " };
        tell(format!("  {mark} {}", change.to_string().replace('\n', "\n       ")));
    }
}

fn record(name: &str, comparison: Option<&Comparison>) -> Value {
    let Some(comparison) = comparison else {
        return Value::object([("contract", Value::text(name)), ("released", Value::Bool(false))]);
    };
    let mut record = vec![
        ("before", Value::text(&comparison.before)),
        ("breaking", Value::Bool(comparison.breaks())),
        ("changes", Value::list(comparison.changes.iter().map(|change| change.to_value()))),
        ("contract", Value::text(name)),
        ("now", Value::text(&comparison.now)),
        ("released", Value::Bool(true)),
    ];
    record.extend(comparison.versioned().err().map(|needs| ("needsVersion", Value::text(needs.write))));
    Value::object(record)
}
