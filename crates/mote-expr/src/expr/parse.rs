//! Reads the text of an expression with the `cel` crate's parser.
//! Owns the mapping from that crate's trees and errors to ours. Macros are not expanded: a loop
//! stays a call, so that its variable keeps its name and its place.

use cel::common::ast::SourceInfo;
use cel::{Env, IdedExpr};

use super::ExprError;
use super::node::Span;

/// How long an expression may be, in bytes. The parser's time grows faster than its input.
const SOURCE_BYTES_MAX: usize = 4_096;

/// Where each node stands in the text.
pub(super) struct Offsets {
    info: SourceInfo,
    /// The byte offset of each character: the parser counts characters.
    bytes: Vec<u32>,
}

impl Offsets {
    pub(super) fn span(&self, expr: &IdedExpr) -> Span {
        let end = self.bytes.len().saturating_sub(1);
        let (start, stop) = self.info.offset_for(expr.id).unwrap_or((0, end as u32));
        let byte = |char: usize| self.bytes.get(char.min(end)).copied().unwrap_or(0);
        // The parser's `stop` is the last character, ours the first byte after it.
        (byte(start as usize), byte(stop as usize + 1))
    }
}

pub(super) fn parse(source: &str) -> Result<(IdedExpr, Offsets), ExprError> {
    let wrong = |message: String| ExprError { span: 0..source.len(), message, hint: None };
    if source.trim().is_empty() {
        return Err(wrong("an expression is missing here".to_owned()));
    }
    if source.len() > SOURCE_BYTES_MAX {
        return Err(wrong(format!(
            "an expression has at most {SOURCE_BYTES_MAX} bytes; split it with `let`"
        )));
    }
    let bytes = source.char_indices().map(|(at, _)| at as u32).chain([source.len() as u32]).collect();
    // An environment without the standard library has no macros to expand.
    let parser = Env::default().parser().max_recursion_depth(64);
    match parser.parse_with_source_info(source) {
        Ok((ast, info)) => Ok((ast, Offsets { info, bytes })),
        Err(errors) => {
            let first = errors.errors.into_iter().next();
            let (at, text) = first
                .map_or((0, "not an expression".to_owned()), |error| (offset(source, error.pos), error.msg));
            let rest = source[at..].chars().next().map_or(0, char::len_utf8);
            let message = text.strip_prefix("Syntax error: ").unwrap_or(&text).to_owned();
            Err(ExprError { span: at..at + rest, message, hint: operator_hint(source) })
        }
    }
}

/// The byte offset of a line and column, both from 1, of the parser's errors.
fn offset(source: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let text = source.get(start..).unwrap_or("");
    start.min(source.len()) + text.char_indices().nth(column).map_or(text.trim_end().len(), |(at, _)| at)
}

/// Words of other languages that people type.
fn operator_hint(source: &str) -> Option<String> {
    const FOREIGN: [(&str, &str); 4] = [
        ("===", "write `==`"),
        (" and ", "write `&&`"),
        (" or ", "write `||`"),
        ("=>", "write `x.map(i, …)`"),
    ];
    let found = FOREIGN.iter().find(|(word, _)| source.contains(word));
    found.map(|(_, hint)| (*hint).to_owned())
}
