//! What every case is checked with: a world in memory, and calls whose answers are told as text.

use std::collections::BTreeMap;
use std::future::Future;
use std::num::{NonZeroU64, NonZeroUsize};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mote_contract::{Budget, Isolation, Recording};
use mote_engine::{
    Answer, Caller, Decided, Envelope, Heads, Lanes, LocalRouter, Origin, Ports, Release, ReleaseName,
    Router, Stop, Table, WireRouter,
};
use mote_expr::rows::Selection;
use mote_expr::{Digest, Value};
use mote_log::conformance::block_on;
use mote_log::{Found, Log, MemoryViews, Position, SelectError, StreamName, Version, ViewId, Views};

use crate::log::TestLog;
use crate::services::{Code, honest, system};

/// Run `case` twice: within one process, and as if router and engine were two.
#[track_caller]
pub(crate) fn check(case: impl Fn(&Bench)) {
    for wired in [false, true] {
        let ports = TestPorts::default();
        let mut codes: BTreeMap<String, Code> = BTreeMap::new();
        codes.extend(system().laws.keys().map(|name| (name.clone(), honest(name))));
        let router = Arc::new(LocalRouter::new(ports.clone(), table(&codes)));
        let client =
            if wired { client(WireRouter { inner: router.clone() }) } else { client(router.clone()) };
        let bench =
            Bench { client, local: router, ports, codes: Mutex::new(codes), calls: AtomicUsize::new(0) };
        case(&bench);
        assert!(bench.ports.lanes.is_empty(), "nobody stays in a lane (wired: {wired})");
    }
}

/// A future that may be put into a list.
pub(crate) type Asked<'b> = Pin<Box<dyn Future<Output = Answer> + Send + 'b>>;

type Client = Box<dyn Fn(Envelope) -> Asked<'static>>;

/// Any router, as a function.
fn client<R: Router + 'static>(router: R) -> Client {
    let router = Arc::new(router);
    Box::new(move |envelope| {
        let router = router.clone();
        Box::pin(async move { router.invoke(envelope).await })
    })
}

fn table(codes: &BTreeMap<String, Code>) -> Table<Code> {
    Table::new(system().laws.values().map(|law| {
        let code = codes[&law.contract.name].clone();
        // Each closure is an artifact of its own.
        let artifact = Digest::of(format!("{:p}", Arc::as_ptr(&code)).as_bytes());
        Arc::new(Release::new(law.clone(), code, artifact))
    }))
}

/// A world in memory.
pub(crate) struct Bench {
    client: Client,
    local: Arc<LocalRouter<TestPorts>>,
    pub(crate) ports: TestPorts,
    codes: Mutex<BTreeMap<String, Code>>,
    calls: AtomicUsize,
}

impl Bench {
    /// Serve `operation` with `code` from now on.
    pub(crate) fn serve(&self, operation: &str, code: Code) {
        let mut codes = self.codes.lock().unwrap();
        codes.insert(operation.to_owned(), code);
        self.local.swap(table(&codes));
    }

    /// What serves now.
    pub(crate) fn table(&self) -> Arc<Table<Code>> {
        self.local.table()
    }

    /// The release that serves `operation` now.
    pub(crate) fn serving(&self, operation: &str) -> ReleaseName {
        self.local.serving(operation).unwrap()
    }

    /// A call of `operation`.
    pub(crate) fn call(&self, operation: &str, input: &str) -> Call<'_> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let release = self.local.serving(operation).unwrap_or_else(|| ReleaseName {
            operation: operation.to_owned(),
            digest: Digest::of(b"nothing"),
        });
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let envelope = Envelope {
            release,
            input: input.as_bytes().to_vec(),
            key: None,
            caller: Caller::named("user:ada"),
            deadline: now,
            traceparent: None,
            origin: Origin::Simulation,
            now,
            id: format!("call-{number}"),
        };
        Call { bench: self, envelope }
    }

    /// A call that signs `book`.
    pub(crate) fn sign(&self, book: &str, guest: &str) -> Call<'_> {
        self.call("sign-guestbook", &format!(r#"{{"book":"{book}","guest":"{guest}"}}"#))
    }

    /// How often any code was asked.
    pub(crate) fn asked(&self) -> usize {
        self.ports.asked.load(Ordering::Relaxed)
    }

    /// Check who has signed `book`, in order.
    #[track_caller]
    pub(crate) fn signed(&self, book: &str, guests: &[&str]) {
        let events = block_on(self.ports.log.memory.stream(&stream(book), Version(0), 1_000)).unwrap();
        let names = events.iter().map(|event| {
            let data = mote_expr::parse(&event.data).unwrap();
            data.field("guest").and_then(Value::as_text).unwrap().to_owned()
        });
        assert_eq!(names.collect::<Vec<_>>(), guests);
    }

    /// How many commits the log holds.
    pub(crate) fn commits(&self) -> u64 {
        self.ports.log.memory.end().ordinal()
    }
}

