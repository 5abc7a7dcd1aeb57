//! The log of a simulated process: the real store, written by a task of the world on a bad disk.
//!
//! Owns the queue, the moments at which a process may die, and what the disk still holds then.
//! Never answers a commit that the store has not answered, unless it is told to be broken.

use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn, ready};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use futures_channel::oneshot::{self, Sender};
use mote_expr::{Digest, Value};
use mote_log::{
    Append, AppendError, Cause, Checkpoint, Codec, Commit, KeptAnswer, KeyScope, Log, NewEvent, Position,
    ReadError, Snapshot, SnapshotError, Snapshots, StoredCommit, StoredEvent, StreamName, Version,
};
use mote_store::Database;

use crate::code::guest_signed;
use crate::files::Tear;
use crate::history::{Foreign, History};
use crate::simulation::Sabotage;
use crate::system::GUESTBOOK;
use crate::world::World;

/// How a process ends, and in which state it leaves its files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Crash {
    /// Somewhere between two steps; what waited for the writer is lost.
    Idle,
    /// With a batch in hand that was not written.
    Before,
    /// With a batch written that nobody was told of, and whose bytes the power cut damaged.
    During(Tear),
    /// With a batch durable that nobody was told of.
    After,
    /// In order: what waited is lost, the files are closed.
    Restart,
}

/// How often what goes wrong, in a thousand batches.
const CRASH_EACH: u64 = 20;
const FULL: u64 = 30;
const FOREIGN: u64 = 80;

/// How often a snapshot is damaged on its way to the disk, or lost, in a thousand.
const DAMAGED: u64 = 100;
const LOST: u64 = 50;

/// How often a read fails, in a thousand.
const UNREADABLE: u64 = 10;

type Answer = Result<Position, AppendError>;
type Batch = Vec<(Commit, Sender<Answer>)>;

/// A log on a bad disk. A clone is another handle on the same one.
#[derive(Clone)]
pub(crate) struct Disk {
    world: World,
    history: History,
    sabotage: Option<Sabotage>,
    state: Arc<Mutex<State>>,
}

struct State {
    /// None once the process is over.
    database: Option<Database>,
    waiting: Batch,
    snapshots: Vec<Snapshot>,
    /// The first state of each stream that was to be kept, for a disk that keeps no other.
    first: BTreeMap<StreamName, Value>,
    writer: Option<Waker>,
    crash: Option<Crash>,
    /// How far the write-ahead log was in use before the newest batch, in bytes.
    before_newest: u64,
}

impl Disk {
    pub(crate) fn new(
        database: Database,
        world: World,
        history: History,
        sabotage: Option<Sabotage>,
    ) -> Disk {
        let state = State {
            database: Some(database),
            waiting: Vec::new(),
            snapshots: Vec::new(),
            first: BTreeMap::new(),
            writer: None,
            crash: None,
            before_newest: 0,
        };
        Disk { world, history, sabotage, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Database) -> Result<T, ReadError>) -> Result<T, ReadError> {
        match &self.state().database {
            Some(database) => read(database),
            None => Err(ReadError("the process is over".to_owned())),
        }
    }

    /// The crash that was decided on, for whoever carries it out.
    pub(crate) fn crash(&self) -> Option<Crash> {
        self.state().crash
    }

    /// Decide that the process ends now.
    pub(crate) fn end_by(&self, crash: Crash) {
        self.state().crash.get_or_insert(crash);
    }

    /// Take the store out of the dead process, with the write-ahead log's length before its newest batch.
    pub(crate) fn take(&self) -> Option<(Database, u64)> {
        let mut state = self.state();
        let before_newest = state.before_newest;
        state.waiting.clear();
        state.database.take().map(|database| (database, before_newest))
    }

    /// Write batch after batch, until the process ends.
    pub(crate) async fn write(self) {
        loop {
            let mut batch = self.batch().await;
            self.world.pass(20..300).await;
            let crash_at = |moment| self.world.happens(CRASH_EACH).then_some(moment);
            if self.sabotage == Some(Sabotage::AnswersBeforeWriting) {
                self.answer_early(&mut batch);
                self.world.pass(20..300).await;
            }
            if let Some(crash) = crash_at(Crash::Before) {
                return self.die(crash).await;
            }
            let foreign = if self.world.happens(FOREIGN) { self.foreign(&batch) } else { None };
            let commits: Vec<_> =
                foreign.iter().chain(batch.iter().map(|(commit, _)| commit)).cloned().collect();
            let (mut answers, written) = self.commit(&commits);
            if self.world.happens(CRASH_EACH) {
                let tear = self.tear(written);
                return self.die(Crash::During(tear)).await;
            }
            // From here on the batch is durable, and reads see it, but nobody has been told.
            self.world.pass(20..300).await;
            if let Some(crash) = crash_at(Crash::After) {
                return self.die(crash).await;
            }
            if let Some(foreign) = foreign
                && let Ok(position) = answers.remove(0)
            {
                let invocation = foreign.cause.invocation;
                self.world.tell(format!("  {invocation} appended at {}", position.ordinal()));
                self.history.facts().foreign.push(Foreign { invocation, position });
            }
            for ((_, sender), answer) in batch.into_iter().zip(answers) {
                // Whoever stopped waiting needs no answer.
                let _ = sender.send(answer);
            }
            if let Some(crash) = self.keep_snapshots().await {
                return self.die(crash).await;
            }
        }
    }

