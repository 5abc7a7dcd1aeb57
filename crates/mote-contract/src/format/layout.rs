//! A document as it is laid out: its tree with the comments where they belong, and what its author chose.
//!
//! Owns which comment belongs to what. One that stands alone belongs to what follows it; one that is
//! indented deeper than what follows it, to the end of what it is indented with; one beside a value
//! stays beside it.

use mote_expr::Value;

use super::remarks::{Remark, find, is_apart, line_start};
use crate::tree::{Key, Node, Style, Tree};

/// A map, a list, a scalar.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) shape: Shape,
    /// Whether it is written between braces, and could stay so: nothing in it has a comment.
    pub(super) in_braces: bool,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// A scalar that is not a string, as it is written. Nothing may be written as nothing.
    Scalar(String),
    Text(String, Style),
    List(Vec<Entry>, Vec<Above>),
    /// The fields, and the comments after the last of them.
    Map(Vec<Entry>, Vec<Above>),
}

/// A field or an item.
#[derive(Debug)]
pub(super) struct Entry {
    /// The comments above it.
    pub(super) above: Vec<Above>,
    /// Whether a blank line sets it apart from what is above it.
    pub(super) apart: bool,
    /// None for an item.
    pub(super) key: Option<(String, Style)>,
    pub(super) value: Piece,
    /// The comments on its first line.
    pub(super) beside: Vec<String>,
}

/// A comment on a line of its own.
#[derive(Debug)]
pub(super) struct Above {
    pub(super) text: String,
    pub(super) apart: bool,
}

impl Above {
    fn of(remark: Remark) -> Above {
        Above { text: remark.text, apart: remark.apart }
    }
}

/// The document of `text`, whose tree this is.
pub(super) fn layout(text: &str, tree: &Tree) -> Piece {
    let remarks = find(text, tree).into_iter().peekable();
    let mut layout = Layout { text, remarks };
    layout.piece(tree, false, Room { until: text.len(), deeper_than: None })
}

/// A value that stands in no file, between braces where it fits.
pub(super) fn of_value(value: &Value) -> Piece {
    let entry = |key: Option<&str>, value: &Value| Entry {
        above: Vec::new(),
        apart: false,
        key: key.map(|key| (key.to_owned(), Style::Plain)),
        value: of_value(value),
        beside: Vec::new(),
    };
    let shape = match value {
        Value::Text(text) => Shape::Text(text.to_string(), Style::Plain),
        Value::List(items) => Shape::List(items.iter().map(|item| entry(None, item)).collect(), Vec::new()),
        Value::Object(fields) => {
            Shape::Map(fields.iter().map(|(key, field)| entry(Some(key), field)).collect(), Vec::new())
        }
        scalar => Shape::Scalar(scalar.to_string()),
    };
    Piece { shape, in_braces: true }
}

struct Layout<'t> {
    text: &'t str,
    /// Those that belong to nothing yet.
    remarks: std::iter::Peekable<std::vec::IntoIter<Remark>>,
}

/// Where the comments of a map or a list can stand.
#[derive(Clone, Copy)]
struct Room {
    /// What follows starts here.
    until: usize,
    /// How far what it is in is indented; None for what is in nothing.
    deeper_than: Option<usize>,
}