/// The stream of `book`.
pub(crate) fn stream(book: &str) -> StreamName {
    StreamName::new("guestbook", book).unwrap()
}

/// A call about to be made.
pub(crate) struct Call<'b> {
    bench: &'b Bench,
    pub(crate) envelope: Envelope,
}

impl<'b> Call<'b> {
    pub(crate) fn key(mut self, key: &str) -> Call<'b> {
        self.envelope.key = Some(key.to_owned());
        self
    }

    pub(crate) fn caller(mut self, id: &str, roles: &[&str]) -> Call<'b> {
        self.envelope.caller =
            Caller { roles: roles.iter().map(|&role| role.to_owned()).collect(), ..Caller::named(id) };
        self
    }

    pub(crate) fn at(mut self, now: &str) -> Call<'b> {
        self.envelope.now = now.parse().unwrap();
        self
    }

    /// Begin the call, to be driven by the test.
    pub(crate) fn begin(self) -> Asked<'static> {
        (self.bench.client)(self.envelope)
    }

    /// Make the call, and check its answer as [`told`] tells it.
    #[track_caller]
    pub(crate) fn tells(self, expected: &str) -> Answer {
        let answer = block_on(self.begin());
        assert_eq!(told(&answer), expected);
        answer
    }
}

/// An answer in a line: what, by which clause, at which position.
pub(crate) fn told(answer: &Answer) -> String {
    let mut line = match &answer.result {
        Ok(output) => format!("ok {output}"),
        Err(refusal) => {
            let clause = refusal.clause.as_ref().map(|clause| format!(" by {clause}")).unwrap_or_default();
            format!("{} {} {}{clause}", refusal.outcome, refusal.status, refusal.code)
        }
    };
    if let Some(position) = answer.position {
        line += &format!(" @{}", Position::ordinal(position));
    }
    if answer.replayed {
        line += " replayed";
    }
    line
}

/// After how many events a stream gets a snapshot.
const SNAPSHOTS_EACH: NonZeroU64 = NonZeroU64::new(10).unwrap();

/// Ports without an outside.
#[derive(Clone)]
pub(crate) struct TestPorts {
    pub(crate) log: TestLog,
    pub(crate) views: MemoryViews,
    pub(crate) heads: Arc<Heads>,
    pub(crate) lanes: Arc<Lanes>,
    /// How often any code was asked.
    pub(crate) asked: Arc<AtomicUsize>,
    /// Every call that was decided, as it would be recorded.
    pub(crate) recorded: Arc<Mutex<Vec<Recording>>>,
}

impl Default for TestPorts {
    fn default() -> TestPorts {
        TestPorts {
            log: TestLog::default(),
            views: MemoryViews::new(),
            heads: Arc::new(Heads::new(NonZeroUsize::new(4).unwrap()).with_snapshots_each(SNAPSHOTS_EACH)),
            lanes: Arc::default(),
            asked: Arc::default(),
            recorded: Arc::default(),
        }
    }
}

impl Ports for TestPorts {
    type Code = Code;
    type Log = TestLog;

    fn log(&self) -> &TestLog {
        &self.log
    }

    fn heads(&self) -> &Heads {
        &self.heads
    }

    fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    async fn rows(&self, view: &ViewId, selection: &Selection) -> Result<Found, SelectError> {
        self.views.select(view, selection).await
    }

    async fn ask(
        &self,
        code: &Code,
        call: Vec<u8>,
        _budget: &Budget,
        _isolation: Isolation,
        _envelope: &Envelope,
    ) -> Result<Vec<u8>, Stop> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        code(&call)
    }

    fn record(&self, call: &Decided<'_, Code>) {
        self.recorded.lock().unwrap().push(call.recording());
    }
}
