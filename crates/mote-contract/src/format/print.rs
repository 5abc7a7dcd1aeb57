//! A laid-out document as text.
//!
//! Owns what stands on one line: whatever its author put between braces, if it fits.

use super::WIDTH;
use super::layout::{Above, Entry, Piece, Shape};
use super::texts::{self, Block};
use crate::tree::Style;

/// How much deeper each level is, in spaces.
const STEP: usize = 2;
/// The keys whose strings are sentences, for people. All other long strings are expressions and data.
const SENTENCES: [&str; 3] = ["description", "summary", "title"];

/// The text of `document`.
pub(super) fn print(document: &Piece) -> String {
    let mut printer = Printer { out: String::new(), kept_breaks: false };
    printer.collection(document, 0, Begin::Line);
    printer.out
}

struct Printer {
    out: String,
    /// Whether the last block keeps the line breaks after it: one more would be another text.
    kept_breaks: bool,
}

/// Where a collection begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// On a line of its own.
    Line,
    /// Behind the hyphen of the item that it is.
    Hyphen,
}

impl Printer {
    /// A collection, each part on lines of its own.
    fn collection(&mut self, piece: &Piece, indent: usize, mut begin: Begin) {
        let (Shape::List(entries, end) | Shape::Map(entries, end)) = &piece.shape else { return };
        for (at, entry) in entries.iter().enumerate() {
            if begin == Begin::Line {
                self.above(&entry.above, indent, at == 0);
                self.blank(entry.apart && !(at == 0 && entry.above.is_empty()));
                self.indent(indent);
            }
            begin = Begin::Line;
            self.entry(entry, indent);
        }
        self.above(end, indent, false);
    }

    fn entry(&mut self, entry: &Entry, indent: usize) {
        let start = self.out.rfind('\n').map_or(0, |newline| newline + 1);
        let key = entry.key.as_ref().map(|(key, style)| (key.as_str(), *style));
        match key {
            Some((key, style)) => {
                self.out += &texts::inline(key, style == Style::Quoted, false);
                self.out.push(':');
            }
            None => self.out.push('-'),
        }
        let used = self.out[start..].chars().count() + 1;
        let key = key.map_or("", |(key, _)| key);
        match Form::of(&entry.value, key, used, indent) {
            Form::Line(line) if line.is_empty() => self.end_of_line(&entry.beside),
            Form::Line(line) => {
                self.out.push(' ');
                self.out += &line;
                self.end_of_line(&entry.beside);
            }
            Form::Block(block) => {
                self.out.push(' ');
                self.out += &block.head;
                self.end_of_line(&entry.beside);
                for line in &block.lines {
                    if !line.is_empty() {
                        self.indent(indent + STEP);
                        self.out += line;
                    }
                    self.out.push('\n');
                }
                self.kept_breaks = block.head.ends_with('+');
            }
            Form::Collection
                if entry.key.is_none() && entry.beside.is_empty() && opens_plainly(&entry.value) =>
            {
                self.out.push(' ');
                self.collection(&entry.value, indent + STEP, Begin::Hyphen);
            }
            Form::Collection => {
                self.end_of_line(&entry.beside);
                self.collection(&entry.value, indent + STEP, Begin::Line);
            }
        }
    }

    fn above(&mut self, remarks: &[Above], indent: usize, first: bool) {
        for (at, remark) in remarks.iter().enumerate() {
            self.blank(remark.apart && !(first && at == 0));
            self.indent(indent);
            self.out += &remark.text;
            self.out.push('\n');
            self.kept_breaks = false;
        }
    }

    fn end_of_line(&mut self, beside: &[String]) {
        for remark in beside {
            self.out.push(' ');
            self.out += remark;
        }
        self.out.push('\n');
        self.kept_breaks = false;
    }

    fn blank(&mut self, wanted: bool) {
        if wanted && !self.kept_breaks && !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Whether a hyphen can stand before the first part of an item: no comment comes before it.
fn opens_plainly(piece: &Piece) -> bool {
    match &piece.shape {
        Shape::List(entries, _) | Shape::Map(entries, _) => {
            entries.first().is_some_and(|first| first.above.is_empty())
        }
        Shape::Scalar(_) | Shape::Text(..) => false,
    }
}

/// How a value is written.
enum Form {
    Line(String),
    Block(Block),
    Collection,
}

impl Form {
    /// How `piece` is written behind `used` characters, under a key that is indented by `indent`.
    fn of(piece: &Piece, key: &str, used: usize, indent: usize) -> Form {
        let fits = |line: &str| used + line.chars().count() <= WIDTH;
        match &piece.shape {
            Shape::Text(text, style) => {
                let line = texts::inline(text, *style == Style::Quoted, false);
                let width = WIDTH.saturating_sub(indent + STEP);
                let block = match style {
                    Style::Literal => texts::literal(text),
                    Style::Folded => texts::folded(text, width).or_else(|| texts::literal(text)),
                    Style::Plain | Style::Quoted if text.contains('\n') => texts::literal(text),
                    Style::Plain | Style::Quoted if fits(&line) => None,
                    Style::Plain | Style::Quoted if SENTENCES.contains(&key) => texts::folded(text, width),
                    Style::Plain | Style::Quoted => texts::literal(text),
                };
                block.map_or(Form::Line(line), Form::Block)
            }
            Shape::Scalar(source) => Form::Line(source.clone()),
            Shape::List(entries, _) | Shape::Map(entries, _) => match one_line(piece) {
                Some(line) if fits(&line) || entries.is_empty() => Form::Line(line),
                _ => Form::Collection,
            },
        }
    }
}

/// `piece` between braces, if that is how it was written and it could be one line.
fn one_line(piece: &Piece) -> Option<String> {
    match &piece.shape {
        Shape::Scalar(source) if source.is_empty() => Some("null".to_owned()),
        Shape::Scalar(source) => Some(source.clone()),
        Shape::Text(text, _) if text.contains('\n') => None,
        Shape::Text(text, style) => Some(texts::inline(text, *style == Style::Quoted, true)),
        Shape::List(entries, end) | Shape::Map(entries, end) => {
            if !entries.is_empty() && (!piece.in_braces || !end.is_empty()) {
                return None;
            }
            let parts: Option<Vec<String>> = entries.iter().map(part).collect();
            let parts = parts?.join(", ");
            let list = matches!(piece.shape, Shape::List(..));
            Some(if list { format!("[{parts}]") } else { format!("{{{parts}}}") })
        }
    }
}

/// A field or an item between braces.
fn part(entry: &Entry) -> Option<String> {
    if !entry.above.is_empty() || !entry.beside.is_empty() {
        return None;
    }
    let value = one_line(&entry.value)?;
    Some(match &entry.key {
        Some((key, style)) => format!("{}: {value}", texts::inline(key, *style == Style::Quoted, true)),
        None => value,
    })
}
