//! A workflow, compiled: nanoservices composed into steps that an engine executes without deciding anything itself.
//!
//! Owns what a workflow is once its file has been read: a flat table of steps, each known by its place in the table, with
//! expressions over the names of one scope. Never reads a file (see `read/workflow`), never executes: values arrive as
//! arguments. Start at [`Workflow`], then [`StepKind`].

mod effects;
mod failures;
mod graph;
mod step;
mod time;

use std::collections::BTreeSet;
use std::sync::Arc;

use mote_expr::schema::Schema;
use mote_expr::{Bindings, Digest, EvalError, Expr, Scope, Slot, Template, Value};

use crate::aggregate::Aggregate;
use crate::contract::Route;
use crate::diagnostic::Place;
use crate::law::Admitted;
use crate::outcome::{Outcome, PlatformError, Refusal};

pub use failures::Failure;
pub(crate) use graph::escaped;
pub use step::{
    Block, Branch, Call, Callee, Catch, EventWait, Join, Key, Pause, Retry, Step, StepId, StepKind, Undo,
    UndoCall,
};
pub use time::in_words;

/// A workflow, compiled with everything it refers to.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Its name: no contract and no other workflow of the system has it.
    pub name: String,
    /// Its own version, as its author counts.
    pub version: String,
    /// Who answers for it.
    pub owner: String,
    /// What it is for, in a sentence.
    pub summary: Option<String>,
    /// The folder below `workflows/` it lies in; empty at the top.
    pub capability: String,
    /// The hash of the workflow with everything it refers to, the contracts it calls included: what a run began with.
    pub digest: Digest,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// Who may start it, over the input and the context. None: everybody.
    pub allow: Option<Expr>,
    /// What the input looks like.
    pub input: Schema,
    /// What the output of a success looks like.
    pub output: Schema,
    /// The errors that it can end in, in order. Every other end is an error of the platform.
    pub errors: Vec<Declared>,
    /// How long a run goes forward, in milliseconds. Undoing what was done is not bounded by it.
    pub deadline_ms: u64,
    /// Whether a run must outlive the process: it has steps with effects, or waits. Otherwise a run can be begun again
    /// from its input at no harm.
    pub durable: bool,
    /// All its steps, in the order of the file: a [`StepId`] is a place in this table.
    pub steps: Vec<Step>,
    /// The steps that a run takes one after the other.
    pub body: Block,
    /// What makes the output, once the body is through.
    pub returns: Template,
    /// What every expression of it is evaluated with: all names that stand for values.
    pub scope: Scope,
    /// The names that have a value of themselves.
    pub slots: WorkflowSlots,
    /// The file it is written in.
    pub place: Place,
}

/// The names that are not a step's, a `let`'s or an item's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkflowSlots {
    /// The admitted input.
    pub input: Slot,
    /// When and for whom the run began; see [`context`](crate::context).
    pub context: Slot,
    /// The caller of the context.
    pub caller: Slot,
    /// The event that a trigger or a `wait` is about: `type` and `data`.
    pub event: Slot,
    /// The `meta` of the event that a trigger is about, as a publisher sees it.
    pub meta: Slot,
    /// What a `catch` caught: `code`, `detail` and `data`.
    pub error: Slot,
}

/// An error that a workflow declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its code: its own, or one of the platform's, that the run is then known to end in.
    pub code: String,
    /// The HTTP status that carries it.
    pub status: u16,
}

/// What starts a run.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// What has to happen.
    pub source: TriggerSource,
    /// Where it is written.
    pub place: Place,
}

/// What has to happen for a run to start.
#[derive(Clone, Debug)]
pub enum TriggerSource {
    /// A request: path, query and body are the input.
    Http(Route),
    /// An event was stored.
    Event {
        /// Its type.
        event: String,
        /// The aggregate that has it.
        aggregate: Arc<Aggregate>,
        /// Which of these events, over `event` and `meta`. None: every one.
        condition: Option<Expr>,
        /// What makes the input, over `event` and `meta`.
        with: Template,
    },
}

impl Workflow {
    /// The step at a place of the table. Ids are made with the table, so each has its step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.index()]
    }

    /// All steps of a block, those within its steps among them.
    pub fn within(&self, block: &[StepId]) -> BTreeSet<StepId> {
        let mut all: BTreeSet<StepId> = block.iter().copied().collect();
        for id in block {
            let below = effects::blocks(&self.step(*id).kind);
            all.extend(below.into_iter().flat_map(|block| self.within(block)));
        }
        all
    }

    /// All steps with their ids.
    pub fn numbered(&self) -> impl Iterator<Item = (StepId, &Step)> {
        self.steps.iter().enumerate().map(|(at, step)| (StepId::at(at), step))
    }

    /// Bindings of the values that `value` knows. An expression meets only names that have one: that was checked.
    pub fn bind<'v>(&'v self, value: impl Fn(Slot) -> Option<&'v Value>) -> Bindings<'v> {
        let mut bindings = Bindings::new(&self.scope);
        for slot in self.scope.slots() {
            if let Some(value) = value(slot) {
                bindings.set(slot, value);
            }
        }
        bindings
    }

    /// Complete and validate an input.
    pub fn admit(&self, input: Value) -> Result<Admitted, Refusal> {
        let input = self.input.normalise(input);
        let violations = self.input.violations(&input);
        Admitted::of(input, violations)
    }

    /// Whether the caller of a run may start it: `bindings` has the input and the context.
    pub fn authorise(&self, bindings: &Bindings<'_>) -> Result<(), Refusal> {
        let Some(allow) = &self.allow else { return Ok(()) };
        match allow.holds(bindings) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let detail = "the caller may not do this";
                Err(Refusal::platform(Outcome::Invalid, PlatformError::Forbidden, detail).by("allow"))
            }
            Err(error) => Err(self.fault("allow", &error)),
        }
    }

    /// The output of a run whose body is through. That it fits was proven, so only an expression can err.
    pub fn answer(&self, bindings: &Bindings<'_>) -> Result<Value, Refusal> {
        let output = self.returns.eval(bindings).map_err(|error| self.fault("returns", &error))?;
        Ok(self.output.normalise(output))
    }

    /// The refusal of a run in which an expression of the workflow erred. `clause` says which, such as `reserve/with`.
    pub fn fault(&self, clause: impl Into<String>, error: &EvalError) -> Refusal {
        Refusal::contract_fault(clause, error)
    }

    /// The refusal of a run that ends in an error that the workflow declares. None if it does not declare it.
    pub fn failure(&self, code: &str) -> Option<Refusal> {
        let declared = self.errors.iter().find(|declared| declared.code == code)?;
        let detail = format!("the workflow `{}` ended in `{code}`", self.name);
        let refusal = Refusal::platform(Outcome::Declared, PlatformError::NotFound, detail);
        Some(Refusal {
            code: code.to_owned(),
            status: declared.status,
            ..refusal.by(format!("errors/{code}"))
        })
    }
}
