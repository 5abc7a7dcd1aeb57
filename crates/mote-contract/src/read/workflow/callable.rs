//! What a workflow can call, as far as its steps are held against it.
//!
//! Owns which errors of the platform a call can meet: those that its contract makes possible, and no others.

use std::collections::BTreeMap;

use mote_expr::schema::Schema;
use mote_expr::{Digest, Type};

use crate::contract::Kind;
use crate::law::Law;
use crate::outcome::PlatformError;
use crate::workflow::Callee;

/// What pass by themselves when a call is tried again.
pub(crate) const TRANSIENT: [PlatformError; 5] = [
    PlatformError::Conflict,
    PlatformError::Unavailable,
    PlatformError::Timeout,
    PlatformError::Breached,
    PlatformError::Quarantined,
];

/// Faults that end a run by themselves where nothing catches them: no caller can do better.
const FAULTS: [PlatformError; 2] = [PlatformError::ContractError, PlatformError::Cancelled];

/// An operation that a step can name.
#[derive(Clone, Debug)]
pub(crate) struct Callable {
    pub(crate) callee: Callee,
    /// None where it could not be read.
    pub(crate) input: Option<Schema>,
    pub(crate) output: Option<Schema>,
    /// The errors that it declares, each with the type of its data.
    pub(crate) errors: Vec<(String, Type)>,
    /// The errors of the platform that a call can meet, but for an input that does not fit.
    pub(crate) platform: Vec<PlatformError>,
    /// Whether a success changes something.
    pub(crate) effect: bool,
    /// Whether a call may outlive the process, since it waits.
    pub(crate) waits: bool,
}

/// All operations by name. None: it has problems of its own, or nobody can call it.
pub(crate) struct Callables {
    pub(crate) known: BTreeMap<String, Callable>,
    /// Contracts and workflows with problems of their own.
    pub(crate) unreadable: Vec<String>,
    /// Publishers, which events start.
    pub(crate) publishers: Vec<String>,
    /// The hash of each, to pin it.
    pub(crate) digests: BTreeMap<String, Digest>,
}

impl Callable {
    pub(crate) fn of(law: &Law) -> Callable {
        let mut platform = Vec::new();
        platform.extend(law.allow().map(|_| PlatformError::Forbidden));
        platform.extend((!law.requires.is_empty()).then_some(PlatformError::RequirementFailed));
        for error in TRANSIENT {
            let possible = match error {
                PlatformError::Conflict => law.aggregate.is_some(),
                PlatformError::Breached | PlatformError::Quarantined => !law.is_derived(),
                _ => true,
            };
            platform.extend(possible.then_some(error));
        }
        platform.extend(FAULTS);
        let data = |of: &Option<mote_expr::Template>| of.as_ref().map_or(Type::Dyn, mote_expr::Template::ty);
        Callable {
            callee: Callee::Contract(law.contract.name.clone()),
            input: Some(law.input.clone()),
            output: Some(law.output.clone()),
            errors: law.errors.iter().map(|error| (error.code.clone(), data(&error.data))).collect(),
            platform,
            effect: law.contract.kind == Kind::Command,
            waits: false,
        }
    }

    /// Whether a call can end in the error `code`; an input that may not fit aside.
    pub(crate) fn ends_in(&self, code: &str) -> bool {
        self.errors.iter().any(|(known, _)| known == code)
            || self.platform.iter().any(|error| error.code() == code)
    }

    /// All codes that a call can end in; an input that may not fit aside.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        let declared = self.errors.iter().map(|(code, _)| code.as_str());
        declared.chain(self.platform.iter().map(|error| error.code()))
    }

    /// The errors of the platform that say no for good: asked again, the callee says the same.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = &str> {
        let refusals =
            self.platform.iter().filter(|error| !TRANSIENT.contains(error) && !FAULTS.contains(error));
        refusals.map(|error| error.code())
    }
}

/// The errors of the platform that another workflow can end in by itself.
pub(super) fn of_workflow(allow: bool) -> Vec<PlatformError> {
    let forbidden = allow.then_some(PlatformError::Forbidden);
    forbidden.into_iter().chain(TRANSIENT).chain(FAULTS).collect()
}

/// Whether asking again after an error of this code gives the same answer.
pub(super) fn is_final(code: &str) -> bool {
    let found = PlatformError::ALL.iter().find(|(_, known, _)| *known == code);
    found.is_some_and(|(error, ..)| !TRANSIENT.contains(error))
}