    /// Keep the snapshots that were asked for, some of them badly. The answer is the crash meanwhile.
    async fn keep_snapshots(&self) -> Option<Crash> {
        let snapshots = mem::take(&mut self.state().snapshots);
        for mut snapshot in snapshots {
            self.world.pass(5..100).await;
            if self.world.happens(LOST) {
                continue;
            }
            if self.world.happens(DAMAGED) {
                self.damage(&mut snapshot);
            }
            let written = self.keep(snapshot);
            if self.world.happens(CRASH_EACH) {
                return Some(Crash::During(self.tear(written)));
            }
        }
        None
    }

    /// What a bad disk makes of a snapshot. Only what can be noticed: it never lies about a state that fits.
    fn damage(&self, snapshot: &mut Snapshot) {
        match self.world.below(3) {
            0 => snapshot.version.0 += 1_000,
            1 => snapshot.version.0 = 0,
            _ => snapshot.state = Value::text("rust"),
        }
    }

    /// Keep `snapshot`, and say which range of bytes that wrote.
    fn keep(&self, mut snapshot: Snapshot) -> (u64, u64) {
        let mut state = self.state();
        let first = state.first.entry(snapshot.stream.clone()).or_insert_with(|| snapshot.state.clone());
        if self.sabotage == Some(Sabotage::StaleSnapshots) {
            snapshot.state = first.clone();
        }
        let State { database: Some(database), before_newest, .. } = &mut *state else { return (0, 0) };
        let before = wal_bytes(database);
        let kept = database.keep_snapshot(&snapshot);
        let after = wal_bytes(database);
        let from = if after < before { 0 } else { before };
        *before_newest = from;
        drop(state);
        let Snapshot { stream, version, .. } = snapshot;
        let note = if kept.is_ok() { "kept" } else { "not kept" };
        self.world.tell(format!("  snapshot of {stream} at {version} {note}"));
        (from, after)
    }

