//! Where each character of a scalar's text stands in the file.
//!
//! Owns the way back through folding, indentation and escapes. Text and source have the same
//! visible characters in the same order, however YAML treats the space between them, so walking
//! both over their visible characters is exact for every style.

use saphyr_parser::ScalarStyle;

/// The places where text and file drift apart: an offset in the text, and where it is in the file.
/// From one to the next both run together. Never empty.
pub(super) fn align(text: &str, style: ScalarStyle, source: &str, start: usize) -> Vec<(usize, usize)> {
    let quote = usize::from(matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
    let mut walk = Walk { source, at: quote, style };
    let mut map: Vec<(usize, usize)> = Vec::new();
    for (offset, _) in text.char_indices().filter(|(_, char)| !is_blank(*char)) {
        let Some(at) = walk.next_visible() else { break };
        let together = map.last().is_some_and(|(text, file)| file + offset - text == start + at);
        if !together {
            map.push((offset, start + at));
        }
    }
    if map.is_empty() {
        map.push((0, start + quote));
    }
    map
}

struct Walk<'s> {
    source: &'s str,
    at: usize,
    style: ScalarStyle,
}

impl Walk<'_> {
    /// Where the next visible character starts; steps behind it.
    fn next_visible(&mut self) -> Option<usize> {
        loop {
            let start = self.at;
            let char = self.source.get(start..)?.chars().next()?;
            let (length, visible) = match (self.style, char) {
                (ScalarStyle::DoubleQuoted, '\\') => self.escape(start),
                // `''` stands for one quote.
                (ScalarStyle::SingleQuoted, '\'') => (2, true),
                _ => (char.len_utf8(), !is_blank(char)),
            };
            self.at = start + length;
            if visible {
                return Some(start);
            }
        }
    }

    /// The length of the escape at `start`, and whether it stands for a visible character.
    fn escape(&self, start: usize) -> (usize, bool) {
        let digits = |count: usize| {
            let code = self.source.get(start + 2..start + 2 + count);
            let code = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
            (2 + count, code.is_none_or(|char| !is_blank(char)))
        };
        match self.source[start + 1..].chars().next() {
            Some('n' | 't' | 'r' | ' ' | '\n' | '\t' | '\r') => (2, false),
            Some('x') => digits(2),
            Some('u') => digits(4),
            Some('U') => digits(8),
            Some(other) => (1 + other.len_utf8(), true),
            None => (1, true),
        }
    }
}

/// What YAML folds, adds and drops.
fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\n' | '\r' | '\t')
}
