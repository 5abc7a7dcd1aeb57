//! Why a service may not serve, as people read it.

use mote_forge::artifacts::BuildFailure;
use mote_forge::typescript::BuildError;
use mote_forge::{AttemptError, Failure, Problem, SystemFolder};
use mote_verify::{Fault, Stage, Verification};

use super::{BOLD_RED, RESET, hint, print_place, tell};

/// Print one failure.
pub(crate) fn print_failure(failure: &Failure, folder: &SystemFolder) {
    let who = failure.operations.join(", ");
    let refused = |what: &str| tell(format!("{BOLD_RED}refused{RESET} {who}: {what}"));
    match &failure.problem {
        Problem::NoService { operations, .. } => {
            refused("there is no service");
            for operation in operations {
                hint(format!("write `services/{}/{operation}.ts`", failure.service));
            }
        }
        Problem::NeedlessService { .. } => {
            refused("its contract answers without code, and there is code too");
            let folder = format!("services/{}", failure.service);
            hint(format!("delete `{folder}/`, or leave out `implementation: contract`"));
        }
        Problem::Build(BuildFailure::Build(error)) => {
            refused(&error.message);
            print_place_of(error, &failure.service, folder);
            if let Some(text) = &error.hint {
                hint(text);
            }
        }
        Problem::Rejected(verification) => print_rejection(&who, verification),
        Problem::Attempt(error) => {
            refused(&error.to_string());
            match error {
                AttemptError::TooMany(_) => {
                    hint("say in the contract what they get wrong: a changed contract is counted anew")
                }
                _ => hint("restore the file; a contract that is changed is counted in another"),
            }
        }
        other => refused(&other.to_string()),
    }
    tell("");
}

/// Where a build stopped: the author's line, if there is one and it can still be read.
fn print_place_of(error: &BuildError, service: &str, folder: &SystemFolder) {
    let path = folder.service(service).join(&error.file);
    let name = path.strip_prefix(folder.root()).unwrap_or(&path).display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) if error.line > 0 => print_place(&name, &text, error.line, error.column),
        _ => tell(format!("  --> {name}")),
    }
}

fn print_rejection(who: &str, verification: &Verification) {
    let Some(rejection) = verification.rejection() else { return };
    let whose = match rejection.fault {
        Fault::Contract => "contract error",
        Fault::Service => "refused",
    };
    tell(format!("{BOLD_RED}{whose}{RESET} {who}: in the stage `{}`", rejection.stage));
    for sentence in rejection.unreached.iter().chain(&rejection.unreadable) {
        tell(format!("  {sentence}"));
    }
    if let Some(clause) = &rejection.withheld {
        tell(format!("  {clause}: a sealed case broke it; what was asked is not told"));
        hint("look at the rule, not for the case: the same source meets the same cases again");
    }
    if rejection.stage == Stage::Strength {
        let holes = verification.figures().strength.iter().flat_map(|strength| &strength.holes);
        for hole in holes {
            tell("");
            hole.to_string().lines().for_each(|line| tell(format!("  {line}")));
        }
    }
    for counterexample in &rejection.counterexamples {
        for line in counterexample.to_string().lines() {
            tell(format!("  {line}"));
        }
    }
}
