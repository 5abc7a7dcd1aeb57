//! `mote views`: the views of a system that is up or down, and their rows.

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::anyhow;
use mote_expr::rows::Row;
use mote_expr::{Value, parse, suggest};
use mote_forge::SystemFolder;
use mote_store::{KeptRows, Reader, RowFilter, ViewsReader};

use crate::cli::{Cli, Views};
use crate::output::{BOLD_RED, DIM, RESET, refused, result, tell};
use crate::system;

/// How much of a row people are shown, in characters.
const ROW_SHOWN_MAX: usize = 100;

pub(crate) fn run(cli: &Cli, arguments: &Views) -> anyhow::Result<ExitCode> {
    let folder = system::open(&cli.folder(None))?;
    let Some(reader) = ViewsReader::open(folder.state("views")?)? else {
        tell("there are no rows yet: `mote up` folds them from the log");
        return Ok(ExitCode::SUCCESS);
    };
    let views = reader.views()?;
    match &arguments.view {
        None => list(&views, &folder, arguments.json)?,
        // Of two declarations the newer one is what serves, or soon will.
        Some(name) => match views.iter().rfind(|view| view.id.name == *name) {
            Some(view) => show(&reader, view, arguments)?,
            None => return Err(unknown(name, &views)),
        },
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(name: &str, views: &[KeptRows]) -> anyhow::Error {
    let names = || views.iter().map(|view| view.id.name.as_str());
    let hint = match suggest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`mote views` lists those that have rows; `mote up` folds those that are new".to_owned(),
    };
    refused(anyhow!("no rows of a view `{name}` are kept"), hint)
}

fn list(views: &[KeptRows], folder: &SystemFolder, json: bool) -> anyhow::Result<()> {
    let log = Reader::open(folder.state("log")?)?;
    for view in views {
        let behind = log.as_ref().map_or(Ok(0), |log| log.commits_after(view.reached))?;
        if json {
            let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
            result(Value::object([
                ("behind", number(behind)),
                ("digest", Value::text(view.id.digest.to_string())),
                ("marked", number(view.marked)),
                ("position", Value::text(view.reached.to_string())),
                ("rows", number(view.rows)),
                ("view", Value::text(&view.id.name)),
            ]));
            continue;
        }
        let behind = match behind {
            0 => "up to date".to_owned(),
            1 => "1 commit behind".to_owned(),
            behind => format!("{behind} commits behind"),
        };
        let marked = match view.marked {
            0 => String::new(),
            marked => format!(", {BOLD_RED}{marked} marked{RESET}"),
        };
        let digest = view.id.digest.short();
        result(format!(
            "{:30} {DIM}{digest}{RESET} {:>8} rows{marked}, {behind} at {}",
            view.id.name, view.rows, view.reached
        ));
    }
    if views.is_empty() {
        tell("no contract that was up reads a view");
    }
    Ok(())
}

fn show(reader: &ViewsReader, view: &KeptRows, arguments: &Views) -> anyhow::Result<()> {
    let field = arguments.matching.as_ref().map(|(field, text)| (field.clone(), meanings(text)));
    let (key, after) = (arguments.key.clone(), arguments.after.clone());
    // One more tells whether there are more.
    let filter = RowFilter { key, field, after, limit: arguments.limit.saturating_add(1) };
    let rows = reader.rows(view, &filter)?;
    let mut out = BufWriter::new(anstream::stdout());
    for (key, row) in rows.iter().take(arguments.limit) {
        let line = if arguments.json { json(key, row).to_string() } else { line(key, row) };
        // A reader that has gone wants no more.
        if writeln!(out, "{line}").is_err() {
            return Ok(());
        }
    }
    let _ = out.flush();
    if rows.is_empty() {
        tell("no row fits");
    } else if rows.len() > arguments.limit {
        match rows.get(arguments.limit.wrapping_sub(1)) {
            Some((last, _)) => tell(format!("there are more: add `--after {last}`")),
            None => tell("there are some: raise `--limit`"),
        }
    }
    Ok(())
}

/// What `text` can mean in a row: itself, and the number, truth or nothing that it writes.
fn meanings(text: &str) -> Vec<Value> {
    let parsed =
        parse(text.as_bytes()).ok().filter(|value| !matches!(value, Value::List(_) | Value::Object(_)));
    std::iter::once(Value::text(text)).chain(parsed).collect()
}

/// A row for people.
fn line(key: &str, row: &Row) -> String {
    let value = row.value.to_string();
    let shown: String = value.chars().take(ROW_SHOWN_MAX).collect();
    let more = if shown.len() < value.len() { "…" } else { "" };
    match &row.mark {
        None => format!("{key:30} {shown}{more}"),
        Some(mark) => format!("{key:30} {shown}{more}\n  {BOLD_RED}marked{RESET}: {mark}"),
    }
}

/// A row for programs.
fn json(key: &str, row: &Row) -> Value {
    let mut fields = vec![("key", Value::text(key)), ("row", row.value.clone())];
    fields.extend(row.mark.as_ref().map(|mark| ("mark", Value::text(mark))));
    Value::object(fields)
}
