//! Follows the log for one publisher, and hands what it answers to its sink.
//!
//! Owns every decision about deliveries: what is asked next, what is stored with what, which streams wait and until
//! when. Never reads a clock, a log or an answer by itself: time and outcomes arrive as an [`Input`], at most one
//! [`Effect`] leaves at a time, and [`perform`] carries it out. Start at [`Deliveries::step`].
//!
//! Each event's messages are one commit, stored together with the checkpoint after that event. The sink's stream is
//! written by this publisher alone, and each commit expects the version that the one before it leaves: so several can
//! be on their way to the log at once, and where one is refused, those behind it are too. Whatever is refused, and
//! whatever a crash cuts off, is begun again from the checkpoint in the log.

mod checkpoint;
mod held;
mod job;
mod perform;
mod status;

use std::collections::BTreeMap;

use jiff::Timestamp;
use mote_log::{AppendError, Checkpoint, Commit, Position, StoredCommit, StoredEvent, StreamName, Version};

use crate::answer::Answer;
use crate::envelope::Envelope;
use checkpoint::Saved;
use held::Held;
use job::Job;

pub(crate) use held::after_tries;
pub use job::Publisher;
pub use perform::perform;
pub use status::{HeldStream, Status};

/// How many commits one read returns.
const COMMITS_PER_READ: usize = 1_000;
/// How many events are asked about before their messages are stored; a commit is never cut, so it can be some more.
const EVENTS_PER_BATCH: usize = 64;
/// With this many streams held the publisher reads no further. The batch that reaches it is asked about whole, so there
/// can be [`EVENTS_PER_BATCH`] more: each of its events is an answer that has been paid for.
const HELD_MAX: usize = 100;
/// How far the checkpoint in the log may fall behind while nothing is published, in commits. Reading as many again
/// after a crash costs less than storing the checkpoint for every one of them.
const UNSAVED_MAX: u64 = 1_000;

/// What has happened.
#[derive(Debug)]
pub enum Input {
    /// This release of the publisher serves from now on.
    Serving(Publisher),
    /// The log has grown, or the time that [`Deliveries::wakes_at`] named has come.
    Woken,
    /// What came of [`Effect::Load`].
    Loaded(Result<Option<Checkpoint>, String>),
    /// What came of [`Effect::Count`].
    Counted(Result<Version, String>),
    /// What came of [`Effect::Read`].
    Read(Result<Vec<StoredCommit>, String>),
    /// What came of [`Effect::ReadStream`].
    Stream(Result<Vec<StoredEvent>, String>),
    /// What came of [`Effect::Ask`], in its order.
    Answered(Vec<Answer>),
    /// What came of [`Effect::Append`]: the first refusal, if any.
    Appended(Result<(), AppendError>),
    /// What came of [`Effect::Move`].
    Moved(Result<(), AppendError>),
}

/// What is to be done. The outcome is the next input.
#[derive(Debug)]
pub enum Effect {
    /// Read the publisher's checkpoint.
    Load(String),
    /// Find out how many events a stream holds, which are at least these.
    Count(StreamName, Version),
    /// Read so many commits after a position.
    Read(Position, usize),
    /// Read so many events of a stream after a version.
    ReadStream(StreamName, Version, usize),
    /// Ask the publisher about events.
    Ask(Vec<Envelope>),
    /// Append commits in this order. What is brought first is taken first.
    Append(Vec<Commit>),
    /// Keep a checkpoint without a commit.
    Move(Checkpoint),
}

/// The deliveries of one publisher.
#[derive(Debug)]
pub struct Deliveries {
    publisher: Publisher,
    /// A release that takes over when what is being done is done.
    coming: Option<Publisher>,
    doing: Doing,
    /// Where the log has been followed to. None: what the log says of it is to be loaded.
    reached: Option<Saved>,
    /// The position of the checkpoint in the log.
    saved: Position,
    /// Whether the checkpoint in the log does not know which streams are held.
    unsaved: bool,
    /// Whether there may be commits that were not read.
    more: bool,
    /// Why nothing is done, how often that came to nothing, and until when.
    paused: Option<(String, u32, Timestamp)>,
    /// How often in a row the log refused.
    refusals: u32,
}

/// What an effect was for.
#[derive(Debug)]
enum Doing {
    Nothing,
    Loading,
    /// The checkpoint that was loaded.
    Counting(Saved),
    Reading,
    ReadingStream(StreamName),
    /// About which events, and whether the batch is the rest of a held stream.
    Asking {
        jobs: Vec<Job>,
        through: Position,
        of: Option<(StreamName, bool)>,
    },
    /// Where the checkpoint is then, and whether it lacks which streams are held; and up to where all was told before.
    Appending {
        saved: Position,
        unsaved: bool,
        told: Position,
    },
    Moving {
        saved: Position,
    },
}

impl Deliveries {
    /// The deliveries of `publisher`, which go on where its checkpoint in the log is.
    pub fn new(publisher: Publisher) -> Deliveries {
        Deliveries {
            publisher,
            coming: None,
            doing: Doing::Nothing,
            reached: None,
            saved: Position::START,
            unsaved: false,
            more: true,
            paused: None,
            refusals: 0,
        }
    }

