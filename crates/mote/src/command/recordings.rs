//! `mote recordings`: the calls that were recorded, of a system that is up or down.

mod replay;

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::anyhow;
use mote_contract::{Recording, System, check};
use mote_expr::schema::Mask;
use mote_expr::suggest;
use mote_forge::SystemFolder;

use crate::cli::{Cli, List, RecordingsCommand};
use crate::output::{BOLD_RED, BOLD_YELLOW, DIM, RESET, refused, result, tell};
use crate::{recordings, system};

pub(crate) fn run(cli: &Cli, arguments: &crate::cli::Recordings) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    match &arguments.command {
        RecordingsCommand::List(arguments) => list(&folder, arguments),
        RecordingsCommand::Show { id, json } => show(&folder, id, *json),
        RecordingsCommand::Replay(arguments) => replay::run(&folder, arguments),
    }
}

/// What is recorded, the newest first, and what is left out of it.
fn found(folder: &SystemFolder) -> anyhow::Result<Vec<Recording>> {
    let recordings = recordings::read(folder, &|_| true)?;
    if recordings.damaged > 0 {
        let count = recordings.damaged;
        tell(format!("{BOLD_YELLOW}warning{RESET}: {count} half-written or damaged records are left out"));
    }
    if recordings.found.is_empty() {
        tell("nothing is recorded: `mote up` records calls while it serves");
    }
    Ok(recordings.found)
}

fn list(folder: &SystemFolder, arguments: &List) -> anyhow::Result<ExitCode> {
    let all = found(folder)?;
    let operations = || all.iter().map(|recording| recording.operation.as_str());
    if let Some(name) = &arguments.name
        && !all.is_empty()
        && operations().all(|operation| operation != name)
    {
        return Err(unknown(name, operations()));
    }
    let masking = Masking::of(folder)?;
    let fits = |recording: &&Recording| {
        arguments.name.as_ref().is_none_or(|name| recording.operation == *name)
            && arguments.outcome.is_none_or(|outcome| recording.outcome() == outcome.name())
    };
    let fitting: Vec<&Recording> = all.iter().filter(fits).collect();
    let mut out = BufWriter::new(anstream::stdout());
    for recording in fitting.iter().take(arguments.limit) {
        let line =
            if arguments.json { masking.shown(recording).to_value().to_string() } else { line(recording) };
        // A reader that has gone wants no more.
        if writeln!(out, "{line}").is_err() {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let _ = out.flush();
    if fitting.is_empty() && !all.is_empty() {
        tell("no recorded call fits");
    } else if let Some(more) = fitting.len().checked_sub(arguments.limit).filter(|more| *more > 0) {
        tell(format!("there are {more} more: raise `--limit`"));
    }
    Ok(ExitCode::SUCCESS)
}

/// A recording for people.
fn line(recording: &Recording) -> String {
    let colour = if recording.is_breach() { BOLD_RED } else { "" };
    let masked = if recording.masked { " (masked)" } else { "" };
    format!(
        "{DIM}{}  {}{RESET}  {:24} {colour}{}{RESET}{masked}",
        recording.id,
        recording.now(),
        recording.operation,
        ending(recording)
    )
}

/// How it ended: `ok`, or the outcome and the clause.
fn ending(recording: &Recording) -> String {
    let by = |ended: &mote_contract::Ended| ended.clause.clone().unwrap_or_else(|| ended.code.clone());
    recording
        .refusal
        .as_ref()
        .map_or_else(|| recording.outcome(), |ended| format!("{} {}", recording.outcome(), by(ended)))
}

fn show(folder: &SystemFolder, id: &str, json: bool) -> anyhow::Result<ExitCode> {
    let all = found(folder)?;
    let masking = Masking::of(folder)?;
    let wanted: Vec<&Recording> = all.iter().filter(|recording| recording.id.starts_with(id)).collect();
    if wanted.is_empty() {
        return Err(refused(
            anyhow!("no recorded call has the id `{id}`"),
            "`mote recordings list` lists them",
        ));
    }
    for recording in wanted {
        let recording = masking.shown(recording);
        result(if json { recording.to_value().to_string() } else { whole(&recording) });
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything of a recording for people.
fn whole(recording: &Recording) -> String {
    let caller = recording.context.field("caller").and_then(|caller| caller.field("id")?.as_text());
    let position = recording.position.as_deref().map_or_else(String::new, |at| format!(", at {at}"));
    let message = recording.refusal.as_ref().map_or_else(String::new, |ended| format!(": {}", ended.message));
    let mut lines = vec![
        format!("call       {}", recording.id),
        format!("operation  {} {} ({})", recording.operation, recording.version, recording.kind.name()),
        format!("contract   {}", recording.contract),
        format!("artifact   {}", recording.artifact),
        format!("time       {} by {}{position}", recording.now(), caller.unwrap_or("nobody")),
        format!("ended      {}{message}", ending(recording)),
    ];
    let rows = recording.rows.as_ref().map(|rows| &rows.rows);
    for (name, value) in
        [("input", recording.input.as_ref()), ("state", recording.state.as_ref()), ("rows", rows)]
    {
        lines.extend(value.map(|value| format!("{name:10} {value}")));
    }
    lines.extend(recording.answer.as_ref().map(|answer| format!("answer     {answer}")));
    if recording.masked {
        lines.push("masked     what is sensitive is not what it was: the call cannot be replayed".to_owned());
    }
    lines.join("\n")
}

fn unknown<'n>(name: &str, operations: impl IntoIterator<Item = &'n str>) -> anyhow::Error {
    let hint = match suggest(name, operations) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`mote recordings list` lists what is recorded".to_owned(),
    };
    refused(anyhow!("nothing is recorded of `{name}`"), hint)
}

/// What the files call sensitive by now is masked too, where it was not when it was recorded.
struct Masking {
    mask: Mask,
    /// None: the files have errors, and what was masked is all that is known to be sensitive.
    system: Option<Box<System>>,
}

impl Masking {
    fn of(folder: &SystemFolder) -> anyhow::Result<Masking> {
        let system = check(&folder.read()?).system.map(Box::new);
        Ok(Masking { mask: mote_forge::mask(folder)?, system })
    }

    fn shown(&self, recording: &Recording) -> Recording {
        let law = self.system.as_ref().and_then(|system| system.laws.get(&recording.operation));
        match law {
            // What is masked once stays as it is: masked again it would look like another value.
            Some(law) if !recording.masked => law.masked(recording, &self.mask),
            _ => recording.clone(),
        }
    }
}
