//! The files of a system, their checks, and the law compiled from a contract.
//!
//! Owns what a contract, an aggregate and a system say, every diagnostic about them, and the only
//! judge: [`Law`] decides in production and in verification alike. Never reads a disk or a clock:
//! texts, time and answers arrive as arguments. Start reading at [`check`], then [`Law`].

mod aggregate;
mod check;
mod contract;
mod describe;
mod diagnostic;
mod element;
mod failures;
mod files;
mod format;
mod graph;
mod law;
mod outcome;
mod read;
mod recording;
mod rule;
mod system;
mod tree;
mod view;
pub mod workflow;

pub use aggregate::{Aggregate, Event, EventType, FoldError, OldShape, ShapeError};
pub use check::{Report, check};
pub use contract::{
    Budget, CaseKind, Cases, Contract, ErrorClause, Example, Isolation, Kind, Method, Relation, Route,
    Segment, Test, Then, Turn, Verify, Waiver,
};
pub use describe::{asyncapi, openapi};
pub use diagnostic::{Code, Diagnostic, Place, Severity};
pub use element::{Described, Element, Inner, Root};
pub use failures::{FailureMap, failures};
pub use files::{FileId, Files};
pub use format::{format, yaml};
pub use graph::graph;
pub use law::{
    Accepted, Admitted, Before, Bound, Clause, Decision, Freedom, Heard, Hearing, Law, Publishing, Reads,
    RowTable, Rows, Situation, Subscription, context, delivery_id,
};
pub use outcome::{Breach, Outcome, PlatformError, Refusal};
pub use recording::{Ended, FormError, Recording, Unfit};
pub use rule::Rule;
pub use system::{Manifest, RecordingSettings, SinkKind, System};
pub use view::{RowOp, Source, View};
pub use workflow::Workflow;
