//! Rows read beside their owner, or without one: for whoever only looks.
//!
//! Owns nothing: no lock is taken, and no file is ever made or mended here. Marked rows are shown like any
//! other, with why they are marked. Start at [`ViewsReader::open`].

use std::path::Path;

use mote_expr::Value;
use mote_expr::rows::Row;
use mote_log::{Position, ReadError, ViewId};
use rusqlite::types::{Type, Value as Sql};
use rusqlite::{Connection, params_from_iter};

use super::ViewsOpenError;
use super::file::open_reader;
use super::tables::{sql_value, value};
use crate::read::{bound, read_error};

/// The file of rows, open for reading alone.
#[derive(Debug)]
pub struct ViewsReader {
    connection: Connection,
}

/// A view whose rows are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRows {
    /// Which view, as which declaration makes it.
    pub id: ViewId,
    /// How far into the log it reaches.
    pub reached: Position,
    /// How many rows it has, marked ones among them.
    pub rows: u64,
    /// How many of them are marked: no query may rely on them.
    pub marked: u64,
    /// The number of its table.
    table: i64,
}

/// Which rows are looked for.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// The row with this key.
    pub key: Option<String>,
    /// Rows that hold one of these values in this field.
    pub field: Option<(String, Vec<Value>)>,
    /// Rows whose keys come after this one.
    pub after: Option<String>,
    /// The most rows.
    pub limit: usize,
}

impl ViewsReader {
    /// Open the rows at `path`, a file or a folder that holds `views.db`. None if there are none yet.
    pub fn open(path: impl AsRef<Path>) -> Result<Option<ViewsReader>, ViewsOpenError> {
        Ok(open_reader(path.as_ref())?.map(|connection| ViewsReader { connection }))
    }

    /// The views that are kept, by name; of two with one name the newer declaration comes last.
    pub fn views(&self) -> Result<Vec<KeptRows>, ReadError> {
        self.all().map_err(read_error)
    }

    /// Rows of `view` by their keys, in the order of the keys.
    pub fn rows(&self, view: &KeptRows, filter: &RowFilter) -> Result<Vec<(String, Row)>, ReadError> {
        self.select(view, filter).map_err(read_error)
    }

    fn all(&self) -> rusqlite::Result<Vec<KeptRows>> {
        // One moment for all of them.
        let moment = self.connection.unchecked_transaction()?;
        let mut statement =
            moment.prepare("SELECT id, name, digest, position FROM views ORDER BY name, id")?;
        let listed = statement.query_map([], |row| {
            let digest: String = row.get(2)?;
            let digest = digest.parse().map_err(|_| {
                rusqlite::Error::FromSqlConversionFailure(2, Type::Text, "it is no digest".into())
            })?;
            let position: i64 = row.get(3)?;
            let reached = Position::from_ordinal(u64::try_from(position).unwrap_or(0));
            Ok(KeptRows {
                id: ViewId { name: row.get(1)?, digest },
                reached,
                rows: 0,
                marked: 0,
                table: row.get(0)?,
            })
        })?;
        let mut views = listed.collect::<rusqlite::Result<Vec<_>>>()?;
        for view in &mut views {
            let sql = format!("SELECT count(*), count(mark) FROM rows_{}", view.table);
            let (rows, marked): (i64, i64) =
                moment.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            (view.rows, view.marked) = (u64::try_from(rows).unwrap_or(0), u64::try_from(marked).unwrap_or(0));
        }
        Ok(views)
    }

    fn select(&self, view: &KeptRows, filter: &RowFilter) -> rusqlite::Result<Vec<(String, Row)>> {
        let mut values: Vec<Sql> = Vec::new();
        let mut bind = |value: Sql| {
            values.push(value);
            format!("?{}", values.len())
        };
        let mut conditions = vec!["1".to_owned()];
        if let Some(key) = &filter.key {
            conditions.push(format!("key = {}", bind(Sql::Text(key.clone()))));
        }
        if let Some(after) = &filter.after {
            conditions.push(format!("key > {}", bind(Sql::Text(after.clone()))));
        }
        if let Some((field, wanted)) = &filter.field {
            // Marked rows may lack what the columns hold, so the row itself is asked.
            let column = format!("field(row, {})", bind(Sql::Text(field.clone())));
            let any = wanted.iter().map(|value| format!("{column} IS {}", bind(sql_value(value))));
            conditions.push(format!("({})", any.collect::<Vec<_>>().join(" OR ")));
        }
        let limit = bind(Sql::Integer(bound(u64::try_from(filter.limit).unwrap_or(u64::MAX))));
        let sql = format!(
            "SELECT key, row, mark FROM rows_{} WHERE {} ORDER BY key LIMIT {limit}",
            view.table,
            conditions.join(" AND ")
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok((row.get(0)?, Row { value: value(row, 1)?, mark: row.get(2)? }))
        })?;
        rows.collect()
    }
}
