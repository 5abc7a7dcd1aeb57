//! A command: one decision about one instance, stored before it is answered.
//!
//! In its lane: fold, look up the idempotency key, read rows, decide, ask, judge, append with the expected
//! version. A conflict runs the whole decision again, from the fold, with the same envelope.

use mote_contract::{Accepted, Aggregate, Decision, Outcome, PlatformError, Refusal, Situation};
use mote_expr::parse;
use mote_log::{Append, AppendError, Cause, Codec, Commit, KeptAnswer, KeyScope, Log, NewEvent, StreamName};

use super::Call;
use super::fold::{FoldFailure, Held, head};
use super::read::read;
use crate::answer::Answer;
use crate::envelope::Envelope;
use crate::ports::Ports;

/// How often one call is decided again because somebody else changed the stream.
const DECISIONS_MAX: usize = 5;

pub(super) async fn invoke<P: Ports>(
    call: &Call<'_, P>,
    situation: &mut Situation,
    said: &mut Option<Vec<u8>>,
) -> Answer {
    let (aggregate, stream) = match target(call, situation) {
        Ok(target) => target,
        Err(refusal) => return Answer::refused(refusal, None),
    };
    let _lane = call.ports.lanes().enter(&stream).await;
    for _ in 0..DECISIONS_MAX {
        match decide(call, aggregate, &stream, situation, said).await {
            Step::Answer(answer) => return *answer,
            Step::Again => {}
        }
    }
    let detail = format!("others changed `{stream}` {DECISIONS_MAX} times while this was decided");
    Answer::refused(Refusal::platform(Outcome::Unavailable, PlatformError::Conflict, detail), None)
}

enum Step {
    Answer(Box<Answer>),
    Again,
}

impl From<Answer> for Step {
    fn from(answer: Answer) -> Step {
        Step::Answer(Box::new(answer))
    }
}

/// Which instance is meant, once the key is one that can be kept.
fn target<'c, P: Ports>(
    call: &'c Call<'_, P>,
    situation: &Situation,
) -> Result<(&'c Aggregate, StreamName), Box<Refusal>> {
    if call.envelope.key.as_ref().is_some_and(|key| !(1..=Envelope::KEY_BYTES_MAX).contains(&key.len())) {
        let detail = format!("an idempotency key has 1 to {} bytes", Envelope::KEY_BYTES_MAX);
        let refusal = Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, detail);
        return Err(refusal.by("idempotency-key").into());
    }
    let law = &call.release.law;
    let no_instance = || Refusal::contract_fault("key", "the contract names no instance");
    let aggregate = law.aggregate.as_deref().ok_or_else(no_instance)?;
    let key = law.stream_key(situation)?.ok_or_else(no_instance)?;
    let stream = StreamName::new(&aggregate.name, &key).map_err(|error| {
        let detail = format!("the key {key:?} names no instance: {error}");
        Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, detail).by("key")
    })?;
    Ok((aggregate, stream))
}

async fn decide<P: Ports>(
    call: &Call<'_, P>,
    aggregate: &Aggregate,
    stream: &StreamName,
    situation: &mut Situation,
    said: &mut Option<Vec<u8>>,
) -> Step {
    let scope = call.envelope.key.as_ref().map(|key| KeyScope {
        operation: call.release.name.operation.clone(),
        caller: call.envelope.caller.id.clone(),
        key: key.clone(),
    });
    let held = head(call.ports, aggregate, stream).await;
    // After the fold: a commit that the state holds has its key visible, so no call is refused for
    // what it did itself. And before its failure counts: what was answered stays answered.
    if let Some(scope) = &scope
        && let Some(answer) = kept(call, scope).await
    {
        if let Ok(held) = held {
            held.put(call.ports, stream);
        }
        return answer.into();
    }
    let held = match held {
        Ok(held) => held,
        Err(FoldFailure::Unavailable(why)) => return Answer::unavailable(why).into(),
        Err(FoldFailure::Refused(refusal)) => return Answer::refused(refusal, None).into(),
    };
    if let Err(answer) = read(call, situation).await {
        held.put(call.ports, stream);
        return Step::Answer(answer);
    }
    situation.state = Some(held.head.state.clone());
    let decided = match call.release.law.decide(situation) {
        Decision::Refuse(refusal) => Err(refusal),
        Decision::Call => call.ask(situation, said).await,
    };
    match decided {
        Ok(accepted) => store(call, stream, held, accepted, scope).await,
        Err(refusal) => {
            let position = held.head.position;
            held.put(call.ports, stream);
            Answer::refused(refusal, Some(position)).into()
        }
    }
}

