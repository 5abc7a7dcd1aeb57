//! The kinds of steps.
//! Owns what each kind holds once it is compiled. Never says what a run does with it: that is the engine's.

use std::sync::Arc;

use mote_expr::{Expr, Slot, Template, Value};

use crate::aggregate::Aggregate;
use crate::diagnostic::Place;

/// The place of a step in its workflow's table. With the rounds of the loops around it, it tells a step of a run from
/// every other, whatever was tried how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(u32);

/// Steps that are taken one after the other.
pub type Block = Vec<StepId>;

impl StepId {
    /// The step at a place in the table, from 0.
    pub fn at(index: usize) -> StepId {
        StepId(index as u32)
    }

    /// Its place in the table of steps, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it is in the workflow, for people: `reserve`, `2/then/review`.
    pub path: String,
    /// The name that its result has: of a call, of the event that was waited for, of the list that an `each` makes.
    pub result: Option<Slot>,
    /// What it does.
    pub kind: StepKind,
    /// Where it is written.
    pub place: Place,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Asks a nanoservice, or runs another workflow.
    Call(Box<Call>),
    /// Takes branches beside each other.
    Parallel {
        /// The branches, by name.
        branches: Vec<Branch>,
        /// When it is through.
        wait: Join,
    },
    /// Takes one of two ways.
    If {
        /// Which.
        condition: Expr,
        /// Where it is true.
        then: Block,
        /// Where it is not.
        otherwise: Block,
    },
    /// Takes one of several ways.
    Switch {
        /// What decides.
        on: Expr,
        /// Its values, each with what is done then.
        cases: Vec<(Value, Block)>,
        /// What is done for any other value. Empty too where there can be none.
        default: Block,
    },
    /// Takes its body for every item of a list.
    Each {
        /// The name of the item.
        item: Slot,
        /// The list, which the schemas bound.
        list: Expr,
        /// How many rounds are under way at a time.
        concurrency: u32,
        /// What is done for an item. Its names are its round's own.
        body: Block,
        /// What a round gives; the result is the list of these, in the order of the items.
        gives: Option<Template>,
    },
    /// Takes its body again and again.
    Repeat {
        /// What is done. Its names keep the values of the last round.
        body: Block,
        /// Asked after every round: whether it is through.
        until: Expr,
        /// The most rounds.
        max: u32,
        /// What is done where that many rounds were not enough.
        otherwise: Block,
    },
    /// Waits for a time.
    Pause(Pause),
    /// Waits for an event. Its result is the event: `type` and `data`.
    Event(Box<EventWait>),
    /// Gives names to values.
    Let(Vec<(Slot, Expr)>),
    /// Ends the run in an error that the workflow declares.
    Fail(String),
}

/// A branch of `parallel`.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// Its steps. What it gives names to is not known to the other branches.
    pub body: Block,
}

/// When a `parallel` is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// When all branches are. The first that fails ends the run.
    All,
    /// When one branch is. The others are stopped where they are and undone; only when all failed does the run end,
    /// with the error of the last.
    Any,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A nanoservice, by its contract's name.
    Contract(String),
    /// Another workflow.
    Workflow(String),
}

impl Callee {
    /// The name of either.
    pub fn name(&self) -> &str {
        match self {
            Callee::Contract(name) | Callee::Workflow(name) => name,
        }
    }
}

/// A step that calls.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whom.
    pub callee: Callee,
    /// What makes the input.
    pub with: Template,
    /// The codes of all errors that it can end in: what the callee declares, and what its contract makes possible of
    /// the platform's.
    pub errors: Vec<String>,
    /// What the call is known by.
    pub key: Key,
    /// How it is tried again.
    pub retry: Retry,
    /// How long the step may take with everything that is tried, in milliseconds. Then it ends in `timeout`.
    pub timeout_ms: Option<u64>,
    /// How its effect is taken back.
    pub undo: Undo,
    /// What is done about errors, in the order of the file.
    pub catch: Vec<Catch>,
}

/// What is done about an error, instead of ending the run. Then the run goes on after the step, which has no result.
#[derive(Clone, Debug)]
pub struct Catch {
    /// Its code.
    pub code: String,
    /// The steps; they know `error`.
    pub body: Block,
}

/// What a call is known by to the callee: asked twice with one key, it acts once.
#[derive(Clone, Debug)]
pub enum Key {
    /// The run and the step's place in it.
    Place,
    /// A value, so that several runs ask for the same: a string, an integer or a boolean.
    Value(Template),
}

/// How a call is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// For which errors, by code.
    pub codes: Vec<String>,
    /// How often it is tried in all. None: as often as the deadline and `timeout` let it be.
    pub max: Option<u32>,
    /// The pause before the second try and the longest pause, in milliseconds. It doubles in between.
    pub backoff_ms: (u64, u64),
    /// Whether each pause is a random one up to that long, so that many runs do not try at once.
    pub jitter: bool,
}

impl Retry {
    /// How long to pause after so many tries, the first being 1, in milliseconds. Jitter is not in it.
    pub fn pause_ms(&self, tries: u32) -> u64 {
        let (first, longest) = self.backoff_ms;
        let doubled = 1u64.checked_shl(tries.saturating_sub(1)).unwrap_or(u64::MAX);
        first.saturating_mul(doubled).min(longest)
    }

    /// Whether an error of this code is a reason to try again after so many tries.
    pub fn again(&self, code: &str, tries: u32) -> bool {
        self.max.is_none_or(|max| tries < max) && self.codes.iter().any(|known| known == code)
    }
}

/// How the effect of a call is taken back when the run fails later.
#[derive(Clone, Debug)]
pub enum Undo {
    /// The call has no effect that could be.
    Effectless,
    /// It stays: the file says so, or says nothing, which is warned about.
    Stays {
        /// Whether the file says so.
        said: bool,
    },
    /// By another call, as often as it takes.
    Call(UndoCall),
}

/// A call that takes back what another did. It sees everything that the run knew after that one.
#[derive(Clone, Debug)]
pub struct UndoCall {
    /// Whom.
    pub callee: Callee,
    /// What makes the input.
    pub with: Template,
    /// Errors that mean that there is nothing to take back, by code. Any other is tried again.
    pub accept: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// How long a step waits.
#[derive(Clone, Debug)]
pub enum Pause {
    /// So many milliseconds.
    For(u64),
    /// Until a moment, as a `date-time`. One that has passed is no wait.
    Until(Template),
}

/// A wait for an event that happens after the run began.
#[derive(Clone, Debug)]
pub struct EventWait {
    /// The type of the event.
    pub event: String,
    /// The aggregate that has it.
    pub aggregate: Arc<Aggregate>,
    /// Which of these events, over `event` and what the run knows.
    pub condition: Expr,
    /// The way into the event to the value that the index of waiting runs finds it by: `data`, `orderId`.
    pub path: Vec<String>,
    /// What that value must be, over what the run knows.
    pub value: mote_expr::expr::Operand,
    /// How long, in milliseconds. None: as long as the deadline lets it.
    pub timeout_ms: Option<u64>,
    /// What is done where no such event came in time.
    pub otherwise: Block,
}
