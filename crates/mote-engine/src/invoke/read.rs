//! Reads the rows that a contract asks for, once per call: they are decided upon as they were then.

use mote_contract::{Refusal, Situation};
use mote_log::{Position, SelectError};

use super::Call;
use crate::answer::Answer;
use crate::follower::view_id;
use crate::ports::Ports;

/// Put the rows that the contract reads into `situation`, and say how far their view reached. None
/// for a contract without `reads`, and where the rows are there already. The error is the answer.
pub(super) async fn read<P: Ports>(
    call: &Call<'_, P>,
    situation: &mut Situation,
) -> Result<Option<Position>, Box<Answer>> {
    let law = &call.release.law;
    let (None, Some(reads)) = (&situation.rows, &law.reads) else { return Ok(None) };
    let refused = |refusal: Refusal| Box::new(Answer::refused(refusal, None));
    let Some(selection) = law.selection(situation).map_err(refused)? else { return Ok(None) };
    let found = match call.ports.rows(&view_id(&reads.view), &selection).await {
        Ok(found) => found,
        Err(SelectError::Marked(marked)) => {
            let why = format!("view `{}`: {marked}", reads.view.name);
            return Err(refused(Refusal::contract_fault("reads/view", why)));
        }
        Err(SelectError::Views(error)) => return Err(Box::new(Answer::unavailable(error.to_string()))),
    };
    let rows = law
        .found(&selection, found.rows)
        .map_err(|refusal| Box::new(Answer::refused(refusal, Some(found.position))))?;
    situation.rows = Some(rows);
    Ok(Some(found.position))
}
