//! What is wrong with a file, where, and what to write instead.
//! Owns the codes. Never prints: how a diagnostic looks is the command line's business.

use std::fmt;
use std::ops::Range;

use crate::files::FileId;

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which problem; its page and its test are in `cases/diagnostics/`.
    pub code: Code,
    /// Whether the system can go on.
    pub severity: Severity,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What a person can type to mend it.
    pub hint: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is built or served until it is mended.
    Error,
    /// Suspicious, but it has a meaning.
    Warning,
}

/// Bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which file.
    pub file: FileId,
    /// From and to, in bytes.
    pub span: Range<usize>,
}

macro_rules! codes {
    ($($name:ident $text:literal $meaning:literal;)*) => {
        /// The kinds of problems, with their stable names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $name,)* }

        impl Code {
            /// All codes, their names and what they mean.
            pub const ALL: &'static [(Code, &'static str, &'static str)] =
                &[$((Code::$name, $text, $meaning),)*];
        }
    };
}

codes! {
    Yaml "M001" "The file is not YAML as Mote reads it.";
    UnknownKey "M002" "A key that means nothing here.";
    MissingKey "M003" "A key that must be there is not.";
    WrongType "M004" "A value of the wrong type.";
    BadName "M005" "A name that is not lower-case words joined by hyphens, or does not fit its file.";
    DuplicateName "M006" "Two things of one name.";
    UnknownName "M007" "A name that refers to nothing.";
    Misplaced "M008" "A file where nothing reads it.";
    Schema "M010" "A schema outside the supported subset.";
    SchemaCycle "M011" "Schemas that refer to each other in a circle.";
    DefinitionCycle "M012" "Definition files that use each other in a circle.";
    Expression "M020" "An expression that cannot be read or typed.";
    Binding "M021" "An expression that uses what is not known at that point.";
    DataType "M022" "Data whose type does not fit where it goes.";
    Kind "M030" "A key that this kind of contract does not have.";
    Event "M031" "An event that the aggregate does not have.";
    UnusedEvent "M032" "An event that no contract emits.";
    Service "M033" "Contracts of one service that do not belong together.";
    PartialRow "M034" "A row that an event does not make whole.";
    Index "M035" "Rows that are asked for by what no index finds.";
    UnusedView "M036" "A view that no contract reads.";
    UnusedDefinition "M037" "A definition that nothing uses.";
    UnusedLet "M038" "A `let` that nothing uses.";
    OldShape "M039" "An older version of an event that is missing, or not brought up to date.";
    UnusedSink "M044" "A sink that no publisher publishes to.";
    Message "M043" "Two publishers that give one message two shapes.";
    Trigger "M040" "A trigger that cannot be understood.";
    RouteCollision "M041" "Two triggers that would answer the same requests.";
    Example "M050" "An example that contradicts the contract.";
    Initial "M051" "An initial state that breaks the aggregate's own rules.";
    Undetermined "M052" "A contract without code whose rules leave a part of the answer open.";
    Impossible "M085" "A condition that the schemas exclude, or an error that they make the only answer.";
    Implied "M086" "A rule that says no more than the schemas do.";
    NoValue "M090" "A name of a workflow that has no value at that point, or may have none.";
    Misfit "M091" "Data that may not fit what takes it, where nothing is done about that.";
    Unhandled "M092" "An error that a call can end in and nothing handles.";
    Unreachable "M093" "A part of a workflow that never comes about.";
    Unbounded "M094" "A loop or a choice that nothing bounds.";
    Deadline "M095" "A deadline that is shorter than what the steps may take.";
    NoUndo "M096" "An effect that stays when the run fails later.";
    NotCallable "M097" "A call of what nobody calls.";
    WorkflowCycle "M098" "Workflows that call each other in a circle.";
    Where "M099" "A wait for an event that no index finds.";
    Retry "M100" "A retry that cannot help.";
    MayUse "M060" "A use across capabilities that nothing allows.";
    UnusedMayUse "M061" "A use across capabilities that is allowed and never needed.";
    UnknownTemplate "M074" "A file of `templates/` that replaces nothing and that nothing includes.";
    Template "M075" "A template that cannot be rendered, or that renders no code.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Code::ALL.iter().find(|(code, ..)| code == self).map_or("M000", |(_, name, _)| name);
        f.write_str(name)
    }
}
