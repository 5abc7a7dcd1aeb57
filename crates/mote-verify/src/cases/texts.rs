//! Texts of chance: by pattern, by format, of every alphabet, and those that already occur.

use mote_expr::Schema;
use mote_expr::schema::TextShape;

use super::formats;
use super::pattern::{Length, Maker};
use super::values::Making;

/// How often a text is made anew before the simplest that might do is taken.
const TRIES: usize = 16;
/// The longest text that is made where the schema allows longer ones, in characters.
const LENGTH_MAX: u64 = 4_000;

/// Letters that people do not forget.
const PLAIN: &str = "abcdefghijklmnopqrstuvwxyz";
/// What people do forget: one alphabet for each way of forgetting.
const ALPHABETS: &[&str] = &[
    "ABCXYZabcxyz",
    "0123456789",
    " \t\n\u{a0}\u{3000}\u{200b}",
    "\"'\\/<>&%${}#;\u{1}\u{7f}",
    "éßñøİıΩж中文ـא",
    "e\u{301}\u{fe0f}\u{202e}\u{feff}\u{e000}\u{fffd}",
    "😀𝒳🏳👩\u{200d}💻𠜎",
];

impl Making<'_> {
    /// A text that fits `schema`, whose shape is `shape`; or one that might.
    pub(super) fn text(&mut self, schema: &Schema, shape: &TextShape, maker: Option<&Maker>) -> String {
        let fits = |text: &str| schema.accepts(&mote_expr::Value::text(text));
        for attempt in 0..TRIES {
            let text = match self.random.below(100) {
                0..22 => self.known.text_that(self.random, &fits),
                22..27 => self.known.text_that(self.random, &|_| true).map(|text| self.nearly(&text)),
                _ => None,
            };
            let text = text.unwrap_or_else(|| match (maker, shape.format) {
                // With both, a text of one may happen to be one of the other.
                (Some(maker), format) if format.is_none() || attempt % 2 == 0 => self.matching(shape, maker),
                (_, Some(format)) => formats::text(format, self.random),
                _ => self.free(shape),
            });
            if fits(&text) {
                return text;
            }
        }
        "a".repeat(usize::try_from(shape.min).unwrap_or(0))
    }

    /// Almost a text that occurs: what a careless comparison takes for the same.
    fn nearly(&mut self, text: &str) -> String {
        match self.random.below(5) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 => format!("{text} "),
            3 => text.chars().rev().collect(),
            _ => text.chars().skip(1).collect(),
        }
    }

    fn matching(&mut self, shape: &TextShape, maker: &Maker) -> String {
        let room = shape.max.min(LENGTH_MAX);
        let length = match self.random.below(10) {
            0 => Length::Least,
            1 => Length::Most,
            _ => Length::Some,
        };
        let text = maker.text(length, room, self.random);
        // A pattern without anchors is matched somewhere; with them this is made anew.
        if self.random.chance(15) { format!("{}{text}{}", self.free(shape), self.free(shape)) } else { text }
    }

    fn free(&mut self, shape: &TextShape) -> String {
        let max = shape.max.min(LENGTH_MAX).max(shape.min);
        let length = match self.random.below(100) {
            0..8 => shape.min,
            8..13 => shape.min + 1,
            13..17 => max,
            17..20 => max.saturating_sub(1),
            _ => shape.min + self.random.below(12),
        };
        let length = length.clamp(shape.min, max);
        let alphabet =
            if self.random.chance(50) { PLAIN } else { ALPHABETS[self.random.index(ALPHABETS.len())] };
        let special: Vec<char> = alphabet.chars().collect();
        let plain: Vec<char> = PLAIN.chars().collect();
        let mut out = String::new();
        for _ in 0..length {
            let from = if self.random.chance(70) { &special } else { &plain };
            out.extend(self.random.pick(from));
        }
        out
    }
}
