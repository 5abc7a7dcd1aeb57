//! A run that is carried out ends as it should, however often its process dies on the way.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_channel::mpsc::unbounded;
use jiff::{SignedDuration, Timestamp};
use mote_contract::{Refusal, Workflow, context};
use mote_engine::runs::{Ask, Began, End, Input, RunError, RunPorts, Started, decode_end, encode_end};
use mote_expr::{Object, Value, parse};
use mote_log::conformance::{block_on, scope};
use mote_log::{
    Journal, JournalError, KeyScope, MemoryJournal, Page, ReadError, RunQuery, RunState, StoredRun,
};

use super::chance::{World, finished};

/// A world, a clock that moves as it is waited for, and a journal that a crash can hit before or after a page.
struct Ports {
    world: Mutex<World>,
    now: AtomicI64,
    journal: Crashing,
    asked: AtomicUsize,
}

struct Crashing {
    kept: MemoryJournal,
    /// How many pages until the process dies.
    left: AtomicUsize,
    /// Whether the page that it dies at is stored.
    stored: bool,
    pages: AtomicUsize,
}

impl Journal for Crashing {
    async fn write(&self, page: Page) -> Result<(), JournalError> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left == 1 && !self.stored {
            return Err(JournalError::Unknown("the process died".to_owned()));
        }
        // A disk that is full for a moment.
        if left % 5 == 3 && page.begun.is_none() {
            return Err(JournalError::Unavailable("the disk is full".to_owned()));
        }
        self.pages.fetch_add(1, Ordering::SeqCst);
        let written = self.kept.write(page).await;
        if left == 1 { Err(JournalError::Unknown("the process died".to_owned())) } else { written }
    }

    async fn run(&self, id: &str) -> Result<Option<StoredRun>, ReadError> {
        self.kept.run(id).await
    }

    async fn run_by_key(&self, scope: &KeyScope) -> Result<Option<StoredRun>, ReadError> {
        self.kept.run_by_key(scope).await
    }

    async fn entries(&self, run: &str, after: u64, limit: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        self.kept.entries(run, after, limit).await
    }

    async fn runs(&self, query: &RunQuery, limit: usize) -> Result<Vec<StoredRun>, ReadError> {
        self.kept.runs(query, limit).await
    }

    async fn forget_runs(&self, before: Timestamp, limit: usize) -> Result<usize, JournalError> {
        self.kept.forget_runs(before, limit).await
    }
}

impl Ports {
    fn new(seed: u64, left: usize, stored: bool, kept: MemoryJournal) -> Ports {
        Ports {
            world: Mutex::new(World::new(seed)),
            now: AtomicI64::new(0),
            journal: Crashing { kept, left: AtomicUsize::new(left), stored, pages: AtomicUsize::new(0) },
            asked: AtomicUsize::new(0),
        }
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.load(Ordering::SeqCst)).unwrap()
    }
}

impl RunPorts for Ports {
    type Journal = Crashing;

    fn journal(&self) -> &Crashing {
        &self.journal
    }

    async fn ask(&self, _: &Began, ask: Ask) -> (Result<Value, Box<Refusal>>, Timestamp) {
        self.now.fetch_add(700, Ordering::SeqCst);
        let trouble = self.asked.fetch_add(1, Ordering::SeqCst) < 40;
        let answer = self.world.lock().unwrap().answer(&ask, trouble);
        let Input::Answered { result, .. } = answer else { unreachable!("a call is answered") };
        (result, self.time())
    }

    async fn until(&self, time: Timestamp) -> Timestamp {
        // What is asked for is answered first.
        let mut once = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut once, true) {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        self.now.fetch_max(time.as_millisecond() + 1, Ordering::SeqCst);
        self.time()
    }
}

