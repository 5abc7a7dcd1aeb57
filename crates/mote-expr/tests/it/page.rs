//! Reads the examples of a page under `docs/`, so that what the page says is what is tested.

use mote_expr::{Value, parse};

/// A fenced block.
pub(crate) struct Block<'p> {
    /// What follows the opening fence, such as `json schema=input`.
    pub(crate) info: &'p str,
    pub(crate) body: String,
    /// The line of the page where the body begins, from 1.
    pub(crate) line: usize,
}

impl Block<'_> {
    /// `input` of `json schema=input`.
    pub(crate) fn named(&self, kind: &str) -> Option<&str> {
        self.info.strip_prefix(kind)
    }

    pub(crate) fn value(&self) -> Value {
        parse(self.body.as_bytes()).unwrap_or_else(|error| panic!("line {}: {error}", self.line))
    }

    /// The examples `text  // expected`, with their lines.
    pub(crate) fn examples(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.body.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| {
            let (text, expected) = line.rsplit_once("// ").unwrap_or_else(|| panic!("no `// ` in {line}"));
            (self.line + at, text.trim_end(), expected)
        })
    }
}

/// The fenced blocks of a page.
pub(crate) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info, body: String::new(), line: at + 2 }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.body.push_str(line);
                block.body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// Whether `found` is what the page says, and if not the line for the report.
pub(crate) fn differs(line: usize, text: &str, expected: &str, found: &str) -> Option<String> {
    let same = match expected.strip_prefix("error: ") {
        Some(start) => found.strip_prefix("error: ").is_some_and(|message| message.starts_with(start)),
        None => found == expected,
    };
    (!same).then(|| format!("line {line}: {text}\n  the page: {expected}\n  found:    {found}\n"))
}
