//! One recorded call, asked again: what came of it then and what comes of it now.
//! Owns the comparison. Never reads a recording from a disk, and never judges: the law does.

use mote_contract::{Law, Outcome, Recording, Unfit};
use mote_expr::{Pointer, Value, parse};

use crate::asked::{Case, Finding, ask};
use crate::counterexample::Counterexample;
use crate::subject::Subject;
use crate::verification::{Fault, Stage};

/// How many differences are told.
const DIFFERENCES_MAX: usize = 20;

/// What came of a recorded call.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// How it ended then: `ok`, or the outcome and the clause.
    pub was: String,
    /// How it ends now.
    pub is: String,
    /// Whether the answer is the same, byte for byte; where nobody answered, whether the end is.
    pub equal: bool,
    /// Where the two answers differ.
    pub differences: Vec<Difference>,
    /// The clause that is broken now.
    pub broken: Option<Counterexample>,
}

/// A place where two answers differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where.
    pub at: Pointer,
    /// What was there. None: nothing.
    pub was: Option<Value>,
    /// What is there.
    pub is: Option<Value>,
}

/// Ask `subject` the recorded call again, under `law`, which may be another than it was recorded under.
pub fn replay(law: &Law, subject: &dyn Subject, recording: &Recording) -> Result<Replay, Unfit> {
    let was = end_of(recording);
    let equal_if = |is: String| {
        let equal = is == was;
        Replay { was: was.clone(), is, equal, differences: Vec::new(), broken: None }
    };
    let case = match case_of(law, recording) {
        Ok(case) => case,
        // An input that was refused for its shape may still be.
        Err(Unfit::Shape { part: "input", .. }) if recording.clause() == Some("input") => {
            return Ok(equal_if("invalid input".to_owned()));
        }
        // So may one that was refused before anything was read.
        Err(Unfit::Unread(part)) => {
            let bare = law.situation_asked(recording)?;
            let refusal = law.authorise(&bare).err().ok_or(Unfit::Unread(part))?;
            return Ok(equal_if(end(refusal.outcome, refusal.clause.as_deref().unwrap_or(&refusal.code))));
        }
        Err(unfit) => return Err(unfit),
    };
    let (finding, observed) = ask(law, subject, &case.situation);
    let answer = observed.map(|observed| String::from_utf8_lossy(&observed.answer).into_owned());
    let (is, broken) = match finding {
        Finding::Success(_) => ("ok".to_owned(), None),
        Finding::Raised(code) => (end(Outcome::Declared, &format!("errors/{code}")), None),
        Finding::Refused(clause) => {
            let declared = clause.starts_with("errors/");
            (end(if declared { Outcome::Declared } else { Outcome::Invalid }, &clause), None)
        }
        Finding::Broken(broken) => {
            let outcome = match broken.fault {
                Fault::Service => Outcome::Breach,
                Fault::Contract => Outcome::ContractFault,
            };
            (end(outcome, &broken.clause), Some(broken.shown_by(&case, Stage::Recordings)))
        }
    };
    let (equal, differences) = match (&recording.answer, &answer) {
        (Some(was), Some(is)) if was == is => (true, Vec::new()),
        (Some(was), Some(is)) => (false, differences(was, is)),
        // The sandbox stopped it, or the host decided: then the end is all there is.
        _ => (was == is, Vec::new()),
    };
    Ok(Replay { was, is, equal, differences, broken })
}

/// The case that a recorded call is. What led to its state is not known.
pub(crate) fn case_of(law: &Law, recording: &Recording) -> Result<Case, Unfit> {
    Ok(Case::of(Vec::new(), law.situation_recorded(recording)?))
}

fn end(outcome: Outcome, clause: &str) -> String {
    format!("{outcome} {clause}")
}

fn end_of(recording: &Recording) -> String {
    recording.refusal.as_ref().map_or_else(
        || "ok".to_owned(),
        |ended| end(ended.outcome, ended.clause.as_deref().unwrap_or(&ended.code)),
    )
}

/// Where two answers differ: place by place, or as a whole where one is no JSON.
fn differences(was: &str, is: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    match (parse(was.as_bytes()), parse(is.as_bytes())) {
        (Ok(was), Ok(is)) => collect(&Pointer::root(), Some(&was), Some(&is), &mut found),
        _ => {
            let text = |text: &str| Some(Value::text(text));
            found.push(Difference { at: Pointer::root(), was: text(was), is: text(is) });
        }
    }
    found
}

fn collect(at: &Pointer, was: Option<&Value>, is: Option<&Value>, found: &mut Vec<Difference>) {
    if was == is || found.len() >= DIFFERENCES_MAX {
        return;
    }
    match (was, is) {
        (Some(Value::Object(before)), Some(Value::Object(now))) => {
            let gone = before.iter().filter(|(key, _)| !now.contains(key));
            for (key, value) in gone {
                collect(&at.key(key), Some(value), None, found);
            }
            for (key, value) in now.iter() {
                collect(&at.key(key), before.get(key), Some(value), found);
            }
        }
        (Some(Value::List(before)), Some(Value::List(now))) => {
            for index in 0..before.len().max(now.len()) {
                collect(&at.index(index), before.get(index), now.get(index), found);
            }
        }
        _ => found.push(Difference { at: at.clone(), was: was.cloned(), is: is.cloned() }),
    }
}
