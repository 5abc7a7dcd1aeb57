//! Reads YAML 1.2 into a tree, with the `saphyr-parser` crate's events.
//!
//! Owns which YAML we read: one document of maps with string keys, no anchors, no tags, no
//! duplicate keys, the core schema's scalars. What two readers could read differently is refused.

use std::ops::Range;

use mote_expr::{INT_MAX, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{Key, Node, Text, Tree};

/// How deep a document may nest: what schemas, data and examples need is far less.
const DEPTH_MAX: usize = 48;

/// Why a text is not a document, and where in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Read the one document of `text`.
pub(crate) fn parse(text: &str) -> Result<Tree, YamlError> {
    if let Some(at) = text
        .find('\t')
        .filter(|at| text[..*at].rsplit('\n').next().is_some_and(|line| line.trim().is_empty()))
    {
        let hint = Some("indent with spaces".to_owned());
        return Err(YamlError { span: at..at + 1, message: "a tab cannot indent YAML".to_owned(), hint });
    }
    let mut reader = Reader {
        text,
        bytes: text.char_indices().map(|(at, _)| at).chain([text.len()]).collect(),
        events: Parser::new_from_str(text),
    };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd, span) => {
                return Err(YamlError { span, message: "the file is empty".to_owned(), hint: None });
            }
            (event, span) => {
                let tree = reader.tree(event, span, 0)?;
                return reader.end(tree);
            }
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    /// The byte offset of each character: the parser counts characters.
    bytes: Vec<usize>,
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Range<usize>), YamlError> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, self.range(span))),
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                let rest = self.text[at..].chars().next().map_or(0, char::len_utf8);
                let hint = expression_hint(self.text, at);
                Err(YamlError { span: at..at + rest, message: format!("not YAML: {}", error.info()), hint })
            }
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
        }
    }

    fn end(&mut self, tree: Tree) -> Result<Tree, YamlError> {
        loop {
            match self.next()? {
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(tree),
                (_, span) => {
                    let message = "a second document in one file".to_owned();
                    return Err(YamlError {
                        span,
                        message,
                        hint: Some("put it in a file of its own".to_owned()),
                    });
                }
            }
        }
    }

    fn tree(&mut self, event: Event<'t>, span: Range<usize>, depth: usize) -> Result<Tree, YamlError> {
        let wrong = |message: &str, span: Range<usize>| {
            Err(YamlError { span, message: message.to_owned(), hint: None })
        };
        if depth > DEPTH_MAX {
            return wrong("nested too deeply", span);
        }
        match event {
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                wrong("anchors are not supported: use `$ref` or `use:`", span)
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                let hint = Some("quote an expression that starts with `!`".to_owned());
                Err(YamlError { span, message: "tags are not supported".to_owned(), hint })
            }
            Event::Alias(_) => wrong("aliases are not supported: use `$ref` or `use:`", span),
            Event::Scalar(text, style, ..) => self.scalar(&text, style, span),
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
            _ => wrong("not a value", span),
        }
    }

    fn map(&mut self, span: Range<usize>, depth: usize) -> Result<Tree, YamlError> {
        let mut fields: Vec<(Key, Tree)> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let name = match event {
                Event::MappingEnd => {
                    let end = fields.last().map_or(at.end, |(_, field)| field.span.end).max(span.start);
                    let first = fields.first().map_or(span.start, |(key, _)| key.span.start.min(span.start));
                    return Ok(Tree { node: Node::Map(fields), span: first..end });
                }
                Event::Scalar(name, _, 0, None) => name.into_owned(),
                _ => {
                    return Err(YamlError {
                        span: at,
                        message: "a key is a plain string".to_owned(),
                        hint: None,
                    });
                }
            };
            if fields.iter().any(|(key, _)| key.name == name) {
                return Err(YamlError {
                    span: at,
                    message: format!("the key `{name}` is there twice"),
                    hint: None,
                });
            }
            let (event, value_at) = self.next()?;
            let value = self.tree(event, value_at, depth + 1)?;
            fields.push((Key { name, span: at }, value));
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Range<usize>) -> Result<Tree, YamlError> {
        let span = self.trimmed(span);
        if style == ScalarStyle::Plain {
            match core_scalar(text) {
                Core::Value(value) => return Ok(Tree { node: Node::Scalar(value), span }),
                Core::TooLarge => {
                    let message = "a number beyond 9007199254740991".to_owned();
                    let hint = Some("quote it if it is a string".to_owned());
                    return Err(YamlError { span, message, hint });
                }
                Core::Text => {}
            }
        }
        let lines = self.lines(text, style, &span);
        Ok(Tree { node: Node::Text(Text { text: text.to_owned(), lines }), span })
    }

    /// Where each line of a scalar's text starts, in the text and in the file.
    fn lines(&self, text: &str, style: ScalarStyle, span: &Range<usize>) -> Vec<(usize, usize)> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        match style {
            ScalarStyle::Plain => vec![(0, span.start)],
            // An escape before the place shifts it by a character or two: near enough to point at.
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => vec![(0, span.start + 1)],
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let source = &self.text[span.clone()];
                let mut file_lines = Vec::new();
                let mut at = span.start;
                for line in source.split_inclusive('\n') {
                    if !line.trim().is_empty() && !line.trim_start().starts_with(['|', '>'])
                        || at > span.start
                    {
                        file_lines.push(at + line.len() - line.trim_start().len());
                    }
                    at += line.len();
                }
                starts.zip(file_lines).collect()
            }
        }
    }

    /// The span without the white space that the parser counts to a scalar.
    fn trimmed(&self, span: Range<usize>) -> Range<usize> {
        let text = self.text.get(span.clone()).unwrap_or("");
        span.start..span.start + text.trim_end().len()
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }

    fn byte(&self, char: usize) -> usize {
        self.bytes.get(char).copied().unwrap_or(self.text.len())
    }
}

enum Core {
    Value(Value),
    Text,
    TooLarge,
}

/// YAML 1.2's core schema, without octal, hexadecimal, infinity and not-a-number: those are texts.
fn core_scalar(text: &str) -> Core {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Core::Value(Value::Null),
        "true" | "True" | "TRUE" => return Core::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Core::Value(Value::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit())
        || !digits.bytes().all(|b| b.is_ascii_digit() || b"eE.+-".contains(&b))
    {
        return Core::Text;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return match text.parse::<i64>() {
            Ok(int) if (-INT_MAX..=INT_MAX).contains(&int) => Core::Value(Value::Int(int)),
            _ => Core::TooLarge,
        };
    }
    match text.parse::<f64>() {
        Ok(number) => Value::number(number).map_or(Core::TooLarge, Core::Value),
        Err(_) => Core::Text,
    }
}

/// The one thing that YAML does to expressions: `: `, ` #` and a leading `!`, `{`, `[` or `*` mean
/// something else to it.
fn expression_hint(text: &str, at: usize) -> Option<String> {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    let (key, value) = line.split_once(": ")?;
    let operators = ["==", "!=", "&&", "||", "!", "? "];
    operators.iter().any(|operator| value.contains(operator)).then(|| {
        let quoted = value.trim().trim_matches('"').replace('\\', "\\\\").replace('"', "\\\"");
        format!(
            "YAML reads part of this expression as its own syntax; quote it: `{}: \"{quoted}\"`",
            key.trim()
        )
    })
}
