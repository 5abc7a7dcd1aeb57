//! A server under test: its process, its address, the CPU it has used.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running server, killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
}

impl Serving {
    /// Start `command`, which says `serving … on http://ADDRESS, …` on standard output or error.
    pub(crate) async fn start(mut command: Command) -> anyhow::Result<Serving> {
        let mut child = command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("it has an output")?;
        let stderr = child.stderr.take().context("it has an output")?;
        let (said, mut hears) = tokio::sync::mpsc::channel(64);
        let told = said.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = said.send(line).await;
            }
        });
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = told.send(line).await;
            }
        });
        while let Some(line) = hears.recv().await {
            if let Some((_, rest)) = line.split_once("on http://") {
                let address = rest.split(',').next().unwrap_or(rest).trim().to_owned();
                // The pipes must be emptied for as long as the server lives.
                tokio::spawn(async move { while hears.recv().await.is_some() {} });
                return Ok(Serving { child, address });
            }
        }
        anyhow::bail!("the server ended before it served")
    }

    /// CPU that the process has used since its start, user and system, in seconds.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(&self.child.id().context("the server has ended")?.to_string())
    }
}

/// CPU that this process has used since its start, user and system, in seconds.
pub(crate) fn own_cpu_seconds() -> anyhow::Result<f64> {
    cpu_seconds("self")
}

fn cpu_seconds(process: &str) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold spaces; fields are counted behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    // utime and stime, the 14th and 15th fields of the file, in hundredths of a second.
    Ok((ticks(11) + ticks(12)) / 100.0)
}
