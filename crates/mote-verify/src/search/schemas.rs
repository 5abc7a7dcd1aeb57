//! What a schema allows at its edges: least and most, empty and full, each value of an enum, there
//! and not there. Owns which edges there are, and how far a value is from one.

use mote_expr::schema::{Shape, TextShape};
use mote_expr::{Distance, INT_MAX, Measured, Schema, Value};

use crate::cases::Values;

/// A list or map of more items than this is not filled for its own sake.
const FULL_MAX: u64 = 200;
/// A text of more characters than this is not filled for its own sake.
const LENGTH_MAX: u64 = 4_000;

/// An edge of a schema, somewhere in its values.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    path: Vec<Step>,
    edge: At,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    /// Any item of a list, or any value of a map.
    Each,
}

#[derive(Clone, Debug, PartialEq)]
enum At {
    /// A scalar: a bound, a value of an enum, `null`, a truth.
    Value(Value),
    /// Anything but `null`.
    NonNull,
    /// A text of so many characters, a list or a map of so many items.
    Size(u64),
    /// At least one item.
    NonEmpty,
    Present(String),
    Absent(String),
}

/// Which edges count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All: of what a caller decides.
    Every,
    /// Those that tell cases apart, without bounds: of what follows from events.
    Kinds,
}

/// The edges of `schema`.
pub(super) fn edges(schema: &Schema, values: &Values, which: Which) -> Vec<Edge> {
    let mut finding = Finding { values, which, path: Vec::new(), found: Vec::new() };
    finding.visit(schema);
    finding.found
}

struct Finding<'f> {
    values: &'f Values,
    which: Which,
    path: Vec<Step>,
    found: Vec<Edge>,
}

impl Finding<'_> {
    fn push(&mut self, edge: At) {
        let path = self.path.clone();
        if self.found.iter().all(|known| known.path != path || known.edge != edge) {
            self.found.push(Edge { path, edge });
        }
    }

    fn visit(&mut self, schema: &Schema) {
        if schema.nullable {
            self.push(At::Value(Value::Null));
            self.push(At::NonNull);
        }
        let every = self.which == Which::Every;
        match &schema.shape {
            Shape::Bool => {
                [true, false].into_iter().for_each(|truth| self.push(At::Value(Value::Bool(truth))))
            }
            Shape::Int { min, max, multiple_of } if every => {
                let step = multiple_of.unwrap_or(1).max(1);
                // A bound that nobody wrote is not one to try.
                if *min > -INT_MAX {
                    self.push(At::Value(Value::Int(min + (-min).rem_euclid(step))));
                }
                if *max < INT_MAX {
                    self.push(At::Value(Value::Int(max - max.rem_euclid(step))));
                }
            }
            Shape::Number { min, max } if every => {
                for bound in [min, max].into_iter().filter(|bound| bound.abs() < INT_MAX as f64) {
                    if let Some(bound) = Value::number(*bound) {
                        self.push(At::Value(bound));
                    }
                }
            }
            Shape::Text(shape) if every => self.text(shape),
            Shape::Enum(values) if values.len() > 1 => {
                values.iter().for_each(|value| self.push(At::Value(value.clone())));
            }
            Shape::List { item, min, max, .. } => {
                self.sizes(*min, *max);
                self.each(item);
            }
            Shape::Map { value, max } => {
                self.sizes(0, *max);
                self.each(value);
            }
            Shape::Object(fields) => {
                for field in fields {
                    if !field.required && field.schema.default.is_none() {
                        self.push(At::Present(field.name.clone()));
                        self.push(At::Absent(field.name.clone()));
                    }
                    self.path.push(Step::Field(field.name.clone()));
                    self.visit(&field.schema);
                    self.path.pop();
                }
            }
            Shape::OneOf { tag, variants } => {
                self.path.push(Step::Field(tag.clone()));
                variants.iter().for_each(|(name, _)| self.push(At::Value(Value::text(name))));
                self.path.pop();
                variants.iter().for_each(|(_, variant)| self.visit(variant));
            }
            _ => {}
        }
    }

    fn each(&mut self, item: &Schema) {
        self.path.push(Step::Each);
        self.visit(item);
        self.path.pop();
    }

    fn sizes(&mut self, min: u64, max: u64) {
        if max == min {
            return;
        }
        self.push(At::Size(min));
        match self.which {
            Which::Every if max <= FULL_MAX => self.push(At::Size(max)),
            _ => self.push(At::NonEmpty),
        }
    }

    /// The lengths of a text, as its pattern allows them. A format says itself what is at its edge.
    fn text(&mut self, shape: &TextShape) {
        if shape.format.is_some() {
            return;
        }
        let (least, most) = match &shape.pattern {
            None => (0, u64::MAX),
            Some(pattern) => match self.values.lengths(pattern) {
                Some(lengths) => lengths,
                None => return,
            },
        };
        let (min, max) = (shape.min.max(least), shape.max.min(most));
        if min <= max && min <= LENGTH_MAX {
            self.push(At::Size(min));
        }
        if max > min && max <= LENGTH_MAX {
            self.push(At::Size(max));
        }
    }
}

