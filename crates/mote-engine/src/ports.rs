//! Everything an invocation needs done for it.

use std::future::Future;

use mote_contract::{Budget, Isolation};
use mote_expr::rows::Selection;
use mote_log::{Found, Log, SelectError, Snapshots, ViewId, ViewsError};

use crate::envelope::Envelope;
use crate::heads::Heads;
use crate::lanes::Lanes;
use crate::recorded::Decided;

/// What performs the effects. The server's ports are real, the simulator's are faulty.
pub trait Ports: Send + Sync {
    /// Code that can be asked.
    type Code: Send + Sync;
    /// Where commits go, and the snapshots that spare reading them all again.
    type Log: Log + Snapshots;

    /// The log.
    fn log(&self) -> &Self::Log;

    /// The states that were folded before.
    fn heads(&self) -> &Heads;

    /// Whose turn it is on each stream.
    fn lanes(&self) -> &Lanes;

    /// The rows of `view` that `selection` asks for. Where no views are kept it refuses.
    fn rows(
        &self,
        view: &ViewId,
        selection: &Selection,
    ) -> impl Future<Output = Result<Found, SelectError>> + Send {
        let _ = selection;
        std::future::ready(Err(ViewsError::Unknown(view.clone()).into()))
    }

    /// Ask `code`, within its budget and the envelope's deadline. The answer is not judged yet.
    fn ask(
        &self,
        code: &Self::Code,
        call: Vec<u8>,
        budget: &Budget,
        isolation: Isolation,
        envelope: &Envelope,
    ) -> impl Future<Output = Result<Vec<u8>, Stop>> + Send;

    /// Take note of a call that was decided, if it is one to be recorded. Never waits: the caller does.
    fn record(&self, call: &Decided<'_, Self::Code>) {
        let _ = call;
    }
}

/// Why code gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The code broke its budget or trapped: a breach of the clause.
    #[error("{message}")]
    Breach {
        /// Which clause, such as `budget/fuel`.
        clause: String,
        /// What happened.
        message: String,
    },
    /// It took too long. Time is never held against code.
    #[error("no answer within {0} ms")]
    Timeout(u64),
    /// The sandbox is full.
    #[error("{0}")]
    Unavailable(String),
}
