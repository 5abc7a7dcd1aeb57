//! The words of `mote recordings`.

use clap::{Args, Subcommand, ValueEnum};

/// List, show and replay the calls that were recorded while a system was up
#[derive(Args, Debug)]
#[command(disable_help_subcommand = true)]
#[command(after_help = "Examples:
  mote recordings list          List what is recorded, the newest first
  mote recordings list place-order --outcome breach
  mote recordings show 0198c3a1-7c1e
  mote recordings replay 0198c3a1-7c1e --against files
  mote recordings replay --all

Breaches are always recorded, other calls sampled. Works while `mote up` runs. What a schema calls
sensitive is masked, and such a call is never replayed. `replay` exits with 1 if a call breaks its
contract, or if the very artifact that was recorded answers otherwise.")]
pub(crate) struct Recordings {
    #[command(subcommand)]
    pub(crate) command: RecordingsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordingsCommand {
    List(List),
    /// Show everything that is recorded of a call
    Show {
        /// The call's id, or how it begins
        id: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    Replay(Replay),
}

/// List recorded calls, the newest first
#[derive(Args, Debug)]
pub(crate) struct List {
    /// The operation whose calls are listed; all of them if none is named
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// List calls that ended so
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub(crate) outcome: Option<OutcomeName>,
    /// List this many calls
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Print recordings as JSON, one a line, with everything in them
    #[arg(long)]
    pub(crate) json: bool,
}

/// Ask recorded calls again, and compare what is answered
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A call's id, or how it begins; or an operation, for all of its calls
    #[arg(value_name = "ID|NAME", required_unless_present = "all")]
    pub(crate) target: Option<String>,
    /// Ask every recorded call
    #[arg(long, conflicts_with = "target")]
    pub(crate) all: bool,
    /// Who is asked
    #[arg(long, value_enum, value_name = "CODE", default_value_t = Against::Serving)]
    pub(crate) against: Against,
    /// Print what came of each call as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who is asked a recorded call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Against {
    /// What mote.lock names: the code and the contract that serve
    Serving,
    /// The artifact that answered then, if it is still there, under the contract of then
    Recorded,
    /// The services and contracts as their files are now, built but not verified
    Files,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeName {
    /// With a success
    Ok,
    /// The caller's fault
    Invalid,
    /// With an error of the contract
    Declared,
    /// The code's fault
    Breach,
    /// An expression of the contract erred
    ContractFault,
    /// For want of time, room or a disk
    Unavailable,
}

impl OutcomeName {
    /// The word that recordings have for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            OutcomeName::Ok => "ok",
            OutcomeName::Invalid => "invalid",
            OutcomeName::Declared => "declared",
            OutcomeName::Breach => "breach",
            OutcomeName::ContractFault => "contract-fault",
            OutcomeName::Unavailable => "unavailable",
        }
    }
}
