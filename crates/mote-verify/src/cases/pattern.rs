//! Texts that match a regular expression.
//! Owns the walk over a pattern. Never decides whether a text matches: the schema checks what comes out.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};

use crate::random::Random;

/// A pattern that texts can be made for.
#[derive(Clone, Debug)]
pub(super) struct Maker(Hir);

/// How often a repetition repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// As seldom as it may.
    Least,
    /// Somewhere in between, rather seldom.
    Some,
    /// As often as there is room.
    Most,
}

impl Maker {
    /// None for a pattern that we cannot walk.
    pub(super) fn of(pattern: &str) -> Option<Maker> {
        // Schemas mean ASCII by `\d`, `\w` and `\s`; everything else counts in characters.
        let plain = ascii_classes(pattern);
        ParserBuilder::new().build().parse(&plain).ok().map(Maker)
    }

    /// The fewest and the most characters of a text that matches. Where the pattern is not bound to
    /// both ends of the text, more may surround what it matches.
    pub(super) fn lengths(&self) -> (u64, u64) {
        let looks = self.0.properties();
        let bound =
            looks.look_set_prefix().contains(Look::Start) && looks.look_set_suffix().contains(Look::End);
        let (least, most) = characters(&self.0);
        (least, if bound { most } else { u64::MAX })
    }

    /// A text of at most about `room` characters that the pattern probably matches.
    pub(super) fn text(&self, length: Length, room: u64, random: &mut Random) -> String {
        let mut walk = Walk { out: String::new(), room, length, random };
        walk.node(&self.0);
        walk.out
    }
}

struct Walk<'r> {
    out: String,
    room: u64,
    length: Length,
    random: &'r mut Random,
}

impl Walk<'_> {
    fn node(&mut self, hir: &Hir) {
        match hir.kind() {
            // What must stand around a place is left to the check of the whole text.
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                String::from_utf8_lossy(&literal.0).chars().for_each(|c| self.push(c))
            }
            HirKind::Class(Class::Unicode(class)) => {
                if let Some(char) = self.char_of(class) {
                    self.push(char);
                }
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges: Vec<(u8, u8)> = class.iter().map(|range| (range.start(), range.end())).collect();
                if let Some((from, to)) = self.random.pick(&ranges).copied() {
                    let byte = self.random.within(i64::from(from), i64::from(to));
                    self.push(u8::try_from(byte).map_or('a', char::from));
                }
            }
            HirKind::Repetition(repetition) => {
                let min = u64::from(repetition.min);
                let max =
                    repetition.max.map_or(u64::MAX, u64::from).min(min.saturating_add(self.room)).max(min);
                let times = match self.length {
                    Length::Least => min,
                    Length::Most => max,
                    Length::Some => {
                        let few = max.min(min.saturating_add(8));
                        min + self.random.below(few - min + 1)
                    }
                };
                for _ in 0..times {
                    if self.room == 0 && self.length == Length::Most {
                        break;
                    }
                    self.node(&repetition.sub);
                }
            }
            HirKind::Capture(capture) => self.node(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.node(part)),
            HirKind::Alternation(parts) => {
                if let Some(part) = self.random.pick(parts) {
                    self.node(part);
                }
            }
        }
    }

    fn char_of(&mut self, class: &ClassUnicode) -> Option<char> {
        let ranges: Vec<(u32, u32)> =
            class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect();
        let printable: Vec<(u32, u32)> = ranges
            .iter()
            .map(|(from, to)| ((*from).max(0x20), (*to).min(0x7e)))
            .filter(|(from, to)| from <= to)
            .collect();
        // A class such as `[^/]` is nearly all of Unicode: mostly what people write, at times the rest.
        let ranges = if !printable.is_empty() && self.random.chance(85) { printable } else { ranges };
        let (from, to) = self.random.pick(&ranges).copied()?;
        let code = match self.random.below(10) {
            0 => from,
            1 => to,
            _ => u32::try_from(self.random.within(i64::from(from), i64::from(to))).unwrap_or(from),
        };
        // A range over the surrogates has characters at both its ends.
        char::from_u32(code).or_else(|| char::from_u32(from))
    }

    fn push(&mut self, char: char) {
        self.out.push(char);
        self.room = self.room.saturating_sub(1);
    }
}

fn characters(hir: &Hir) -> (u64, u64) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, 0),
        HirKind::Literal(literal) => {
            let count = String::from_utf8_lossy(&literal.0).chars().count() as u64;
            (count, count)
        }
        HirKind::Class(_) => (1, 1),
        HirKind::Repetition(repetition) => {
            let (least, most) = characters(&repetition.sub);
            let times = repetition.max.map_or(u64::MAX, u64::from);
            (least.saturating_mul(u64::from(repetition.min)), most.saturating_mul(times))
        }
        HirKind::Capture(capture) => characters(&capture.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .map(characters)
            .fold((0, 0), |(least, most), part| (least.saturating_add(part.0), most.saturating_add(part.1))),
        HirKind::Alternation(parts) => {
            let each = parts.iter().map(characters);
            each.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0, 0))
        }
    }
}

/// `\d`, `\w`, `\s` and `\b` written out as the ASCII they mean in a schema.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        match chars.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('s') => out.push_str("[\\t\\n\\v\\f\\r ]"),
            Some('S') => out.push_str("[^\\t\\n\\v\\f\\r ]"),
            Some('b') => out.push_str("(?-u:\\b)"),
            Some('B') => out.push_str("(?:)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
