//! Processes under test: a server, its address, what it says, and the CPU and memory that a process has used.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::UnboundedReceiver;

/// A running server, killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
    /// The lines that it says. A server says little, so they may wait here.
    says: UnboundedReceiver<String>,
}

impl Serving {
    /// Start `command`, which says `serving … on http://ADDRESS, …` on standard output or error.
    pub(crate) async fn start(mut command: Command) -> anyhow::Result<Serving> {
        let mut child = command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("it has an output")?;
        let stderr = child.stderr.take().context("it has an output")?;
        let (said, mut says) = tokio::sync::mpsc::unbounded_channel();
        let told = said.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = said.send(line);
            }
        });
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = told.send(line);
            }
        });
        while let Some(line) = says.recv().await {
            if let Some((_, rest)) = line.split_once("on http://") {
                let address = rest.split(',').next().unwrap_or(rest).trim().to_owned();
                return Ok(Serving { child, address, says });
            }
        }
        anyhow::bail!("the server ended before it served")
    }

    /// Wait until it says a line with `words` in it.
    pub(crate) async fn hear(&mut self, words: &str, within: Duration) -> anyhow::Result<()> {
        let heard = async {
            while let Some(line) = self.says.recv().await {
                if line.contains(words) {
                    return Ok(());
                }
            }
            anyhow::bail!("the server ended")
        };
        tokio::time::timeout(within, heard).await.with_context(|| format!("nothing said of `{words}`"))?
    }

    /// The most memory that the process has held, in megabytes.
    pub(crate) fn megabytes(&self) -> anyhow::Result<f64> {
        megabytes(self.child.id().context("the server has ended")?)
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
    // utime and stime, the 14th and 15th fields of the file.
    stat_seconds(process, 11)
}

/// CPU that the processes which this one started have used, those that have ended, in seconds.
pub(crate) fn children_cpu_seconds() -> anyhow::Result<f64> {
    // cutime and cstime, the two fields behind.
    stat_seconds("self", 13)
}

fn stat_seconds(process: &str, at: usize) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold spaces; fields are counted behind it, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(at) + ticks(at + 1)) / 100.0)
}

/// The most memory that a running process has held, in megabytes.
pub(crate) fn megabytes(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("it has ended")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
