//! The parser's complaints in our words, and the quoted form of an expression that YAML misreads.
//!
//! The one thing that YAML does to expressions: `: `, ` #`, a comma between braces and a leading
//! `!`, `{`, `[`, `*` or quote mean something else to it.

use super::yaml::YamlError;

/// The parser's complaint `info` at byte `at`.
pub(super) fn word(text: &str, at: usize, info: &str) -> YamlError {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    if info.contains("tab")
        && let Some(tab) = text[line_start..].find('\t')
    {
        let at = line_start + tab;
        return YamlError {
            span: at..at + 1,
            message: "a tab cannot indent YAML".to_owned(),
            hint: Some("indent with spaces".to_owned()),
        };
    }
    let flow = info.contains("flow");
    let quoted = quoted_form(text, at, flow);
    let (message, hint) = if info.contains("mapping values") {
        if text[line_start..at].contains(": ") {
            ("YAML reads `: ` as the end of a key".to_owned(), quoted)
        } else {
            let start = line_start + line.len() - line.trim_start().len();
            return YamlError {
                span: start..at.max(start),
                message: "this line is indented as a part of the value before it".to_owned(),
                hint: Some("indent it as deep as the key before it".to_owned()),
            };
        }
    } else if info.contains("flow construct") {
        let hint = "close it with a `}` or `]`, or indent this line".to_owned();
        ("a `{` or `[` before this is still open".to_owned(), Some(hint))
    } else if info.contains("flow mapping") {
        ("a `,` or `}` is missing before this".to_owned(), quoted)
    } else if info.contains("flow sequence") {
        ("a `,` or `]` is missing before this".to_owned(), quoted)
    } else if info.contains("trailing content") {
        ("YAML ends a string at its closing quote, and more follows".to_owned(), quoted)
    } else if info.contains("expected key") {
        ("a key was expected here".to_owned(), quoted)
    } else if info.contains("block sequence entries") {
        let hint = "start the list on a line of its own".to_owned();
        ("a list item cannot start here".to_owned(), Some(hint))
    } else if info.contains("unknown anchor") {
        let hint = "write it out, or share a schema with `$ref`".to_owned();
        ("anchors and aliases are not supported".to_owned(), Some(quoted.unwrap_or(hint)))
    } else if info.contains("recursion limit") {
        ("nested too deeply".to_owned(), None)
    } else if line.contains(": !") && quoted.is_some() {
        ("YAML reads a leading `!` as a tag".to_owned(), quoted)
    } else {
        (format!("not YAML: {info}"), quoted)
    };
    let rest = text[at..].chars().next().filter(|char| *char != '\n').map_or(0, char::len_utf8);
    YamlError { span: at..at + rest, message, hint }
}

/// `key: "value"` for the key whose value stands at `at`, in one line. None where there is no such line.
pub(crate) fn quoted_form(text: &str, at: usize, flow: bool) -> Option<String> {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next()?;
    let first = line.find(": ")?;
    let flow = flow || line[..first].contains('{');
    let colon = if flow { line[..at - line_start].rfind(": ")? } else { first };
    let key = line[..colon].rsplit([' ', '{', ',']).next().filter(|key| !key.is_empty())?;
    let mut value = line[colon + 2..].trim();
    if flow {
        // The braces that close the map are not the expression's.
        while value.ends_with(['}', ']']) && closes_more_than_it_opens(value) {
            value = value[..value.len() - 1].trim_end();
        }
        value = before_next_key(value);
    }
    (!value.is_empty()).then(|| format!("quote it: `{key}: {}`", quoted(value)))
}

/// `value` in the quotes that it does not contain itself.
pub(crate) fn quoted(value: &str) -> String {
    if !value.contains(['"', '\\']) {
        format!("\"{value}\"")
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}

fn closes_more_than_it_opens(value: &str) -> bool {
    let count = |chars: [char; 2]| value.matches(chars).count();
    count(['}', ']']) > count(['{', '['])
}

/// Up to the `, key: ` that follows in a map in braces.
fn before_next_key(value: &str) -> &str {
    let next = value.match_indices(", ").find(|(at, _)| {
        let word = value[at + 2..].split(": ").next().unwrap_or("");
        word.len() < value.len() - at - 2 && !word.is_empty() && word.chars().all(char::is_alphanumeric)
    });
    next.map_or(value, |(at, _)| value[..at].trim_end())
}
