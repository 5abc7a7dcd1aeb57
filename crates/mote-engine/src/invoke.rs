//! The one way to invoke: admit, authorise, then what the kind of contract does.

mod command;
mod fold;
mod function;
mod read;

use mote_contract::{Accepted, Admitted, Breach, Kind, Outcome, PlatformError, Refusal, Situation};

use crate::answer::Answer;
use crate::envelope::Envelope;
use crate::ports::{Ports, Stop};
use crate::recorded::Decided;
use crate::release::Release;

/// Decide `envelope` under `release`.
///
/// Needs no runtime: any executor can poll it, and dropping it stores nothing that was not handed
/// to the log before.
pub async fn invoke<P: Ports>(ports: &P, release: &Release<P::Code>, envelope: &Envelope) -> Answer {
    let mut heard = Heard::default();
    let mut answer = decided(ports, release, envelope, &mut heard).await;
    // What a rule saw is told to owners and kept in logs, neither of which may hold what is sensitive.
    if let Err(refusal) = &mut answer.result
        && (refusal.breach.is_some() || refusal.outcome == Outcome::ContractFault)
        && release.law.has_sensitive()
    {
        **refusal = refusal.without_values();
    }
    let Heard { situation, said } = &heard;
    ports.record(&Decided {
        release,
        envelope,
        situation: situation.as_ref(),
        said: said.as_deref(),
        answer: &answer,
    });
    answer
}

/// What a call was decided by, as far as it came.
#[derive(Default)]
struct Heard {
    /// None if the input was not admitted.
    situation: Option<Situation>,
    /// What the code answered.
    said: Option<Vec<u8>>,
}

async fn decided<P: Ports>(
    ports: &P,
    release: &Release<P::Code>,
    envelope: &Envelope,
    heard: &mut Heard,
) -> Answer {
    let law = &release.law;
    let admitted = match law.admit(&envelope.input) {
        Ok(admitted) => admitted,
        Err(refusal) => return Answer::refused(refusal, None),
    };
    let context = law.context_of(&admitted.input, || envelope.context());
    let input = admitted.input.clone();
    let Heard { situation, said } = heard;
    let situation = situation.insert(Situation { input, context, state: None, rows: None });
    if let Err(refusal) = law.authorise(situation) {
        return Answer::refused(refusal, None);
    }
    let call = Call { ports, release, envelope, admitted: &admitted };
    match law.contract.kind {
        Kind::Function | Kind::Query | Kind::Publisher => function::invoke(&call, situation, said).await,
        Kind::Command => command::invoke(&call, situation, said).await,
    }
}

/// What every step of one invocation needs.
struct Call<'c, P: Ports> {
    ports: &'c P,
    release: &'c Release<P::Code>,
    envelope: &'c Envelope,
    admitted: &'c Admitted,
}

impl<P: Ports> Call<'_, P> {
    /// Ask the code and judge its answer, which is left in `said`. Where there is no code the law derives
    /// the answer, and it is judged no less.
    async fn ask(&self, situation: &Situation, said: &mut Option<Vec<u8>>) -> Result<Accepted, Box<Refusal>> {
        let law = &self.release.law;
        // A decision that is made again forgets what was said before.
        *said = None;
        if let Some(derived) = law.derive(situation) {
            return Ok(law.judge(situation, said.insert(derived?))?);
        }
        let contract = &law.contract;
        let call = law.call(situation);
        let asked =
            self.ports.ask(&self.release.code, call, &contract.budget, contract.isolation, self.envelope);
        match asked.await {
            Ok(answer) => Ok(law.judge(situation, said.insert(answer))?),
            Err(stop) => Err(stopped(stop).into()),
        }
    }
}

fn stopped(stop: Stop) -> Refusal {
    let detail = stop.to_string();
    match stop {
        Stop::Breach { clause, message } => {
            Refusal::breach(Breach { clause, message, expression: None, values: Vec::new() })
        }
        Stop::Timeout(_) => {
            Refusal::platform(Outcome::Unavailable, PlatformError::Timeout, detail).by("budget/timeout")
        }
        Stop::Unavailable(_) => Refusal::platform(Outcome::Unavailable, PlatformError::Unavailable, detail),
    }
}
