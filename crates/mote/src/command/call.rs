//! `mote call`: one request to the admin listener of a system that is up.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::cli::{Call, Cli};
use crate::output::{hint, result, tell};

/// How long a call may take: a little more than the server allows it.
const TIME_MAX: Duration = Duration::from_secs(35);

pub(crate) fn run(_: &Cli, arguments: &Call) -> anyhow::Result<ExitCode> {
    let input = input(&arguments.input)?;
    let mut stream = match TcpStream::connect(arguments.admin) {
        Ok(stream) => stream,
        Err(error) => {
            hint("start the system first: `mote up`");
            return Err(error).with_context(|| format!("nothing answers on {}", arguments.admin));
        }
    };
    stream.set_read_timeout(Some(TIME_MAX))?;
    stream.write_all(&request(arguments, &input)?)?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).context("the answer did not arrive")?;
    let (status, body) = split(&response).context("the answer is not HTTP")?;
    let body = String::from_utf8_lossy(body);
    if (200..300).contains(&status) {
        result(body);
        return Ok(ExitCode::SUCCESS);
    }
    // A refusal is not a result: whoever pipes results gets none.
    tell(body);
    Ok(ExitCode::FAILURE)
}

fn input(argument: &str) -> anyhow::Result<Vec<u8>> {
    match argument.strip_prefix('@') {
        Some(path) => std::fs::read(path).with_context(|| format!("cannot read `{path}`")),
        None if argument == "-" => {
            let mut input = Vec::new();
            std::io::stdin().read_to_end(&mut input).context("cannot read standard input")?;
            Ok(input)
        }
        None => Ok(argument.as_bytes().to_vec()),
    }
}

/// One HTTP/1.1 request on a connection of its own. The command line needs no more of a client.
fn request(arguments: &Call, input: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut head = format!(
        "POST /call/{} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        arguments.operation,
        arguments.admin,
        input.len()
    );
    let roles = arguments.roles.join(",");
    let headers = [
        ("idempotency-key", arguments.key.as_deref()),
        ("mote-caller", arguments.caller.as_deref()),
        ("mote-roles", Some(roles.as_str()).filter(|roles| !roles.is_empty())),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    let texts = [
        arguments.operation.as_str(),
        &roles,
        arguments.key.as_deref().unwrap_or(""),
        arguments.caller.as_deref().unwrap_or(""),
    ];
    if arguments.operation.contains(['/', ' ', '?', '#'])
        || texts.iter().any(|text| text.contains(char::is_control))
    {
        bail!("`{}` is not an operation's name, or a header has a control character", arguments.operation);
    }
    Ok([head.as_bytes(), input].concat())
}

/// The status and the body of a response that ends with its connection.
fn split(response: &[u8]) -> Option<(u16, &[u8])> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&response[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, &response[end + 4..]))
}
