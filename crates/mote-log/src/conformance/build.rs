//! Commits for tests: short to write, valid unless a test breaks them.
//! Owns no case. The tests of a store and of what stands above one may use them too.

use jiff::Timestamp;
use mote_expr::Digest;

use crate::{
    Append, Cause, Checkpoint, Codec, Commit, KeptAnswer, KeyScope, NewEvent, Position, StreamName, Version,
};

/// The stream that `name` names, such as `order/1`.
pub fn stream(name: &str) -> StreamName {
    name.parse().expect("a test names its streams `aggregate/key`")
}

/// An event of type `kind`.
pub fn event(kind: &str) -> NewEvent {
    NewEvent { kind: kind.to_owned(), shape: 1, codec: Codec::Json, data: br#"{"total":42}"#.to_vec() }
}

/// One event of each of `kinds` for the stream `name`, after version `expected`.
pub fn append(name: &str, expected: u64, kinds: &[&str]) -> Append {
    let events = kinds.iter().map(|kind| event(kind)).collect();
    Append { stream: stream(name), expected: Version(expected), events }
}

/// A commit of `appends` without an answer.
pub fn commit(appends: Vec<Append>) -> Commit {
    Commit { appends, cause: cause(), answer: None, checkpoint: None }
}

/// A cause with every field filled.
pub fn cause() -> Cause {
    Cause {
        invocation: "01JZZZZZZZZZZZZZZZZZZZZZZZ".to_owned(),
        operation: "place-order".to_owned(),
        release: Digest::of(b"release"),
        artifact: Some(Digest::of(b"artifact")),
        caller: "user:ada".to_owned(),
        input: Digest::of(b"input"),
        // Every digit of a nanosecond, since a log keeps time as it was given.
        at: Timestamp::constant(1_767_225_600, 123_456_789),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

/// The scope of `key` as `caller` sent it to `operation`.
pub fn scope(operation: &str, caller: &str, key: &str) -> KeyScope {
    KeyScope { operation: operation.to_owned(), caller: caller.to_owned(), key: key.to_owned() }
}

/// An answer to keep under `scope`.
pub fn kept(scope: KeyScope, body: &str) -> KeptAnswer {
    KeptAnswer { scope, input: Digest::of(b"input"), body: body.as_bytes().to_vec() }
}

/// The checkpoint of `follower` at `position`.
pub fn checkpoint(follower: &str, position: Position, rest: &str) -> Checkpoint {
    Checkpoint { follower: follower.to_owned(), position, rest: rest.as_bytes().to_vec() }
}
