//! `mote events`: what happened, read from the log of a system that is up or down.

mod shown;

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use mote_expr::Value;
use mote_log::{Position, StoredEvent, StreamName, Version};
use mote_store::Reader;

use self::shown::Shown;
use crate::cli::{Cli, Events};
use crate::output::{DIM, RESET, tell};
use crate::system;

/// How often `--follow` looks for more.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How many commits, or events of a stream, are read at once.
const READ_AT_ONCE: usize = 500;
/// How much of an event's data people are shown, in characters.
const DATA_SHOWN_MAX: usize = 100;

pub(crate) fn run(cli: &Cli, arguments: &Events) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(arguments.system.as_deref()))?;
    let log = folder.state("log")?;
    let shown_as = if arguments.unmasked { Shown::Unmasked } else { Shown::masked(&folder)? };
    let mut out = BufWriter::new(anstream::stdout());
    let mut place = Place::after(arguments);
    let mut shown = 0;
    let mut reader = None;
    loop {
        if reader.is_none() {
            reader = Reader::open(&log)?;
        }
        let events = reader.as_ref().map_or_else(|| Ok(Vec::new()), |reader| place.next(reader))?;
        if events.is_empty() && !arguments.follow {
            break;
        }
        for event in &events {
            // All events of a commit have one position: a listing that goes on after it must miss none of them.
            if shown >= arguments.limit.unwrap_or(usize::MAX) && place.shown != Some(event.position) {
                let written = out.flush();
                if written.is_ok() && !arguments.follow {
                    tell(format!("there are more: add `--after {}`", place.shown.unwrap_or_default()));
                }
                return Ok(ExitCode::SUCCESS);
            }
            let data = shown_as.data(event)?;
            let line = if arguments.json { json(event, data).to_string() } else { line(event, &data) };
            if writeln!(out, "{line}").is_err() {
                return Ok(ExitCode::SUCCESS);
            }
            place.shown = Some(event.position);
            shown += 1;
        }
        // A reader that has gone wants no more.
        if out.flush().is_err() {
            return Ok(ExitCode::SUCCESS);
        }
        if events.is_empty() {
            std::thread::sleep(LOOK_EVERY);
        }
    }
    if shown == 0 {
        tell(if reader.is_none() { "nothing has happened: there is no log yet" } else { "no event fits" });
    }
    Ok(ExitCode::SUCCESS)
}

/// How far a listing is.
struct Place<'a> {
    stream: Option<&'a StreamName>,
    after: Position,
    version: Version,
    /// The position of the last event that was shown.
    shown: Option<Position>,
}

impl Place<'_> {
    fn after(arguments: &Events) -> Place<'_> {
        Place {
            stream: arguments.stream.as_ref(),
            after: arguments.after.unwrap_or(Position::START),
            version: Version(0),
            shown: None,
        }
    }

    /// Some of the events that follow, in order; none at the end.
    fn next(&mut self, reader: &Reader) -> anyhow::Result<Vec<StoredEvent>> {
        loop {
            let (read, mut events) = match self.stream {
                Some(stream) => {
                    let events = reader.stream(stream, self.version, READ_AT_ONCE)?;
                    self.version = events.last().map_or(self.version, |event| event.version);
                    (events.len(), events)
                }
                None => {
                    let commits = reader.commits(self.after, READ_AT_ONCE)?;
                    self.after = commits.last().map_or(self.after, |commit| commit.position);
                    (commits.len(), commits.into_iter().flat_map(|commit| commit.events).collect())
                }
            };
            if self.stream.is_some() {
                events.retain(|event| event.position > self.after);
            }
            // Commits that keep an answer may hold no event.
            if read == 0 || !events.is_empty() {
                return Ok(events);
            }
        }
    }
}

/// An event for people. Its shape is told where it is not the first.
fn line(event: &StoredEvent, data: &Value) -> String {
    let kind = match event.shape {
        1 => event.kind.clone(),
        shape => format!("{} v{shape}", event.kind),
    };
    let data = data.to_string();
    let shown: String = data.chars().take(DATA_SHOWN_MAX).collect();
    let more = if shown.len() < data.len() { "…" } else { "" };
    format!(
        "{DIM}{}  {:30}{RESET}  {:24} {:>4}  {kind:20} {shown}{more}",
        event.position,
        event.at.to_string(),
        event.stream.as_str(),
        event.version,
    )
}

/// An event for programs.
fn json(event: &StoredEvent, data: Value) -> Value {
    let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    Value::object([
        ("at", Value::text(event.at.to_string())),
        ("data", data),
        ("position", Value::text(event.position.to_string())),
        ("shape", number(event.shape.into())),
        ("stream", Value::text(event.stream.as_str())),
        ("type", Value::text(&event.kind)),
        ("version", number(event.version.0)),
    ])
}