    /// Take in what happened, at `now`, and say what to do. None: nothing before the log grows, a release comes, or
    /// the time of [`Deliveries::wakes_at`].
    pub fn step(&mut self, input: Input, now: Timestamp) -> Option<Effect> {
        let doing = match &input {
            // These do not end what is being done.
            Input::Serving(_) | Input::Woken => None,
            _ => Some(std::mem::replace(&mut self.doing, Doing::Nothing)),
        };
        match (doing, input) {
            (None, Input::Serving(publisher)) => self.coming = Some(publisher),
            (None, _) => self.more = true,
            (Some(Doing::Loading), Input::Loaded(loaded)) => return self.loaded(loaded, now),
            (Some(Doing::Counting(saved)), Input::Counted(Ok(version))) => {
                self.saved = saved.position;
                self.reached = Some(Saved { version, ..saved });
            }
            (Some(Doing::Reading), Input::Read(Ok(commits))) => return self.read(commits, now),
            (Some(Doing::ReadingStream(stream)), Input::Stream(Ok(events))) => {
                return self.read_stream(stream, events, now);
            }
            (Some(Doing::Asking { jobs, through, of }), Input::Answered(answers)) => {
                return self.answered(jobs, answers, through, of, now);
            }
            (Some(Doing::Appending { saved, unsaved, .. }), Input::Appended(Ok(()))) => {
                (self.saved, self.unsaved, self.refusals) = (saved, unsaved, 0);
            }
            (Some(Doing::Moving { saved }), Input::Moved(Ok(()))) => {
                (self.saved, self.unsaved, self.refusals) = (saved, false, 0);
            }
            (_, Input::Appended(Err(AppendError::Conflict { .. }))) => self.reached = None,
            (_, Input::Appended(Err(error)) | Input::Moved(Err(error))) => self.pause(error.to_string(), now),
            (_, Input::Counted(Err(why)) | Input::Read(Err(why)) | Input::Stream(Err(why))) => {
                self.pause(why, now)
            }
            // An outcome of something that was not asked for: what the log says is true.
            (Some(_), _) => self.reached = None,
        }
        self.next(now)
    }