    /// All that waits, as soon as anything does.
    async fn batch(&self) -> Batch {
        poll_fn(|context| {
            let mut state = self.state();
            if state.waiting.is_empty() {
                state.writer = Some(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(mem::take(&mut state.waiting))
        })
        .await
    }

    async fn die(&self, crash: Crash) {
        self.end_by(crash);
        // The executor kills this task before anything else runs.
        pending().await
    }

    /// Store `commits` in one transaction, on a disk that may be full just now. The second part is the
    /// range of bytes that it wrote.
    fn commit(&self, commits: &[Commit]) -> (Vec<Answer>, (u64, u64)) {
        let full = self.world.happens(FULL);
        let mut state = self.state();
        let State { database: Some(database), before_newest, .. } = &mut *state else {
            return (Vec::new(), (0, 0));
        };
        let before = wal_bytes(database);
        // Smaller than any log: not one page more.
        let sized = if full { database.set_size_max(1) } else { Ok(()) };
        let mut answers = database.commit_batch(commits);
        let sized = sized.and_then(|()| database.set_size_max(u64::MAX));
        assert!(sized.is_ok(), "a bound on the file's size is a setting, not a write: {sized:?}");
        if self.sabotage == Some(Sabotage::WritesTwice)
            && let Some(again) = repeated(commits, &answers)
        {
            answers.truncate(commits.len());
            database.commit_batch(&[again]);
        }
        let after = wal_bytes(database);
        // A smaller number means that the write-ahead log began anew.
        let from = if after < before { 0 } else { before };
        *before_newest = from;
        drop(state);
        let stored = answers.iter().filter(|answer| answer.is_ok()).count();
        let note = if full { ", on a full disk" } else { "" };
        self.world.tell(format!("  batch of {}: {stored} stored{note}", commits.len()));
        (answers, (from, after))
    }

    /// A power cut somewhere in the range of bytes that a batch wrote.
    fn tear(&self, (from, to): (u64, u64)) -> Tear {
        let at = from + self.world.below(to - from + 1);
        if self.world.happens(300) { Tear::Hole(at) } else { Tear::Cut(at) }
    }

    /// What somebody else appends to the stream of the first commit, behind the engine's back: always in
    /// the first shape, since strangers never change.
    fn foreign(&self, batch: &[(Commit, Sender<Answer>)]) -> Option<Commit> {
        let stream = batch.first()?.0.appends.first()?.stream.clone();
        if stream.aggregate() != GUESTBOOK {
            return None;
        }
        let guests = self.read(|database| database.stream(&stream, Version(0), usize::MAX)).ok()?.len();
        let number = self.history.facts().foreign.len();
        let (now, name) = (self.world.now(), format!("stranger-{}-{number}", now_us(&self.world)));
        // A full book stays closed to strangers too.
        if guests >= 100 {
            return None;
        }
        let data = guest_signed(1, &name, "", &format!("{now:.3}")).canonical();
        let event = NewEvent { kind: "GuestSigned".to_owned(), shape: 1, codec: Codec::Json, data };
        let cause = Cause {
            invocation: name,
            operation: "import-guests".to_owned(),
            release: Digest::of(b"import-guests"),
            artifact: None,
            caller: "stranger".to_owned(),
            input: Digest::of(b""),
            at: now,
            traceparent: None,
        };
        let append = Append { stream, expected: Version(guests as u64), events: vec![event] };
        Some(Commit { appends: vec![append], cause, answer: None, checkpoint: None })
    }

    /// What a broken store does: promise positions that nothing has yet.
    fn answer_early(&self, batch: &mut Batch) {
        let end = self.end().ordinal();
        for (place, (_, sender)) in (1..).zip(batch) {
            let (nobody, _) = oneshot::channel();
            let _ = mem::replace(sender, nobody).send(Ok(Position::from_ordinal(end + place)));
        }
    }
}

fn wal_bytes(database: &Database) -> u64 {
    database.wal_bytes().unwrap_or(0)
}

fn now_us(world: &World) -> i64 {
    world.now().as_microsecond() - 1_767_225_600_000_000
}

/// The first stored commit once more, where a broken store would put it.
fn repeated(commits: &[Commit], answers: &[Answer]) -> Option<Commit> {
    let stored = commits.iter().zip(answers).find(|(_, answer)| answer.is_ok());
    let mut again = Commit { answer: None, ..stored?.0.clone() };
    for append in &mut again.appends {
        append.expected.0 += append.events.len() as u64;
    }
    Some(again)
}

impl Log for Disk {
    async fn append(&self, mut commit: Commit) -> Answer {
        if self.sabotage == Some(Sabotage::ForgetsKeys) {
            commit.answer = None;
        }
        if self.sabotage == Some(Sabotage::ForgetsCheckpoints) {
            commit.checkpoint = None;
        }
        let (sender, answer) = oneshot::channel();
        let writer = {
            let mut state = self.state();
            state.waiting.push((commit, sender));
            state.writer.take()
        };
        if let Some(writer) = writer {
            writer.wake();
        }
        answer.await.unwrap_or_else(|_| Err(AppendError::Unknown("the process is over".to_owned())))
    }

    async fn stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.weather().await?;
        self.read(|database| database.stream(stream, after, limit))
    }

    async fn commits(&self, after: Position, limit: usize) -> Result<Vec<StoredCommit>, ReadError> {
        self.weather().await?;
        self.read(|database| database.commits(after, limit))
    }

    async fn kept_answer(&self, scope: &KeyScope) -> Result<Option<(Position, KeptAnswer)>, ReadError> {
        self.weather().await?;
        self.read(|database| database.kept_answer(scope))
    }

    async fn move_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), AppendError> {
        self.world.pass(20..300).await;
        match &mut self.state().database {
            Some(database) => database.move_checkpoint(&checkpoint),
            None => Err(AppendError::Unknown("the process is over".to_owned())),
        }
    }

    async fn checkpoint(&self, follower: &str) -> Result<Option<Checkpoint>, ReadError> {
        self.weather().await?;
        self.read(|database| database.checkpoint(follower))
    }

    fn end(&self) -> Position {
        self.state().database.as_ref().map_or(Position::START, Database::end)
    }
}

impl Snapshots for Disk {
    async fn snapshot(&self, stream: &StreamName, fold: Digest) -> Result<Option<Snapshot>, ReadError> {
        self.weather().await?;
        self.read(|database| database.snapshot(stream, fold))
    }

    /// The writer keeps it after the next batch, if the process lives that long.
    fn keep_snapshot(&self, snapshot: Snapshot) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        self.state().snapshots.push(snapshot);
        ready(Ok(()))
    }

    /// A process of a world serves one system all its life: nothing is ever of no use.
    fn forget_snapshots(&self, _: &[Digest]) -> impl Future<Output = Result<(), SnapshotError>> + Send {
        ready(Ok(()))
    }
}

impl Disk {
    /// What a read meets: a little time, sometimes an error.
    async fn weather(&self) -> Result<(), ReadError> {
        self.world.pass(0..40).await;
        if self.world.happens(UNREADABLE) {
            return Err(ReadError("the disk does not answer".to_owned()));
        }
        Ok(())
    }
}
