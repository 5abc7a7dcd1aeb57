//! Carries an effect out, on any executor.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use mote_log::{AppendError, Commit, Log, ReadError, StreamName, Version};

use super::{Effect, Input};
use crate::router::Router;

/// How many events one read returns while a stream is counted.
const EVENTS_PER_READ: usize = 1_000;

/// Do what `effect` says, and tell what came of it.
pub async fn perform<R: Router, L: Log>(router: &R, log: &L, effect: Effect) -> Input {
    let text = |error: ReadError| error.to_string();
    match effect {
        Effect::Load(follower) => Input::Loaded(log.checkpoint(&follower).await.map_err(text)),
        Effect::Count(stream, at_least) => Input::Counted(count(log, &stream, at_least).await.map_err(text)),
        Effect::Read(after, limit) => Input::Read(log.commits(after, limit).await.map_err(text)),
        Effect::ReadStream(stream, after, limit) => {
            Input::Stream(log.stream(&stream, after, limit).await.map_err(text))
        }
        Effect::Ask(envelopes) => {
            let mut answers = Vec::with_capacity(envelopes.len());
            for envelope in envelopes {
                answers.push(router.invoke(envelope).await);
            }
            Input::Answered(answers)
        }
        Effect::Append(commits) => Input::Appended(append(log, commits).await),
        Effect::Move(checkpoint) => Input::Moved(log.move_checkpoint(checkpoint).await),
    }
}

/// How many events `stream` holds. What the checkpoint says is nearly always all of it.
async fn count<L: Log>(log: &L, stream: &StreamName, at_least: Version) -> Result<Version, ReadError> {
    let mut version = at_least;
    loop {
        let events = log.stream(stream, version, EVENTS_PER_READ).await?;
        version = events.last().map_or(version, |event| event.version);
        if events.len() < EVENTS_PER_READ {
            return Ok(version);
        }
    }
}

/// Append all of `commits`, brought in this order so that one fsync can do for them, and wait for each.
async fn append<L: Log>(log: &L, commits: Vec<Commit>) -> Result<(), AppendError> {
    let mut waiting: Vec<Pin<Box<_>>> =
        commits.into_iter().map(|commit| Box::pin(log.append(commit))).collect();
    let mut answers: Vec<Option<Result<(), AppendError>>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut all = Poll::Ready(());
        for (append, answer) in waiting.iter_mut().zip(&mut answers) {
            if answer.is_some() {
                continue;
            }
            match append.as_mut().poll(context) {
                Poll::Ready(answered) => *answer = Some(answered.map(drop)),
                Poll::Pending => all = Poll::Pending,
            }
        }
        all
    })
    .await;
    // A write of unknown fate is worth more than a conflict that follows from it.
    let mut first = Ok(());
    for answer in answers.into_iter().flatten() {
        match (&first, answer) {
            (_, Err(unknown @ AppendError::Unknown(_))) => return Err(unknown),
            (Ok(()), answer) => first = answer,
            (Err(_), _) => {}
        }
    }
    first
}