    /// When to step again, if nothing else happens.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let tries = self.reached.iter().flat_map(|reached| reached.held.values()).map(|held| held.next_try);
        self.paused.as_ref().map(|(_, _, until)| *until).or_else(|| tries.min())
    }

    /// What to do when nothing is being done.
    fn next(&mut self, now: Timestamp) -> Option<Effect> {
        if !matches!(self.doing, Doing::Nothing) {
            return None;
        }
        if let Some(publisher) = self.coming.take() {
            self.adopt(publisher, now);
        }
        match &self.paused {
            Some((_, _, until)) if now < *until => return None,
            _ => self.paused = None,
        }
        let Some(reached) = &self.reached else {
            self.doing = Doing::Loading;
            return Some(Effect::Load(self.publisher.name().to_owned()));
        };
        // A held stream is tried where no commit is half done: its events up to here are exactly those that wait.
        let due = reached.held.iter().filter(|(_, held)| held.next_try <= now && reached.taken == 0);
        if let Some((stream, held)) = due.min_by_key(|(_, held)| held.next_try) {
            let (stream, before) = (stream.clone(), Version(held.version.0.saturating_sub(1)));
            self.doing = Doing::ReadingStream(stream.clone());
            return Some(Effect::ReadStream(stream, before, EVENTS_PER_BATCH));
        }
        if self.more && (reached.held.len() < HELD_MAX || reached.taken > 0) {
            self.doing = Doing::Reading;
            return Some(Effect::Read(reached.position, COMMITS_PER_READ));
        }
        let behind = reached.position.ordinal().saturating_sub(self.saved.ordinal());
        if self.unsaved || behind > UNSAVED_MAX {
            self.doing = Doing::Moving { saved: reached.position };
            return Some(Effect::Move(reached.checkpoint(&self.publisher)));
        }
        None
    }

    /// Another release: what is held is tried at once, and where the sink is another one, it is counted.
    fn adopt(&mut self, publisher: Publisher, now: Timestamp) {
        if self.publisher.sink() != publisher.sink() {
            self.reached = None;
        }
        for held in self.reached.iter_mut().flat_map(|reached| reached.held.values_mut()) {
            held.next_try = now;
        }
        (self.publisher, self.paused) = (publisher, None);
    }

    /// Do nothing for a while, then go on from what the log says.
    fn pause(&mut self, why: String, now: Timestamp) {
        self.refusals = self.refusals.saturating_add(1);
        self.paused = Some((why, self.refusals, after_tries(now, self.refusals)));
        self.reached = None;
    }

    fn loaded(&mut self, loaded: Result<Option<Checkpoint>, String>, now: Timestamp) -> Option<Effect> {
        let saved = loaded.and_then(|checkpoint| match checkpoint {
            Some(checkpoint) => Saved::of(&checkpoint, &self.publisher, now),
            None => Ok(Saved::default()),
        });
        match saved {
            Ok(saved) => {
                let at_least = saved.version;
                (self.doing, self.more) = (Doing::Counting(saved), true);
                Some(Effect::Count(self.publisher.sink().clone(), at_least))
            }
            Err(why) => {
                self.pause(why, now);
                None
            }
        }
    }

    fn read(&mut self, commits: Vec<StoredCommit>, now: Timestamp) -> Option<Effect> {
        let Some(reached) = &mut self.reached else { return self.next(now) };
        self.more = commits.len() == COMMITS_PER_READ;
        let (mut jobs, mut through) = (Vec::new(), reached.position);
        for commit in &commits {
            if jobs.len() >= EVENTS_PER_BATCH {
                self.more = true;
                break;
            }
            for (at, event) in commit.events.iter().enumerate().skip(reached.taken) {
                if self.publisher.follows(event) && !reached.held.contains_key(&event.stream) {
                    let done =
                        if at + 1 == commit.events.len() { (commit.position, 0) } else { (through, at + 1) };
                    jobs.push(Job::of(&self.publisher, event, done));
                }
            }
            (through, reached.taken) = (commit.position, 0);
        }
        self.ask(jobs, through, None, now)
    }

    fn read_stream(
        &mut self,
        stream: StreamName,
        events: Vec<StoredEvent>,
        now: Timestamp,
    ) -> Option<Effect> {
        let Some(reached) = &self.reached else { return self.next(now) };
        let position = reached.position;
        let waiting = events.iter().filter(|event| event.position <= position);
        let all = events.len() < EVENTS_PER_BATCH || events.iter().any(|event| event.position > position);
        let jobs: Vec<Job> = waiting
            .filter(|event| self.publisher.follows(event))
            .map(|event| Job::of(&self.publisher, event, (position, 0)))
            .collect();
        if !all && let (true, Some(last), Some(reached)) = (jobs.is_empty(), events.last(), &mut self.reached)
        {
            // None of these is followed any more: look at the next ones.
            if let Some(held) = reached.held.get_mut(&stream) {
                held.version = Version(last.version.0 + 1);
            }
            return self.next(now);
        }
        self.ask(jobs, position, Some((stream, all)), now)
    }

    fn ask(
        &mut self,
        jobs: Vec<Job>,
        through: Position,
        of: Option<(StreamName, bool)>,
        now: Timestamp,
    ) -> Option<Effect> {
        let envelopes: Vec<_> = jobs.iter().map(|job| job.envelope(&self.publisher, now)).collect();
        if envelopes.is_empty() {
            return self.answered(jobs, Vec::new(), through, of, now);
        }
        self.doing = Doing::Asking { jobs, through, of };
        Some(Effect::Ask(envelopes))
    }

    /// Store the messages of each event with the checkpoint after it; hold the stream of each event without any.
    fn answered(
        &mut self,
        jobs: Vec<Job>,
        answers: Vec<Answer>,
        through: Position,
        of: Option<(StreamName, bool)>,
        now: Timestamp,
    ) -> Option<Effect> {
        let Some(reached) = &mut self.reached else { return self.next(now) };
        let mut commits = Vec::new();
        let mut failed = false;
        let last = jobs.len().saturating_sub(1);
        for (at, (job, answer)) in jobs.iter().zip(answers).enumerate() {
            // What comes after an event that failed waits behind it.
            let waits = if of.is_some() { failed } else { reached.held.contains_key(&job.stream) };
            (reached.position, reached.taken) = job.done;
            if waits {
                continue;
            }
            match job.messages(answer) {
                Ok(messages) => {
                    match &of {
                        Some((stream, true)) if at == last => drop(reached.held.remove(stream)),
                        Some((stream, _)) => {
                            if let Some(held) = reached.held.get_mut(stream) {
                                held.version = Version(job.version.0 + 1);
                            }
                        }
                        None => {}
                    }
                    self.unsaved |= of.is_some();
                    if !messages.is_empty() {
                        let expected = reached.version;
                        reached.version.0 += messages.len() as u64;
                        let checkpoint = reached.checkpoint(&self.publisher);
                        commits.push(job.commit(&self.publisher, expected, messages, checkpoint));
                        self.unsaved = false;
                    }
                }
                Err(why) => {
                    failed = true;
                    let held = reached.held.remove(&job.stream);
                    reached.held.insert(job.stream.clone(), Held::again(held, job.version, why, now));
                    self.unsaved = true;
                }
            }
        }
        if let (Some((stream, true)), true) = (&of, jobs.is_empty()) {
            // What it waited with is not followed any more.
            reached.held.remove(stream);
            self.unsaved = true;
        }
        let told = std::mem::replace(&mut reached.position, through);
        reached.taken = 0;
        if commits.is_empty() {
            return self.next(now);
        }
        let saved = commits.last().and_then(|commit| commit.checkpoint.as_ref());
        let saved = saved.map_or(self.saved, |checkpoint| checkpoint.position);
        self.doing = Doing::Appending { saved, unsaved: self.unsaved, told };
        Some(Effect::Append(commits))
    }
}

/// The streams that wait, by name.
type HeldStreams = BTreeMap<StreamName, Held>;
