//! Walks the text of an expression past its strings and comments.
//! Owns where an expression ends inside other text, where its brackets stand, and how deep it
//! nests, all of which must be known before a recursive parser may see it.

/// The characters of an expression that are neither in a comment nor inside a string, with their
/// byte offsets. A string shows as its opening quote.
pub(super) struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Where the identifier or number that ends at `at` begins.
    word: usize,
}

impl<'t> Scan<'t> {
    pub(super) fn new(text: &'t str) -> Scan<'t> {
        Scan { text, at: 0, word: 0 }
    }

    /// The byte after the string whose opening quote stands at `start`; the text's end if it is open.
    fn string_end(&self, start: usize, quote: char) -> usize {
        let raw = matches!(self.text[self.word..start].trim_start_matches(['b', 'B']), "r" | "R");
        let one = &self.text[start..start + 1];
        let three = self.text[start..].starts_with(&one.repeat(3));
        let close = if three { &self.text[start..start + 3] } else { one };
        let mut at = start + close.len();
        while let Some(char) = self.text[at..].chars().next() {
            if char == '\\' && !raw {
                at += 1 + self.text[at + 1..].chars().next().map_or(0, char::len_utf8);
            } else if char == quote && self.text[at..].starts_with(close) {
                return at + close.len();
            } else {
                at += char.len_utf8();
            }
        }
        self.text.len()
    }
}

impl Iterator for Scan<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        while self.text[self.at..].starts_with("//") {
            self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |length| self.at + length);
        }
        let start = self.at;
        let char = self.text[start..].chars().next()?;
        if matches!(char, '\'' | '"') {
            self.at = self.string_end(start, char);
            self.word = self.at;
        } else {
            self.at += char.len_utf8();
            if !(char.is_ascii_alphanumeric() || char == '_') {
                self.word = self.at;
            }
        }
        Some((start, char))
    }
}

/// How far it is to the `}` that ends the expression at the start of `text`: braces of maps nest,
/// those in strings and comments do not count. None if there is no such `}`.
pub(super) fn expression_length(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, char) in Scan::new(text) {
        match char {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// How deep a tree the parser would make of `text`, at most. `&&` and `||` do not add to it: the
/// parser balances them. Every other operator does, since `1 + 1 + 1` leans to one side.
pub(super) fn depth(text: &str) -> usize {
    let mut levels = vec![Level::default()];
    let mut word = String::new();
    for (_, char) in Scan::new(text) {
        if char.is_ascii_alphanumeric() || char == '_' {
            word.push(char);
            continue;
        }
        let is_in = std::mem::take(&mut word) == "in";
        // There is always the outermost level.
        let last = levels.len() - 1;
        levels[last].chain += usize::from(is_in);
        match char {
            '(' | '[' | '{' => {
                levels[last].chain += 1;
                levels.push(Level::default());
            }
            ')' | ']' | '}' if last > 0 => {
                let inner = levels.pop().map_or(0, Level::close);
                levels[last - 1].inner = levels[last - 1].inner.max(inner);
            }
            '?' => levels[last].branch(),
            ',' => levels[last].separate(),
            '&' | '|' | ':' => levels[last].end_operand(),
            '+' | '-' | '*' | '/' | '%' | '!' | '<' | '>' | '=' | '.' => levels[last].chain += 1,
            _ => {}
        }
    }
    // Brackets that are left open nest as deep as closed ones.
    levels.into_iter().rev().fold(0, |inner, mut level| {
        level.inner = level.inner.max(inner);
        level.close()
    })
}

/// What stands between two brackets.
#[derive(Default)]
struct Level {
    /// The deepest operand that is complete.
    deepest: usize,
    /// How many `?` the operand is to the right of.
    branches: usize,
    /// The operators of the operand.
    chain: usize,
    /// The deepest brackets within the operand.
    inner: usize,
}

impl Level {
    fn end_operand(&mut self) {
        self.deepest = self.deepest.max(self.branches + self.chain + self.inner + 1);
        (self.chain, self.inner) = (0, 0);
    }

    fn branch(&mut self) {
        self.end_operand();
        self.branches += 1;
    }

    fn separate(&mut self) {
        self.end_operand();
        self.branches = 0;
    }

    fn close(mut self) -> usize {
        self.end_operand();
        self.deepest
    }
}
