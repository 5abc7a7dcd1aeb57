//! Which line of the author's file each place of the generated text came from.

use std::fmt::Write as _;

/// The map of one module. Lines and columns of the generated text count from 0, those of the file from 1.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<Vec<Mark>>);

/// From this column of the generated line on, the text came from here.
#[derive(Clone, Copy, Debug)]
struct Mark {
    from: u32,
    line: u32,
    column: u32,
}

impl Lines {
    /// Takes (generated line, generated column, file line, file column), all from 0 and in order.
    pub(super) fn new(count: usize, tokens: impl Iterator<Item = (u32, u32, u32, u32)>) -> Self {
        let mut lines: Vec<Vec<Mark>> = vec![Vec::new(); count];
        for (generated, from, line, column) in tokens {
            if let Some(marks) = lines.get_mut(generated as usize) {
                marks.push(Mark { from, line: line + 1, column: column + 1 });
            }
        }
        Self(lines)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The line and column of the file, for a line and column of the generated text.
    pub(super) fn find(&self, line: usize, column: u32) -> (u32, u32) {
        let marks = self.0.get(line).map_or(&[][..], Vec::as_slice);
        let mark = marks.iter().rev().find(|mark| mark.from <= column).or(marks.first());
        mark.map_or((self.before(line), 0), |mark| (mark.line, mark.column))
    }

    /// The map as the adapter reads it: per line a number, or columns and numbers in turn.
    pub(super) fn write(&self, text: &mut String) {
        text.push('[');
        for (index, marks) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            let mut changes: Vec<Mark> = marks.clone();
            changes.dedup_by_key(|mark| mark.line);
            // Writing to a string cannot fail.
            let _ = match changes.as_slice() {
                [] => write!(text, "{}", self.before(index)),
                [only] => write!(text, "{}", only.line),
                several => {
                    let pairs: Vec<String> =
                        several.iter().map(|mark| format!("{},{}", mark.from, mark.line)).collect();
                    write!(text, "[{}]", pairs.join(","))
                }
            };
        }
        text.push(']');
    }

    /// The last line of the file that something before this generated line came from.
    fn before(&self, line: usize) -> u32 {
        let earlier = self.0.iter().take(line).rev().find_map(|marks| marks.last());
        earlier.map_or(1, |mark| mark.line)
    }
}

/// The line and column, in characters and from 1, of a byte offset.
pub(super) fn position(text: &str, offset: u32) -> (u32, u32) {
    let before = text.get(..offset as usize).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u32, column as u32)
}
