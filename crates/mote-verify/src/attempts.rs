//! The attempts on sealed cases of one contract: how often, by which sources.
//!
//! Owns what counts as an attempt and how many there may be. An attempt counts from its beginning,
//! and until it passes it is the same attempt with the same cases: neither building again nor ending
//! the process half-way gives a source other dice. Never reads or writes a file.

use std::collections::BTreeMap;

use mote_expr::{Digest, Value, parse};

/// How many sources in a row may fail the sealed cases of one contract. Whoever tries oftener
/// passes by luck rather than by being right.
const TRIES_MAX: usize = 20;

/// What is kept of the attempts on one contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How often each source passed.
    passed: BTreeMap<Digest, u32>,
    /// The sources that began and have not passed, since one did.
    failed: Vec<Digest>,
}

/// One attempt of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counts from 1 for each source; part of what its seeds are made from.
    pub number: u32,
    /// How many sources were tried since one passed, this one included.
    pub tries: u32,
}

/// Too many sources failed in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} services in a row failed the sealed cases of this contract: one more would pass by luck")]
pub struct TooManyTries(pub usize);

impl Attempts {
    /// The attempt that `source` is at. Nothing is counted by asking.
    pub fn at(&self, source: Digest) -> Attempt {
        let others = self.failed.iter().filter(|other| **other != source).count();
        Attempt {
            number: self.passed.get(&source).map_or(1, |passed| passed.saturating_add(1)),
            tries: u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// Count an attempt of `source`: to be kept on disk before the first sealed case is asked.
    pub fn begin(&mut self, source: Digest) -> Result<Attempt, TooManyTries> {
        if !self.failed.contains(&source) {
            if self.failed.len() >= TRIES_MAX {
                return Err(TooManyTries(self.failed.len()));
            }
            self.failed.push(source);
        }
        Ok(self.at(source))
    }

    /// The attempt of `source` passed.
    pub fn pass(&mut self, source: Digest) {
        let passed = self.passed.entry(source).or_default();
        *passed = passed.saturating_add(1);
        self.failed.clear();
    }

    /// What was kept as `text`, or why it was not kept by us.
    pub fn parse(text: &str) -> Result<Attempts, String> {
        let value = parse(text.as_bytes()).map_err(|error| error.to_string())?;
        let wrong = || "these are no attempts".to_owned();
        let digest = |text: &str| text.parse::<Digest>().map_err(|error| error.to_string());
        let passed = value.field("passed").and_then(Value::as_object).ok_or_else(wrong)?;
        let passed = passed.iter().map(|(source, count)| {
            let count = count.as_int().and_then(|count| u32::try_from(count).ok()).ok_or_else(wrong)?;
            Ok::<_, String>((digest(source)?, count))
        });
        let failed = value.field("failed").and_then(Value::as_list).ok_or_else(wrong)?;
        let failed = failed.iter().map(|source| digest(source.as_text().unwrap_or("")));
        let attempts =
            Attempts { passed: passed.collect::<Result<_, _>>()?, failed: failed.collect::<Result<_, _>>()? };
        if attempts.to_value() == value { Ok(attempts) } else { Err(wrong()) }
    }

    /// The record to keep.
    pub fn to_value(&self) -> Value {
        let passed =
            self.passed.iter().map(|(source, count)| (source.to_string(), Value::Int(i64::from(*count))));
        let failed = self.failed.iter().map(|source| Value::text(source.to_string()));
        Value::object([("failed", Value::list(failed)), ("passed", Value::object(passed))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u8) -> Digest {
        Digest([number; 32])
    }

    /// What was kept, read back as the next process reads it.
    fn kept(attempts: &Attempts) -> Attempts {
        Attempts::parse(&attempts.to_value().to_string()).unwrap()
    }

    #[test]
    fn building_again_never_rolls_the_dice_again() {
        let mut attempts = Attempts::default();
        let first = attempts.begin(source(1)).unwrap();
        assert_eq!(first, Attempt { number: 1, tries: 1 });
        // It failed, or the process ended: the same attempt, however often.
        for _ in 0..3 {
            attempts = kept(&attempts);
            assert_eq!(attempts.begin(source(1)), Ok(first));
        }
        // The next source is the second try, and still the first attempt of its own.
        assert_eq!(attempts.begin(source(2)), Ok(Attempt { number: 1, tries: 2 }));
        attempts.pass(source(2));
        attempts = kept(&attempts);
        // Judged again, it meets new cases; the one that failed meets those that it failed.
        assert_eq!(attempts.at(source(2)), Attempt { number: 2, tries: 1 });
        assert_eq!(attempts.begin(source(1)), Ok(Attempt { number: 1, tries: 1 }));
    }

    #[test]
    fn luck_is_bounded() {
        let mut attempts = Attempts::default();
        for number in 0..20 {
            assert_eq!(attempts.begin(source(number)).unwrap().tries, u32::from(number) + 1);
        }
        assert_eq!(attempts.begin(source(20)), Err(TooManyTries(20)));
        // Whoever failed may be looked at again: the cases are the same.
        assert_eq!(attempts.begin(source(3)), Ok(Attempt { number: 1, tries: 20 }));
    }

    #[test]
    fn half_a_record_is_none() {
        let mut attempts = Attempts::default();
        attempts.begin(source(1)).unwrap();
        attempts.pass(source(1));
        attempts.begin(source(2)).unwrap();
        let text = attempts.to_value().to_string();
        assert_eq!(Attempts::parse(&text), Ok(attempts));
        for length in 0..text.len() {
            assert!(Attempts::parse(&text[..length]).is_err(), "{}", &text[..length]);
        }
        for other in ["{}", "[]", r#"{"failed":[],"passed":{},"more":1}"#, r#"{"failed":["x"],"passed":{}}"#]
        {
            assert!(Attempts::parse(other).is_err(), "{other}");
        }
    }
}