/// The answer that was given under this key before, or a refusal of the key for another input.
async fn kept<P: Ports>(call: &Call<'_, P>, scope: &KeyScope) -> Option<Answer> {
    let (position, kept) = match call.ports.log().kept_answer(scope).await {
        Ok(found) => found?,
        Err(error) => return Some(Answer::unavailable(error.to_string())),
    };
    if kept.input != call.admitted.digest {
        let detail = "this idempotency key was used for another input";
        let refusal = Refusal::platform(Outcome::Invalid, PlatformError::RequirementFailed, detail);
        return Some(Answer::refused(refusal.by("idempotency-key"), Some(position)));
    }
    Some(match parse(&kept.body) {
        Ok(output) => Answer { replayed: true, ..Answer::success(output, Some(position)) },
        Err(error) => Answer::unavailable(format!("the kept answer is damaged: {error}")),
    })
}

async fn store<P: Ports>(
    call: &Call<'_, P>,
    stream: &StreamName,
    held: Held,
    accepted: Accepted,
    scope: Option<KeyScope>,
) -> Step {
    let Accepted { output, events, after } = accepted;
    if events.is_empty() && scope.is_none() {
        let position = held.head.position;
        held.put(call.ports, stream);
        return Answer::success(output, Some(position)).into();
    }
    let count = events.len() as u64;
    let appends = if events.is_empty() {
        Vec::new()
    } else {
        let events = events.iter().map(|event| NewEvent {
            kind: event.kind.clone(),
            shape: shape(call, &event.kind),
            codec: Codec::Json,
            data: event.data.canonical(),
        });
        vec![Append { stream: stream.clone(), expected: held.head.version, events: events.collect() }]
    };
    let answer =
        scope.map(|scope| KeptAnswer { scope, input: call.admitted.digest, body: output.canonical() });
    let appending = call.ports.heads().begin(stream, held.head.version);
    match call.ports.log().append(Commit { appends, cause: cause(call), answer, checkpoint: None }).await {
        Ok(position) => {
            appending.passed();
            held.moved(count, position, after).put(call.ports, stream);
            Answer::success(output, Some(position)).into()
        }
        Err(AppendError::Conflict { .. } | AppendError::KeyTaken) => {
            appending.passed();
            Step::Again
        }
        Err(error) => {
            // A commit of unknown fate leaves its doubt.
            if !matches!(error, AppendError::Unknown(_)) {
                appending.refused();
            }
            Answer::unavailable(error.to_string()).into()
        }
    }
}

fn shape<P: Ports>(call: &Call<'_, P>, kind: &str) -> u32 {
    let aggregate = call.release.law.aggregate.as_deref();
    aggregate.and_then(|aggregate| aggregate.events.get(kind)).map_or(1, |event| event.shape)
}

fn cause<P: Ports>(call: &Call<'_, P>) -> Cause {
    Cause {
        invocation: call.envelope.id.clone(),
        operation: call.release.name.operation.clone(),
        release: call.release.name.digest,
        artifact: Some(call.release.artifact),
        caller: call.envelope.caller.id.clone(),
        input: call.admitted.digest,
        at: call.envelope.now,
        traceparent: call.envelope.traceparent.clone(),
    }
}
