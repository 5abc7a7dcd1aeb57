//! A function or a query: input, and perhaps rows, to output. So is a publisher: an event to messages, which
//! whoever delivers stores. Stores nothing itself.

use mote_contract::{Decision, Situation};

use super::Call;
use super::read::read;
use crate::answer::Answer;
use crate::ports::Ports;

pub(super) async fn invoke<P: Ports>(
    call: &Call<'_, P>,
    situation: &mut Situation,
    said: &mut Option<Vec<u8>>,
) -> Answer {
    let position = match read(call, situation).await {
        Ok(position) => position,
        Err(answer) => return *answer,
    };
    if let Decision::Refuse(refusal) = call.release.law.decide(situation) {
        return Answer::refused(refusal, position);
    }
    match call.ask(situation, said).await {
        Ok(accepted) => Answer::success(accepted.output, position),
        Err(refusal) => Answer::refused(refusal, position),
    }
}
