//! How a call ends when it does not succeed: five outcomes, one list of platform errors.

use std::fmt;

use mote_expr::Value;
use mote_expr::schema::Violation;

/// Whose matter a refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The caller's fault.
    Invalid,
    /// An error that the contract declares.
    Declared,
    /// The code's fault: held against the artifact.
    Breach,
    /// An expression of the contract erred.
    ContractFault,
    /// Time, a full pool, a disk: ask again.
    Unavailable,
}

impl Outcome {
    /// All outcomes, with their names.
    pub const ALL: [(Outcome, &'static str); 5] = [
        (Outcome::Invalid, "invalid"),
        (Outcome::Declared, "declared"),
        (Outcome::Breach, "breach"),
        (Outcome::ContractFault, "contract-fault"),
        (Outcome::Unavailable, "unavailable"),
    ];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(outcome, _)| outcome == self).map_or("", |(_, name)| name))
    }
}

/// The errors that any caller can meet, whatever the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlatformError {
    /// The input is not JSON or does not fit the schema.
    InvalidInput,
    /// A `requires` rule is broken, or an idempotency key was used for another input.
    RequirementFailed,
    /// `allow` says no.
    Forbidden,
    /// There is no such operation.
    NotFound,
    /// Others changed the same stream for longer than the call may wait.
    Conflict,
    /// The platform cannot take the call now.
    Unavailable,
    /// The call took longer than it may.
    Timeout,
    /// The answer broke the contract and was withheld.
    Breached,
    /// Nothing that may serve is there.
    Quarantined,
    /// An expression of the contract erred.
    ContractError,
    /// The caller gave up.
    Cancelled,
}

impl PlatformError {
    /// All platform errors, with their codes and the HTTP status that carries them.
    pub const ALL: [(PlatformError, &'static str, u16); 11] = [
        (PlatformError::InvalidInput, "invalid-input", 400),
        (PlatformError::RequirementFailed, "requirement-failed", 422),
        (PlatformError::Forbidden, "forbidden", 403),
        (PlatformError::NotFound, "not-found", 404),
        (PlatformError::Conflict, "conflict", 409),
        (PlatformError::Unavailable, "unavailable", 503),
        (PlatformError::Timeout, "timeout", 504),
        (PlatformError::Breached, "breached", 502),
        (PlatformError::Quarantined, "quarantined", 503),
        (PlatformError::ContractError, "contract-error", 500),
        (PlatformError::Cancelled, "cancelled", 499),
    ];

    /// The code that callers handle it by.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(error, ..)| *error == self).map_or("", |(_, code, _)| code)
    }

    /// The HTTP status that carries it.
    pub fn status(self) -> u16 {
        Self::ALL.iter().find(|(error, ..)| *error == self).map_or(500, |(_, _, status)| *status)
    }
}

/// A call that did not succeed. Names the clause and the input that broke it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whose matter it is.
    pub outcome: Outcome,
    /// The declared error's code, or a platform error's.
    pub code: String,
    /// The HTTP status that carries it.
    pub status: u16,
    /// What happened, in a sentence.
    pub detail: String,
    /// The clause of the contract that decided, such as `requires/distinct-skus`.
    pub clause: Option<String>,
    /// Where the input does not fit, for `invalid-input`.
    pub violations: Vec<Violation>,
    /// What a declared error carries.
    pub data: Option<Value>,
    /// What the judge saw, for a breach. For the owner, not for the caller.
    pub breach: Option<Box<Breach>>,
}

/// What was wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The clause that the answer broke, such as `ensures/complete`.
    pub clause: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The rule's text, if a rule was broken.
    pub expression: Option<String>,
    /// The parts of the rule that decided, and `let`s, with their values.
    pub values: Vec<(String, Value)>,
}

impl Breach {
    /// The values in words, in brackets: ` (sum(picked) is 3, wanted is 4)`. Empty if there are none.
    pub(crate) fn listed(&self) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| format!("{name} is {value}")).collect();
        if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
    }
}

impl Refusal {
    /// A platform error.
    pub fn platform(outcome: Outcome, error: PlatformError, detail: impl Into<String>) -> Refusal {
        Refusal {
            outcome,
            code: error.code().to_owned(),
            status: error.status(),
            detail: detail.into(),
            clause: None,
            violations: Vec::new(),
            data: None,
            breach: None,
        }
    }

    /// The same refusal, naming the clause that decided.
    #[must_use]
    pub fn by(mut self, clause: impl Into<String>) -> Refusal {
        self.clause = Some(clause.into());
        self
    }

    /// The refusal of an answer that broke the contract.
    pub fn breach(breach: Breach) -> Refusal {
        let detail = format!("the service's answer broke `{}` and was withheld", breach.clause);
        Refusal {
            breach: Some(Box::new(breach.clone())),
            ..Refusal::platform(Outcome::Breach, PlatformError::Breached, detail).by(breach.clause)
        }
    }

    /// The same refusal without what expressions saw: some of it is sensitive, or made of what is.
    #[must_use]
    pub fn without_values(&self) -> Refusal {
        let mut told = self.clone();
        if let Some(breach) = &mut told.breach {
            for (_, value) in &mut breach.values {
                *value = Value::text(Self::MASKED);
            }
        }
        if let (Outcome::ContractFault, Some(clause)) = (told.outcome, &told.clause) {
            told.detail =
                format!("the contract's own `{clause}` could not be evaluated; it saw sensitive values");
        }
        told
    }

    /// What stands for a value that is not told.
    pub const MASKED: &str = "(sensitive)";

    /// The refusal where an expression of the contract erred.
    pub fn contract_fault(clause: impl Into<String>, error: impl fmt::Display) -> Refusal {
        let clause = clause.into();
        let detail = format!("the contract's own `{clause}` could not be evaluated: {error}");
        Refusal::platform(Outcome::ContractFault, PlatformError::ContractError, detail).by(clause)
    }
}
