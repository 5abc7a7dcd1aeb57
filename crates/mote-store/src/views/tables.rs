//! The tables of views: one that lists them, one for the rows of each.
//! Owns their names and columns, which operators read with `sqlite3`. Never begins or ends a
//! transaction.

use std::collections::BTreeMap;

use mote_expr::rows::Row;
use mote_expr::{Value, parse};
use mote_log::{Batch, KeptView, Position, ViewId, ViewsError};
use rusqlite::types::{Type, Value as Sql};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::Fault;
use crate::read::bound;

/// The list of views.
pub(super) const VIEWS: &str = "
CREATE TABLE views (
    id       INTEGER PRIMARY KEY,   -- its rows are in rows_<id>
    name     TEXT NOT NULL,
    digest   TEXT NOT NULL,         -- SHA-256 of everything its rows depend on
    fields   TEXT NOT NULL,         -- a JSON list of the fields in the columns i0, i1, …
    position INTEGER NOT NULL,      -- how far into the log it reaches
    UNIQUE (name, digest)
) STRICT";

/// A view's rows.
pub(super) struct Table {
    id: i64,
    /// The table's name.
    pub(super) name: String,
    /// The fields that have a column.
    pub(super) fields: Vec<String>,
    pub(super) reached: Position,
}

/// Keep these views and no others.
pub(super) fn keep(connection: &Connection, views: &[KeptView]) -> rusqlite::Result<()> {
    let mut kept = Vec::with_capacity(views.len());
    for view in views {
        kept.push(match find_id(connection, &view.id)? {
            Some(id) => id,
            None => create(connection, view)?,
        });
    }
    let mut statement = connection.prepare("SELECT id FROM views")?;
    let all = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    for id in all.into_iter().filter(|id| !kept.contains(id)) {
        connection.execute_batch(&format!("DROP TABLE rows_{id}; DELETE FROM views WHERE id = {id}"))?;
    }
    Ok(())
}

fn create(connection: &Connection, view: &KeptView) -> rusqlite::Result<i64> {
    let fields = Value::list(view.index.iter().map(Value::text)).to_string();
    connection.execute(
        "INSERT INTO views (name, digest, fields, position) VALUES (?1, ?2, ?3, 0)",
        params![view.id.name, view.id.digest.to_string(), fields],
    )?;
    let id = connection.last_insert_rowid();
    let columns: String = (0..view.index.len()).map(|column| format!(", i{column} ANY")).collect();
    // Rows have an id of their own: stored by their keys, large rows would take twice the space.
    let mut sql = format!(
        "CREATE TABLE rows_{id} (key TEXT NOT NULL UNIQUE, row TEXT NOT NULL, mark TEXT{columns}) STRICT;
         CREATE INDEX rows_{id}_marked ON rows_{id} (key) WHERE mark IS NOT NULL;"
    );
    for column in 0..view.index.len() {
        sql += &format!("CREATE INDEX rows_{id}_i{column} ON rows_{id} (i{column}, key);");
    }
    connection.execute_batch(&sql)?;
    Ok(id)
}

fn find_id(connection: &Connection, view: &ViewId) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM views WHERE name = ?1 AND digest = ?2")?;
    statement.query_row(params![view.name, view.digest.to_string()], |row| row.get(0)).optional()
}

/// The table of `view`, if it is kept.
pub(super) fn find(connection: &Connection, view: &ViewId) -> Result<Table, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT id, fields, position FROM views WHERE name = ?1 AND digest = ?2")?;
    let table = statement.query_row(params![view.name, view.digest.to_string()], |row| {
        let fields = parse(row.get_ref(1)?.as_str()?.as_bytes())
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, Box::new(error)))?;
        let fields = fields.as_list().unwrap_or(&[]).iter().filter_map(Value::as_text).map(str::to_owned);
        let (id, position): (i64, i64) = (row.get(0)?, row.get(2)?);
        let reached = Position::from_ordinal(u64::try_from(position).unwrap_or(0));
        Ok(Table { id, name: format!("rows_{id}"), fields: fields.collect(), reached })
    });
    Ok(table.optional()?.ok_or_else(|| ViewsError::Unknown(view.clone()))?)
}

/// The rows with these keys.
pub(super) fn rows(
    connection: &Connection,
    table: &Table,
    keys: &[String],
) -> rusqlite::Result<BTreeMap<String, Row>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT row, mark FROM {} WHERE key = ?1", table.name))?;
    let mut rows = BTreeMap::new();
    for key in keys {
        let found = statement.query_row([key], |row| Ok(Row { value: value(row, 0)?, mark: row.get(1)? }));
        rows.extend(found.optional()?.map(|row| (key.clone(), row)));
    }
    Ok(rows)
}

/// The row that a column holds as JSON.
pub(super) fn value(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value> {
    parse(row.get_ref(column)?.as_str()?.as_bytes())
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Take a batch, if its view is where it begins.
pub(super) fn write(connection: &Connection, batch: &Batch) -> Result<(), Fault> {
    let table = find(connection, &batch.view)?;
    if table.reached != batch.from {
        let (view, expected, actual) = (batch.view.clone(), batch.from, table.reached);
        return Err(ViewsError::Moved { view, expected, actual }.into());
    }
    let columns: String = (0..table.fields.len()).map(|column| format!(", i{column}")).collect();
    let holes: String = (0..table.fields.len()).map(|column| format!(", ?{}", column + 4)).collect();
    let changes: String =
        (0..table.fields.len()).map(|column| format!(", i{column} = excluded.i{column}")).collect();
    let mut put = connection.prepare_cached(&format!(
        "INSERT INTO {} (key, row, mark{columns}) VALUES (?1, ?2, ?3{holes})
         ON CONFLICT (key) DO UPDATE SET row = excluded.row, mark = excluded.mark{changes}",
        table.name
    ))?;
    let mut delete = connection.prepare_cached(&format!("DELETE FROM {} WHERE key = ?1", table.name))?;
    for (key, row) in &batch.changes {
        let Some(row) = row else {
            delete.execute([key])?;
            continue;
        };
        let mark = row.mark.as_ref().map_or(Sql::Null, |mark| Sql::Text(mark.clone()));
        let fixed = [Sql::Text(key.clone()), Sql::Text(row.value.to_string()), mark];
        let fields = table.fields.iter().map(|field| sql_value(row.field(field)));
        put.execute(params_from_iter(fixed.into_iter().chain(fields)))?;
    }
    reach(connection, &table, batch.through)?;
    Ok(())
}

/// Forget all rows.
pub(super) fn restart(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    connection.execute(&format!("DELETE FROM {}", table.name), [])?;
    reach(connection, table, Position::START)
}

fn reach(connection: &Connection, table: &Table, position: Position) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("UPDATE views SET position = ?2 WHERE id = ?1")?;
    statement.execute(params![table.id, bound(position.ordinal())]).map(drop)
}

/// A scalar as SQLite compares it; what is none is like null, since no selection asks for it.
pub(super) fn sql_value(value: &Value) -> Sql {
    match value {
        Value::Bool(bool) => Sql::Integer(i64::from(*bool)),
        Value::Int(int) => Sql::Integer(*int),
        Value::Float(float) => Sql::Real(*float),
        Value::Text(text) => Sql::Text(text.to_string()),
        Value::Null | Value::List(_) | Value::Object(_) => Sql::Null,
    }
}
