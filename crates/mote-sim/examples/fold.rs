//! Measures the first call on a stream of many events, without a snapshot and with one.
//!
//! Run with `cargo run --release -p mote-sim --example fold [EVENTS]`. The stream is an account with a balance
//! and its last 50 payers; it lies in a log on SQLite, and every call begins without a cached head.

#![allow(clippy::print_stdout)] // An example prints.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use mote_contract::{Budget, Files, Isolation, check};
use mote_engine::{Caller, Envelope, Heads, Lanes, Origin, Ports, Release, Stop, invoke};
use mote_expr::Digest;
use mote_log::conformance::{block_on, commit};
use mote_log::{Append, Codec, Commit, Log, NewEvent, Snapshots, StreamName, Version};
use mote_store::{Options, SqliteLog};

const AGGREGATE: &str = r#"
aggregate: account
state:
  type: object
  required: [balance, last]
  properties:
    balance: {type: integer, minimum: 0}
    last: {type: array, maxItems: 50, items: {type: string, maxLength: 20}}
initial: {balance: 0, last: []}
events:
  MoneyReceived:
    data:
      type: object
      required: [amount, from]
      properties: {amount: {type: integer, minimum: 1}, from: {type: string, maxLength: 20}}
    evolve:
      balance: ${state.balance + event.data.amount}
      last: "${size(state.last) < 50 ? state.last + [event.data.from] : state.last.slice(1, 50) + [event.data.from]}"
"#;

const CONTRACT: &str = r#"
contract: receive-money
version: 1.0.0
kind: command
owner: bank
summary: Take what somebody pays, or tell what the account holds where it is nothing.
aggregate: account
key: ${input.account}
input:
  type: object
  required: [account, amount]
  properties: {account: {type: string, maxLength: 20}, amount: {type: integer, minimum: 0}}
output: {type: object, required: [balance], properties: {balance: {type: integer}}}
emits: [MoneyReceived]
ensures: {sum: output.balance == after.balance}
examples:
  nothing:
    input: {account: ada, amount: 0}
    then: {output: {balance: 0}, events: []}
"#;

struct Bench {
    log: SqliteLog,
    heads: Heads,
    lanes: Lanes,
}

impl Ports for Bench {
    type Code = ();
    type Log = SqliteLog;

    fn log(&self) -> &SqliteLog {
        &self.log
    }

    fn heads(&self) -> &Heads {
        &self.heads
    }

    fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    async fn ask(
        &self,
        (): &(),
        call: Vec<u8>,
        _: &Budget,
        _: Isolation,
        _: &Envelope,
    ) -> Result<Vec<u8>, Stop> {
        let call = mote_expr::parse(&call).map_err(|error| Stop::Unavailable(error.to_string()))?;
        let balance = call.field("state").and_then(|state| state.field("balance"));
        let balance = balance.map(ToString::to_string).unwrap_or_default();
        Ok(format!(r#"{{"ok":{{"output":{{"balance":{balance}}},"events":[]}}}}"#).into_bytes())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let events: u64 = std::env::args().nth(1).map_or(Ok(100_000), |number| number.parse())?;
    let mut files = Files::new();
    files.add("mote.yaml", "system: bank");
    files.add("aggregates/account.yaml", AGGREGATE);
    files.add("contracts/receive-money.yaml", CONTRACT);
    let report = check(&files);
    let system = report.system.ok_or_else(|| format!("{:?}", report.diagnostics))?;
    let release = Release::new(system.laws["receive-money"].clone(), (), Digest::of(b"native"));

    let folder = tempfile::tempdir()?;
    let log = SqliteLog::open(folder.path(), Options::default())?;
    fill(&log, events)?;
    let fold = system.aggregates["account"].digest;
    for (what, kept) in [("without a snapshot", &[][..]), ("with a snapshot", &[fold])] {
        let mut times = Vec::new();
        for _ in 0..5 {
            // Done in order: what the call before asked to be kept is kept by then.
            block_on(log.forget_snapshots(kept))?;
            let bench = Bench { log: log.clone(), heads: Heads::new(NonZeroUsize::MIN), lanes: Lanes::new() };
            let began = Instant::now();
            let answer = block_on(invoke(&bench, &release, &envelope(&release)));
            times.push(began.elapsed());
            answer.result.map_err(|refusal| refusal.detail)?;
        }
        times.sort();
        println!("{events} events, {what}: {:?} (median of {})", times[times.len() / 2], times.len());
    }
    Ok(())
}

fn envelope(release: &Release<()>) -> Envelope {
    let now = jiff::Timestamp::UNIX_EPOCH;
    Envelope {
        release: release.name.clone(),
        input: br#"{"account":"ada","amount":0}"#.to_vec(),
        key: None,
        caller: Caller::anonymous(),
        deadline: now + Duration::from_secs(60),
        traceparent: None,
        origin: Origin::Simulation,
        now,
        id: "measured".to_owned(),
    }
}

fn fill(log: &SqliteLog, count: u64) -> Result<(), Box<dyn Error>> {
    let stream = StreamName::new("account", "ada")?;
    for from in (0..count).step_by(1_000) {
        let events = (from..count.min(from + 1_000)).map(|number| NewEvent {
            kind: "MoneyReceived".to_owned(),
            shape: 1,
            codec: Codec::Json,
            data: format!(r#"{{"amount":{},"from":"c{}"}}"#, number % 90 + 1, number % 1_000).into_bytes(),
        });
        let append = Append { stream: stream.clone(), expected: Version(from), events: events.collect() };
        block_on(log.append(Commit { appends: vec![append], ..commit(Vec::new()) }))?;
    }
    Ok(())
}