impl Edge {
    /// Where it is, below `root`: `input.lines[].quantity`.
    pub(super) fn place(&self, root: &str) -> String {
        let mut place = root.to_owned();
        for step in &self.path {
            match step {
                Step::Field(name) => place = format!("{place}.{name}"),
                Step::Each => place.push_str("[]"),
            }
        }
        match &self.edge {
            At::Present(name) | At::Absent(name) => format!("{place}.{name}"),
            _ => place,
        }
    }

    /// What it is.
    pub(super) fn what(&self) -> String {
        match &self.edge {
            At::Value(value) => value.to_string(),
            At::NonNull => "not null".to_owned(),
            At::Size(0) => "empty".to_owned(),
            At::Size(size) => format!("of size {size}"),
            At::NonEmpty => "not empty".to_owned(),
            At::Present(_) => "there".to_owned(),
            At::Absent(_) => "not there".to_owned(),
        }
    }

    /// How far `value` is from it: where it may be in several places, the nearest counts.
    pub(super) fn measure(&self, value: &Value) -> Measured {
        self.below(&self.path, value)
    }

    fn below(&self, path: &[Step], value: &Value) -> Measured {
        let Some((step, rest)) = path.split_first() else { return self.here(value) };
        let nearest = match (step, value) {
            (Step::Field(name), value) => value.field(name).map(|inner| self.below(rest, inner)),
            (Step::Each, Value::List(items)) => nearest(items.iter().map(|inner| self.below(rest, inner))),
            (Step::Each, Value::Object(object)) => {
                nearest(object.iter().map(|(_, inner)| self.below(rest, inner)))
            }
            (Step::Each, _) => None,
        };
        nearest.unwrap_or(Measured { distance: Distance::ABSENT, excess: None })
    }

    fn here(&self, value: &Value) -> Measured {
        let size = match value {
            Value::Text(text) => text.chars().count(),
            Value::List(items) => items.len(),
            Value::Object(object) => object.len(),
            _ => 0,
        };
        let size = i64::try_from(size).unwrap_or(INT_MAX);
        let test = |holds: bool| Measured { distance: Distance::of_test(holds), excess: None };
        match &self.edge {
            At::Value(wanted) => Measured {
                distance: Distance::between(value, wanted),
                excess: value.as_int().zip(wanted.as_int()).map(|(int, wanted)| int.saturating_sub(wanted)),
            },
            At::NonNull => test(*value != Value::Null),
            At::Size(_) if *value == Value::Null => test(false),
            At::Size(wanted) => {
                let excess = size.saturating_sub_unsigned(*wanted);
                Measured { distance: Distance::of_count(excess.unsigned_abs()), excess: Some(excess) }
            }
            At::NonEmpty => test(size > 0),
            At::Present(name) => test(value.field(name).is_some()),
            At::Absent(name) => test(value.as_object().is_some_and(|object| !object.contains(name))),
        }
    }
}

fn nearest(each: impl Iterator<Item = Measured>) -> Option<Measured> {
    each.reduce(|a, b| if b.distance < a.distance { b } else { a })
}
