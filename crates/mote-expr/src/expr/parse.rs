//! Reads the text of an expression with the `cel` crate's parser.
//! Owns the mapping from that crate's trees, places and errors to ours. Macros are not expanded: a
//! loop stays a call, so that its variable keeps its name and its place.

use cel::common::ast::SourceInfo;
use cel::{Env, IdedExpr};

use super::node::Span;
use super::scan::{self, Scan};
use super::{DEPTH_MAX, ExprError};

/// How long an expression may be, in bytes. The parser's time grows faster than its input.
const SOURCE_BYTES_MAX: usize = 4_096;

/// Where each node stands in the text.
pub(super) struct Offsets {
    info: SourceInfo,
    source: String,
    /// The brackets outside strings, in order.
    brackets: Vec<(usize, char)>,
}

impl Offsets {
    /// The token that the parser remembers for a node: an operator, a dot, a bracket or a literal.
    pub(super) fn token(&self, expr: &IdedExpr) -> Span {
        let end = self.source.len() as u32;
        // The parser's `stop` is the token's last byte; every token ends in ASCII.
        let (start, stop) = self.info.offset_for(expr.id).unwrap_or((0, end.saturating_sub(1)));
        (start.min(end), stop.saturating_add(1).min(end))
    }

    /// A call's token is its bracket; its text begins with its name.
    pub(super) fn with_name(&self, (bracket, end): Span, name: &str) -> Span {
        let before = self.source[..bracket as usize].trim_end();
        if before.ends_with(name) { ((before.len() - name.len()) as u32, end) } else { (bracket, end) }
    }

    /// A negative number's token begins after its sign.
    pub(super) fn with_sign(&self, (start, end): Span) -> Span {
        let before = self.source[..start as usize].trim_end();
        (if before.ends_with('-') { before.len() as u32 - 1 } else { start }, end)
    }

    /// A selection's token is its dot; its text ends with its field.
    pub(super) fn with_field(&self, (dot, end): Span, field: &str) -> Span {
        let after = &self.source[end as usize..];
        let space = after.len() - after.trim_start().len();
        let found = after.trim_start().starts_with(field);
        (dot, if found { end + (space + field.len()) as u32 } else { end })
    }

    /// The span with the brackets around it that it cuts in half.
    pub(super) fn balanced(&self, (start, end): Span) -> Span {
        let (mut start, mut end) = (start as usize, end as usize);
        let (mut opened, mut closed) = (0usize, 0usize);
        for (_, bracket) in self.brackets.iter().filter(|(at, _)| (start..end).contains(at)) {
            match bracket {
                '(' | '[' | '{' => opened += 1,
                _ if opened > 0 => opened -= 1,
                _ => closed += 1,
            }
        }
        for _ in 0..closed {
            let before = self.source[..start].trim_end();
            if before.ends_with(['(', '[', '{']) {
                start = before.len() - 1;
            }
        }
        for _ in 0..opened {
            let after = &self.source[end..];
            let rest = after.trim_start_matches([' ', '\t', '\r', '\n', ',']);
            if rest.starts_with([')', ']', '}']) {
                end += after.len() - rest.len() + 1;
            }
        }
        (start as u32, end as u32)
    }
}

