//! What a contract says about itself: everything that is not a rule.

use mote_expr::{Digest, Template, Value};

use crate::diagnostic::Place;
use crate::element::{Element, Inner};
use crate::law::Freedom;
use crate::rule::Rule;

/// What a nanoservice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Input to output, nothing else.
    Function,
    /// Changes one instance of one aggregate.
    Command,
    /// Reads the rows of a view, and changes nothing.
    Query,
    /// Tells the outside what happened.
    Publisher,
}

impl Kind {
    /// All kinds, with their names in a file.
    pub const ALL: [(&'static str, Kind); 4] = [
        ("function", Kind::Function),
        ("command", Kind::Command),
        ("query", Kind::Query),
        ("publisher", Kind::Publisher),
    ];

    /// The kind's name in a file.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A contract's identity, limits and ways in.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The operation's name, unique in the system.
    pub name: String,
    /// The contract's own version, as its author counts.
    pub version: String,
    /// What it is.
    pub kind: Kind,
    /// Who answers for it.
    pub owner: String,
    /// What it is for, in a sentence.
    pub summary: Option<String>,
    /// The folder below `contracts/` it lies in; empty at the top.
    pub capability: String,
    /// The service that implements it.
    pub service: String,
    /// The aggregate it touches.
    pub aggregate: Option<String>,
    /// The HTTP routes that start it.
    pub routes: Vec<Route>,
    /// The media type of a success over HTTP, whose body is then the output itself, a string. None: JSON.
    pub content: Option<String>,
    /// The event types it may emit.
    pub emits: Vec<String>,
    /// What one call may use.
    pub budget: Budget,
    /// Whether an instance may answer more than one call.
    pub isolation: Isolation,
    /// What it leaves to the service.
    pub freedom: Freedom,
    /// What two of its answers have to do with each other.
    pub relations: Vec<Relation>,
    /// How hard it is verified.
    pub verify: Verify,
    /// Cases that the builder sees.
    pub examples: Vec<Example>,
    /// The file it is written in.
    pub place: Place,
}

/// What one call may use. More is a breach, but for time, which makes the call `unavailable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Memory of the instance, in bytes.
    pub memory: u64,
    /// Units of work, as the sandbox counts them: 50 million are about 4 ms.
    pub fuel: u64,
    /// The length of the answer, in bytes.
    pub answer: u64,
    /// Wall-clock time, in milliseconds: a safety net.
    pub timeout_ms: u64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { memory: 16 << 20, fuel: 50_000_000, answer: 64 << 10, timeout_ms: 1_000 }
    }
}

/// Whether an instance may answer more than one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// A new instance for each call.
    Fresh,
    /// Instances are used again. For speed, never a boundary.
    Reused,
}

/// How hard a contract is verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Verify {
    /// How many generated cases are judged.
    pub cases: u32,
    /// How many sealed cases are judged, once, after everything else.
    pub sealed: u32,
    /// The share of wrong answers that the contract must tell from right ones; 0 asks for none.
    pub strength: f64,
    /// Wrong answers that somebody answers for.
    pub accept: Vec<Waiver>,
}

impl Default for Verify {
    fn default() -> Verify {
        Verify { cases: 1_000, sealed: 1_000, strength: 0.95, accept: Vec::new() }
    }
}

/// Somebody's word that a wrong answer may pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// Which, as verification names it: `+1@output.total`.
    pub mutant: String,
    /// Why it may.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// The hash of what it was said about: schema and rules of that element.
    pub covers: String,
    /// Where it is written.
    pub place: Place,
}

/// What the answers to two related calls have to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// How the second call differs from the first.
    pub turn: Turn,
    /// What stays the same.
    pub same: Vec<Element>,
    /// Where it is written.
    pub place: Place,
}

/// How a second call follows from a first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// This list of the input is in another order.
    Permute(Vec<Inner>),
    /// The same is asked in the state after the first: it ends in this error, or is a success.
    Repeat(Option<String>),
}

/// A method and a path that start the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path, segment by segment.
    pub path: Vec<Segment>,
    /// The status of a success.
    pub status: u16,
}

/// The HTTP methods that a trigger can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// All methods, with their names.
    pub const ALL: [(&'static str, Method); 5] = [
        ("GET", Method::Get),
        ("POST", Method::Post),
        ("PUT", Method::Put),
        ("PATCH", Method::Patch),
        ("DELETE", Method::Delete),
    ];

    /// The method's name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }
}

/// A segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// These characters.
    Fixed(String),
    /// The value of an input field: `{customerId}`.
    Field(String),
}

impl Route {
    /// The path as it was written.
    pub fn path_text(&self) -> String {
        let segments = self.path.iter().map(|segment| match segment {
            Segment::Fixed(text) => format!("/{text}"),
            Segment::Field(name) => format!("/{{{name}}}"),
        });
        let text: String = segments.collect();
        if text.is_empty() { "/".to_owned() } else { text }
    }
}

/// An error that the contract declares.
#[derive(Clone, Debug)]
pub struct ErrorClause {
    /// Its code.
    pub code: String,
    /// When it is the answer, and only then: the host decides. None: the code may raise it.
    pub condition: Option<Rule>,
    /// The HTTP status that carries it.
    pub status: u16,
    /// What it tells besides its code.
    pub data: Option<Template>,
}

/// A case that people wrote: what was, what is asked, what must come of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its name.
    pub name: String,
    /// The events that happened before: type and data.
    pub given: Vec<(String, Value)>,
    /// The context of the call.
    pub context: Value,
    /// The input; of a publisher, the event and its `meta`.
    pub input: Value,
    /// What must come of it.
    pub then: Then,
    /// Where it is written.
    pub place: Place,
}

/// What an example expects. What it does not name is judged by the rules alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// A success.
    Ok {
        /// The whole output; of a publisher, all messages.
        output: Option<Value>,
        /// All events: type and data.
        events: Option<Vec<(String, Value)>>,
    },
    /// A refusal with this code.
    Error(String),
    /// Whatever the contract allows.
    Anything,
}

/// The cases of a contract that lie beside it. They try a service and promise nobody anything, so the
/// contract's hash does not cover them; a verdict names their own.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    /// Those of `tests/`, in the order of their names.
    pub tests: Vec<Test>,
    /// Those of `regressions/`, in the order of their names.
    pub regressions: Vec<Example>,
    /// The hash of all of them. None where there are none.
    pub digest: Option<Digest>,
}

/// A case of `tests/`.
#[derive(Clone, Debug)]
pub struct Test {
    /// The case.
    pub case: Example,
    /// Whether whoever writes the service may see it.
    pub visible: bool,
}

/// Where a case that people wrote comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseKind {
    /// The contract itself.
    Example,
    /// A file in `tests/`.
    Test,
    /// A file in `regressions/`: a breach that was met while serving.
    Regression,
}

impl CaseKind {
    /// What one of them is called.
    pub fn word(self) -> &'static str {
        match self {
            CaseKind::Example => "example",
            CaseKind::Test => "test",
            CaseKind::Regression => "regression",
        }
    }

    /// The same with its article.
    pub(crate) fn one(self) -> &'static str {
        match self {
            CaseKind::Example => "an example",
            CaseKind::Test => "a test",
            CaseKind::Regression => "a regression",
        }
    }

    /// What all of them are called: the folder, and the first part of the name of their clauses.
    pub fn plural(self) -> &'static str {
        match self {
            CaseKind::Example => "examples",
            CaseKind::Test => "tests",
            CaseKind::Regression => "regressions",
        }
    }
}
