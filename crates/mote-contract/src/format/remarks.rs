//! The comments of a document, which its tree does not hold.
//!
//! Owns where a `#` begins a comment: between the scalars.

use std::ops::Range;

use crate::tree::{Node, Tree};

/// A comment.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    /// From its `#` to the end of its line.
    pub(super) text: String,
    /// Where its `#` is, in bytes.
    pub(super) at: usize,
    /// How far its `#` is from the start of its line, in bytes.
    pub(super) column: usize,
    /// Whether nothing but it is on its line.
    pub(super) alone: bool,
    /// Whether the line above it is blank.
    pub(super) apart: bool,
}

/// The comments of `text`, whose tree this is, in the order of the text.
pub(super) fn find(text: &str, tree: &Tree) -> Vec<Remark> {
    let mut scalars = Vec::new();
    collect(tree, &mut scalars);
    scalars.sort_unstable_by_key(|span| span.start);
    let mut remarks = Vec::new();
    let mut at = 0;
    for span in scalars {
        if at < span.start {
            find_between(text, at..span.start, &mut remarks);
        }
        at = at.max(span.end);
    }
    find_between(text, at..text.len(), &mut remarks);
    remarks
}

/// The spans in which a `#` is a character like any other.
fn collect(tree: &Tree, spans: &mut Vec<Range<usize>>) {
    match &tree.node {
        Node::Scalar(_) | Node::Text(_) => spans.push(tree.span.clone()),
        Node::List(items) => items.iter().for_each(|item| collect(item, spans)),
        Node::Map(fields) => {
            for (key, field) in fields {
                spans.push(key.span.clone());
                collect(field, spans);
            }
        }
    }
}

fn find_between(text: &str, gap: Range<usize>, remarks: &mut Vec<Remark>) {
    let mut at = gap.start;
    while let Some(found) = text[at..gap.end].find('#') {
        let hash = at + found;
        let before = text[..hash].chars().next_back();
        if before.is_some_and(|char| !char.is_whitespace() && char != '\u{feff}') {
            at = hash + 1;
            continue;
        }
        let end = text[hash..].find(['\n', '\r']).map_or(text.len(), |length| hash + length);
        let line = line_start(text, hash);
        remarks.push(Remark {
            text: text[hash..end].trim_end().to_owned(),
            at: hash,
            column: hash - line,
            alone: text[line..hash].trim_start_matches('\u{feff}').trim().is_empty(),
            apart: is_apart(text, hash),
        });
        at = end.min(gap.end);
    }
}

/// Where the line that holds `at` starts.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Whether the line above that of `at` is blank.
pub(super) fn is_apart(text: &str, at: usize) -> bool {
    let line = line_start(text, at);
    line > 0 && text[line_start(text, line - 1)..line].trim().is_empty()
}