impl Layout<'_> {
    fn piece(&mut self, tree: &Tree, in_braces: bool, room: Room) -> Piece {
        let braces = self.text[tree.span.start..].starts_with(['{', '[']);
        match &tree.node {
            Node::Scalar(_) if is_nothing(self.text, tree) => self.scalar(Shape::Scalar(String::new())),
            Node::Scalar(_) => self.scalar(Shape::Scalar(self.text[tree.span.clone()].to_owned())),
            Node::Text(text) => self.scalar(Shape::Text(text.text.clone(), text.style)),
            Node::List(_) | Node::Map(_) => {
                let in_braces = in_braces || braces;
                let end = if in_braces { end(self.text, tree) } else { tree.span.end }.min(room.until);
                let commented =
                    self.remarks.peek().is_some_and(|remark| (tree.span.start..end).contains(&remark.at));
                // The brace that closes it ends the room of its last comment.
                let room = if in_braces {
                    Room { until: if braces { end } else { room.until }, deeper_than: None }
                } else {
                    room
                };
                let shape = self.collection(tree, in_braces, room);
                Piece { shape, in_braces: in_braces && !commented }
            }
        }
    }

    fn scalar(&self, shape: Shape) -> Piece {
        Piece { shape, in_braces: false }
    }

    fn collection(&mut self, tree: &Tree, in_braces: bool, room: Room) -> Shape {
        let mut entries = Vec::new();
        let mut column = None;
        let parts: Vec<(Option<&Key>, &Tree)> = match &tree.node {
            Node::Map(fields) => fields.iter().map(|(key, field)| (Some(key), field)).collect(),
            Node::List(items) => items.iter().map(|item| (None, item)).collect(),
            Node::Scalar(_) | Node::Text(_) => Vec::new(),
        };
        let starts: Vec<usize> = parts.iter().map(|(key, value)| start(*key, value)).collect();
        for (at, (key, value)) in parts.into_iter().enumerate() {
            let here = starts[at] - line_start(self.text, starts[at]);
            // A hyphen stands before its item.
            let here = if key.is_some() { here } else { here.saturating_sub(2) };
            let column = *column.get_or_insert(here);
            let until = starts.get(at + 1).copied().unwrap_or(room.until);
            let inner = Room { until, deeper_than: Some(if in_braces { 0 } else { column }) };
            entries.push(self.entry(key, value, in_braces, inner));
        }
        let deep_enough = |remark: &Remark| room.deeper_than.is_none_or(|outer| remark.column > outer);
        let mut end = Vec::new();
        while let Some(remark) =
            self.remarks.next_if(|remark| remark.at < room.until && remark.alone && deep_enough(remark))
        {
            end.push(Above::of(remark));
        }
        match &tree.node {
            Node::Map(_) => Shape::Map(entries, end),
            _ => Shape::List(entries, end),
        }
    }

    fn entry(&mut self, key: Option<&Key>, value: &Tree, in_braces: bool, room: Room) -> Entry {
        let start = start(key, value);
        let mut above = self.take_before(start);
        let apart = is_apart(self.text, start);
        // What holds nothing holds no comment.
        let first = first(value);
        let collection = first.is_some();
        let mut beside = Vec::new();
        // Between a key and its value, and on the first line of a block.
        let inner = first.unwrap_or_else(|| end(self.text, value));
        while let Some(remark) = self
            .remarks
            .next_if(|remark| remark.at < inner && !(collection && remark.alone) && remark.at < room.until)
        {
            if remark.alone { above.push(Above::of(remark)) } else { beside.push(remark.text) }
        }
        let commented = collection && !beside.is_empty() && inner > value.span.start;
        let mut piece = self.piece(value, in_braces, room);
        piece.in_braces &= !commented;
        // Behind the value, on its last line.
        let end = end(self.text, value).max(start);
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |length| end + length);
        while let Some(remark) =
            self.remarks.next_if(|remark| !remark.alone && remark.at < line_end.min(room.until))
        {
            beside.push(remark.text);
        }
        // One line has one comment: two would become one.
        let more = beside.len().saturating_sub(1);
        above.extend(beside.drain(..more).map(|text| Above { text, apart: false }));
        let key = key.map(|key| {
            let quoted = self.text[key.span.clone()].starts_with(['"', '\'']);
            (key.name.clone(), if quoted { Style::Quoted } else { Style::Plain })
        });
        Entry { above, apart, key, value: piece, beside }
    }

    fn take_before(&mut self, at: usize) -> Vec<Above> {
        let mut taken = Vec::new();
        while let Some(remark) = self.remarks.next_if(|remark| remark.at < at) {
            taken.push(Above::of(remark));
        }
        taken
    }
}

fn start(key: Option<&Key>, value: &Tree) -> usize {
    key.map_or(value.span.start, |key| key.span.start)
}

/// Where the first thing inside a collection starts.
fn first(tree: &Tree) -> Option<usize> {
    match &tree.node {
        Node::Map(fields) => fields.first().map(|(key, _)| key.span.start),
        Node::List(items) => items.first().map(|item| item.span.start),
        Node::Scalar(_) | Node::Text(_) => None,
    }
}

/// Whether nothing is written for a value: it has the place of whatever is near it.
fn is_nothing(text: &str, tree: &Tree) -> bool {
    matches!(tree.node, Node::Scalar(Value::Null))
        && !["~", "null", "Null", "NULL"].contains(&&text[tree.span.clone()])
}

/// Where a value ends: behind its closing brace, if it has one.
fn end(text: &str, tree: &Tree) -> usize {
    let inner = match &tree.node {
        Node::List(items) => items.last().map(|item| (item.span.start, item)),
        Node::Map(fields) => fields.last().map(|(key, field)| (key.span.end, field)),
        Node::Scalar(_) | Node::Text(_) => return tree.span.end,
    };
    let inner = inner.map(|(start, value)| if is_nothing(text, value) { start } else { end(text, value) });
    if !text[tree.span.start..].starts_with(['{', '[']) {
        return inner.unwrap_or(tree.span.end);
    }
    let mut at = inner.unwrap_or(tree.span.start + 1);
    while let Some(char) = text[at..].chars().next() {
        match char {
            '}' | ']' => return at + 1,
            '#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            char => at += char.len_utf8(),
        }
    }
    tree.span.end
}
