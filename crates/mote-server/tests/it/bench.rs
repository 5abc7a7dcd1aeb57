//! A server of examples/hello with a view and a query beside, on free ports, and a client that sends
//! what it is told.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use mote_contract::{Budget, Files, Isolation, System, check};
use mote_engine::{Envelope, Heads, Lanes, LocalRouter, Ports, Release, Stop, Table, WireRouter};
use mote_expr::rows::Selection;
use mote_expr::{Digest, Value, parse};
use mote_log::{Found, MemoryLog, MemoryViews, SelectError, ViewId, Views as _};
use mote_server::http::{Front, Health};
use mote_server::{Gauge, Listen, PublisherKeeper, Server, ViewKeeper, WatchedLog};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Native code: from a call to an answer.
type Native = fn(&Value) -> String;

struct TestPorts {
    log: WatchedLog<MemoryLog>,
    views: MemoryViews,
    heads: Heads,
    lanes: Lanes,
}

impl Ports for TestPorts {
    type Code = Native;
    type Log = WatchedLog<MemoryLog>;

    fn log(&self) -> &WatchedLog<MemoryLog> {
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
        code: &Native,
        call: Vec<u8>,
        _: &Budget,
        _: Isolation,
        _: &Envelope,
    ) -> Result<Vec<u8>, Stop> {
        Ok(code(&parse(&call).expect("a call is JSON")).into_bytes())
    }
}

struct Fine;

impl Health for Fine {
    fn failure(&self) -> Option<String> {
        None
    }

    fn gauges(&self) -> Vec<Gauge> {
        vec![Gauge { name: "mote_log_position", help: "How far the log is.", value: 7 }]
    }
}

/// A server that ends with its test.
pub(crate) struct Bench {
    pub(crate) public: std::net::SocketAddr,
    pub(crate) admin: std::net::SocketAddr,
    pub(crate) end: watch::Sender<bool>,
    pub(crate) running: tokio::task::JoinHandle<()>,
    /// Tells how far the log is.
    pub(crate) log: WatchedLog<MemoryLog>,
    pub(crate) publishers: PublisherKeeper,
    _views: ViewKeeper,
}

impl Bench {
    pub(crate) async fn start() -> Bench {
        let system = hello();
        let releases = system.laws.values().map(|law| {
            let code: Native = match law.contract.name.as_str() {
                "greet" => greet,
                "list-guests" => list,
                "announce-guest" => announce,
                "show-badge" => badge,
                _ => sign,
            };
            Arc::new(Release::new(law.clone(), code, Digest::of(b"native")))
        });
        let capacity = NonZeroUsize::new(100).expect("it is not zero");
        let table = Table::new(releases);
        let (log, rows) = (WatchedLog::new(MemoryLog::new()), MemoryViews::new());
        let views = ViewKeeper::start(log.clone(), rows.clone(), &tokio::runtime::Handle::current());
        views.keep(table.views()).await.expect("memory does not fail");
        let publishing = table.publishers();
        let ports =
            TestPorts { log: log.clone(), views: rows, heads: Heads::new(capacity), lanes: Lanes::new() };
        // Through bytes and back, as if the other side were another process.
        let router = Arc::new(WireRouter { inner: LocalRouter::new(ports, table) });
        let publishers =
            PublisherKeeper::start(router.clone(), log.clone(), &tokio::runtime::Handle::current());
        publishers.serve(publishing);
        let front = Front::new("hello", router, system.laws.values(), views.freshness(), Box::new(Fine));
        let front = Arc::new(front.with_progress(publishers.progress()));
        let any = "127.0.0.1:0".parse().expect("it is an address");
        let server = Server::bind(front, Listen { public: any, admin: any }).await.expect("ports are free");
        let (public, admin) = server.addresses().expect("it is bound");
        let (end, ended) = watch::channel(false);
        let running = tokio::spawn(server.run(ended));
        Bench { public, admin, end, running, log, publishers, _views: views }
    }

