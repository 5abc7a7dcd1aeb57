//! Measures the log: commits per second and latency, at one and at 64 tasks in flight.
//!
//! Run with `cargo run --release -p mote-store --example append [FOLDER] [COMMITS]`. Each commit holds
//! one event of 300 bytes for one of 20,000 streams, and is durable when it is answered.

#![allow(clippy::print_stdout)] // An example prints.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use mote_log::conformance::{block_on, cause, kept, scope};
use mote_log::{Append, AppendError, Codec, Commit, Log, NewEvent, Position, StreamName, Version};
use mote_store::{Options, SqliteLog};

const STREAMS: usize = 20_000;
const EVENT_BYTES: usize = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let commits: usize = arguments.next().map_or(Ok(200_000), |number| number.parse())?;
    let folder = tempfile::tempdir_in(folder)?;

    for (name, tasks, commits, answers) in [
        ("1 in flight", 1, commits / 50, false),
        ("1 in flight, with an answer to keep", 1, commits / 50, true),
        ("64 in flight", 64, commits, false),
        ("64 in flight, with an answer to keep", 64, commits, true),
    ] {
        let path = folder.path().join(format!("{tasks}-{answers}.db"));
        let log = SqliteLog::open(&path, Options::default())?;
        let (began, cpu) = (Instant::now(), cpu_time());
        let mut latencies = append(&log, tasks, commits, answers)?;
        let (took, cpu) = (began.elapsed(), cpu_time() - cpu);
        latencies.sort();
        println!(
            "{name}: {:.0} commits/s, p50 {:?}, p99 {:?}, {:.1} us CPU and {:.3} transactions per commit",
            latencies.len() as f64 / took.as_secs_f64(),
            latencies[latencies.len() / 2],
            latencies[latencies.len() * 99 / 100],
            cpu.as_secs_f64() * 1e6 / latencies.len() as f64,
            log.transactions() as f64 / latencies.len() as f64,
        );
        if tasks > 1 {
            read(&log)?;
            log.close();
            let began = Instant::now();
            let bytes = std::fs::metadata(&path)?.len();
            SqliteLog::open(&path, Options::default())?;
            println!("  open and close: {:?}, {} bytes per commit", began.elapsed(), bytes / commits as u64);
        }
    }
    Ok(())
}

/// Append from `tasks` tasks, each on streams of its own; answers how long each commit took.
fn append(
    log: &SqliteLog,
    tasks: usize,
    commits: usize,
    answers: bool,
) -> Result<Vec<Duration>, AppendError> {
    let task = async |task: usize| {
        let streams = STREAMS / tasks;
        let mut versions = vec![0; streams];
        let mut latencies = Vec::with_capacity(commits / tasks);
        for number in 0..commits / tasks {
            // A stride that meets the streams out of order, as keys of a real system come.
            let stream = number.wrapping_mul(7_919) % streams;
            let name =
                StreamName::new("order", &format!("{task:02}-{:08x}", stream.wrapping_mul(2_654_435_761)));
            let stream_name = name.map_err(|_| AppendError::Malformed("name"))?;
            let data = vec![b'7'; EVENT_BYTES];
            let event = NewEvent { kind: "OrderPlaced".to_owned(), shape: 1, codec: Codec::Json, data };
            let append =
                Append { stream: stream_name, expected: Version(versions[stream]), events: vec![event] };
            versions[stream] += 1;
            let key = format!("{:016x}", (task * commits + number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let answer =
                answers.then(|| kept(scope("place-order", "user:ada", &key), "{\"orderId\":\"o-1\"}"));
            let began = Instant::now();
            log.append(Commit { appends: vec![append], cause: cause(), answer, checkpoint: None }).await?;
            latencies.push(began.elapsed());
        }
        Ok::<_, AppendError>(latencies)
    };
    Ok(block_on(try_join_all((0..tasks).map(task)))?.concat())
}

/// Read everything once, and many short streams.
fn read(log: &SqliteLog) -> Result<(), Box<dyn Error>> {
    let (began, mut count, mut after) = (Instant::now(), 0, Position::START);
    let mut streams = Vec::new();
    loop {
        let commits = block_on(log.commits(after, 1_000))?;
        let Some(last) = commits.last() else { break };
        (after, count) = (last.position, count + commits.len());
        streams.extend(last.events.iter().map(|event| event.stream.clone()));
    }
    println!("  scan: {:.0} commits/s", count as f64 / began.elapsed().as_secs_f64());
    let (began, mut events) = (Instant::now(), 0);
    for stream in streams.iter().cycle().take(5_000) {
        events += block_on(log.stream(stream, Version(0), 1_000))?.len();
    }
    println!("  stream of {} events: {:?}", events / 5_000, began.elapsed() / 5_000);
    Ok(())
}

/// What the process used of its processors so far.
fn cpu_time() -> Duration {
    // SAFETY: `getrusage` fills the whole of a plain C structure that it is given.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1_000);
    time(usage.ru_utime) + time(usage.ru_stime)
}