/// The tree, where its nodes stand, and how deep it is at most.
pub(super) fn parse(source: &str) -> Result<(IdedExpr, Offsets, usize), ExprError> {
    let wrong = |message: String| ExprError { span: 0..source.len(), message, hint: None };
    if source.trim().is_empty() {
        let hint = Some(
            "for example `size(input.name) > 0`; YAML reads what begins with ` #` as a comment".to_owned(),
        );
        return Err(ExprError { hint, ..wrong("an expression is missing here".to_owned()) });
    }
    if source.len() > SOURCE_BYTES_MAX {
        return Err(wrong(format!(
            "an expression has at most {SOURCE_BYTES_MAX} bytes; split it with `let`"
        )));
    }
    // The parser, the checker and the evaluator recurse, so the depth is bounded before any of them.
    let depth = scan::depth(source);
    if depth > DEPTH_MAX {
        return Err(wrong(format!("this nests deeper than {DEPTH_MAX} levels; split it with `let`")));
    }
    // An environment without the standard library has no macros to expand.
    let parser = Env::default().parser().max_recursion_depth(DEPTH_MAX as u16);
    match parser.parse_with_source_info(source) {
        Ok((ast, info)) => {
            let brackets = Scan::new(source).filter(|(_, char)| "()[]{}".contains(*char)).collect();
            Ok((ast, Offsets { info, source: source.to_owned(), brackets }, depth))
        }
        Err(errors) => {
            let first = errors.errors.into_iter().next();
            let (at, text) = first
                .map_or((0, "not an expression".to_owned()), |error| (offset(source, error.pos), error.msg));
            // Past the end there is nothing to point at but the end itself.
            let at = at.min(source.trim_end().len());
            let (message, hint) = plain(text.strip_prefix("Syntax error: ").unwrap_or(&text));
            let hint = hint.or_else(|| foreign(source, &source[at..]));
            Err(ExprError { span: at..at + word_length(&source.trim_end()[at..]), message, hint })
        }
    }
}

/// The length of the word or the character at the start of `text`.
fn word_length(text: &str) -> usize {
    let word = text.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(text.len());
    if word > 0 { word } else { text.chars().next().map_or(0, char::len_utf8) }
}

/// The byte offset of a line and a column (in characters), both from 1, of the parser's errors.
fn offset(source: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let text = source.get(start..).unwrap_or("");
    let at = start + text.char_indices().nth(column).map_or(text.trim_end().len(), |(at, _)| at);
    at.min(source.len())
}

/// The parser's message in words for people who write rules, and a hint.
fn plain(message: &str) -> (String, Option<String>) {
    if let Some(rest) = message.strip_prefix("token recognition error at: '") {
        let found = rest.strip_suffix('\'').unwrap_or(rest);
        let escaped = found.trim_end_matches(|char| char != '\\').len() + 1 == found.len();
        return if found.starts_with(['\'', '"']) && escaped {
            unknown_escape()
        } else if found.starts_with(['\'', '"']) {
            ("a string without its closing quote".to_owned(), None)
        } else {
            (format!("`{}` means nothing here", found.trim()), None)
        };
    }
    if message.starts_with("invalid string literal") {
        return unknown_escape();
    }
    if message.starts_with("missing") {
        let wanted = message.split('\'').nth(1).unwrap_or("something");
        return (format!("`{wanted}` is missing here"), None);
    }
    let names_input = ["mismatched input '", "extraneous input '", "no viable alternative at input '"];
    for prefix in names_input {
        if let Some(rest) = message.strip_prefix(prefix) {
            let found = rest.split("' expecting ").next().unwrap_or(rest).trim_end_matches('\'');
            let found = found.strip_prefix("reserved identifier: ").unwrap_or(found);
            return if found.ends_with("<EOF>") {
                (
                    "the expression ends too early".to_owned(),
                    Some("write what comes after the last operator, or leave it out".to_owned()),
                )
            } else {
                (format!("`{}` is not expected here", found.trim()), None)
            };
        }
    }
    (message.to_owned(), None)
}

fn unknown_escape() -> (String, Option<String>) {
    let hint = "double the backslash, or write `r'…'`";
    ("an unknown escape in a string".to_owned(), Some(hint.to_owned()))
}

/// Words of other languages that people type, anywhere or where the error stands.
fn foreign(source: &str, rest: &str) -> Option<String> {
    const ANYWHERE: [(&str, &str); 5] = [
        ("===", "write `==`"),
        (" and ", "write `&&`"),
        (" or ", "write `||`"),
        ("not ", "write `!`"),
        ("=>", "write `x.map(i, …)`"),
    ];
    const HERE: [(&str, &str); 3] = [("=", "write `==`"), ("&", "write `&&`"), ("|", "write `||`")];
    let anywhere = ANYWHERE.iter().find(|(word, _)| source.contains(word));
    let here = HERE.iter().find(|(word, _)| rest.starts_with(word));
    anywhere.or(here).map(|(_, hint)| (*hint).to_owned())
}
