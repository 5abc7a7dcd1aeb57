//! Regular expressions, and the few that need no engine.
//!
//! Owns [`Pattern`]. Most patterns of schemas are anchored sequences of characters, such as
//! `^[a-z0-9-]{1,40}$`: those are matched in one pass over the bytes, some twenty times faster than
//! by an engine for all expressions. What is not surely of that kind is left to the engine.

use regex_lite::Regex;

/// A compiled regular expression, with its text.
#[derive(Debug)]
pub struct Pattern {
    /// As the schema wrote it.
    pub text: String,
    /// Compiled; `\d`, `\w` and `\s` mean ASCII, as in JSON Schema's own dialect.
    pub regex: Regex,
    /// The same as a sequence, if it is one.
    sequence: Option<Vec<Run>>,
}

impl Pattern {
    /// Compile `text`.
    pub fn new(text: &str) -> Result<Pattern, regex_lite::Error> {
        let regex = Regex::new(text)?;
        Ok(Pattern { text: text.to_owned(), regex, sequence: sequence(text.as_bytes()) })
    }

    /// Whether it matches somewhere in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        match &self.sequence {
            Some(runs) => runs_match(runs, text.as_bytes()),
            None => self.regex.is_match(text),
        }
    }
}

impl PartialEq for Pattern {
    /// The text says all.
    fn eq(&self, other: &Pattern) -> bool {
        self.text == other.text
    }
}

/// Characters of one set, so and so many times.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// One bit for each ASCII character.
    set: u128,
    min: usize,
    max: usize,
}

fn runs_match(runs: &[Run], mut text: &[u8]) -> bool {
    for run in runs {
        let fits = |byte: &u8| byte.is_ascii() && run.set & (1 << byte) != 0;
        let count = text.iter().take(run.max).take_while(|byte| fits(byte)).count();
        if count < run.min {
            return false;
        }
        text = &text[count..];
    }
    text.is_empty()
}

/// The runs of an anchored sequence in which taking as many characters as possible is never wrong:
/// what may follow a run of open length has no character in common with it.
fn sequence(pattern: &[u8]) -> Option<Vec<Run>> {
    let mut rest = pattern.strip_prefix(b"^")?.strip_suffix(b"$")?;
    let mut runs: Vec<Run> = Vec::new();
    while !rest.is_empty() {
        let set = set(&mut rest)?;
        let (min, max) = times(&mut rest)?;
        runs.push(Run { set, min, max });
    }
    let unclear = runs.iter().enumerate().any(|(at, run)| {
        let mut follows = 0u128;
        for next in &runs[at + 1..] {
            follows |= next.set;
            if next.min > 0 {
                break;
            }
        }
        run.min != run.max && run.set & follows != 0
    });
    (!unclear).then_some(runs)
}

/// The set at the start of `rest`: a character, an escape or a class.
fn set(rest: &mut &[u8]) -> Option<u128> {
    let (&first, after) = rest.split_first()?;
    *rest = after;
    match first {
        b'\\' => escape(rest),
        b'[' => class(rest),
        b'^' | b'$' | b'.' | b'|' | b'?' | b'*' | b'+' | b'(' | b')' | b'{' | b'}' | b']' => None,
        byte if byte.is_ascii_graphic() || byte == b' ' => Some(1 << byte),
        _ => None,
    }
}

fn escape(rest: &mut &[u8]) -> Option<u128> {
    let (&byte, after) = rest.split_first()?;
    *rest = after;
    match byte {
        b'd' => Some(span(b'0', b'9')),
        b'w' => Some(span(b'0', b'9') | span(b'a', b'z') | span(b'A', b'Z') | 1 << b'_'),
        byte if byte.is_ascii_punctuation() => Some(1 << byte),
        _ => None,
    }
}

/// A class whose `[` was taken: characters, escapes and ranges, not negated, not nested.
fn class(rest: &mut &[u8]) -> Option<u128> {
    let mut set = 0u128;
    loop {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        match byte {
            b']' if set != 0 => return Some(set),
            b'\\' => set |= escape(rest)?,
            // At either end of the class this is the character itself.
            b'-' if set == 0 || rest.first() == Some(&b']') => set |= 1 << b'-',
            b'-' | b'[' | b']' | b'^' | b'&' | b'~' => return None,
            from if from.is_ascii_alphanumeric()
                && rest.first() == Some(&b'-')
                && rest.get(1) != Some(&b']') =>
            {
                let to = *rest.get(1).filter(|to| to.is_ascii_alphanumeric() && **to >= from)?;
                set |= span(from, to);
                *rest = &rest[2..];
            }
            byte if (byte.is_ascii_graphic() || byte == b' ') && rest.first() != Some(&b'-') => {
                set |= 1 << byte
            }
            byte if byte.is_ascii_graphic() && rest.get(1) == Some(&b']') => set |= 1 << byte,
            _ => return None,
        }
    }
}

