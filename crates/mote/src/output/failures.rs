//! Why a service may not serve, as people read it.

use mote_forge::artifacts::BuildFailure;
use mote_forge::{AttemptError, Failure, Problem, SystemFolder};
use mote_verify::{Fault, Stage, Verification};

use super::{BOLD_RED, RESET, hint, tell};

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
            let file = folder.service(&failure.service).join(&error.file);
            let file = file.strip_prefix(folder.root()).unwrap_or(&file).display().to_string();
            match (error.line, error.column) {
                (0, _) => tell(format!("  --> {file}")),
                (line, 0) => tell(format!("  --> {file}:{line}")),
                (line, column) => tell(format!("  --> {file}:{line}:{column}")),
            }
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
