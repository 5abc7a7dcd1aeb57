//! How a string is written so that YAML reads just that string.
//!
//! Owns when a string may stand without quotes, which quotes it gets, and when it is a block.

use crate::tree::{is_core_text, quoted};

/// `text` in one line. An author's quotes stay; without them, it gets some where YAML would bite.
pub(super) fn inline(text: &str, keep_quotes: bool, in_braces: bool) -> String {
    if !keep_quotes && is_plain(text, in_braces) {
        return text.to_owned();
    }
    if text.contains(|char| char == '\t' || needs_escape(char)) { escaped(text) } else { quoted(text) }
}

/// Whether `text` may stand without quotes.
fn is_plain(text: &str, in_braces: bool) -> bool {
    let mut chars = text.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    let bound = |char: Option<char>| char.is_none_or(|char| char == ' ' || (in_braces && is_brace(char)));
    let starts = match first {
        '-' | '?' | ':' => !bound(second),
        _ => !"!&*|>@`%{}[],#\"'".contains(first),
    };
    let ends_a_key = text.match_indices(':').any(|(at, _)| bound(text[at + 1..].chars().next()));
    let ends_a_document = ["---", "..."].iter().any(|mark| text.starts_with(mark));
    let bites =
        ends_a_key || ends_a_document || text.contains(" #") || (in_braces && text.contains(is_brace));
    let is_trimmed = !text.starts_with(' ') && !text.ends_with(' ');
    let is_visible = !text.contains(|char| char == '\t' || needs_escape(char));
    starts && !bites && is_trimmed && is_visible && is_core_text(text)
}

fn is_brace(char: char) -> bool {
    ",[]{}".contains(char)
}

/// What can stand in a file only as an escape.
fn needs_escape(char: char) -> bool {
    (char.is_control() && char != '\t')
        || matches!(char, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

fn escaped(text: &str) -> String {
    let mut escaped = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => escaped += "\\\"",
            '\\' => escaped += "\\\\",
            '\n' => escaped += "\\n",
            '\r' => escaped += "\\r",
            '\t' => escaped += "\\t",
            char if needs_escape(char) => escaped += &format!("\\u{:04X}", u32::from(char)),
            char => escaped.push(char),
        }
    }
    escaped.push('"');
    escaped
}

/// A block: what follows the key, and the lines below it, to be indented.
pub(super) struct Block {
    pub(super) head: String,
    pub(super) lines: Vec<String>,
}

/// `text` line by line as it is. None where a block cannot hold it.
pub(super) fn literal(text: &str) -> Option<Block> {
    let body = text.trim_end_matches('\n');
    // Of nothing but line breaks, and of what is spaces before its first word, readers differ.
    if body.trim().is_empty() || body.contains(|char| char != '\n' && needs_escape(char)) {
        return None;
    }
    let first = body.trim_start_matches('\n');
    if first.starts_with('\t') || (body.starts_with('\n') && first.starts_with(' ')) {
        return None;
    }
    let indicator = if first.starts_with(' ') { "2" } else { "" };
    let (chomping, more) = chomping(text, body);
    let lines = body.split('\n').map(str::to_owned).chain(std::iter::repeat_n(String::new(), more));
    Some(Block { head: format!("|{indicator}{chomping}"), lines: lines.collect() })
}

/// `text` in lines of at most `width` characters, that YAML joins again. None where they would join to
/// another text.
pub(super) fn folded(text: &str, width: usize) -> Option<Block> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    if body.is_empty()
        || body.contains("  ")
        || body.starts_with(' ')
        || body.ends_with(' ')
        || body.contains(|char| char == '\t' || needs_escape(char))
    {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for word in body.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let (chomping, _) = chomping(text, body);
    Some(Block { head: format!(">{chomping}"), lines })
}

/// What says how many line breaks end a block, and how many empty lines it has for that.
fn chomping(text: &str, body: &str) -> (&'static str, usize) {
    match text.len() - body.len() {
        0 => ("-", 0),
        1 => ("", 0),
        more => ("+", more - 1),
    }
}
