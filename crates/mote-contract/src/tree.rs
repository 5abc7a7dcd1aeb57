//! A YAML document with the place of everything in it.
//! Owns the tree and how it becomes a value. Start at [`Tree`], then `yaml`.

mod align;
mod scalar;
mod wording;
mod yaml;

pub(crate) use scalar::is_core_text;
pub(crate) use wording::quoted;
pub(crate) use yaml::parse;

use std::ops::Range;

use mote_expr::{Object, Pointer, Step, Value};

/// A node of a document.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) node: Node,
    /// Bytes of the file.
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// A scalar that is not a string.
    Scalar(Value),
    Text(Text),
    List(Vec<Tree>),
    /// In the order of the file, keys unique.
    Map(Vec<(Key, Tree)>),
}

/// A string and how its characters map to the file.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) style: Style,
    /// Where text and file drift apart: an offset in `text`, and where it is in the file.
    map: Vec<(usize, usize)>,
    /// Where it ends in the file: a block has a line break at its end that the file may lack.
    end: usize,
}

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Quoted,
    /// A block whose lines are kept: `|`.
    Literal,
    /// A block whose lines are joined: `>`.
    Folded,
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
}

impl Tree {
    /// The value, without places.
    pub(crate) fn value(&self) -> Value {
        match &self.node {
            Node::Scalar(value) => value.clone(),
            Node::Text(text) => Value::text(&text.text),
            Node::List(items) => Value::list(items.iter().map(Tree::value)),
            Node::Map(fields) => {
                let mut object = Object::new();
                for (key, field) in fields {
                    object.insert(&key.name, field.value());
                }
                Value::Object(object.into())
            }
        }
    }

    /// What this is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.node {
            Node::Scalar(Value::Null) => "nothing",
            Node::Scalar(value) => match value {
                Value::Bool(_) => "a boolean",
                Value::Int(_) => "an integer",
                _ => "a number",
            },
            Node::Text(_) => "a string",
            Node::List(_) => "a list",
            Node::Map(_) => "a map",
        }
    }

    pub(crate) fn as_text(&self) -> Option<&Text> {
        if let Node::Text(text) = &self.node { Some(text) } else { None }
    }

    pub(crate) fn as_map(&self) -> Option<&[(Key, Tree)]> {
        if let Node::Map(fields) = &self.node { Some(fields) } else { None }
    }

    pub(crate) fn as_list(&self) -> Option<&[Tree]> {
        if let Node::List(items) = &self.node { Some(items) } else { None }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Tree> {
        self.as_map()?.iter().find(|(key, _)| key.name == name).map(|(_, field)| field)
    }

    /// Where `pointer` leads; for a key, the key itself with what it holds out of sight. As far as
    /// the path exists.
    pub(crate) fn place(&self, pointer: &Pointer) -> Range<usize> {
        let mut at = self;
        let mut span = self.headline();
        for step in &pointer.0 {
            let next = match step {
                Step::Key(name) => at.as_map().and_then(|fields| {
                    fields
                        .iter()
                        .find(|(key, _)| key.name == *name)
                        .map(|(key, field)| (key.span.clone(), field))
                }),
                Step::Index(index) => {
                    at.as_list().and_then(|items| items.get(*index)).map(|item| (item.headline(), item))
                }
            };
            let Some((place, inner)) = next else { break };
            // A short scalar is what is wrong; of anything longer, its key is.
            span =
                if matches!(inner.node, Node::Scalar(_) | Node::Text(_)) { inner.headline() } else { place };
            at = inner;
        }
        span
    }

    /// Bytes that stand for the whole node in a message: of a map its first key.
    pub(crate) fn headline(&self) -> Range<usize> {
        match &self.node {
            Node::Map(fields) => fields.first().map_or(self.span.clone(), |(key, _)| key.span.clone()),
            Node::List(items) => items.first().map_or(self.span.clone(), Tree::headline),
            Node::Text(text) if text.text.contains('\n') => {
                text.place(0..text.text.lines().next().map_or(0, str::len))
            }
            _ => self.span.clone(),
        }
    }

    /// The key that `pointer` ends with; where it ends with an index, the same as [`Tree::place`].
    pub(crate) fn key_place(&self, pointer: &Pointer) -> Range<usize> {
        if let Some((Step::Key(name), outer)) = pointer.0.split_last()
            && let Some(fields) = self.find(&Pointer(outer.to_vec())).and_then(Tree::as_map)
            && let Some((key, _)) = fields.iter().find(|(key, _)| key.name == *name)
        {
            return key.span.clone();
        }
        self.place(pointer)
    }

    /// What stands at `pointer`.
    pub(crate) fn find(&self, pointer: &Pointer) -> Option<&Tree> {
        pointer.0.iter().try_fold(self, |at, step| match step {
            Step::Key(name) => at.field(name),
            Step::Index(index) => at.as_list()?.get(*index),
        })
    }
}

impl Tree {
    /// The rest of a text from byte `from` on, as a text of its own. Other nodes have no rest.
    pub(crate) fn rest(&self, from: usize) -> Option<Tree> {
        let text = self.as_text()?;
        let rest = text.text.get(from..)?.to_owned();
        let start = text.place(from..text.text.len()).start;
        let later = text.map.iter().filter(|(at, _)| *at > from).map(|(at, file)| (at - from, *file));
        let map = [(0, start)].into_iter().chain(later).collect();
        let span = start..self.span.end.max(start);
        Some(Tree { node: Node::Text(Text { text: rest, style: text.style, map, end: text.end }), span })
    }
}

impl Text {
    /// Where in the file the bytes `range` of the text stand.
    pub(crate) fn place(&self, range: Range<usize>) -> Range<usize> {
        let locate = |segment: usize, offset: usize| {
            let drift = self.map.iter().rev().find(|(text, _)| *text <= segment).or(self.map.first());
            drift.map_or(0, |(text, file)| file + offset.saturating_sub(*text))
        };
        let start = locate(range.start, range.start);
        // The end belongs to the character before it, which may be in another line than the next.
        let end = locate(range.end.saturating_sub(1).max(range.start), range.end);
        let start = start.min(self.end);
        start..end.clamp(start, self.end.max(start))
    }
}
