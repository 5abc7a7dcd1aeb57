//! A part of an answer, named by its place in the schemas: `output.lines[].sku`.
//! Owns how such a place is written, which there are, and how it is found in an answer.

use std::fmt;

use mote_expr::Value;
use mote_expr::schema::{Schema, Shape};

/// How many elements of one answer are told apart: a schema that is larger is data, not a promise.
const ELEMENTS_MAX: usize = 160;

/// Where the parts of an answer begin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// The output of a success.
    Output,
    /// The messages of a publisher.
    Messages,
    /// The data of the events of one type.
    Event(String),
}

/// One step into a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inner {
    /// The field of an object.
    Field(String),
    /// The items of a list.
    Items,
    /// The values of a map.
    Values,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Element {
    /// Where it begins.
    pub root: Root,
    /// How it goes on.
    pub steps: Vec<Inner>,
}

/// An element with its schema.
#[derive(Clone, Debug)]
pub struct Described<'s> {
    /// Which it is.
    pub element: Element,
    /// What it looks like.
    pub schema: &'s Schema,
    /// Whether an object may do without it.
    pub optional: bool,
}

impl Element {
    /// The root itself.
    pub fn root(root: Root) -> Element {
        Element { root, steps: Vec::new() }
    }

    /// Every element below `root`, the root first.
    pub fn all(root: Root, schema: &Schema) -> Vec<Described<'_>> {
        let mut found: Vec<Described<'_>> = Vec::new();
        let mut open = vec![Described { element: Element::root(root), schema, optional: false }];
        while let Some(next) = open.pop() {
            // Variants of one object may share fields; the first of a name stands for all.
            if found.len() == ELEMENTS_MAX || found.iter().any(|known| known.element == next.element) {
                continue;
            }
            // The order of the schema: what is pushed last comes next.
            open.extend(next.inner().into_iter().rev());
            found.push(next);
        }
        found
    }

    /// Whether this is `other` or a part of it.
    pub fn within(&self, other: &Element) -> bool {
        self.root == other.root && self.steps.starts_with(&other.steps)
    }

    /// The last name on the way: the field that an author would mention.
    pub fn name(&self) -> &str {
        let field = self.steps.iter().rev().find_map(|step| match step {
            Inner::Field(name) => Some(name.as_str()),
            Inner::Items | Inner::Values => None,
        });
        field.unwrap_or(match &self.root {
            Root::Output => "output",
            Root::Messages => "messages",
            Root::Event(kind) => kind,
        })
    }

    /// One step deeper.
    #[must_use]
    pub fn deeper(&self, step: Inner) -> Element {
        let mut steps = self.steps.clone();
        steps.push(step);
        Element { root: self.root.clone(), steps }
    }
}

impl<'s> Described<'s> {
    fn inner(&self) -> Vec<Described<'s>> {
        let of = |shape: &'s Shape| -> Vec<Described<'s>> {
            match shape {
                Shape::Object(fields) => fields
                    .iter()
                    .map(|field| Described {
                        element: self.element.deeper(Inner::Field(field.name.clone())),
                        schema: &field.schema,
                        optional: !field.required && field.schema.default.is_none(),
                    })
                    .collect(),
                Shape::List { item, .. } => {
                    vec![Described {
                        element: self.element.deeper(Inner::Items),
                        schema: item,
                        optional: false,
                    }]
                }
                Shape::Map { value, .. } => {
                    vec![Described {
                        element: self.element.deeper(Inner::Values),
                        schema: value,
                        optional: false,
                    }]
                }
                _ => Vec::new(),
            }
        };
        match &self.schema.shape {
            Shape::OneOf { variants, .. } => {
                variants.iter().flat_map(|(_, variant)| of(&variant.shape)).collect()
            }
            shape => of(shape),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Output => f.write_str("output")?,
            Root::Messages => f.write_str("messages")?,
            Root::Event(kind) => write!(f, "events.{kind}")?,
        }
        self.steps.iter().try_for_each(|step| match step {
            Inner::Field(name) => write!(f, ".{name}"),
            Inner::Items => f.write_str("[]"),
            Inner::Values => f.write_str("{}"),
        })
    }
}

/// Change everything in `value` that `steps` lead to.
pub(crate) fn change(
    value: &Value,
    steps: &[Inner],
    with: &dyn Fn(&Value) -> Option<Value>,
) -> Option<Value> {
    let Some((first, rest)) = steps.split_first() else { return with(value) };
    Some(match (first, value) {
        (Inner::Field(name), Value::Object(object)) => {
            let Some(field) = object.get(name) else { return Some(value.clone()) };
            let mut object = (**object).clone();
            match change(field, rest, with) {
                Some(field) => drop(object.insert(name, field)),
                None => drop(object.remove(name)),
            }
            Value::Object(object.into())
        }
        (Inner::Items, Value::List(items)) => {
            Value::list(items.iter().filter_map(|item| change(item, rest, with)))
        }
        (Inner::Values, Value::Object(object)) => {
            Value::object(object.iter().filter_map(|(key, value)| Some((key, change(value, rest, with)?))))
        }
        _ => value.clone(),
    })
}
