//! Whether a value fits a schema, and every place where it does not.
//! Owns the wording of violations. Never changes the value.

use std::collections::HashSet;
use std::fmt;

use super::{Schema, Shape, TextShape};
use crate::value::{Object, Pointer, Step, Value};

/// How many violations one check reports: enough to mend a body, few enough to read.
const VIOLATIONS_MAX: usize = 10;

/// How deep `mote:json` may nest. Well within what the parser reads, so that what expressions have
/// wrapped around such a value can still be stored and read back.
const JSON_DEPTH_MAX: usize = 32;

/// One place where a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where in the value.
    pub at: Pointer,
    /// What is wrong, such as `is 0, the least is 1`.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.0.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{} {}", self.at, self.message)
        }
    }
}

impl Schema {
    /// All the places where `value` does not fit, at most ten. Empty if it fits.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut check = Check { path: Vec::new(), found: Vec::new(), secrets: 0 };
        check.schema(self, value);
        check.found
    }

    /// Whether `value` fits.
    pub fn accepts(&self, value: &Value) -> bool {
        self.violations(value).is_empty()
    }
}

/// A step that borrows its key: building a path costs nothing until something is wrong.
#[derive(Clone, Copy)]
enum At<'v> {
    Key(&'v str),
    Index(usize),
}

struct Check<'v> {
    path: Vec<At<'v>>,
    found: Vec<Violation>,
    /// How many of the schemas around the present place are sensitive.
    secrets: u32,
}

impl<'v> Check<'v> {
    fn schema(&mut self, schema: &'v Schema, value: &'v Value) {
        if self.found.len() >= VIOLATIONS_MAX || (schema.nullable && *value == Value::Null) {
            return;
        }
        self.secrets += u32::from(schema.sensitive);
        self.shape(schema, value);
        self.secrets -= u32::from(schema.sensitive);
    }

    fn shape(&mut self, schema: &'v Schema, value: &'v Value) {
        match (&schema.shape, value) {
            (Shape::Json { bytes_max }, value) => {
                let bytes = value.canonical().len() as u64;
                if bytes > *bytes_max {
                    self.wrong_value(
                        &format!("is {bytes} bytes of JSON"),
                        &format!("the most is {bytes_max}"),
                    );
                } else if !nests_within(value, JSON_DEPTH_MAX) {
                    self.wrong(format!("nests deeper than {JSON_DEPTH_MAX} levels"));
                }
            }
            (Shape::Bool, Value::Bool(_)) => {}
            (Shape::Int { min, max, multiple_of }, Value::Int(int)) => {
                self.range(int, min, max);
                if let Some(step) = multiple_of.filter(|step| int % step != 0) {
                    self.wrong_value(&format!("is {int}"), &format!("not a multiple of {step}"));
                }
            }
            (Shape::Number { min, max }, Value::Int(int)) => self.range(&(*int as f64), min, max),
            (Shape::Number { min, max }, Value::Float(float)) => self.range(float, min, max),
            (Shape::Text(shape), Value::Text(text)) => self.text(shape, text),
            (Shape::Enum(values), value) => {
                if !values.contains(value) {
                    let names: Vec<_> = values.iter().map(ToString::to_string).collect();
                    let rule = format!("not one of {}", names.join(", "));
                    self.wrong_value(&format!("is {}", brief(value)), &rule);
                }
            }
            (Shape::List { item, min, max, unique }, Value::List(items)) => {
                self.list(item, (*min, *max), *unique, items);
            }
            (Shape::Object(_), Value::Object(object)) => self.object(schema, object),
            (Shape::Map { value: inner, max }, Value::Object(object)) => {
                if object.len() as u64 > *max {
                    let count = counted(object.len() as u64, "property", "properties");
                    return self.wrong_value(&format!("has {count}"), &format!("the most is {max}"));
                }
                for (key, value) in object.iter() {
                    self.within(At::Key(key), |check| check.schema(inner, value));
                }
            }
            (Shape::OneOf { tag, variants }, Value::Object(object)) => {
                match object.get(tag).and_then(Value::as_text) {
                    None => self.wrong(format!("has no `{tag}`, which tells the variants apart")),
                    Some(name) => match variants.iter().find(|(variant, _)| variant == name) {
                        Some((_, variant)) => self.schema(variant, value),
                        None => {
                            let names: Vec<_> =
                                variants.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                            self.within(At::Key(tag), |check| {
                                let rule = format!("not one of {}", names.join(", "));
                                check.wrong_value(&format!("is \"{name}\""), &rule);
                            });
                        }
                    },
                }
            }
            (shape, value) => self.wrong(format!("is {}, expected {}", article(value.kind()), shape.name())),
        }
    }