fn began(workflow: &Workflow, at: Timestamp) -> Began {
    let input = parse(br#"{"orderId": "o1", "skus": ["a", "b", "c", "d"]}"#).unwrap();
    let claims = Value::Object(Object::new().into());
    Began {
        id: "run".to_owned(),
        workflow: workflow.digest,
        now: at,
        input: workflow.admit(input).unwrap().input,
        context: context(&at.to_string(), "run", "ada", &[], claims),
    }
}

/// Carries a run out, and again after every crash. The run's end as the journal has it, and how many pages it took.
pub(super) fn check(workflow: &Arc<Workflow>, seed: u64, crash_after: usize, stored: bool, beside: &str) {
    let kept = MemoryJournal::new();
    let key = Some(scope("flow", "ada", "k1"));
    let mut ports = Ports::new(seed, crash_after, stored, kept.clone());
    let mut end = None;
    for life in 0..50 {
        let outcome = block_on(async {
            let found = kept.run("run").await.unwrap();
            let started = match &found {
                Some(run) if run.ended.is_some() => return Ok(None),
                Some(run) => Started::resume(ports.journal(), Arc::clone(workflow), run).await?,
                None => {
                    let began = began(workflow, ports.time());
                    Started::begin(ports.journal(), Arc::clone(workflow), began, key.clone()).await?
                }
            };
            let (_told, news) = unbounded();
            started.drive(&ports, news).await.map(Some)
        });
        match outcome {
            Ok(Some(ended)) => {
                end = Some(ended);
                break;
            }
            Ok(None) => break,
            Err(RunError::Journal(JournalError::Unknown(_))) => {
                // Another process, some time later; the world is the same.
                let later = ports.time().checked_add(SignedDuration::from_secs(5)).unwrap();
                let asked = ports.asked.load(Ordering::SeqCst);
                let world = ports.world.into_inner().unwrap();
                ports = Ports::new(seed, crash_after + life, stored, kept.clone());
                ports.world = Mutex::new(world);
                ports.now = AtomicI64::new(later.as_millisecond());
                ports.asked = AtomicUsize::new(asked);
            }
            Err(error) => panic!("{beside}: {error}"),
        }
    }
    let world = ports.world.into_inner().unwrap();
    if !workflow.durable {
        assert_eq!(block_on(kept.runs(&RunQuery::default(), 10)).unwrap(), [], "{beside}");
        return;
    }
    let run = block_on(kept.run("run")).unwrap().unwrap();
    let told = run.ended.unwrap_or_else(|| panic!("{beside}: it does not come to an end"));
    let as_kept = decode_end(&told.body).unwrap();
    assert_eq!(encode_end(&as_kept), told.body);
    assert!(end.is_none_or(|end| end == as_kept), "{beside}");
    assert_eq!(told.done, matches!(as_kept, End::Done(_)));
    finished(workflow, &as_kept, &world, beside);
    let under_way = RunQuery { state: Some(RunState::UnderWay), ..RunQuery::default() };
    assert_eq!(block_on(kept.runs(&under_way, 10)).unwrap(), []);
    // Who begins it again under its key gets the run that there is.
    let again = block_on(Started::begin(
        &kept,
        Arc::clone(workflow),
        Began { id: "other".to_owned(), ..began(workflow, Timestamp::UNIX_EPOCH) },
        key,
    ));
    assert_eq!(again.err(), Some(JournalError::KeyTaken));
}

/// How many pages a run without trouble takes.
pub(super) fn pages(workflow: &Arc<Workflow>) -> usize {
    let ports = Ports::new(1, usize::MAX / 5 * 5, true, MemoryJournal::new());
    ports.asked.store(1_000, Ordering::SeqCst);
    let end = block_on(async {
        let began = began(workflow, ports.time());
        let started = Started::begin(ports.journal(), Arc::clone(workflow), began, None).await.unwrap();
        let (_told, news) = unbounded();
        started.drive(&ports, news).await.unwrap()
    });
    assert!(matches!(end, End::Done(_)), "{end:?}");
    ports.journal.pages.load(Ordering::SeqCst)
}
