//! The client: connections that each send one request after the other.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What one round of load saw.
pub(crate) struct Seen {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    /// The time of each request, in microseconds, sorted.
    pub(crate) micros: Vec<u32>,
}

impl Seen {
    /// The time that this share of requests stayed below, in milliseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let at = ((self.micros.len() as f64 * share) as usize).min(self.micros.len().saturating_sub(1));
        self.micros.get(at).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }
}

/// Send requests from `clients` connections for `seconds`. `request` makes the path and body of a
/// connection's n-th request.
pub(crate) async fn run(
    address: &str,
    clients: u64,
    seconds: u64,
    request: impl Fn(u64, u64) -> (String, String) + Clone + Send + 'static,
) -> anyhow::Result<Seen> {
    let started = Instant::now();
    let end = started + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (address, request) = (address.to_owned(), request.clone());
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            let (mut micros, mut buffer, mut count) = (Vec::new(), Vec::with_capacity(4096), 0);
            while Instant::now() < end {
                let (path, body) = request(client, count);
                let text = format!(
                    "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let sent = Instant::now();
                stream.write_all(text.as_bytes()).await?;
                let status = response(&mut stream, &mut buffer).await?;
                if !(200..300).contains(&status) {
                    bail!("{path} answered {status}: {}", String::from_utf8_lossy(&buffer));
                }
                micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                count += 1;
            }
            Ok(micros)
        }));
    }
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await??);
    }
    micros.sort_unstable();
    Ok(Seen { requests: micros.len() as u64, seconds: started.elapsed().as_secs_f64(), micros })
}

/// Read one response into `buffer` and return its status.
async fn response(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end])?.to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length:")).context("a length")?;
        let whole = end + 4 + length.trim().parse::<usize>()?;
        while buffer.len() < whole {
            if stream.read_buf(buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        }
        return Ok(head.split(' ').nth(1).context("a status")?.parse()?);
    }
}
