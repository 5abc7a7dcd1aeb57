//! Regions of the cases: what a service may be wrong in only at times.
//! Owns which regions there are, each written as a rule would write it. The first is always all cases.

use mote_contract::{Hearing, Law};
use mote_expr::schema::{Schema, Shape};
use mote_expr::{INT_MAX, Value};

use super::answers::Recording;
use super::bits::Bits;

/// How many regions are told apart.
const GUARDS_MAX: usize = 64;
/// A `let` with more values than this makes no regions.
const VALUES_MAX: usize = 4;

/// A region of the cases.
pub(super) struct Guard {
    /// As a rule would write it; empty for all cases.
    pub(super) text: String,
    pub(super) cases: Bits,
}

/// The regions that tell cases of `which` apart, all of them first.
pub(super) fn guards(law: &Law, all: &[Recording], hearings: &[Hearing<'_>], which: &Bits) -> Vec<Guard> {
    let mut regions = Regions { all, which, found: Vec::new() };
    regions.add(String::new(), &|_| true);
    for (name, schema) in law.asked_schemas() {
        regions.of_schema(schema, name, &|recording| {
            let asked = law.asked(&recording.case.situation.input);
            asked.into_iter().find(|(part, _)| *part == name).map(|(_, part)| part.clone())
        });
    }
    if let Some(aggregate) = &law.aggregate {
        regions.of_schema(&aggregate.state, "state", &|recording| recording.case.situation.state.clone());
    }
    if law.reads.is_some() {
        let rows =
            |recording: &Recording| recording.case.situation.rows.as_ref()?.rows.as_list().map(<[_]>::len);
        regions.add("size(rows) == 0".to_owned(), &|at| rows(&all[at]) == Some(0));
        regions.add("size(rows) == 1".to_owned(), &|at| rows(&all[at]) == Some(1));
        regions.add("size(rows) > 1".to_owned(), &|at| rows(&all[at]).is_some_and(|count| count > 1));
    }
    for rule in law.comparisons() {
        let truths: Vec<Option<bool>> = hearings.iter().map(|hearing| hearing.decides(&rule)).collect();
        regions.add(rule.name.clone(), &|at| truths[at] == Some(true));
        regions.add(format!("!({})", rule.name), &|at| truths[at] == Some(false));
    }
    regions.of_lets(hearings);
    regions.found
}

struct Regions<'r> {
    all: &'r [Recording],
    which: &'r Bits,
    found: Vec<Guard>,
}

type Getting<'g> = &'g dyn Fn(&Recording) -> Option<Value>;

impl Regions<'_> {
    /// Add a region, unless it is empty or one that is there already.
    fn add(&mut self, text: String, is: &dyn Fn(usize) -> bool) {
        let cases = Bits::of(self.all.len(), |at| self.which.contains(at) && is(at));
        let known = self.found.iter().any(|known| known.cases == cases);
        if self.found.is_empty() || (!cases.is_empty() && !known && self.found.len() < GUARDS_MAX) {
            self.found.push(Guard { text, cases });
        }
    }

    fn of_schema(&mut self, schema: &Schema, text: &str, get: Getting<'_>) {
        let all = self.all;
        let values: Vec<Option<Value>> = all.iter().map(get).collect();
        match &schema.shape {
            Shape::Object(fields) => {
                for field in fields {
                    let inner = |recording: &Recording| get(recording)?.field(&field.name).cloned();
                    let text = format!("{text}.{}", field.name);
                    if !field.required && field.schema.default.is_none() {
                        let has = |at: usize| inner(&all[at]).is_some();
                        self.add(format!("has({text})"), &has);
                        self.add(format!("!has({text})"), &|at| !has(at));
                    }
                    self.of_schema(&field.schema, &text, &inner);
                }
            }
            Shape::Enum(of) => {
                for value in of {
                    let literal = literal(value);
                    self.add(format!("{text} == {literal}"), &|at| values[at].as_ref() == Some(value));
                }
            }
            Shape::Bool => {
                self.add(text.to_owned(), &|at| values[at] == Some(Value::Bool(true)));
                self.add(format!("!{text}"), &|at| values[at] == Some(Value::Bool(false)));
            }
            Shape::Int { min, max, .. } => {
                let int = |at: usize| values[at].as_ref().and_then(Value::as_int);
                let mut seen: Vec<i64> =
                    (0..all.len()).filter(|at| self.which.contains(*at)).filter_map(int).collect();
                seen.sort_unstable();
                if let Some(median) = seen.get(seen.len() / 2).copied() {
                    self.add(format!("{text} > {median}"), &|at| int(at).is_some_and(|int| int > median));
                }
                for bound in [*min, *max].into_iter().filter(|bound| bound.abs() < INT_MAX) {
                    self.add(format!("{text} == {bound}"), &|at| int(at) == Some(bound));
                }
            }
            Shape::List { max, .. } => {
                let size = |at: usize| values[at].as_ref().and_then(Value::as_list).map(<[_]>::len);
                self.add(format!("size({text}) == 0"), &|at| size(at) == Some(0));
                self.add(format!("size({text}) == 1"), &|at| size(at) == Some(1));
                self.add(format!("size({text}) > 1"), &|at| size(at).is_some_and(|size| size > 1));
                self.add(format!("size({text}) == {max}"), &|at| {
                    size(at).is_some_and(|size| size as u64 == *max)
                });
            }
            Shape::Text(_) => {
                self.add(format!("{text} == ''"), &|at| {
                    values[at].as_ref().and_then(Value::as_text) == Some("")
                });
            }
            Shape::Json { .. } | Shape::Number { .. } | Shape::Map { .. } | Shape::OneOf { .. } => {}
        }
    }

    /// What a `let` says before the code answers often is what its author thinks in: a percentage, a flag.
    fn of_lets(&mut self, hearings: &[Hearing<'_>]) {
        let known: Vec<Vec<(&str, &Value)>> =
            hearings.iter().map(|hearing| hearing.known().collect()).collect();
        let mut names: Vec<&str> = known.iter().flatten().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let of = |at: usize| known[at].iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
            let mut values: Vec<&Value> = Vec::new();
            for value in (0..known.len()).filter_map(of) {
                if !values.contains(&value) {
                    values.push(value);
                }
                if values.len() > VALUES_MAX {
                    break;
                }
            }
            let scalar = |value: &&Value| !matches!(value, Value::List(_) | Value::Object(_) | Value::Null);
            if values.len() > VALUES_MAX || !values.iter().all(scalar) {
                continue;
            }
            for value in values {
                self.add(format!("{name} == {}", literal(value)), &|at| of(at) == Some(value));
            }
        }
    }
}

/// A scalar as an expression writes it.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        other => other.to_string(),
    }
}
