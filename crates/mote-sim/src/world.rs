//! Time, chance and order: what a seed decides for everybody in a world.
//!
//! Owns the virtual clock, the timers and the executor that polls one task at a time, chosen by the
//! seed among those that are ready. Never waits for real time and never starts a thread.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::mem;
use std::ops::Range;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;

/// Something that runs: a call in a process, a client, the writer of a log.
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Which tasks end together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Group {
    /// They outlive every crash.
    Clients,
    /// They die with the process of this number.
    Process(u32),
}

/// One task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct TaskId(u64);

/// A world, as its tasks see it. A clone is another handle on the same world.
#[derive(Clone)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

struct State {
    chance: Chance,
    now_us: u64,
    /// The last number given to a task or a timer.
    number: u64,
    timers: BTreeMap<(u64, u64), Waker>,
    arriving: Vec<(TaskId, Group, Task)>,
    leaving: Vec<TaskId>,
    transcript: String,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        let state = State {
            chance: Chance::new(seed),
            now_us: 0,
            number: 0,
            timers: BTreeMap::new(),
            arriving: Vec::new(),
            leaving: Vec::new(),
            transcript: String::new(),
        };
        World { state: Arc::new(Mutex::new(state)), ready: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number below `bound`.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.state().chance.below(bound)
    }

    /// Whether something happens that happens `per_mille` times in a thousand.
    pub(crate) fn happens(&self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of `items`, which are not empty.
    pub(crate) fn pick<'i, T>(&self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// What time it is here.
    pub(crate) fn now(&self) -> Timestamp {
        const START: Timestamp = Timestamp::constant(1_767_225_600, 0);
        let passed = SignedDuration::from_micros(self.state().now_us.try_into().unwrap_or(i64::MAX));
        START.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// Let a time pass that the seed picks from `range`, in microseconds.
    pub(crate) async fn pass(&self, range: Range<u64>) {
        let until_us = {
            let mut state = self.state();
            let length = range.start + state.chance.below(range.end.saturating_sub(range.start));
            state.now_us + length
        };
        poll_fn(|context| {
            let mut state = self.state();
            if state.now_us >= until_us {
                return Poll::Ready(());
            }
            state.number += 1;
            let timer = (until_us, state.number);
            state.timers.insert(timer, context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// What comes of `future`, unless `limit` passes first.
    pub(crate) async fn within<F: Future>(&self, limit: Range<u64>, future: F) -> Option<F::Output> {
        let (mut future, mut limit) = (pin!(future), pin!(self.pass(limit)));
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => limit.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// Run `task` from the next step on.
    pub(crate) fn spawn(&self, group: Group, task: impl Future<Output = ()> + Send + 'static) -> TaskId {
        let mut state = self.state();
        state.number += 1;
        let id = TaskId(state.number);
        state.arriving.push((id, group, Box::pin(task)));
        id
    }

    /// Drop a task before the next step, if it still runs.
    pub(crate) fn cancel(&self, id: TaskId) {
        self.state().leaving.push(id);
    }

    /// Write a line of the transcript.
    pub(crate) fn tell(&self, line: impl AsRef<str>) {
        let mut state = self.state();
        let line = format!("{:>9} {}\n", state.now_us, line.as_ref());
        state.transcript.push_str(&line);
    }

    /// Everything that was told.
    pub(crate) fn transcript(&self) -> String {
        self.state().transcript.clone()
    }
}

/// Polls a world's tasks.
pub(crate) struct Executor {
    world: World,
    tasks: BTreeMap<TaskId, (Group, Task)>,
}

/// What a step did.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// A task was polled.
    Polled,
    /// Nobody is ready, and no timer runs.
    Stuck,
}

struct Wakeup {
    id: TaskId,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&self.id) {
            ready.push(self.id);
        }
    }
}

impl Executor {
    pub(crate) fn new(world: World) -> Executor {
        Executor { world, tasks: BTreeMap::new() }
    }

    /// Poll one ready task; if there is none, let time pass until there is.
    pub(crate) fn step(&mut self) -> Step {
        self.settle();
        loop {
            let chosen = {
                let mut ready = self.world.ready.lock().unwrap_or_else(PoisonError::into_inner);
                if ready.is_empty() {
                    None
                } else {
                    let at = self.world.below(ready.len() as u64) as usize;
                    Some(ready.swap_remove(at))
                }
            };
            match chosen {
                // A timer may wake a task that is gone.
                Some(id) if !self.tasks.contains_key(&id) => {}
                Some(id) => {
                    self.poll(id);
                    return Step::Polled;
                }
                None if self.advance() => {}
                None => return Step::Stuck,
            }
        }
    }

    /// Let tasks come and go as was asked.
    pub(crate) fn settle(&mut self) {
        loop {
            let (arriving, leaving) = {
                let mut state = self.world.state();
                (mem::take(&mut state.arriving), mem::take(&mut state.leaving))
            };
            if arriving.is_empty() && leaving.is_empty() {
                return;
            }
            for (id, group, task) in arriving {
                self.tasks.insert(id, (group, task));
                self.waker(id).wake();
            }
            for id in leaving {
                // Dropping a task may wake, spawn or cancel others.
                drop(self.tasks.remove(&id));
            }
        }
    }

    fn waker(&self, id: TaskId) -> Waker {
        Waker::from(Arc::new(Wakeup { id, ready: self.world.ready.clone() }))
    }

    fn poll(&mut self, id: TaskId) {
        let waker = self.waker(id);
        let Some((_, task)) = self.tasks.get_mut(&id) else { return };
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.tasks.remove(&id);
        }
    }

    /// Move the clock to the next timer and wake all that wait for that moment.
    fn advance(&self) -> bool {
        let due = {
            let mut state = self.world.state();
            let Some((&(at_us, _), _)) = state.timers.first_key_value() else { return false };
            state.now_us = state.now_us.max(at_us);
            let later = state.timers.split_off(&(at_us + 1, 0));
            mem::replace(&mut state.timers, later)
        };
        due.into_values().for_each(Waker::wake);
        true
    }

    /// End every task of `group`, in the middle of whatever it does.
    pub(crate) fn kill(&mut self, group: Group) {
        self.settle();
        let doomed: Vec<_> =
            self.tasks.iter().filter(|(_, (of, _))| *of == group).map(|(id, _)| *id).collect();
        for id in doomed {
            drop(self.tasks.remove(&id));
        }
        self.settle();
    }

    /// Whether no task of `group` is left.
    pub(crate) fn is_done(&self, group: Group) -> bool {
        !self.tasks.values().any(|(of, _)| *of == group)
    }
}