    fn range<N: PartialOrd + fmt::Display>(&mut self, number: &N, min: &N, max: &N) {
        if number < min {
            self.wrong_value(&format!("is {number}"), &format!("the least is {min}"));
        } else if number > max {
            self.wrong_value(&format!("is {number}"), &format!("the most is {max}"));
        }
    }

    fn text(&mut self, shape: &TextShape, text: &str) {
        // Bytes bound characters from above, so short texts need no counting.
        if shape.min > 0 || text.len() as u64 > shape.max {
            let length = text.chars().count() as u64;
            if length < shape.min {
                let count = counted(length, "character", "characters");
                self.wrong_value(&format!("has {count}"), &format!("the fewest is {}", shape.min));
            } else if length > shape.max {
                let count = counted(length, "character", "characters");
                return self.wrong_value(&format!("has {count}"), &format!("the most is {}", shape.max));
            }
        }
        if let Some(pattern) = shape.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            self.wrong(format!("does not match {}", pattern.text));
        }
        if let Some(format) = shape.format.filter(|format| !format.accepts(text)) {
            self.wrong(format!("is not a {}", format.name()));
        }
    }

    fn list(&mut self, item: &'v Schema, (min, max): (u64, u64), unique: bool, items: &'v [Value]) {
        let length = items.len() as u64;
        if length < min {
            let count = counted(length, "item", "items");
            self.wrong_value(&format!("has {count}"), &format!("the fewest is {min}"));
        } else if length > max {
            // Looking inside a list that is too long could take for ever.
            let count = counted(length, "item", "items");
            return self.wrong_value(&format!("has {count}"), &format!("the most is {max}"));
        }
        for (at, value) in items.iter().enumerate() {
            self.within(At::Index(at), |check| check.schema(item, value));
        }
        if unique && let Some(at) = repeated(items) {
            self.within(At::Index(at), |check| check.wrong("repeats an earlier item".to_owned()));
        }
    }

    fn object(&mut self, schema: &'v Schema, object: &'v Object) {
        let Shape::Object(fields) = &schema.shape else { return };
        let mut known = 0;
        for field in fields {
            match object.get(&field.name) {
                Some(value) => {
                    known += 1;
                    self.within(At::Key(&field.name), |check| check.schema(&field.schema, value));
                }
                None if field.required => self.wrong(format!("has no `{}`", field.name)),
                None => {}
            }
        }
        if known < object.len() {
            for (key, _) in object.iter().filter(|(key, _)| fields.iter().all(|field| field.name != *key)) {
                self.within(At::Key(key), |check| check.wrong("is not a known field".to_owned()));
                if self.found.len() >= VIOLATIONS_MAX {
                    break;
                }
            }
        }
    }

    fn within(&mut self, step: At<'v>, inner: impl FnOnce(&mut Self)) {
        self.path.push(step);
        inner(self);
        self.path.pop();
    }

    /// Note that the value here, of which this is `seen`, breaks `rule`. Of a sensitive value only the rule
    /// is said: a violation is told to callers and kept in logs.
    fn wrong_value(&mut self, seen: &str, rule: &str) {
        self.wrong(if self.secrets > 0 {
            format!("is sensitive and not told, {rule}")
        } else {
            format!("{seen}, {rule}")
        });
    }

    fn wrong(&mut self, message: String) {
        if self.found.len() < VIOLATIONS_MAX {
            let steps = self.path.iter().map(|step| match step {
                At::Key(key) => Step::Key((*key).to_owned()),
                At::Index(index) => Step::Index(*index),
            });
            self.found.push(Violation { at: Pointer(steps.collect()), message });
        }
    }
}

impl Shape {
    /// What the shape accepts, as words that follow "expected".
    pub fn name(&self) -> &'static str {
        match self {
            Shape::Json { .. } => "any JSON",
            Shape::Bool => "a boolean",
            Shape::Int { .. } => "an integer",
            Shape::Number { .. } => "a number",
            Shape::Text(_) => "a string",
            Shape::Enum(_) => "one of a list",
            Shape::List { .. } => "an array",
            Shape::Object(_) | Shape::Map { .. } | Shape::OneOf { .. } => "an object",
        }
    }
}

/// The first item that is equal to one before it.
fn repeated(items: &[Value]) -> Option<usize> {
    // Up to here comparing all pairs is faster than hashing, and beyond it the square would hurt.
    if items.len() <= 32 {
        return (1..items.len()).find(|at| items[..*at].contains(&items[*at]));
    }
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().position(|item| !seen.insert(item.canonical()))
}

fn nests_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::List(items) => levels > 0 && items.iter().all(|item| nests_within(item, levels - 1)),
        Value::Object(object) => {
            levels > 0 && object.iter().all(|(_, field)| nests_within(field, levels - 1))
        }
        _ => true,
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

pub(super) fn article(kind: &str) -> String {
    match kind {
        "null" => "null".to_owned(),
        "array" | "integer" | "object" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

/// A value short enough for a message.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("...".chars()).collect() }
}
