//! Reads YAML 1.2 into a tree, with the `saphyr-parser` crate's events.
//!
//! Owns which YAML we read: one document of maps with string keys, no anchors, no tags, no
//! duplicate keys, the core schema's scalars. What two readers could read differently is refused.
//! Reading goes on after every problem that leaves the rest readable, so that one run shows all.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::align::align;
use super::scalar::{Core, core_scalar};
use super::wording::{quoted_form, word};
use super::{Key, Node, Style, Text, Tree};

/// How deep a document may nest: what schemas, data and examples need is far less.
const DEPTH_MAX: usize = 48;

/// How long a file may be, in bytes. A person wrote it.
const FILE_BYTES_MAX: usize = 1 << 20;

/// Why a text is not a document, and where in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Read the one document of `text`. The errors are all that could be found; never an empty list.
pub(crate) fn parse(text: &str) -> Result<Tree, Vec<YamlError>> {
    if text.len() > FILE_BYTES_MAX {
        let message = format!("the file has {} bytes, the most is {FILE_BYTES_MAX}", text.len());
        return Err(vec![YamlError { span: 0..0, message, hint: None }]);
    }
    let mut reader = Reader {
        text,
        bytes: text.char_indices().map(|(at, _)| at).chain([text.len()]).collect(),
        events: Parser::new_from_str(text),
        errors: Vec::new(),
    };
    let tree = reader.document();
    match tree {
        Ok(tree) if reader.errors.is_empty() => Ok(tree),
        Ok(_) => Err(reader.errors),
        Err(Stopped) => {
            // A scanner that lost its way reports once; what was refused before it stays.
            debug_assert!(!reader.errors.is_empty(), "reading stops only after a report");
            Err(reader.errors)
        }
    }
}

/// Reading cannot go on; why is among the errors.
struct Stopped;

struct Reader<'t> {
    text: &'t str,
    /// The byte offset of each character: the parser counts characters.
    bytes: Vec<usize>,
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    errors: Vec<YamlError>,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<Tree, Stopped> {
        let tree = loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => {
                    self.wrong(0..0, "the file is empty", None);
                    return Err(Stopped);
                }
                (event, span) => break self.tree(event, span, 0)?,
            }
        };
        loop {
            match self.next()? {
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(tree),
                (_, span) => {
                    let hint = "put it in a file of its own".to_owned();
                    self.wrong(span, "a second document in one file", Some(hint));
                    return Err(Stopped);
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Range<usize>), Stopped> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, self.range(span))),
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                self.errors.push(word(self.text, at, error.info()));
                Err(Stopped)
            }
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
        }
    }

    fn tree(&mut self, event: Event<'t>, span: Range<usize>, depth: usize) -> Result<Tree, Stopped> {
        if depth > DEPTH_MAX {
            let hint = "put the inner part into a file and refer to it with `$ref`".to_owned();
            self.wrong(span, "nested too deeply", Some(hint));
            return Err(Stopped);
        }
        self.refuse_anchor_and_tag(&event, &span);
        match event {
            Event::Scalar(text, style, ..) => Ok(self.scalar(&text, style, span)),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => {
                            return Ok(Tree {
                                node: Node::List(items),
                                span: span.start..end.end.max(span.end),
                            });
                        }
                        (event, at) => items.push(self.tree(event, at, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => self.map(span, depth),
            // An alias, reported above.
            _ => Ok(Tree { node: Node::Scalar(mote_expr::Value::Null), span }),
        }
    }

    fn refuse_anchor_and_tag(&mut self, event: &Event<'t>, span: &Range<usize>) {
        let (anchor, tag) = match event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(anchor, tag)
            | Event::MappingStart(anchor, tag) => (*anchor, tag),
            Event::Alias(anchor) => (*anchor, &None),
            _ => return,
        };
        if anchor > 0 {
            let hint = "write it out, or share a schema with `$ref`".to_owned();
            self.wrong(span.clone(), "anchors and aliases are not supported", Some(hint));
        }
        if tag.is_some() {
            let hint = quoted_form(self.text, span.start, false)
                .unwrap_or_else(|| "quote a text that starts with `!`".to_owned());
            self.wrong(span.clone(), "YAML reads a leading `!` as a tag", Some(hint));
        }
    }

    fn map(&mut self, span: Range<usize>, depth: usize) -> Result<Tree, Stopped> {
        let mut fields: Vec<(Key, Tree)> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        loop {
            let (event, mut at) = self.next()?;
            let name = match event {
                Event::MappingEnd => {
                    let end = fields.last().map_or(at.end, |(_, field)| field.span.end).max(span.start);
                    let first = fields.first().map_or(span.start, |(key, _)| key.span.start.min(span.start));
                    return Ok(Tree { node: Node::Map(fields), span: first..end.max(first) });
                }
                Event::Scalar(name, style, 0, None) => {
                    at = self.trimmed(at, style);
                    name.into_owned()
                }
                _ => {
                    let hint = quoted_form(self.text, at.start, true);
                    self.wrong(at, "a key is a plain string", hint);
                    return Err(Stopped);
                }
            };
            let (event, value_at) = self.next()?;
            let mut value = self.tree(event, value_at, depth + 1)?;
            if value.span.is_empty() {
                // Nothing is nowhere: the key without a value is what can be pointed at.
                value.span = at.clone();
            }
            if let Some(first) = seen.get(&name) {
                let line = self.text[..*first].matches('\n').count() + 1;
                let hint = format!("keep one: the first is on line {line}");
                self.wrong(at, format!("the key `{name}` is there twice"), Some(hint));
                continue;
            }
            seen.insert(name.clone(), at.start);
            fields.push((Key { name, span: at }, value));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Range<usize>) -> Tree {
        let span = self.trimmed(span, style);
        if style == ScalarStyle::Plain {
            match core_scalar(text) {
                Core::Value(value) => return Tree { node: Node::Scalar(value), span },
                Core::Text => {}
                Core::Refused(why) => {
                    let hint = format!("quote it if it is a string: `\"{text}\"`");
                    self.wrong(span.clone(), why, Some(hint));
                }
            }
        }
        let map = align(text, style, &self.text[span.clone()], span.start);
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        Tree { node: Node::Text(Text { text: text.to_owned(), style, map, end: span.end }), span }
    }

    fn wrong(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.errors.push(YamlError { span, message: message.into(), hint });
    }

    /// The span without what the parser counts to a scalar beside it: white space, and behind quotes a comment.
    fn trimmed(&self, span: Range<usize>, style: ScalarStyle) -> Range<usize> {
        let text = self.text.get(span.clone()).unwrap_or("");
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let length = quoted.then(|| quoted_length(text)).flatten().unwrap_or(text.trim_end().len());
        span.start..span.start + length
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }

    fn byte(&self, char: usize) -> usize {
        self.bytes.get(char).copied().unwrap_or(self.text.len())
    }
}

/// How long the string in quotes is that `text` starts with.
fn quoted_length(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|first| ['"', '\''].contains(first))?;
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if quote == '"' && char == '\\' {
            chars.next();
        } else if char == quote && (quote == '"' || chars.next_if(|(_, next)| *next == quote).is_none()) {
            return Some(at + 1);
        }
    }
    None
}
