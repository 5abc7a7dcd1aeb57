//! Where in a value: a path of keys and indices, written as a JSON pointer (RFC 6901).

use std::fmt;

use super::Value;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into the field of an object.
    Key(String),
    /// Into the item of a list, from 0.
    Index(usize),
}

/// A path into a value; the empty one is the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(pub Vec<Step>);

impl Pointer {
    /// The value itself.
    pub fn root() -> Pointer {
        Pointer::default()
    }

    /// One field deeper.
    pub fn key(&self, key: &str) -> Pointer {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.to_owned()));
        Pointer(steps)
    }

    /// One item deeper.
    pub fn index(&self, index: usize) -> Pointer {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Pointer(steps)
    }

    /// What stands there in `value`.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |at, step| match step {
            Step::Key(key) => at.field(key),
            Step::Index(index) => at.as_list()?.get(*index),
        })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match step {
            Step::Key(key) => write!(f, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => write!(f, "/{index}"),
        })
    }
}