fn span(from: u8, to: u8) -> u128 {
    (from..=to).fold(0, |set, byte| set | 1 << byte)
}

/// How often: `?`, `*`, `+`, `{n}`, `{n,}` or `{n,m}`; once if nothing is said.
fn times(rest: &mut &[u8]) -> Option<(usize, usize)> {
    let (times, after) = match rest.first() {
        Some(b'?') => ((0, 1), &rest[1..]),
        Some(b'*') => ((0, usize::MAX), &rest[1..]),
        Some(b'+') => ((1, usize::MAX), &rest[1..]),
        Some(b'{') => {
            let end = rest.iter().position(|byte| *byte == b'}')?;
            let counts = std::str::from_utf8(&rest[1..end]).ok()?;
            let number = |digits: &str| digits.parse::<usize>().ok();
            let times = match counts.split_once(',') {
                None => (number(counts)?, number(counts)?),
                Some((min, "")) => (number(min)?, usize::MAX),
                Some((min, max)) => (number(min)?, number(max)?),
            };
            (times, &rest[end + 1..])
        }
        _ => return Some((1, 1)),
    };
    *rest = after;
    // A second sign after the first (`+?`) asks for something else.
    (!matches!(rest.first(), Some(b'?' | b'*' | b'+' | b'{'))).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `pattern` needs no engine, and agrees with it on `texts`.
    #[track_caller]
    fn check(pattern: &str, sequence: bool, texts: &[&str]) {
        let compiled = Pattern::new(pattern).unwrap();
        assert_eq!(compiled.sequence.is_some(), sequence, "{pattern}");
        for text in texts {
            assert_eq!(compiled.is_match(text), compiled.regex.is_match(text), "{pattern} {text:?}");
        }
    }

    #[test]
    fn sequences_need_no_engine() {
        check(
            "^[a-z0-9-]{1,40}$",
            true,
            &["", "a", "order-7", "Order", "é", "a\n", &"a".repeat(40), &"a".repeat(41)],
        );
        check("^[A-Z]{2}\\d{2}-[0-9]+$", true, &["AB12-3", "AB12-", "A12-3", "AB12-3 ", "AB१२-3"]);
        check("^[-a]b?c*$", true, &["-", "a", "ab", "abcc", "bc", "a-"]);
        check("^[a-c-]x\\.y\\/z \\w$", true, &["-x.y/z _", "bxay/z _", "dx.y/z _"]);
        check("^a{2,}$", true, &["a", "aa", "aaaa"]);
        check("^$", true, &["", "a"]);
        check("^[0-9]*\\.?[a-z]+$", true, &["1.a", "a", "1a", ".", "1."]);
    }

    #[test]
    fn the_rest_is_the_engines() {
        for pattern in [
            "a",
            "^a",
            "a$",
            "^a|b$",
            "^(ab)+$",
            "^.$",
            "^[^a]$",
            "^a+?$",
            "^\\s$",
            "^é$",
            "^[é]$",
            "^[[:alpha:]]$",
            "^\\bx$",
        ] {
            check(pattern, false, &["a", "b", "ab", "é", "", " ", "x"]);
        }
        // Taking all the letters would leave none for what follows.
        check("^[a-z]+[a-z0-9]$", false, &["ab", "a1", "a"]);
        check("^a?b?a$", false, &["a", "aba", "ba"]);
        check("^a*a{2}$", false, &["aa", "aaa", "a"]);
    }

    /// Patterns of these parts, in any order, on texts of the characters they speak of.
    #[test]
    fn sequences_agree_with_the_engine() {
        use proptest::prelude::*;
        use proptest::sample::select;
        let set = select(vec!["a", "b", "[ab]", "[a-c]", "[b-]", "-", "\\d", "\\w", "\\.", "[0-9_]", "[.a]"]);
        let times = select(vec!["", "?", "*", "+", "{2}", "{1,2}", "{2,}", "{0,3}"]);
        let parts = proptest::collection::vec((set, times), 0..5);
        proptest!(ProptestConfig::with_cases(2_000), |(parts in parts, texts in proptest::collection::vec("[abc0_.é-]{0,7}", 8))| {
            let body: String = parts.iter().map(|(set, times)| format!("{set}{times}")).collect();
            let compiled = Pattern::new(&format!("^{body}$")).unwrap();
            for text in &texts {
                prop_assert_eq!(compiled.is_match(text), compiled.regex.is_match(text), "{} {}", body, text);
            }
        });
    }
}