    /// Send one request, and return status, headers (lower case) and body.
    pub(crate) async fn send(&self, address: std::net::SocketAddr, request: &str) -> (u16, String, String) {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let head = head.replace('\n', "\r\n");
        let text = format!(
            "{head}\r\nhost: test\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.exchange(address, &text).await
    }

    /// Send `text` as it is, and return status, headers (lower case) and body.
    pub(crate) async fn exchange(&self, address: std::net::SocketAddr, text: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        // A server that refuses a long body may close before it has read all of it.
        let _ = stream.write_all(text.as_bytes()).await;
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response).await;
        let response = String::from_utf8(response).expect("the response is text");
        let (head, body) = response.split_once("\r\n\r\n").expect("the response has a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
        (status, head.to_lowercase(), body.to_owned())
    }
}

fn greet(call: &Value) -> String {
    let name =
        call.field("input").and_then(|input| input.field("name")).and_then(Value::as_text).unwrap_or("");
    if name == "Wrong" {
        return r#"{"ok":{"output":{"greeting":"Bye","length":3}}}"#.to_owned();
    }
    let greeting = format!("Hello, {name}!");
    let length = greeting.chars().count();
    format!(r#"{{"ok":{{"output":{{"greeting":{},"length":{length}}}}}}}"#, Value::text(greeting))
}

fn sign(call: &Value) -> String {
    let input = call.field("input").expect("a call has an input");
    let guests = call.field("state").and_then(|state| state.field("guests")).and_then(Value::as_list);
    let guest = input.field("guest").and_then(Value::as_text).unwrap_or("");
    let event = Value::object([
        ("type", Value::text("GuestSigned")),
        (
            "data",
            Value::object([
                ("guest", Value::text(guest)),
                ("message", input.field("message").cloned().expect("it has a default")),
                (
                    "at",
                    call.field("context")
                        .and_then(|context| context.field("now"))
                        .cloned()
                        .expect("it has a time"),
                ),
            ]),
        ),
    ]);
    let place = guests.map_or(0, <[Value]>::len) as i64 + 1;
    let output = Value::object([
        ("place", Value::Int(place)),
        ("thanks", Value::text(format!("Thank you, {guest}!"))),
    ]);
    Value::object([("ok", Value::object([("output", output), ("events", Value::list([event]))]))]).to_string()
}

fn list(call: &Value) -> String {
    let rows = call.field("rows").and_then(Value::as_list).unwrap_or(&[]);
    let guests = rows.iter().filter_map(|row| row.field("guest").cloned());
    Value::object([("ok", Value::object([("output", Value::object([("guests", Value::list(guests))]))]))])
        .to_string()
}

/// Tells of every guest but those whose name begins with `secret`, about which it is wrong.
fn announce(call: &Value) -> String {
    let field = |path: [&str; 2]| call.field(path[0]).and_then(|part| part.field(path[1])).cloned();
    let guest = field(["event", "data"]).and_then(|data| data.field("guest").cloned());
    let wrong = guest.as_ref().and_then(Value::as_text).is_some_and(|guest| guest.starts_with("secret"));
    let book = if wrong { Value::text("nowhere") } else { field(["meta", "stream"]).unwrap_or(Value::Null) };
    format!(r#"{{"ok":{{"messages":[{{"type":"guest.signed.v1","data":{{"book":{book}}}}}]}}}}"#)
}

fn badge(call: &Value) -> String {
    let name =
        call.field("input").and_then(|input| input.field("name")).and_then(Value::as_text).unwrap_or("");
    format!(r#"{{"ok":{{"output":{}}}}}"#, Value::text(format!("<b>{name} & co</b>")))
}

fn hello() -> System {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
    let mut files = Files::new();
    for path in
        ["mote.yaml", "aggregates/guestbook.yaml", "contracts/greet.yaml", "contracts/sign-guestbook.yaml"]
    {
        let text = std::fs::read_to_string(root.join(path)).expect("the example is there");
        let sinks = if path == "mote.yaml" { "\nsinks: {guests: {kind: log}}\n" } else { "" };
        files.add(path, text + sinks);
    }
    files.add("contracts/announce-guest.yaml", include_str!("system/announce-guest.yaml"));
    files.add("views/guests.yaml", include_str!("system/guests.yaml"));
    files.add("contracts/list-guests.yaml", include_str!("system/list-guests.yaml"));
    files.add("contracts/show-badge.yaml", include_str!("system/show-badge.yaml"));
    check(&files).system.expect("the example is right")
}
