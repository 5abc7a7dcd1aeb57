//! Carries a run out: journals what happened, asks what it wants asked, and wakes it.
//!
//! Owns the order: what happened is durable before anything that follows from it is asked. Answers that come together are
//! one page, and the page of the last one holds the end. Never reads a clock: every outcome comes with its time.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::future::{Either, FutureExt as _, select};
use futures_util::stream::{FuturesUnordered, Stream, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use mote_contract::{Refusal, Workflow};
use mote_expr::Value;
use mote_log::{Journal, JournalError, KeyScope, Page, ReadError, RunBegun, RunEnded, StoredRun};

use super::journal::{Began, decode_began, decode_input, encode_began, encode_end, encode_input};
use super::{Ask, End, Input, Run};
use crate::wire::WireError;

/// How long to wait where the journal takes nothing.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// How many entries one read returns.
const ENTRIES_PER_READ: usize = 1_000;

/// What carrying out a run needs of the world.
pub trait RunPorts: Send + Sync {
    /// Where journals are kept.
    type Journal: Journal;

    /// The keeper of journals.
    fn journal(&self) -> &Self::Journal;

    /// Makes a call of a run. Answers at the latest when [`Ask::until`] is over, and says when it did.
    fn ask(
        &self,
        began: &Began,
        ask: Ask,
    ) -> impl Future<Output = (Result<Value, Box<Refusal>>, Timestamp)> + Send;

    /// Waits until a time, and says what time it is then.
    fn until(&self, time: Timestamp) -> impl Future<Output = Timestamp> + Send;
}

/// A run that can be carried out, and how far its journal has it.
#[derive(Debug)]
pub struct Started {
    run: Run,
    entries: u64,
    asks: Vec<Ask>,
}

/// Why a run is not carried out any further by whoever did.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal refused for good: another writer has the run, or the write's fate is unknown.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was read is no journal of this run.
    #[error("the journal of run {run} cannot be followed: {why}")]
    Damaged {
        /// Which run.
        run: String,
        /// What is wrong.
        why: String,
    },
}

impl Started {
    /// Begins a run and makes that durable. Under a key that has a run, it is [`JournalError::KeyTaken`].
    pub async fn begin<J: Journal>(
        journal: &J,
        workflow: Arc<Workflow>,
        began: Began,
        key: Option<KeyScope>,
    ) -> Result<Started, JournalError> {
        let durable = workflow.durable;
        let begun = RunBegun {
            workflow: workflow.name.clone(),
            definition: workflow.digest,
            at: began.now,
            input: began.input.digest(),
            key,
            body: encode_began(&began),
        };
        let (run, asks) = Run::begin(workflow, began);
        if durable {
            let ended = run.ended().map(|end| ended(end, run.began().now));
            let id = run.began().id.clone();
            journal.write(Page { run: id, begun: Some(begun), after: 0, entries: Vec::new(), ended }).await?;
        }
        Ok(Started { run, entries: 0, asks })
    }

    /// Takes a run up again where its journal ends. What it was asking is asked again, with the same keys.
    pub async fn resume<J: Journal>(
        journal: &J,
        workflow: Arc<Workflow>,
        stored: &StoredRun,
    ) -> Result<Started, RunError> {
        let damaged = |why: WireError| RunError::Damaged { run: stored.id.clone(), why: why.to_string() };
        let began = decode_began(&stored.begun.body).map_err(damaged)?;
        let (mut run, _) = Run::begin(workflow, began);
        let mut entries = 0;
        loop {
            let page = journal.entries(&stored.id, entries, ENTRIES_PER_READ).await?;
            for bytes in &page {
                let (input, now) = decode_input(bytes).map_err(damaged)?;
                run.step(input, now);
            }
            entries += page.len() as u64;
            if page.len() < ENTRIES_PER_READ {
                break;
            }
        }
        let asks = run.asking().into_iter().cloned().collect();
        Ok(Started { run, entries, asks })
    }

    /// The run as it is.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Carries the run out to its end. `news` brings what comes from outside: events, and what people want.
    pub async fn drive<P: RunPorts>(
        mut self,
        ports: &P,
        news: UnboundedReceiver<(Input, Timestamp)>,
    ) -> Result<End, RunError> {
        let began = self.run.began().clone();
        let mut asked = FuturesUnordered::new();
        let mut news = Some(news);
        loop {
            for ask in self.asks.drain(..) {
                let (place, purpose) = (ask.place.clone(), ask.purpose);
                let answer = ports.ask(&began, ask);
                asked.push(answer.map(move |(result, at)| (Input::Answered { place, purpose, result }, at)));
            }
            if let Some(end) = self.run.ended() {
                return Ok(end.clone());
            }
            let happened = {
                let woken = pin!(wake(ports, self.run.wakes_at()));
                let answered = pin!(next_of((!asked.is_empty()).then_some(&mut asked)));
                let told = pin!(next_of(news.as_mut()));
                match select(select(answered, woken), told).await {
                    Either::Left((Either::Left((answer, _)), _)) => answer,
                    Either::Left((Either::Right((woken, _)), _)) => Some(woken),
                    Either::Right((told, _)) => told,
                }
            };
            let Some(first) = happened else {
                // Nobody is left who could tell of anything.
                news = None;
                continue;
            };
            let mut inputs = vec![first];
            while let Some(Some(answer)) = asked.next().now_or_never() {
                inputs.push(answer);
            }
            self.take(inputs, ports).await?;
        }
    }

    /// Lets things happen to the run, and makes that durable.
    async fn take<P: RunPorts>(
        &mut self,
        inputs: Vec<(Input, Timestamp)>,
        ports: &P,
    ) -> Result<(), RunError> {
        let mut page = Page {
            run: self.run.began().id.clone(),
            begun: None,
            after: self.entries,
            entries: Vec::new(),
            ended: None,
        };
        let mut last = self.run.began().now;
        for (input, now) in inputs {
            last = now;
            page.entries.push(encode_input(&input, now));
            self.asks.extend(self.run.step(input, now));
            if let Some(end) = self.run.ended() {
                page.ended = Some(ended(end, now));
                break;
            }
        }
        if !self.run.workflow().durable {
            return Ok(());
        }
        self.entries += page.entries.len() as u64;
        loop {
            match ports.journal().write(page.clone()).await {
                // Nothing that follows from it is done before it is stored.
                Err(JournalError::Unavailable(_)) => last = ports.until(after_pause(last)).await,
                other => return Ok(other?),
            }
        }
    }
}

/// What comes next; nothing is waited for where there is nobody to bring it.
async fn next_of<S: Stream + Unpin>(stream: Option<&mut S>) -> Option<S::Item> {
    match stream {
        Some(stream) => stream.next().await,
        None => pending().await,
    }
}

/// That the time has come.
async fn wake<P: RunPorts>(ports: &P, time: Option<Timestamp>) -> (Input, Timestamp) {
    match time {
        Some(time) => (Input::Woken, ports.until(time).await),
        None => pending().await,
    }
}

fn after_pause(now: Timestamp) -> Timestamp {
    now.checked_add(PAUSE).unwrap_or(Timestamp::MAX)
}

fn ended(end: &End, at: Timestamp) -> RunEnded {
    RunEnded { at, done: matches!(end, End::Done(_)), body: encode_end(end) }
}
