//! A watched log tells of commits, and of a write whose fate nobody knows.

use mote_log::conformance::{append, checkpoint, commit};
use mote_log::{AppendError, Checkpoint, Commit, KeptAnswer, KeyScope, Log, MemoryLog, Position, ReadError};
use mote_log::{StoredCommit, StoredEvent, StreamName, Version};
use mote_server::WatchedLog;

/// A log whose disk fails in the middle of a write.
struct Failing;

impl Log for Failing {
    async fn append(&self, _: Commit) -> Result<Position, AppendError> {
        Err(AppendError::Unknown("fsync: input/output error".to_owned()))
    }

    async fn stream(&self, _: &StreamName, _: Version, _: usize) -> Result<Vec<StoredEvent>, ReadError> {
        Ok(Vec::new())
    }

    async fn commits(&self, _: Position, _: usize) -> Result<Vec<StoredCommit>, ReadError> {
        Ok(Vec::new())
    }

    async fn kept_answer(&self, _: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        Ok(None)
    }

    async fn move_checkpoint(&self, _: Checkpoint) -> Result<(), AppendError> {
        Err(AppendError::Unknown("fsync: input/output error".to_owned()))
    }

    async fn checkpoint(&self, _: &str) -> Result<Option<Checkpoint>, ReadError> {
        Ok(None)
    }

    fn end(&self) -> Position {
        Position::START
    }
}

fn signed() -> Commit {
    commit(vec![append("guestbook/lobby", 0, &["GuestSigned"])])
}

#[tokio::test]
async fn it_tells_of_a_commit() {
    let log = WatchedLog::new(MemoryLog::new());
    let mut grown = log.grown();
    let position = log.append(signed()).await.expect("memory does not fail");
    assert!(grown.has_changed().expect("the log lives"));
    assert_eq!(*grown.borrow_and_update(), position);
}

#[tokio::test]
async fn it_tells_of_a_write_whose_fate_is_unknown() {
    let log = WatchedLog::new(Failing);
    assert!(log.append(signed()).await.is_err());
    assert_eq!(log.broken().await, "fsync: input/output error");

    let log = WatchedLog::new(Failing);
    assert!(log.move_checkpoint(checkpoint("announce", Position::START, "")).await.is_err());
    assert_eq!(log.broken().await, "fsync: input/output error");
}
