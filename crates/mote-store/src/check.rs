//! Whether a file still holds what was put into it.
//! Owns the quick look at every opening and the long one on demand. Never repairs anything.

use mote_log::{Position, ReadError, Version};
use rusqlite::Connection;

use crate::read;

/// What must hold of the rows, each as a query for one row that breaks it and the sentence to say then.
const RULES: [(&str, &str); 6] = [
    (
        "SELECT max(position) FROM commits HAVING ifnull(max(position), 0) <> count(*)",
        "the positions of commits have a gap",
    ),
    (
        "SELECT stream FROM events GROUP BY stream HAVING min(version) <> 1 OR max(version) <> count(*) LIMIT 1",
        "the versions of a stream have a gap",
    ),
    (
        "SELECT position FROM events WHERE position NOT IN (SELECT position FROM commits) LIMIT 1",
        "an event has no commit",
    ),
    (
        "SELECT position FROM commits WHERE position NOT IN
             (SELECT position FROM events UNION ALL SELECT position FROM answers) LIMIT 1",
        "a commit has neither events nor an answer",
    ),
    (
        "SELECT id FROM runs WHERE entries <> (SELECT count(*) FROM journal WHERE run = number)
             OR entries <> (SELECT ifnull(max(entry) + 1, 0) FROM journal WHERE run = number) LIMIT 1",
        "the journal of a run has a gap",
    ),
    ("SELECT run FROM journal WHERE run NOT IN (SELECT number FROM runs) LIMIT 1", "an entry has no run"),
];

/// Read the newest commit whole, and its events in their streams: what damage at the ends would break.
/// The answer is the first thing that does not fit. Damage in between shows when it is read, or in
/// [`crate::Database::check`].
pub(crate) fn check_ends(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let end = read::end(connection)?;
    let before = Position::from_ordinal(end.ordinal().saturating_sub(1));
    for event in read::commits(connection, before, 1)?.iter().flat_map(|commit| &commit.events) {
        let before = Version(event.version.0.saturating_sub(1));
        if read::stream(connection, &event.stream, before, 1)?.first() != Some(event) {
            return Ok(Some(format!("stream {} lacks its event {}", event.stream, event.version)));
        }
    }
    Ok(None)
}

/// Read everything: the file's structure, then the rules of its rows.
pub(crate) fn check_all(connection: &Connection) -> Result<(), ReadError> {
    let structure: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(read::read_error)?;
    if structure != "ok" {
        return Err(ReadError(structure));
    }
    for (broken, sentence) in RULES {
        if connection.prepare(broken).and_then(|mut rule| rule.exists([])).map_err(read::read_error)? {
            return Err(ReadError(sentence.to_owned()));
        }
    }
    Ok(())
}
