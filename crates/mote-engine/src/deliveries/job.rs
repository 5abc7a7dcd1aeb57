//! One event that is to be told of: what is asked about it, and what is stored of the answer.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mote_contract::{Law, Publishing, delivery_id};
use mote_expr::{Digest, Value};
use mote_log::{
    Append, Cause, Checkpoint, Codec, Commit, NewEvent, Position, StoredEvent, StreamName, Version,
};

use crate::answer::Answer;
use crate::envelope::{Caller, Envelope, Origin, time_text};
use crate::release::{Release, ReleaseName};
use crate::stored::read;

/// How long an answer may take before the event is held: far longer than the budget of any call.
const ANSWER_TIME_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Who publishes.
const CALLER: &str = "mote";

/// A release of a publisher.
#[derive(Clone, Debug)]
pub struct Publisher {
    name: ReleaseName,
    artifact: Digest,
    law: Arc<Law>,
    sink: StreamName,
}

impl Publisher {
    /// The publisher that `release` is. None if it is of another kind.
    pub fn of<C>(release: &Release<C>) -> Option<Publisher> {
        let publishing = release.law.publishing.as_ref()?;
        let (aggregate, key) = publishing.stream(&release.name.operation);
        // Both are checked names, which a stream's name can hold.
        let sink = StreamName::new(&aggregate, key).ok()?;
        let (name, artifact) = (release.name.clone(), release.artifact);
        Some(Publisher { name, artifact, law: release.law.clone(), sink })
    }

    /// The operation's name, which is that of its checkpoint too.
    pub fn name(&self) -> &str {
        &self.name.operation
    }

    /// The hash of the release.
    pub fn release(&self) -> Digest {
        self.name.digest
    }

    /// The stream that takes its messages.
    pub fn sink(&self) -> &StreamName {
        &self.sink
    }

    pub(super) fn follows(&self, event: &StoredEvent) -> bool {
        let follows = |publishing: &Publishing| publishing.follows(event.stream.aggregate(), &event.kind);
        self.law.publishing.as_ref().is_some_and(follows)
    }
}

/// An event that is to be told of.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) stream: StreamName,
    pub(super) version: Version,
    /// Where the log has been followed to after it: a position, and how many events of the commit behind it.
    pub(super) done: (Position, usize),
    at: Timestamp,
    id: String,
    /// What is asked, or why the event cannot be read.
    input: Result<Value, String>,
}

impl Job {
    pub(super) fn of(publisher: &Publisher, event: &StoredEvent, done: (Position, usize)) -> Job {
        let publishing = publisher.law.publishing.as_ref();
        let aggregate = publishing.and_then(|publishing| publishing.aggregate_of(&event.kind));
        let read = aggregate.map(|aggregate| read(aggregate, event).map_err(|error| error.to_string()));
        let input = read.unwrap_or_else(|| Err("nobody follows it".to_owned())).map(|happened| {
            let version = i64::try_from(event.version.0).unwrap_or(mote_expr::INT_MAX);
            Law::delivery(&happened, &time_text(event.at), event.stream.as_str(), version)
        });
        Job {
            stream: event.stream.clone(),
            version: event.version,
            done,
            at: event.at,
            id: delivery_id(publisher.name(), &format!("{}@{}", event.stream, event.version)),
            input,
        }
    }

    /// The call about it. An event that cannot be read has an empty body, which nothing admits.
    pub(super) fn envelope(&self, publisher: &Publisher, now: Timestamp) -> Envelope {
        Envelope {
            release: publisher.name.clone(),
            input: self.input.as_ref().map(Value::canonical).unwrap_or_default(),
            key: None,
            caller: Caller::named(CALLER),
            deadline: now.checked_add(ANSWER_TIME_MAX).unwrap_or(Timestamp::MAX),
            traceparent: None,
            origin: Origin::Delivery,
            now: self.at,
            id: self.id.clone(),
        }
    }

    /// The messages of an answer: type and data. The error says why there are none.
    pub(super) fn messages(&self, answer: Answer) -> Result<Vec<(String, Value)>, String> {
        self.input.as_ref().map_err(Clone::clone)?;
        let output = answer.result.map_err(|refusal| match &refusal.breach {
            Some(breach) => format!("{}: {}", breach.clause, breach.message),
            None => format!("{}: {}", refusal.code, refusal.detail),
        })?;
        let message = |message: &Value| {
            Some((message.field("type")?.as_text()?.to_owned(), message.field("data")?.clone()))
        };
        let messages = output.as_list().unwrap_or(&[]).iter().map(message).collect::<Option<Vec<_>>>();
        // What was judged has this shape.
        messages.ok_or_else(|| "the answer holds something that is no message".to_owned())
    }

    /// The commit that stores `messages` in the sink, after its event `expected`.
    pub(super) fn commit(
        &self,
        publisher: &Publisher,
        expected: Version,
        messages: Vec<(String, Value)>,
        checkpoint: Checkpoint,
    ) -> Commit {
        let events = messages.into_iter().map(|(kind, data)| NewEvent {
            kind,
            shape: 1,
            codec: Codec::Json,
            data: data.canonical(),
        });
        let append = Append { stream: publisher.sink.clone(), expected, events: events.collect() };
        let cause = Cause {
            invocation: self.id.clone(),
            operation: publisher.name().to_owned(),
            release: publisher.release(),
            artifact: Some(publisher.artifact),
            caller: CALLER.to_owned(),
            input: self.input.as_ref().map(Value::digest).unwrap_or(Digest::of(b"")),
            at: self.at,
            traceparent: None,
        };
        Commit { appends: vec![append], cause, answer: None, checkpoint: Some(checkpoint) }
    }
}
