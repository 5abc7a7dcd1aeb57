//! What a contract reads of a view: which rows, how many, and what is known of them.
//! Owns the way from a situation to a selection and from the rows found to what rules see. Never
//! reads a store: the caller does, or folds the rows itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_expr::rows::{Cursor, Order, Row, Selection};
use mote_expr::{Template, Value};

use super::{Law, Situation};
use crate::outcome::{Outcome, PlatformError, Refusal};
use crate::view::View;

/// How many values a field may be matched with at once.
pub(crate) const MATCHES_MAX: usize = 1_000;

/// What a contract reads.
#[derive(Clone, Debug)]
pub struct Reads {
    /// The view whose rows it reads.
    pub view: Arc<View>,
    /// How many rows there may be.
    pub bound: Bound,
    pub(crate) matching: Vec<(String, Template)>,
    pub(crate) order: Vec<Order>,
    /// Where the page begins.
    pub(crate) after: Option<Template>,
}

/// How many rows one read returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// All of them, and there may not be more than this.
    Limit(usize),
    /// This many, and where the next page begins.
    Page(usize),
}

/// The rows of a view as rules and services see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The rows, a list.
    pub rows: Value,
    /// For a contract with pages: the cursor of the next one, `null` at the end.
    pub next: Option<Value>,
}

/// The rows of a view by key, folded in memory: what examples and generated cases read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowTable(pub BTreeMap<String, Row>);

impl Reads {
    /// What is asked for, part by part, as it is written: `view`, `match/customer`, `order`, `limit`,
    /// `page/size`, `page/after`.
    pub fn parts(&self) -> BTreeMap<String, Value> {
        let size = |size: usize| Value::Int(i64::try_from(size).unwrap_or(i64::MAX));
        let order = self.order.iter().map(|order| {
            let turned = if order.descending { "-" } else { "" };
            Value::text(format!("{turned}{}", order.field))
        });
        let matching =
            self.matching.iter().map(|(name, template)| (format!("match/{name}"), template.source()));
        let mut parts: BTreeMap<String, Value> = matching.collect();
        parts.insert("view".to_owned(), Value::text(&self.view.name));
        if !self.order.is_empty() {
            parts.insert("order".to_owned(), Value::list(order));
        }
        match self.bound {
            Bound::Limit(limit) => parts.insert("limit".to_owned(), size(limit)),
            Bound::Page(page) => parts.insert("page/size".to_owned(), size(page)),
        };
        parts.extend(self.after.as_ref().map(|after| ("page/after".to_owned(), after.source())));
        parts
    }
}

impl RowTable {
    /// The rows that `selection` asks for.
    pub fn select(&self, selection: &Selection) -> Result<Vec<(String, Value)>, mote_expr::rows::Marked> {
        selection.select(self.0.iter().map(|(key, row)| (key.as_str(), row)))
    }
}

impl Law {
    /// The rows that the contract asks for in `situation`. None if it reads no view.
    ///
    /// One more than it may have, so that [`Law::found`] can tell whether there are more.
    pub fn selection(&self, situation: &Situation) -> Result<Option<Selection>, Refusal> {
        let Some(reads) = &self.reads else { return Ok(None) };
        let bindings = self.bind(situation);
        let mut matching = Vec::with_capacity(reads.matching.len());
        for (name, template) in &reads.matching {
            let clause = || format!("reads/match/{name}");
            let value = template.eval(&bindings).map_err(|error| Refusal::contract_fault(clause(), error))?;
            let scalar = |value: &Value| !matches!(value, Value::List(_) | Value::Object(_));
            let fits = match &value {
                Value::List(any) => any.len() <= MATCHES_MAX && any.iter().all(scalar),
                value => scalar(value),
            };
            if !fits {
                let why = format!("a row is found by a scalar or by a list of at most {MATCHES_MAX} scalars");
                return Err(Refusal::contract_fault(clause(), why));
            }
            matching.push((name.clone(), value));
        }
        let after = match &reads.after {
            None => None,
            Some(after) => match after.eval(&bindings) {
                Ok(Value::Null) => None,
                Ok(Value::Text(token)) if token.is_empty() => None,
                Ok(Value::Text(token)) => Some(self.cursor(reads, &token)?),
                Ok(other) => {
                    let why = format!("a cursor is a string, this is {}", other.kind());
                    return Err(Refusal::contract_fault("reads/page", why));
                }
                Err(error) => return Err(Refusal::contract_fault("reads/page", error)),
            },
        };
        let (Bound::Limit(most) | Bound::Page(most)) = reads.bound;
        Ok(Some(Selection { matching, order: reads.order.clone(), after, count: most + 1 }))
    }

    fn cursor(&self, reads: &Reads, token: &str) -> Result<Cursor, Refusal> {
        let cursor = token.parse().ok().filter(|cursor: &Cursor| cursor.values.len() == reads.order.len());
        cursor.ok_or_else(|| {
            let detail = format!(
                "{token:?} is no place in the pages of `{}`: it comes from `next` of the page before",
                self.contract.name
            );
            Refusal::platform(Outcome::Invalid, PlatformError::InvalidInput, detail).by("reads/page")
        })
    }

    /// What rules see of the rows that `selection` found, or why they cannot be told.
    pub fn found(&self, selection: &Selection, mut found: Vec<(String, Value)>) -> Result<Rows, Refusal> {
        let bound = self.reads.as_ref().map_or(Bound::Limit(0), |reads| reads.bound);
        let (Bound::Limit(most) | Bound::Page(most)) = bound;
        let more = found.len() > most;
        if more && let Bound::Limit(_) = bound {
            let why = format!("more than {most} rows match, and they are not read in pages");
            return Err(Refusal::contract_fault("reads/limit", why));
        }
        found.truncate(most);
        let next = match (bound, found.last()) {
            (Bound::Limit(_), _) => None,
            (Bound::Page(_), Some((key, row))) if more => {
                Some(Value::text(selection.cursor(key, row).to_string()))
            }
            (Bound::Page(_), _) => Some(Value::Null),
        };
        Ok(Rows { rows: Value::list(found.into_iter().map(|(_, row)| row)), next })
    }

    /// The rows of the contract's view that `table` holds, for `situation`. None if it reads no view.
    pub fn read(&self, table: &RowTable, situation: &Situation) -> Result<Option<Rows>, Refusal> {
        let Some(selection) = self.selection(situation)? else { return Ok(None) };
        let found =
            table.select(&selection).map_err(|marked| Refusal::contract_fault("reads/view", marked))?;
        self.found(&selection, found).map(Some)
    }
}
