//! `mote verdict`: what the verdicts say, and whether they hold for what is on disk.

use std::process::ExitCode;
use std::sync::Arc;

use mote_contract::{Law, System};
use mote_expr::Value;
use mote_forge::artifacts::Artifacts;
use mote_forge::{Flaw, Lock, Standing, SystemFolder};
use mote_verify::{Envelope, Stated};

use crate::cli::{Cli, Verdict, VerdictCommand};
use crate::output::{BOLD_GREEN, BOLD_RED, RESET, hint, result, tell};
use crate::system;

pub(crate) fn run(cli: &Cli, arguments: &Verdict) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some(system) = system::checked(&folder)? else { return Ok(ExitCode::FAILURE) };
    let lock = Lock::read(&folder.lock())?;
    let artifacts = Artifacts::open(&folder.state("artifacts")?)?;
    let verdicts = Verdicts { folder, artifacts, lock };
    match &arguments.command {
        VerdictCommand::Show { name, json } => {
            let laws = system::chosen(&system, std::slice::from_ref(name))?;
            verdicts.show(&system, laws[0], *json)
        }
        VerdictCommand::Check { names, json } => {
            let mut code = ExitCode::SUCCESS;
            for law in system::chosen(&system, names)? {
                if !verdicts.check(&system, law, *json) {
                    code = ExitCode::FAILURE;
                }
            }
            Ok(code)
        }
    }
}

struct Verdicts {
    folder: SystemFolder,
    artifacts: Artifacts,
    lock: Lock,
}

impl Verdicts {
    fn flaw(&self, system: &System, law: &Arc<Law>) -> Option<Flaw> {
        let standing = Standing::of(&self.folder, &self.artifacts, &self.lock);
        standing.unchanged(law, &system::operations(system, law), &self.lock.trusted).err()
    }

    fn show(&self, system: &System, law: &Arc<Law>, json: bool) -> anyhow::Result<ExitCode> {
        let name = &law.contract.name;
        let Some(locked) = self.lock.releases.get(name) else {
            hint(format!("`mote verify {name}` makes one"));
            anyhow::bail!("there is no verdict on `{name}`");
        };
        let envelope: Envelope = locked.verdict.to_string().parse()?;
        let flaw = self.flaw(system, law);
        let Stated { statement, signed_by } = envelope.stated()?;
        let trusted = |id: &&mote_expr::Digest| self.lock.trusted.iter().any(|key| key.id() == **id);
        if json {
            let keys = signed_by.iter().map(|id| {
                Value::object([("id", Value::text(id.to_string())), ("trusted", Value::Bool(trusted(&id)))])
            });
            result(Value::object([
                ("holds", Value::Bool(flaw.is_none())),
                ("problem", flaw.map_or(Value::Null, |flaw| Value::text(flaw.to_string()))),
                ("signedBy", Value::list(keys)),
                ("statement", statement),
            ]));
            return Ok(ExitCode::SUCCESS);
        }
        for (name, text) in lines(&statement) {
            result(format!("{name:<10} {text}"));
        }
        for id in &signed_by {
            let trust = if trusted(&id) { "trusted here" } else { "not trusted here" };
            result(format!("{:<10} {id}, {trust}", "signed by"));
        }
        let holds = flaw.map_or_else(|| "yes".to_owned(), |flaw| format!("no: {flaw}"));
        result(format!("{:<10} {holds}", "holds"));
        Ok(ExitCode::SUCCESS)
    }

    /// Tell whether the verdict on `law` holds.
    fn check(&self, system: &System, law: &Arc<Law>, json: bool) -> bool {
        let name = &law.contract.name;
        let flaw = self.flaw(system, law);
        let holds = flaw.is_none();
        if json {
            result(Value::object([
                ("contract", Value::text(name)),
                ("holds", Value::Bool(holds)),
                ("problem", flaw.map_or(Value::Null, |flaw| Value::text(flaw.to_string()))),
            ]));
        } else if let Some(flaw) = flaw {
            tell(format!("{BOLD_RED}does not hold{RESET} {name}: {flaw}"));
            hint(format!("`mote verify {name}` judges it again"));
        } else {
            tell(format!("{BOLD_GREEN}holds{RESET} {name} {}", law.contract.version));
        }
        holds
    }
}

/// What a statement says, for people.
fn lines(statement: &Value) -> Vec<(&'static str, String)> {
    let find = |path: &[&str]| path.iter().try_fold(statement, |at, key| at.field(key));
    let text = |path: &[&str]| find(path).and_then(Value::as_text).unwrap_or("?").to_owned();
    let artifact = statement.field("subject").and_then(Value::as_list).and_then(<[Value]>::first);
    let artifact = |path: &[&str]| {
        let found = path.iter().try_fold(artifact?, |at, key| at.field(key));
        found.and_then(Value::as_text).map(str::to_owned)
    };
    let confined = find(&["predicate", "builder", "confined"]).and_then(Value::as_bool) == Some(true);
    let confined = if confined { "confined to its workspace" } else { "not confined" };
    let figures = find(&["predicate", "figures"]).cloned().unwrap_or(Value::Null);
    // Only where there are cases beside the contract.
    let cases = find(&["predicate", "cases"]).and_then(Value::as_text);
    let cases = cases.map(|hash| ("tests", format!("{hash} (tests and regressions)")));
    let lines = [
        (
            "contract",
            format!(
                "{} {}",
                text(&["predicate", "contract", "name"]),
                text(&["predicate", "contract", "version"])
            ),
        ),
        ("", text(&["predicate", "contract", "digest"])),
        ("artifact", artifact(&["name"]).unwrap_or_default()),
        ("", artifact(&["digest", "sha256"]).unwrap_or_default()),
        ("source", text(&["predicate", "source"])),
        ("template", text(&["predicate", "template"])),
        ("toolchain", text(&["predicate", "toolchain"])),
        ("owner", text(&["predicate", "owner"])),
        ("builder", format!("{}, {confined}", text(&["predicate", "builder", "name"]))),
        (
            "judged",
            format!(
                "{} under semantics {}",
                text(&["predicate", "time"]),
                find(&["predicate", "semantics"]).unwrap_or(&Value::Null)
            ),
        ),
        ("figures", figures.to_string()),
        ("seed", format!("{} (its hash)", text(&["predicate", "seedCommitment"]))),
        ("sealed", format!("{} (its hash)", text(&["predicate", "sealedCommitment"]))),
    ];
    lines.into_iter().chain(cases).collect()
}
