//! `mote build`: services built, and nothing said about whether they keep their contracts.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mote_contract::{Law, System};
use mote_expr::{Digest, Value, suggest};
use mote_forge::artifacts::Artifacts;
use mote_forge::typescript::ServiceSource;
use mote_forge::{Failure, Problem, SystemFolder};

use crate::cli::{Build, Cli};
use crate::output::{BOLD_GREEN, NewsPrinter, RESET, print_failure, result, tell};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Build) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some(system) = system::checked(&folder)? else { return Ok(ExitCode::FAILURE) };
    let artifacts = Artifacts::open(&folder.state("artifacts")?)?;
    let mut code = ExitCode::SUCCESS;
    let derived = system.derived().map(|law| law.contract.name.as_str());
    for name in derived.filter(|derived| arguments.names.iter().any(|name| name == derived)) {
        if arguments.json {
            result(Value::object([("contract", Value::text(name)), ("derived", Value::Bool(true))]));
        } else {
            tell(format!("{name} has nothing to build: its rules are its implementation"));
        }
    }
    for (service, laws) in chosen(&system, &arguments.names)? {
        let operations: Vec<String> = laws.iter().map(|law| law.contract.name.clone()).collect();
        match build(&folder, &artifacts, service, &operations) {
            Ok(built) if arguments.json => result(built.value(service)),
            Ok(built) => tell(built.sentence(service)),
            Err(problem) => {
                code = ExitCode::FAILURE;
                if arguments.json {
                    let problem = Value::text(problem.to_string());
                    result(Value::object([("problem", problem), ("service", Value::text(service))]));
                } else {
                    print_failure(&Failure { service: service.to_owned(), operations, problem }, &folder);
                }
            }
        }
    }
    Ok(code)
}

/// The services that are named, by their own names or by those of their contracts; all if none is.
fn chosen<'s>(
    system: &'s System,
    names: &'s [String],
) -> anyhow::Result<BTreeMap<&'s str, Vec<&'s Arc<Law>>>> {
    let mut services = system.services();
    if names.is_empty() {
        return Ok(services);
    }
    let mut wanted = Vec::new();
    for name in names {
        let law = system.laws.get(name).map(|law| law.contract.service.as_str());
        match law.or_else(|| services.contains_key(name.as_str()).then_some(name.as_str())) {
            Some(service) => wanted.push(service),
            None => {
                let near =
                    suggest(name, system.laws.keys().map(String::as_str).chain(services.keys().copied()));
                return Err(system::no_such("service and no contract", name, near, "build"));
            }
        }
    }
    services.retain(|service, _| wanted.contains(service));
    Ok(services)
}

struct Built {
    artifact: Digest,
    /// How long it took; None where nothing had changed.
    took: Option<Duration>,
}

fn build(
    folder: &SystemFolder,
    artifacts: &Artifacts,
    service: &str,
    operations: &[String],
) -> Result<Built, Problem> {
    let sources = folder.service(service);
    if !sources.is_dir() {
        return Err(Problem::NoService { folder: sources, operations: operations.to_vec() });
    }
    let source = ServiceSource::of(folder, service, operations)?;
    if let Some(before) = artifacts.built(&source.hash()).filter(|before| artifacts.get(before).is_ok()) {
        return Ok(Built { artifact: Digest(before), took: None });
    }
    let printer = NewsPrinter::new();
    printer.print(&mote_forge::News::Building { service });
    let since = Instant::now();
    let built = artifacts.build(&source);
    printer.clear();
    Ok(Built { artifact: Digest(built?), took: Some(since.elapsed()) })
}

impl Built {
    fn sentence(&self, service: &str) -> String {
        match self.took {
            Some(took) => format!("{BOLD_GREEN}built{RESET} {service} in {} ms", took.as_millis()),
            None => format!("{BOLD_GREEN}built{RESET} {service} before, nothing has changed"),
        }
    }

    fn value(&self, service: &str) -> Value {
        let milliseconds = |took: Duration| i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        let mut fields = vec![
            ("artifact", Value::text(self.artifact.to_string())),
            ("service", Value::text(service)),
            ("unchanged", Value::Bool(self.took.is_none())),
        ];
        fields.extend(self.took.map(|took| ("ms", Value::Int(milliseconds(took)))));
        Value::object(fields)
    }
}
