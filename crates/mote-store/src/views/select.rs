//! A selection as SQL: equality, order, and where the next page begins.
//! Owns the one statement that a selection becomes. What it must mean is
//! [`mote_expr::rows::Selection::select`], and the conformance cases hold it to that.

use mote_expr::Value;
use mote_expr::rows::{Cursor, Marked, Row, Selection};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};

use super::Fault;
use super::tables::{Table, sql_value, value};
use crate::read::bound;

/// The rows that `selection` asks for, unless it would meet a marked one.
pub(super) fn select(
    connection: &Connection,
    table: &Table,
    selection: &Selection,
) -> Result<Vec<(String, Value)>, Fault> {
    meet_marks(connection, table, selection)?;
    let mut statement = Statement { table, parameters: Vec::new() };
    let mut conditions = vec!["mark IS NULL".to_owned()];
    for (name, value) in &selection.matching {
        conditions.push(statement.matches(name, value));
    }
    if let Some(after) = &selection.after {
        conditions.push(statement.after(selection, after));
    }
    let mut order: Vec<String> = Vec::new();
    for by in &selection.order {
        let column = statement.column(&by.field);
        order.push(format!("{column}{}", if by.descending { " DESC" } else { "" }));
    }
    order.push("key".to_owned());
    let count = i64::try_from(selection.count).unwrap_or(i64::MAX);
    let limit = statement.bind(Sql::Integer(bound(u64::try_from(count).unwrap_or(0))));
    let sql = format!(
        "SELECT key, row FROM {} WHERE {} ORDER BY {} LIMIT {limit}",
        table.name,
        conditions.join(" AND "),
        order.join(", ")
    );
    let mut prepared = connection.prepare_cached(&sql)?;
    let rows = prepared
        .query_map(params_from_iter(statement.parameters), |row| Ok((row.get(0)?, value(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Refuse where a marked row might be among what is asked for. There are few, in an index of their own.
fn meet_marks(connection: &Connection, table: &Table, selection: &Selection) -> Result<(), Fault> {
    let sql = format!("SELECT key, row, mark FROM {} WHERE mark IS NOT NULL ORDER BY key", table.name);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (key, mark): (String, String) = (row.get(0)?, row.get(2)?);
        let marked = Row { value: value(row, 1)?, mark: Some(mark.clone()) };
        if selection.may_match(&marked) {
            return Err(Fault::Refused(Marked { key, mark }.into()));
        }
    }
    Ok(())
}

struct Statement<'t> {
    table: &'t Table,
    parameters: Vec<Sql>,
}

impl Statement<'_> {
    fn bind(&mut self, value: Sql) -> String {
        self.parameters.push(value);
        format!("?{}", self.parameters.len())
    }

    /// The field's own column, or what the row holds.
    fn column(&mut self, field: &str) -> String {
        match self.table.fields.iter().position(|known| known == field) {
            Some(column) => format!("i{column}"),
            None => format!("field(row, {})", self.bind(Sql::Text(field.to_owned()))),
        }
    }

    /// Whether a row's field has the value, or one of a list of values.
    fn matches(&mut self, field: &str, wanted: &Value) -> String {
        let column = self.column(field);
        let Some(any) = wanted.as_list() else {
            return format!("{column} IS {}", self.bind(sql_value(wanted)));
        };
        let scalars = any.iter().filter(|value| **value != Value::Null);
        let bound: Vec<String> = scalars.map(|value| self.bind(sql_value(value))).collect();
        let one_of = format!("{column} IN ({})", bound.join(", "));
        if any.contains(&Value::Null) { format!("({one_of} OR {column} IS NULL)") } else { one_of }
    }

    /// Whether a row comes after `after`: in its first field that differs, else by key.
    fn after(&mut self, selection: &Selection, after: &Cursor) -> String {
        let key = self.bind(Sql::Text(after.key.clone()));
        let mut condition = format!("key > {key}");
        let mut first = None;
        for (by, value) in selection.order.iter().zip(&after.values).rev() {
            let column = self.column(&by.field);
            let bound = self.bind(sql_value(value));
            let null = *value == Value::Null;
            // Null comes first, so it comes last where the order is turned around.
            let beyond = match (by.descending, null) {
                (false, true) => format!("{column} IS NOT NULL"),
                (false, false) => format!("{column} > {bound}"),
                (true, true) => "0".to_owned(),
                (true, false) => format!("({column} < {bound} OR {column} IS NULL)"),
            };
            first = (!by.descending && !null).then(|| format!("{column} >= {bound} AND "));
            condition = format!("({beyond} OR ({column} IS {bound} AND {condition}))");
        }
        // What an index can seek to; the rest decides among what is left.
        format!("{}{condition}", first.unwrap_or_default())
    }
}
