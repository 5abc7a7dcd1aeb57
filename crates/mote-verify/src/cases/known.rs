//! Values that already occur: in a state, an input, an example, a rule.
//! Owns their collection. Using them again is what makes `input.guest in state.guests` happen.

use std::sync::Arc;

use mote_expr::Value;

use crate::random::Random;

/// How many texts, and how many numbers, are kept.
const KNOWN_MAX: usize = 512;
/// How many texts are looked at for one that fits.
const LOOKED_AT_MAX: usize = 24;

/// Texts and integers that occur somewhere.
#[derive(Clone, Debug, Default)]
pub struct Known {
    texts: Vec<Arc<str>>,
    numbers: Vec<i64>,
}

impl Known {
    /// Nothing yet.
    pub fn new() -> Known {
        Known::default()
    }

    /// Take in every scalar of `value`, and the keys of its objects, which may be the keys of a map.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.learn_text(text),
            Value::Int(number) => self.learn_number(*number),
            Value::List(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(object) => {
                for (key, field) in object.iter() {
                    self.learn_text(&Arc::from(key));
                    self.learn(field);
                }
            }
            Value::Null | Value::Bool(_) | Value::Float(_) => {}
        }
    }

    /// Take in the literals of an expression's text.
    pub fn learn_expression(&mut self, source: &str) {
        let mut rest = source;
        while let Some(at) = rest.find(|c: char| c == '\'' || c == '"' || c.is_ascii_digit()) {
            let word_before = rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let first = rest.as_bytes()[at];
            let tail = &rest[at..];
            if first.is_ascii_digit() {
                let length = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
                if let (false, Ok(number)) = (word_before, tail[..length].parse()) {
                    self.learn_number(number);
                }
                rest = &tail[length..];
            } else {
                let Some(length) = tail[1..].find(char::from(first)) else { return };
                self.learn_text(&Arc::from(&tail[1..=length]));
                rest = &tail[length + 2..];
            }
        }
    }

    /// All the texts.
    pub(crate) fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// A text that fits, looked for from a place of chance onwards: of a hundred names in a state few
    /// fit elsewhere.
    pub(crate) fn text_that(&self, random: &mut Random, fits: &dyn Fn(&str) -> bool) -> Option<String> {
        let (before, after) = self.texts.split_at(random.index(self.texts.len()));
        after.iter().chain(before).take(LOOKED_AT_MAX).find(|text| fits(text)).map(|text| text.to_string())
    }

    /// One of the numbers.
    pub(crate) fn number(&self, random: &mut Random) -> Option<i64> {
        random.pick(&self.numbers).copied()
    }

    /// One of the texts.
    pub(crate) fn any_text(&self, random: &mut Random) -> Option<Arc<str>> {
        random.pick(&self.texts).cloned()
    }

    /// One of the numbers, or a neighbour: rules compare, and what is next to a bound tells most.
    pub(crate) fn any_number(&self, random: &mut Random) -> Option<i64> {
        let number = *random.pick(&self.numbers)?;
        Some(number.saturating_add(random.within(-1, 1)))
    }

    fn learn_text(&mut self, text: &Arc<str>) {
        if self.texts.len() < KNOWN_MAX {
            self.texts.push(text.clone());
        }
    }

    fn learn_number(&mut self, number: i64) {
        if self.numbers.len() < KNOWN_MAX {
            self.numbers.push(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_a_rule_are_known() {
        let mut known = Known::new();
        known
            .learn_expression(r#"input.coupon == 'TEN' && total1 >= 10000 && x in ["a b", 'c'] ? 7 : 'open"#);
        assert_eq!(known.texts, ["TEN".into(), "a b".into(), "c".into()] as [Arc<str>; 3]);
        assert_eq!(known.numbers, [10_000, 7]);
    }
}
