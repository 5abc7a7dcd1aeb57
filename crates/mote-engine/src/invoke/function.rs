//! A function: input to output. Reads nothing, stores nothing.

use mote_contract::{Decision, Situation};

use super::Call;
use crate::answer::Answer;
use crate::ports::Ports;

pub(super) async fn invoke<P: Ports>(call: &Call<'_, P>, situation: Situation) -> Answer {
    if let Decision::Refuse(refusal) = call.release.law.decide(&situation) {
        return Answer::refused(refusal, None);
    }
    match call.ask(&situation).await {
        Ok(accepted) => Answer::success(accepted.output, None),
        Err(refusal) => Answer::refused(refusal, None),
    }
}
