//! Reads what is on disk against what callers were told.
//!
//! Owns every sentence about what must hold after a crash and at the end. Never trusts the engine:
//! states are folded here anew, and answers are computed from the wishes. Start at [`check`].

mod answers;
mod record;
mod told;

use mote_contract::Aggregate;
use mote_log::Position;
use mote_store::Database;

use crate::history::Facts;

/// Check the log in `database` against `facts`. `finished`: no call is under way any more.
pub(crate) fn check(
    database: &Database,
    aggregate: &Aggregate,
    facts: &Facts,
    finished: bool,
) -> Result<(), String> {
    database.check().map_err(|error| format!("the log is not whole: {error}"))?;
    let commits = database
        .commits(Position::START, usize::MAX)
        .map_err(|error| format!("the log cannot be read: {error}"))?;
    if database.end() != commits.last().map_or(Position::START, |commit| commit.position) {
        return Err(format!("the log says that it ends at {}", database.end().ordinal()));
    }
    let record = record::Record::read(&commits, aggregate, facts)?;
    answers::check(&record, facts)?;
    if !finished {
        return Ok(());
    }
    record.told.check_finished()?;
    answers::check_finished(facts)
}
