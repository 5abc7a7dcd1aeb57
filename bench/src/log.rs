//! The log alone: what a durable command would cost if it were nothing but its commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mote_log::Log as _;
use mote_log::conformance::{append, commit};
use mote_store::{Options, SqliteLog};

use crate::load::Seen;
use crate::process::own_cpu_seconds;

/// Append from `clients` tasks for `seconds`, each commit an event of a stream of its own. With the
/// seconds of CPU that this took.
pub(crate) async fn run(clients: u64, seconds: u64) -> anyhow::Result<(Seen, f64)> {
    let folder = tempfile::tempdir()?;
    let log = Arc::new(SqliteLog::open(folder.path(), Options::default())?);
    let (started, cpu) = (Instant::now(), own_cpu_seconds()?);
    let end = started + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let log = log.clone();
            tokio::spawn(async move {
                let (mut micros, mut count) = (Vec::new(), 0);
                while Instant::now() < end {
                    let sent = Instant::now();
                    log.append(commit(vec![append(&format!("book/{client}-{count}"), 0, &["Signed"])]))
                        .await?;
                    micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                    count += 1;
                }
                anyhow::Ok(micros)
            })
        })
        .collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await??);
    }
    micros.sort_unstable();
    let seen = Seen { requests: micros.len() as u64, seconds: started.elapsed().as_secs_f64(), micros };
    Ok((seen, own_cpu_seconds()? - cpu))
}
